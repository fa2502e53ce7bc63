"""How statements that list or read grow with the database: the pages that they touch, at several sizes of the same data.

A private PostgreSQL and one database for each size, filled by bench/sql/growth.sql. Each statement is sent as a worker sends it: of
the api role, prepared, in a transaction whose session is proven. Pages touched are the same on a loaded machine; times are not.
"""

import collections
import json
import pathlib
import re
import subprocess
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(TOP / "tools"), str(TOP / "tests")]

import gen_sql  # noqa: E402  (the path is set above)
from support.world import Session  # noqa: E402

QUERIES = TOP / "sql" / "queries"
FILL = TOP / "bench" / "sql" / "growth.sql"
GOLDEN = TOP / "tests" / "golden" / "plans.tsv"
GOLDEN_SIZE = 10000
TYPES = {"DB_UUID": "uuid", "DB_TEXT": "text", "DB_JSON": "json", "DB_ENUM": "text", "DB_INT4": "integer", "DB_INT8": "bigint",
         "DB_BOOL": "boolean", "DB_BYTEA": "bytea", "DB_TIMESTAMPTZ": "timestamptz", "DB_UUID_ARRAY": "uuid[]",
         "DB_TEXT_ARRAY": "text[]", "DB_BYTEA_ARRAY": "bytea[]"}
SETTLED = 8  # executions before the first that counts: the sixth may take the generic plan
SLOW_MILLISECONDS = 1000
PAGE = 51
NEVER = "'ffffffff-ffff-ffff-ffff-ffffffffffff'"

# What is measured: who asks, what, and with which values (SQL; NULL where nothing is said).
Case = collections.namedtuple("Case", "name who statement values")
Figure = collections.namedtuple("Figure", "pages microseconds rows plan")

A_PATIENT = "(SELECT id FROM bench.person WHERE name = 'patient')"
A_RESPONSE = f"(SELECT max(id::text)::uuid FROM anamnesis.response WHERE patient_id = {A_PATIENT} AND status = 'completed')"
AN_ASSIGNMENT = f"(SELECT assignment_id FROM anamnesis.response WHERE id = {A_RESPONSE})"
A_QUESTIONNAIRE = "bench.uuid_at('2024-12-02Z', 'q1')"
MIDDLE = "bench.uuid_at('2025-06-01Z', 'm')"
FETCH = {"fetch": str(PAGE)}
STAFF = ("owner", "physician", "busy", "hospital")


def lists_of_responses():
    """`until` long ago, little since, rare words, and each for who sees all, three patients, three hundred, and one in four."""
    filters = {"": {}, " of a patient": {"patient_id": A_PATIENT}, " of a questionnaire": {"questionnaire_id": A_QUESTIONNAIRE},
               " of a rare version": {"questionnaire_id": A_QUESTIONNAIRE, "version": "9"}, " amended": {"status": "'amended'"},
               " stopped, of a questionnaire": {"status": "'stopped'", "questionnaire_id": A_QUESTIONNAIRE},
               " in progress": {"status": "'in-progress'"}, " completed": {"status": "'completed'"},
               " until long ago": {"until": "'2025-01-15Z'"}, " of a summer": {"since": "'2025-06-01Z'", "until": "'2025-09-01Z'"},
               " since a day": {"since": "'2025-12-31Z'"}, " since just now": {"since": "'2026-01-01 00:59:00Z'"},
               " amended, since long ago": {"since": "'2025-01-01Z'", "status": "'amended'"}, " next page": {"before": MIDDLE},
               " to be read": {"review": "'new'"}, " that were read": {"review": "'reviewed'"},
               " in review, of a questionnaire": {"review": "'in-review'", "questionnaire_id": A_QUESTIONNAIRE}}
    for who in STAFF:
        for said, values in filters.items():
            yield Case(f"responses{said}", who, "response_list", values | FETCH)
    yield Case("responses of a small practice", "neighbour", "response_list", FETCH)


def lists_of_patients():
    filters = {"": {}, " by address": {"email_indexes": "ARRAY[(SELECT email_index FROM anamnesis.patient WHERE id = %s)]" % A_PATIENT},
               " by record number": {"record_number_indexes":
                                     "ARRAY[(SELECT record_number_index FROM anamnesis.patient WHERE id = %s)]" % A_PATIENT},
               " again": {"only": f"ARRAY[{A_PATIENT}]"}, " next page": {"before": MIDDLE}}
    empty = {name: f"'{{}}'::{kind}[]" for name, kind in (("email_indexes", "bytea"), ("record_number_indexes", "bytea"),
                                                         ("key_ids", "uuid"), ("keys", "bytea"), ("only", "uuid"))}
    for who in STAFF:
        for said, values in filters.items():
            yield Case(f"patients{said}", who, "patient_list", empty | values | FETCH)
    yield Case("patients of a small practice", "neighbour", "patient_list", empty | FETCH)


def others():
    keys = {"key": "bench.key()"}
    of_patient = {"patient_id": A_PATIENT} | FETCH
    for who in ("owner", "physician"):
        yield Case("assignments of a patient", who, "assignment_list", of_patient)
        yield Case("invitations of a patient", who, "invitation_list", of_patient)
        yield Case("messages to a patient", who, "patient_message_list", of_patient)
        yield Case("care team", who, "care_team_list", {"patient_id": A_PATIENT, "key_ids": "'{}'", "keys": "'{}'"})
        yield Case("broken glass", who, "glass_list", FETCH | {"key_ids": "'{}'", "keys": "'{}'"})
        yield Case("a patient", who, "patient_read", {"id": A_PATIENT} | keys)
        yield Case("a response", who, "response_read", {"id": A_RESPONSE} | keys)
        yield Case("a response's history", who, "response_history", {"id": A_RESPONSE} | keys)
        yield Case("a response beside the former one", who, "response_comparison", {"id": A_RESPONSE} | keys)
        yield Case("a response's review", who, "response_reviews", {"id": A_RESPONSE} | keys)
        yield Case("a patient's scores", who, "patient_scores", of_patient | keys)
    for who in STAFF:
        yield Case("dashboard", who, "dashboard", {"most": "1000", "fetch": "21"})
    yield Case("open assignments", "owner", "questionnaire_open", {"questionnaire_id": A_QUESTIONNAIRE, "fetch": "20"})
    yield Case("questionnaires", "owner", "questionnaire_list", FETCH)
    yield Case("versions", "owner", "questionnaire_version_list", {"questionnaire_id": A_QUESTIONNAIRE} | FETCH)
    yield Case("staff", "owner", "staff_list", FETCH | {"key_ids": "'{}'", "keys": "'{}'"})
    yield Case("own questionnaires", "patient", "my_questionnaire_list", FETCH)
    yield Case("own responses", "patient", "my_response_list", FETCH)
    yield Case("own export", "patient", "my_export", FETCH | keys)
    yield Case("own questionnaire", "patient", "my_questionnaire_read", {"assignment_id": AN_ASSIGNMENT} | keys)


def cases():
    return [*lists_of_responses(), *lists_of_patients(), *others()]


def fill(database, responses):
    """The rows, and what the planner knows of them."""
    done = subprocess.run(["psql", "-X", "-q", "-v", f"responses={responses}", "-d", database.url("postgres"), "-f", FILL],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"growth.sql: {done.stderr[-2000:]}")
    connection = database.connect("postgres")
    connection.autocommit = True
    connection.cursor().execute("VACUUM (FREEZE, ANALYZE)")
    connection.cursor().execute("GRANT USAGE ON SCHEMA bench TO anamnesis_api; GRANT SELECT ON ALL TABLES IN SCHEMA bench TO anamnesis_api")
    connection.close()


class Prepared:
    """Statements of sql/queries, as a worker has them prepared."""

    def __init__(self, database, role="anamnesis_api", plans="auto"):
        self.known = database.connect("postgres")
        self.session = Session(database.connect(role))
        self.session("SELECT set_config('plan_cache_mode', %s, false)", plans)
        self.session.commit()
        self.statements = {one.name: one for one in gen_sql.load(QUERIES, gen_sql.Types(QUERIES / "types.txt"))}
        self.ready = set()

    def close(self):
        self.known.close()
        self.session.connection.close()

    def value(self, text, kind):
        """What the expression is, as a literal: worked out by somebody else, so that the plan sees a constant."""
        with self.known.cursor() as cursor:
            cursor.execute(f"SELECT quote_nullable(({text})::{kind}::text)")
            return f"{cursor.fetchone()[0]}::{kind}"

    def call(self, case):
        """EXECUTE ... of this case."""
        statement = self.statements[case.statement]
        kinds = [TYPES[field.enum] for field in statement.params]
        if case.statement not in self.ready:
            self.session(f"PREPARE {case.statement} ({', '.join(kinds)}) AS {statement.text}".replace("%", "%%"))
            self.ready.add(case.statement)
        values = ", ".join(self.value(case.values.get(field.name, "NULL"), kind) for field, kind in zip(statement.params, kinds))
        return f"EXECUTE {case.statement} ({values})"

    def begin(self, who):
        with self.known.cursor() as cursor:
            cursor.execute("SELECT realm, token_hash FROM bench.person WHERE name = %s", (who,))
            realm, token_hash = cursor.fetchone()
        self.session.rollback()
        self.session("SET LOCAL statement_timeout = '60s'")
        self.session.prove(collections.namedtuple("Person", "realm token_hash")(realm, token_hash))

    def rows(self, case):
        self.begin(case.who)
        return self.session(self.call(case).replace("%", "%%"))

    def explain(self, call):
        return self.session.one(f"EXPLAIN (ANALYZE, BUFFERS, TIMING OFF, FORMAT JSON) {call}")[0]

    def measure(self, case, times=5):
        """The pages of one execution, the median time, and the plan (JSON). What takes a second is not done again and again."""
        self.begin(case.who)
        call = self.call(case).replace("%", "%%")
        plans = [self.explain(call)]
        if plans[0]["Execution Time"] < SLOW_MILLISECONDS:
            for _ in range(SETTLED):
                self.session(call)
            plans = [self.explain(call) for _ in range(times)]
        plan = plans[-1]["Plan"]
        return Figure(plan["Shared Hit Blocks"] + plan["Shared Read Blocks"],
                      sorted(one["Execution Time"] for one in plans)[len(plans) // 2] * 1000, plan["Actual Rows"], plan)


class Explained(Prepared):
    """The same with generic plans, and with the plans of what functions run (auto_explain, which a superuser loads)."""

    def __init__(self, database):
        super().__init__(database, role="postgres", plans="force_generic_plan")
        self.session.connection.notices = collections.deque()
        for statement in ("LOAD 'auto_explain'", "SET auto_explain.log_nested_statements = on", "SET auto_explain.log_format = json",
                          "SET auto_explain.log_level = notice", "SET max_parallel_workers_per_gather = 0", "SET ROLE anamnesis_api"):
            self.session(statement)
        self.session.commit()

    def nodes(self, case):
        """Every node of every plan with what it reads, once each; and the pages."""
        self.begin(case.who)
        call = self.call(case).replace("%", "%%")
        for _ in range(2):
            self.session(call)
        self.session.connection.notices.clear()
        self.session("RESET ROLE")
        self.session("SET LOCAL auto_explain.log_min_duration = 0")
        self.session("SET LOCAL ROLE anamnesis_api")
        plan = self.explain(call)["Plan"]
        said = [json.loads(text[text.index("{"):]) for text in self.session.connection.notices if "plan:" in text]
        names = {name for one in [plan, *(one["Plan"] for one in said)] for name in names_of(one)}
        # The least of several: what others do in the cluster empties caches, and then the catalogue is read once more.
        plans = [plan, *(self.explain(call)["Plan"] for _ in range(4))]
        return sorted(names), min(one["Shared Hit Blocks"] + one["Shared Read Blocks"] for one in plans)


def golden_lines(database):
    """One case a line: who asks, what is asked, its statement, the pages, the nodes."""
    explained = Explained(database)
    try:
        for case in cases():
            nodes, pages = explained.nodes(case)
            yield "\t".join((case.who, case.name, case.statement, str(pages), "; ".join(nodes)))
    finally:
        explained.close()


def index_sizes(database):
    """index -> megabytes, of the tables that grow."""
    connection = database.connect("postgres")
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname, pg_relation_size(oid) / 1048576.0 FROM pg_class WHERE relkind = 'i' AND relnamespace = "
                       "'anamnesis'::regnamespace ORDER BY 2 DESC LIMIT 20")
        rows = cursor.fetchall()
    connection.close()
    return {name: float(size) for name, size in rows}


def names_of(plan):
    """Each node with what it reads."""
    read = plan.get("Index Name") or plan.get("Relation Name") or plan.get("Function Name") or plan.get("CTE Name")
    return [plan["Node Type"] + (f" on {read}" if read else ""), *(name for part in plan.get("Plans", []) for name in names_of(part))]


def number(text):
    """10k, 1M: as people say it."""
    found = re.fullmatch(r"(\d+)([kM]?)", text)
    if not found:
        raise ValueError(f"{text} is no number of responses")
    return int(found[1]) * {"": 1, "k": 1000, "M": 1000000}[found[2]]


def figures_text(figures):
    return json.dumps({size: {f"{who} {name}": {"pages": one.pages, "microseconds": round(one.microseconds), "rows": one.rows}
                              for (name, who), one in found.items()} for size, found in figures.items()}, indent=2) + "\n"
