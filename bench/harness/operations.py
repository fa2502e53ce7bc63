"""What is measured: for each operation its load script, its plan of requests, and the same work as statements for the ceiling."""

import collections
import datetime
import secrets

from harness import ceiling
from harness.ceiling import NEW, send

READ_SET = 300
ROWS = 48  # of a transaction that can be repeated: as many different ones
CEILING_SUBMITS = 300  # of each connection
STAFF, READERS, PATIENT = 15, 3, 16 | 64  # masks of roles, as the contract's rows have them; 64: the key is at hand

# `transaction` is what the ceiling is measured with; `warm_up`: whether the operation can be done before it counts.
Operation = collections.namedtuple("Operation", "name script plan arguments warm_up transaction")
Response = collections.namedtuple("Response", "id patient revision assignment")


def facts(one, realm, roles, operation, **more):
    """What the session's proof and the audit row are told of a request, and what the operation adds."""
    return {"token_hash": one.token_hash, "realm": realm, "roles": roles, "operation": operation, "request_id": NEW,
            "client_address": "127.0.0.1", "outcome": "ok", "kind": "patient", "key": one.data_key, **more}


class Bench:
    """The seeded instance, seen as lists of requests."""

    def __init__(self, instance, seeded, options):
        self.instance = instance
        self.workers = options.workers
        self.connections = options.connections
        self.submits = options.submits  # responses of one measurement, at most
        self.traced_submits = 2 * options.traced
        self.staff = seeded.staff
        self.patients = {one.id: one for one in seeded.patients}
        self.options = seeded.options
        self.used = set()

    def everything(self, submit_runs):
        """All five, in their order. `submit_runs`: how often submits will be measured."""
        return [self.session(), self.questionnaires(), self.read(), self.autosave(), self.submit(submit_runs)]

    def unused(self, status):
        """Responses with this status that were not handed out before: the first of each patient, then the second, ..."""
        rows = self.instance.psql(
            "SELECT id, patient_id, revision, assignment_id FROM (SELECT id, patient_id, revision, assignment_id, row_number() OVER (PARTITION BY patient_id"
            f" ORDER BY id) AS n FROM anamnesis.response WHERE status = '{status}') r ORDER BY n, patient_id;")
        return [Response(row[0], self.patients[row[1]], int(row[2]), row[3]) for row in rows if row[0] not in self.used]

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
        return Operation("session check", "read.lua", plan, (), True, ceiling.transaction(
            [[send("session_prove"), send("staff_self")]],
            [facts(one, "staff", STAFF, "staff_session") for one in self.staff]))

    def questionnaires(self):
        def plan():
            return [("GET", "/admin/questionnaires", one.token) for one in self.staff]
        return Operation("list of questionnaires", "read.lua", plan, (), True, ceiling.transaction(
            [[send("session_prove"), send("questionnaire_list"), send("audit_close")]],
            [facts(one, "staff", STAFF, "questionnaire_list", kind="event", fetch=51) for one in self.staff]))

    def read(self):
        chosen = self.responses("completed", min(READ_SET, len(self.unused("completed"))))

        def plan():
            return [("GET", f"/admin/responses/{one.id}", self.member(number).token) for number, one in enumerate(chosen)]
        return Operation("read of a response", "read.lua", plan, (), True, ceiling.transaction(
            [[send("session_prove"), send("response_read"), send("audit_close", object="id")]],
            [facts(self.member(number), "staff", READERS, "response_get", id=one.id, key=one.patient.data_key)
             for number, one in enumerate(chosen[:ROWS])]))

    def autosave(self):
        chosen = self.responses("in-progress", ROWS)
        identifiers = ", ".join(f"'{one.id}'" for one in chosen)

        def plan():
            now = dict(self.instance.psql(f"SELECT id, revision FROM anamnesis.response WHERE id IN ({identifiers});"))
            return [("PATCH", f"/patient/responses/{one.id}", one.patient.token, now[one.id]) for one in chosen]
        text = self.stored_answers(chosen[0])
        return Operation("auto-save", "autosave.lua", plan, (self.items_argument(),), True, ceiling.transaction(
            [[send("session_prove"), send("my_response_lock")], [send("my_response_save"), send("audit_close", object="id")]],
            [facts(one.patient, "patient", PATIENT, "my_response_autosave", id=one.id, answers=text, answered=9, total=10,
                   required_missing=0) for one in chosen]))

    def items_argument(self):
        """item=system|code|code...;item=... : what autosave.lua takes turns at."""
        return ";".join(f"{path}={options[0].get('system', '')}|{'|'.join(option['code'] for option in options)}"
                        for path, options in self.options.items())

    def stored_answers(self, response):
        return self.opened("answers", f"r.id = '{response.id}'")

    def stored_scores(self):
        """They stand behind the hash's 64 digits."""
        return self.opened("response_sha256", "r.id = (SELECT min(c.id::text)::uuid FROM anamnesis.response c "
                                              "WHERE c.status = 'completed')")[64:]

    def opened(self, column, condition):
        rows = self.instance.psql(f"SELECT phi.open(data_key, 'response.{column}:' || r.id, r.{column}) FROM anamnesis.response r "
                                  f"JOIN bench.account a ON a.id = r.patient_id WHERE {condition};")
        return "\n".join("\t".join(row) for row in rows)

    def submit(self, runs):
        """Each response once: some for the ceiling, a few to be traced, and in each of the runs as many of the others."""
        each = min(CEILING_SUBMITS, len(self.unused("in-progress")) // (4 * self.workers))
        chosen = self.responses("in-progress", each * self.workers)
        compared = 4 * 2  # two by each peer, of which there may be four
        count = min(self.submits, (len(self.unused("in-progress")) - self.traced_submits - compared) // runs)
        if count < self.connections:
            raise RuntimeError(f"{runs} measurements would submit {count} responses each: seed more (--patients, --responses)")

        def plan(count=count):
            return [("POST", f"/patient/responses/{one.id}/submit", one.patient.token, one.revision)
                    for one in self.responses("in-progress", count)]
        now = datetime.datetime.now(datetime.timezone.utc)
        done = {"status": "completed", "answers": self.stored_answers(chosen[0]), "scores": self.stored_scores(), "submitted_at": now,
                "response_sha256": secrets.token_bytes(32), "answered": 10, "total": 10}
        return Operation("submit", "submit.lua", plan, (), False, ceiling.transaction(
            [[send("session_prove"), send("my_response_lock")],
             [send("my_assignment_status", id="assignment"), send("my_response_submit"), send("audit_close", object="id")]],
            [facts(one.patient, "patient", PATIENT, "my_response_submit", id=one.id, assignment=one.assignment, **done)
             for one in chosen], once=True))
