"""sql/queries/: each statement prepares under its role, has the types that it declares, and is found by an index."""

import concurrent.futures
import os
import pathlib
import re
import sys
import uuid

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools"))

import gen_sql  # noqa: E402  (the path is set above)
from support.world import Practice, Session  # noqa: E402

QUERIES = TOP / "sql" / "queries"
SHARED = gen_sql.Types(QUERIES / "types.txt")
STATEMENTS = {statement.name: statement for statement in gen_sql.load(QUERIES, SHARED)}
TYPES = {"DB_UUID": "uuid", "DB_TEXT": "text", "DB_JSON": "json", "DB_ENUM": "text", "DB_INT4": "integer", "DB_INT8": "bigint",
         "DB_BOOL": "boolean", "DB_BYTEA": "bytea", "DB_TIMESTAMPTZ": "timestamp with time zone",
         "DB_UUID_ARRAY": "uuid[]", "DB_TEXT_ARRAY": "text[]", "DB_BYTEA_ARRAY": "bytea[]"}
PATIENTS, OTHER_PRACTICES = 1500, 2
SMALL = {"practice", "questionnaire", "questionnaire_version", "staff", "migration", "sql_state"}  # a handful of rows a practice
# Reads what is waiting, which is little, by an index of just that; the sweep reads everything, and rarely.
NOT_EXPLAINED = {"job_sweep"}


def role_of(name):
    return {"job": "anamnesis_jobs", "scan": "anamnesis_scan"}.get(name.split("_")[0], "anamnesis_api")


def prepare(session, name):
    types = ", ".join(TYPES[field.enum] for field in STATEMENTS[name].params)
    session(f"PREPARE statement {f'({types})' if types else ''} AS {STATEMENTS[name].text}".replace("%", "%%"))


def test_there_are_statements():
    assert len(STATEMENTS) > 50


@pytest.mark.parametrize("name", STATEMENTS)
def test_parameters_have_the_declared_types(connect, name):
    """The server infers the types as the workers let it: none is stated but the declared ones."""
    session = connect(role_of(name))
    prepare(session, name)
    found = session.one("SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'statement'")
    assert found == [TYPES[field.enum] for field in STATEMENTS[name].params]


@pytest.mark.parametrize("name", [name for name, statement in STATEMENTS.items() if statement.columns])
def test_columns_have_the_declared_types(connect, world, name):
    session = connect(role_of(name))
    statement = STATEMENTS[name]
    arguments = ", ".join(f"NULL::{TYPES[field.enum]}" for field in statement.params)
    prepare(session, name)
    session("SAVEPOINT before")
    try:
        session(f"EXECUTE statement{f'({arguments})' if arguments else ''}")
    except Exception as fault:  # NULL does not always do: then by a query that is only described
        if fault.pgcode[:2] not in ("AN", "23", "22", "42"):
            raise
        session("ROLLBACK TO SAVEPOINT before")
        described(session, statement)
        return
    agree(session, statement)


@pytest.mark.parametrize("name", [name for name, shared in SHARED.all.items() if isinstance(shared, gen_sql.Words)])
def test_a_tables_status_has_the_shared_words(connect, name):
    """TABLE_status is what the checks and triggers of the table allow: a word more or less there is one here."""
    session = connect("anamnesis_api")
    table = f"anamnesis.{name.removesuffix('_status')}"
    checks = session("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'c' AND conrelid = %s::regclass", table)
    triggers = session("SELECT p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = %s::regclass", table)
    lists = [words for (text,) in checks + triggers
             for words in re.findall(r"\bstatus (?:= ANY \(ARRAY\[|IN \()([^])]*)", text)]
    lists += [words for (text,) in checks if "CASE state" in text for words in re.findall(r"WHEN ('[a-z-]+')::text THEN", text)]
    assert set(re.findall(r"'([a-z-]+)'", " ".join(lists))) == set(SHARED.all[name].words)


def test_who_waited_for_an_assignment_is_told_where_it_is_now(connect, superuser):
    """Two requests at once carry it over: the second finds that there is nothing to do."""
    practice = Practice(superuser, "two at once")
    superuser("INSERT INTO anamnesis.questionnaire_version (practice_id, questionnaire_id, version, title, definition, "
              "definition_sha256, published_by, on_drafts) VALUES (%s, %s, 3, 'Q', '{}', %s, %s, 'migrate')", practice.id,
              practice.questionnaire, b"h" * 32, uuid.uuid4())
    patient = practice.add_patient(superuser)
    assignment = practice.add_assignment(superuser, patient)
    superuser.commit()
    lock = STATEMENTS["my_assignment_lock"].text.replace("$1", f"'{assignment}'").replace("%", "%%")
    first, second = connect("anamnesis_api"), connect("anamnesis_api")
    pid = second.one("SELECT pg_backend_pid()")
    second.rollback()
    for session in (first, second):
        session.prove(patient)
    assert first(lock)[0][2:] == (1, "assigned", 3)
    with concurrent.futures.ThreadPoolExecutor() as pool:
        waiting = pool.submit(second, lock)
        while not superuser.one("SELECT pg_blocking_pids(%s) <> '{}'", pid):
            assert not waiting.done()
        superuser.rollback()
        assert first.affected("UPDATE anamnesis.assignment SET version = 3 WHERE id = %s", assignment) == 1
        first.commit()
        assert waiting.result()[0][2:] == (3, "assigned", None)


def agree(session, statement):
    oids = [column.type_code for column in session.cursor.description]
    found = [session.one("SELECT format_type(%s, NULL)", oid) for oid in oids]
    assert found == [TYPES[field.enum] for field in statement.columns]


def described(session, statement):
    """A read's columns without running it; a write's are left to the tests of the API."""
    if not re.match(r"\s*(--[^\n]*\n)*\s*(SELECT|WITH)", statement.text):
        pytest.skip("writes: its columns show in the tests of the API")
    text = re.sub(r"\$(\d+)", lambda found: f"NULL::{TYPES[statement.params[int(found[1]) - 1].enum]}", statement.text)
    text = re.sub(r"FOR UPDATE( OF \w+)?\s*$", "", text)
    session(f"SELECT * FROM ({text}) AS q WHERE false".replace("%", "%%"))
    agree(session, statement)


@pytest.mark.parametrize("name", [name for name, statement in STATEMENTS.items()
                                  if any(column.words for column in statement.columns)])
def test_the_words_are_those_of_the_function(superuser, name):
    """What the function can say is what the statement declares, NULL too: no more, no less."""
    [column] = STATEMENTS[name].columns
    text = STATEMENTS[name].text
    function = re.search(r"SELECT ((?:auth|anamnesis)\.\w+)\(", text)[1]
    source = superuser.one("SELECT prosrc FROM pg_proc WHERE oid = %s::regproc", function)
    returned = re.findall(r"\bRETURN ([^;]*);", source)
    said = {word for text in returned for word in re.findall(r"'([^']*)'", text)}
    if "file.state" in returned:  # a file's state, of which the function leaves some behind
        said |= set(column.words) & set(SHARED.all["upload_status"].words)
    assert said == set(column.words)
    # Where NULL is no row, the statement says so.
    assert ("NULL" in returned or "file.state" in returned) == (column.nullable or f"{column.name} IS NOT NULL" in text)


@pytest.fixture(scope="module")
def big(database):
    """Practices with thousands of patients, assignments, responses and invitations each."""
    connection = database.connect("postgres")
    sql = Session(connection)
    practices = [Practice(sql, f"Big {number}") for number in range(OTHER_PRACTICES + 1)]
    for practice in practices:
        of = {"practice": practice.id, "questionnaire": practice.questionnaire, "count": PATIENTS,
              "sealed": b"\x01" + os.urandom(80), "key": os.urandom(76), "by": uuid.uuid4()}
        sql.cursor.execute("""
            WITH patients AS (
                INSERT INTO anamnesis.patient (practice_id, given_name, family_name, birth_date, email,
                                               email_index, created_by, registered_at)
                SELECT %(practice)s, %(sealed)s, %(sealed)s, %(sealed)s, %(sealed)s,
                       sha256(gen_random_uuid()::text::bytea), %(by)s, now()
                FROM generate_series(1, %(count)s) RETURNING id),
            wrapped AS (
                INSERT INTO anamnesis.data_key (patient_id, practice_id, wrapped_key)
                SELECT id, %(practice)s, %(key)s FROM patients),
            accounts AS (
                INSERT INTO auth.account (id, practice_id, realm, password_hash)
                SELECT id, %(practice)s, 'patient', 'hash' FROM patients),
            sessions AS (
                INSERT INTO auth.session (practice_id, realm, account_id, token_hash, idle_seconds, expires_at, client_address)
                SELECT %(practice)s, 'patient', id, sha256(gen_random_uuid()::text::bytea), 1800, now() + interval '1 hour', ''
                FROM patients),
            invitations AS (
                INSERT INTO anamnesis.invitation (practice_id, patient_id, token_hash, delivery, expires_at, created_by)
                SELECT %(practice)s, id, sha256(gen_random_uuid()::text::bytea), 'link', now() + interval '1 day', %(by)s
                FROM patients),
            keys AS (
                INSERT INTO anamnesis.idempotency (practice_id, actor_id, key_hash, operation, body_sha256)
                SELECT %(practice)s, id, sha256(gen_random_uuid()::text::bytea), 'x', sha256('') FROM patients),
            assignments AS (
                INSERT INTO anamnesis.assignment (practice_id, patient_id, questionnaire_id, version, created_by)
                SELECT %(practice)s, id, %(questionnaire)s, 1, %(by)s FROM patients, generate_series(1, 3)
                RETURNING id, patient_id)
            INSERT INTO anamnesis.response (practice_id, patient_id, assignment_id, questionnaire_id, version, answers)
            SELECT %(practice)s, patient_id, id, %(questionnaire)s, 1, %(sealed)s FROM assignments""", of)
        sql("INSERT INTO anamnesis.value_set (practice_id, url, title, resource, created_by) SELECT %s, 'urn:x:' || n, 's', "
            "'{}', %s FROM generate_series(1, 1000) n", practice.id, uuid.uuid4())
        sql("INSERT INTO anamnesis.response_migration (practice_id, patient_id, response_id, from_version, to_version, "
            "revision, answers, dropped) SELECT practice_id, patient_id, id, 1, 2, 1, %s, %s FROM anamnesis.response "
            "WHERE practice_id = %s", of["sealed"], of["sealed"], practice.id)
        sql("INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by) SELECT practice_id, %s, id, id "
            "FROM anamnesis.patient WHERE practice_id = %s ON CONFLICT DO NOTHING", practice.staff["physician"].id, practice.id)
        sql("INSERT INTO anamnesis.break_glass (id, practice_id, staff_id, patient_id, reason) SELECT anamnesis.uuid_v7(), "
            "practice_id, %s, id, %s FROM anamnesis.patient WHERE practice_id = %s", practice.staff["physician"].id,
            of["sealed"], practice.id)
        sql("INSERT INTO anamnesis.review_now (response_id, practice_id, patient_id) SELECT id, practice_id, patient_id FROM anamnesis.response "
            "WHERE practice_id = %s ON CONFLICT DO NOTHING", practice.id)
        sql("INSERT INTO anamnesis.review (practice_id, patient_id, response_id, number, state, staff_id) SELECT practice_id, patient_id, id, 1, "
            "'reviewed', %s FROM anamnesis.response WHERE practice_id = %s ON CONFLICT DO NOTHING", practice.staff["physician"].id, practice.id)
    sql("INSERT INTO anamnesis.outbox (practice_id, kind, sent_at, patient_id, invitation_id, created_at) SELECT practice_id, 'x', "
        "now(), patient_id, id, now() - random() * interval '400 days' FROM anamnesis.invitation")
    sql("INSERT INTO anamnesis.outbox (practice_id, kind, sent_at, staff_id) SELECT practice_id, 'x', now(), id "
        "FROM anamnesis.staff")
    # A photo with each response; counting each of them against the limits would be another test.
    sql("ALTER TABLE anamnesis.upload DISABLE TRIGGER leaves")
    sql("INSERT INTO anamnesis.upload (practice_id, patient_id, assignment_id, response_id, questionnaire_id, link_id, type, size, parts, "
        "name, declared, salt, next_at) SELECT practice_id, patient_id, assignment_id, id, questionnaire_id, 'photo', 'image/jpeg', 1, 1, "
        "%s, sha256('') || sha256(''), sha256(''), now() - random() * interval '400 days' FROM anamnesis.response", of["sealed"])
    sql("ALTER TABLE anamnesis.upload ENABLE ALWAYS TRIGGER leaves")
    sql("ALTER TABLE anamnesis.upload_object DISABLE TRIGGER belongs")  # whether its file is clean
    sql("INSERT INTO anamnesis.upload_object (upload_id, kind, practice_id, patient_id, name, content_type, plain_size) "
        "SELECT u.id, k.kind, u.practice_id, u.patient_id, regexp_replace(md5(u.id::text || k.kind), '^(..)', 'sealed/\\1/'), 'image/jpeg', 1 "
        "FROM anamnesis.upload u, (VALUES ('view'), ('thumbnail')) AS k (kind) ON CONFLICT DO NOTHING")
    sql("ALTER TABLE anamnesis.upload_object ENABLE ALWAYS TRIGGER belongs")
    sql("INSERT INTO anamnesis.object_leaving (name, practice_id, next_at) SELECT 'incoming/' || id, practice_id, now() + interval '1 hour' "
        "FROM anamnesis.upload ON CONFLICT DO NOTHING")
    connection.commit()
    connection.autocommit = True
    sql("ANALYZE")
    connection.close()
    return practices[0]


def plan_of(session, name, who, given):
    """The generic plan, which a worker uses from the sixth time on."""
    statement = STATEMENTS[name]
    session("SET LOCAL plan_cache_mode = force_generic_plan")
    if who is not None:
        session.prove(who)
    prepare(session, name)
    arguments = ", ".join(f"{given.get(TYPES[field.enum], 'NULL')}::{TYPES[field.enum]}" for field in statement.params)
    return "\n".join(row[0] for row in session(f"EXPLAIN EXECUTE statement{f'({arguments})' if arguments else ''}"))


def explainable():
    return [name for name, statement in STATEMENTS.items() if name not in NOT_EXPLAINED
            and re.search(r"\banamnesis\.\w+", statement.text)]


@pytest.mark.parametrize("name", explainable())
@pytest.mark.parametrize("realm", ["staff", "patient"])
def test_an_index_finds_the_rows(connect, big, name, realm):
    session = connect(role_of(name))
    who = None if role_of(name) != "anamnesis_api" else big.patient if realm == "patient" else big.staff["physician"]
    given = {"uuid": f"'{big.patient.id}'", "integer": "50", "bytea": "'\\x00'"}
    plan = plan_of(session, name, who, given)
    scanned = {table for table in re.findall(r"Seq Scan on (\w+)", plan)} - SMALL
    assert not scanned, plan


FUNCTIONS = {  # the statements inside functions, as they are written there
    "auth.prove": ["auth.session WHERE token_hash = $1", "anamnesis.staff WHERE id = $1", "anamnesis.patient WHERE id = $1"],
    "auth.accounts_for_login": ["anamnesis.staff WHERE email_index = $1", "anamnesis.patient WHERE email_index = $1",
                                "auth.account WHERE id = $1"],
    "auth.invitation_by_token": ["anamnesis.invitation WHERE token_hash = $1"],
    "auth.session_create": ["auth.challenge WHERE token_hash = $1"],
    "auth.recovery_use": ["auth.recovery_code WHERE account_id = $1"],
    "audit.search": ["audit.event WHERE practice_id = $1", "audit.event WHERE actor_id = $1",
                     "audit.event WHERE practice_id = $1 AND operation = $2 AND outcome = $3 ORDER BY at DESC, id DESC LIMIT 50"],
    "audit.access_log": ["audit.event WHERE patient_id = $1", "audit.event WHERE patient_ids @> $1"],
    "auth.throttle_check": ["auth.throttle WHERE key = $1",
                            "auth.throttle WHERE origin = $1 AND last_failure > now() - interval '1 day'"],
    "auth.throttle_keys": ["auth.familiar WHERE account_id = $1 AND mark = '\\x00'"],
    "auth.sign_in_remember": ["auth.familiar WHERE mark = $1 AND kind = 'device'"],
}


@pytest.mark.parametrize("lookup", sorted({lookup for several in FUNCTIONS.values() for lookup in several}))
def test_an_index_finds_what_functions_look_up(superuser, big, lookup):
    superuser("SET LOCAL plan_cache_mode = force_generic_plan")
    superuser("SET LOCAL enable_seqscan = off")  # empty tables: only whether there is an index
    superuser(f"PREPARE statement AS SELECT 1 FROM {lookup}")
    given = ", ".join(["NULL"] * len(set(re.findall(r"\$\d", lookup))))
    plan = "\n".join(row[0] for row in superuser(f"EXPLAIN EXECUTE statement({given})"))
    assert "Seq Scan" not in plan, plan


# ---- whose list it is

NAMED = "audit.about((SELECT auth.patient()))"
FIRST = re.compile(r"FROM \(SELECT audit\.about\(\(SELECT auth\.patient\(\)\)\) AS patient OFFSET 0\) me\s+CROSS JOIN LATERAL \((.*)\) \w+(?:\s+ORDER BY "
                   r"[\w. ]+)?\s*$", re.DOTALL)
LISTS = [name for name, statement in STATEMENTS.items() if statement.kind == "many" and NAMED in statement.text]
SCANS = ("enable_seqscan", "enable_indexscan", "enable_indexonlyscan", "enable_bitmapscan")
GIVEN = {"integer": "51", "bytea": "'\\x00'", "bytea[]": "'{}'", "uuid[]": "'{}'"}


@pytest.mark.parametrize("name", [name for name, statement in STATEMENTS.items() if "audit.about" in statement.text])
def test_nobody_is_named_by_a_condition(name):
    """A sub-select of a condition is read when a row comes to it: who has none would not be named, and what is not audited is refused."""
    text = re.sub(r"--[^\n]*", "", STATEMENTS[name].text)
    conditions = re.split(r"\b(?:WHERE|ON|HAVING)\b", text)[1:]
    assert not any(re.search(r"\(\s*SELECT\s+audit\.about", re.split(r"\bFROM\b", part)[0]) for part in conditions)
    if name in LISTS:
        inner = FIRST.search(text)
        assert inner and "me.patient" in inner[1] and re.search(r"(LIMIT \$\d+|OFFSET 0)\s*$", inner[1]), "the planner may read the rows first"


def test_there_are_lists_of_patients_own():
    assert {"my_response_list", "my_questionnaire_list", "my_upload_list", "my_upload_list_of_response", "passkey_list", "session_list"} <= set(LISTS)


@pytest.mark.parametrize("off", [[], *([one] for one in SCANS), SCANS[1:]], ids=lambda off: "-".join(off) or "as it is")
@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_none_names_its_patient(connect, world, superuser, name, off):
    """Whichever way the planner takes to find that there is nothing."""
    patient = Practice(superuser, f"none of {name}").add_patient(superuser)
    superuser.connection.commit()
    session = connect("anamnesis_api")
    for setting in off:
        session(f"SET LOCAL {setting} = off")
    prepare(session, name)
    session.prove(patient)
    values = [GIVEN.get(TYPES[field.enum], "NULL") if not TYPES[field.enum] == "uuid" or field.nullable else f"'{uuid.uuid4()}'"
              for field in STATEMENTS[name].params]
    for mode in ("force_custom_plan", "force_generic_plan"):
        session(f"SET LOCAL plan_cache_mode = {mode}")
        session("SELECT set_config('anamnesis.patients', '', true)")
        session(f"EXECUTE statement{'(' + ', '.join(values) + ')' if values else ''}")
        assert session.one("SELECT current_setting('anamnesis.patients')") == str(patient.id), mode
