"""What is measured: for each operation its load script, its plan of requests, and the same work as SQL for pgbench."""

import collections
import datetime
import pathlib
import secrets
import uuid

from harness import ceiling
from harness.statements import Variable, statement

SQL = pathlib.Path(__file__).resolve().parents[1] / "sql"
READ_SET = 300
CEILING_SCRIPTS = 48
CEILING_SUBMITS = 300  # of each connection
STAFF, READERS, PATIENT = 15, 3, 16  # masks of roles, as the contract's rows have them

# `once` is the number of transactions of each connection, for work that cannot be repeated; else None.
Operation = collections.namedtuple("Operation", "name script plan arguments warm_up scripts once")
Response = collections.namedtuple("Response", "id patient revision")


def prove(token_hash, realm, roles, operation):
    return statement("session_prove", realm, token_hash, roles, operation, uuid.UUID(bytes=secrets.token_bytes(16)),
                     "127.0.0.1")


class Bench:
    """The seeded instance, seen as lists of requests."""

    def __init__(self, instance, seeded, workers, traced_submits):
        self.instance = instance
        self.workers = workers
        self.traced_submits = traced_submits
        self.staff = seeded.staff
        self.patients = {one.id: one for one in seeded.patients}
        self.options = seeded.options
        self.used = set()

    def unused(self, status):
        """Responses with this status that were not handed out before: the first of each patient, then the second, ..."""
        rows = self.instance.psql(
            "SELECT id, patient_id, revision FROM (SELECT id, patient_id, revision, row_number() OVER (PARTITION BY patient_id"
            f" ORDER BY id) AS n FROM anamnesis.response WHERE status = '{status}') r ORDER BY n, patient_id;")
        return [Response(row[0], self.patients[row[1]], int(row[2])) for row in rows if row[0] not in self.used]

    def responses(self, status, count):
        found = self.unused(status)
        if len(found) < count:
            raise RuntimeError(f"only {len(found)} {status} responses are left, {count} are needed: seed more (--patients)")
        self.used.update(one.id for one in found[:count])
        return found[:count]

    def member(self, number):
        return self.staff[number % len(self.staff)]

    def session(self):
        def plan():
            return [("GET", "/admin/auth/session", one.token) for one in self.staff]
        scripts = [ceiling.script([prove(one.token_hash, "staff", STAFF, "staff_session"), statement("staff_self", one.data_key)])
                   for one in self.staff]
        return Operation("session check", "read.lua", plan, (), True, scripts, None)

    def questionnaires(self):
        def plan():
            return [("GET", "/admin/questionnaires", one.token) for one in self.staff]
        scripts = [ceiling.script([prove(one.token_hash, "staff", STAFF, "questionnaire_list"),
                                   statement("questionnaire_list", None, None, None, 51),
                                   statement("audit_close", None, "ok", "event")]) for one in self.staff]
        return Operation("list of questionnaires", "read.lua", plan, (), True, scripts, None)

    def read(self):
        chosen = self.responses("completed", min(READ_SET, len(self.unused("completed"))))

        def plan():
            return [("GET", f"/admin/responses/{one.id}", self.member(number).token) for number, one in enumerate(chosen)]
        scripts = [ceiling.script([prove(self.member(number).token_hash, "staff", READERS, "response_get"),
                                   statement("response_read", one.id, one.patient.data_key),
                                   statement("audit_close", one.id, "ok", "patient")])
                   for number, one in enumerate(chosen[:CEILING_SCRIPTS])]
        return Operation("read of a response", "read.lua", plan, (), True, scripts, None)

    def autosave(self):
        chosen = self.responses("in-progress", CEILING_SCRIPTS)
        identifiers = ", ".join(f"'{one.id}'" for one in chosen)

        def plan():
            now = dict(self.instance.psql(f"SELECT id, revision FROM anamnesis.response WHERE id IN ({identifiers});"))
            return [("PATCH", f"/patient/responses/{one.id}", one.patient.token, now[one.id]) for one in chosen]
        text = self.stored_answers(chosen[0])
        scripts = [ceiling.script([prove(one.patient.token_hash, "patient", PATIENT, "my_response_autosave"),
                                   statement("my_response_lock", one.id, one.patient.data_key)],
                                  [statement("my_response_save", one.id, one.patient.data_key, text, 9, 10, 0),
                                   statement("audit_close", one.id, "ok", "patient")]) for one in chosen]
        return Operation("auto-save", "autosave.lua", plan, (self.items_argument(),), True, scripts, None)

    def items_argument(self):
        """item=system|code|code...;item=... : what autosave.lua takes turns at."""
        return ";".join(f"{path}={options[0].get('system', '')}|{'|'.join(option['code'] for option in options)}"
                        for path, options in self.options.items())

    def stored_answers(self, response):
        return self.opened("answers", f"r.id = '{response.id}'")

    def stored_scores(self):
        return self.opened("scores", "r.id = (SELECT min(c.id::text)::uuid FROM anamnesis.response c WHERE c.status = 'completed')")

    def opened(self, column, condition):
        rows = self.instance.psql(f"SELECT phi.open(data_key, 'response.{column}:' || r.id, r.{column}) FROM anamnesis.response r "
                                  f"JOIN bench.account a ON a.id = r.patient_id WHERE {condition};")
        return "\n".join("\t".join(row) for row in rows)

    def submit(self):
        """Each response once: some by pgbench, most under load, and a few that are kept back to be traced."""
        each = min(CEILING_SUBMITS, len(self.unused("in-progress")) // (3 * self.workers))
        chosen = self.responses("in-progress", each * self.workers)
        rows = "".join(f"{number % self.workers}\t{number // self.workers + 1}\t{one.id}\n" for number, one in enumerate(chosen))
        self.instance.psql((SQL / "submissions.sql").read_text(encoding="utf-8").replace("ROWS\n", rows))
        kept_back = [self.traced_submits, 0]

        def plan():
            count = len(self.unused("in-progress")) - kept_back.pop(0)
            return [("POST", f"/patient/responses/{one.id}/submit", one.patient.token, one.revision)
                    for one in self.responses("in-progress", count)]
        return Operation("submit", "submit.lua", plan, (), False, [self.submission(chosen[0])], each)

    def submission(self, example):
        identifier, key = Variable("id"), Variable("data_key")
        now = datetime.datetime.now(datetime.timezone.utc).isoformat()
        return ceiling.NEXT_SUBMISSION + ceiling.script(
            [prove(Variable("token_hash"), "patient", PATIENT, "my_response_submit"),
             statement("my_response_lock", identifier, key)],
            [statement("my_assignment_status", Variable("assignment"), "completed"),
             statement("my_response_submit", identifier, key, self.stored_answers(example), self.stored_scores(), now, secrets.token_bytes(32), 9, 9),
             statement("audit_close", identifier, "ok", "patient")])
