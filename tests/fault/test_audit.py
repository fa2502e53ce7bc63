"""P3: no patient data is read or changed without its audit row; what cannot be audited is not served."""

import collections
import contextlib
import os
import random
import signal
import time

import psycopg2
import pytest
from faults.load import PAUSE_SECONDS, Load
from faults.stack import wait_for
from support import client as api
from support import contract

REQUESTS = 10_000
CANARY = "Kanarienvogelfamilienname"
ANSWER = "Kanarienvogelantwort"


class Mixed(Load):
    """Patients save, and read what is theirs; staff reads and changes patients, and asks for what is not there."""

    def _read(self, number):
        staff, (patient, me, response) = self._client(self.practice.staff()), self.begun[number]
        mine = self._client(me)
        reads = [(staff, f"/admin/patients/{patient['id']}"), (staff, "/admin/patients?limit=3"),
                 (staff, f"/admin/responses/{response['id']}"), (staff, f"/admin/responses?patient_id={patient['id']}"),
                 (staff, f"/admin/patients/{patient['id']}/assignments"), (staff, "/admin/questionnaires?limit=3"),
                 (mine, f"/patient/responses/{response['id']}"), (mine, "/patient/questionnaires"),
                 (mine, "/patient/responses"), (mine, "/patient/auth/session"), (mine, "/patient/profile/access-log?limit=5"),
                 (staff, f"/admin/patients/{contract.NOWHERE}")]
        chance = random.Random(number)
        while not self.stopping.is_set():
            client, path = chance.choice(reads)
            self._call(f"read {path}", lambda: client.get(path))
            if chance.random() < 0.2:
                self._change(staff, patient["id"])

    def _change(self, staff, identifier):
        found = self._call("read before", lambda: staff.get(f"/admin/patients/{identifier}"))
        if found is not None and found.status_code == 200:
            revision = found.json()["revision"]
            self._call("change", lambda: staff.patch(f"/admin/patients/{identifier}", {"given_name": "Other"}, revision))


def rows_of(database, answers):
    """By request: how many rows of the log, of which outcome."""
    with database.cursor() as cursor:
        cursor.execute("SELECT request_id::text, outcome FROM audit.event WHERE request_id = ANY (%s::uuid[])",
                       ([answer.headers["X-Request-Id"] for answer in answers],))
        found = collections.defaultdict(list)
        for request, outcome in cursor.fetchall():
            found[request].append(outcome)
    return found


def test_each_answered_access_has_exactly_one_row(whole, practice, database):
    """10,000 mixed requests while a worker is killed every second [16.3.2]."""
    load = Mixed(practice, responses=4, savers=12)
    killed = 0
    load.start()
    try:
        while len(load.answers) < REQUESTS:
            os.kill(random.choice(whole.workers("api")), signal.SIGKILL)
            killed += 1
            time.sleep(1)
    finally:
        load.stop()
    wait_for("a whole pool", whole.is_whole)
    answered = [answer for answer in load.answers if answer.status is not None and "X-Request-Id" in answer.headers]
    found = rows_of(database, answered)
    counts = collections.Counter((answer.status, len(found[answer.headers["X-Request-Id"]])) for answer in answered)
    print(f"{len(load.answers)} requests, {killed} workers killed; (status, rows): {dict(counts)}")
    assert not load.unexpected and len(answered) > REQUESTS * 0.9
    for answer in answered:
        rows = found[answer.headers["X-Request-Id"]]
        if answer.status == 200:
            assert rows == ["ok"], answer
        elif answer.status == 404:
            assert rows == ["not-found"], answer
        elif answer.status in (409, 412):  # a conflict shows what is stored
            assert rows == [answer.code], answer
        else:
            assert len(rows) <= 1, answer  # nobody knows whether it was an access: the worker was killed
    assert counts[200, 1] > REQUESTS * 0.5 and counts[404, 1] > 0
    load.check()


WAYS = {
    "a trigger fails": (
        "CREATE FUNCTION public.fails() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RAISE EXCEPTION ''no''; END'; "
        "CREATE TRIGGER fails BEFORE INSERT ON audit.event FOR EACH ROW EXECUTE FUNCTION public.fails()",
        "DROP TRIGGER fails ON audit.event; DROP FUNCTION public.fails()"),
    "a grant is gone": (
        "REVOKE EXECUTE ON FUNCTION audit.close(uuid, text, text), "
        "audit.refused(text, bytea, uuid, text, text) FROM anamnesis_api",
        "GRANT EXECUTE ON FUNCTION audit.close(uuid, text, text), "
        "audit.refused(text, bytea, uuid, text, text) TO anamnesis_api"),
}


@contextlib.contextmanager
def without_audit(database, way):
    begin, end = WAYS[way]
    with database.cursor() as cursor:
        cursor.execute(begin)
        try:
            yield
        finally:
            cursor.execute(end)


def slowly(call):
    """Below the site's rate limit for one address."""
    time.sleep(PAUSE_SECONDS)
    return call()


@pytest.mark.parametrize("way", WAYS)
def test_what_cannot_be_audited_is_not_served(whole, practice, database, way):
    """Neither read nor changed: every operation of the contract that leaves a row [16.5.3]."""
    patient, me, response = practice.begun()
    staff = practice.staff()
    revision = api.good(staff.patch(f"/admin/patients/{patient['id']}", {"family_name": CANARY}, patient["revision"]))["revision"]
    saved = api.good(me.save(response["id"], response["revision"], {"comment": [{"valueString": ANSWER}]}))
    reads = [(staff, f"/admin/patients/{patient['id']}"), (staff, "/admin/patients"), (staff, "/admin/responses"),
             (staff, f"/admin/responses/{response['id']}"), (staff, f"/admin/patients/{patient['id']}/assignments"),
             (me, f"/patient/responses/{response['id']}"), (me, "/patient/responses"), (me, "/patient/questionnaires"),
             (me, "/patient/profile"), (me, "/patient/profile/access-log"), (practice.staff("owner"), "/admin/audit")]
    writes = [lambda: staff.patch(f"/admin/patients/{patient['id']}", {"family_name": "Other"}, revision),
              lambda: me.save(response["id"], saved["revision"], {"comment": [{"valueString": "other"}]}),
              lambda: me.submit(response["id"], saved["revision"]),
              lambda: staff.post("/admin/patients", contract.BODIES["patient_create"])]
    answers = []
    for client, path in reads:
        api.good(client.get(path))  # served as long as it can be audited; the workers' keys are warm
    with without_audit(database, way):
        answers += [slowly(lambda: client.get(path)) for client, path in reads] + [slowly(write) for write in writes]
        refused = [slowly(lambda: operation.send(practice.staff(operation.roles[0]) if operation.realm == "staff" else me))
                   for operation in contract.operations() if operation.realm and operation.row["x-audit"] != "none"]
        sign_in = practice.anonymous.post("/patient/auth/login", {"email": "nobody@example.org", "password": "a password"})
    for answer in answers:
        assert answer.status_code == 503, (answer.request.url, answer.status_code)
    for answer in answers + refused + [sign_in]:
        assert answer.status_code >= 400 and answer.status_code != 429, (answer.request.url, answer.status_code)
        assert CANARY not in answer.text and ANSWER not in answer.text
    shown = api.good(staff.get(f"/admin/patients/{patient['id']}"))
    assert (shown["family_name"], shown["revision"]) == (CANARY, revision)
    assert api.good(me.get(f"/patient/responses/{response['id']}"))["revision"] == saved["revision"]


# ---- somebody has the background program's password

ZEROS = {"number": "coalesce(max(number), 0) + 1", "horizon": "max(horizon) + (1::bigint << 50)", "rows": "1", "total": "max(total) + 1",
         "sealed_at": "now()", "key_version": "max(key_version)", "root": "decode(repeat('00', 32), 'hex')",
         "previous": "decode(repeat('00', 32), 'hex')", "signature": "decode(repeat('00', 64), 'hex')",
         "leaves": "decode(repeat('00', 56), 'hex')"}
SEAL_OF_ZEROS = (f"INSERT INTO audit.seal ({', '.join(ZEROS)}) SELECT {', '.join(ZEROS.values())} FROM audit.seal",
                 f"SELECT audit.seal_add({', '.join(ZEROS.values())}, decode(repeat('00', 32), 'hex')) FROM audit.seal")


def one(database, statement, *values):
    with database.cursor() as cursor:
        cursor.execute(statement, values)
        return cursor.fetchone()[0]


def test_a_seal_of_zeros_ends_no_sealing(whole, demo, practice, database):
    """Whoever tries to add one that reaches far ahead is refused, and what happens afterwards is sealed [16.4.2]."""
    wait_for("a first seal", lambda: one(database, "SELECT count(*) FROM audit.seal") > 0)
    with contextlib.closing(psycopg2.connect(demo["database_urls"]["jobs"])) as connection, connection.cursor() as cursor:
        for statement in SEAL_OF_ZEROS:
            with contextlib.suppress(psycopg2.Error):
                cursor.execute(statement)
            connection.commit()
    answer = practice.staff().get("/admin/patients")
    api.good(answer)
    wait_for("a seal of its row", lambda: one(
        database, "SELECT EXISTS (SELECT FROM audit.seal s, audit.event e WHERE e.request_id = %s AND s.signature <> %s "
        "AND position(int8send(e.id) IN s.leaves) > 0)",
        answer.headers["X-Request-Id"], bytes(64)))
