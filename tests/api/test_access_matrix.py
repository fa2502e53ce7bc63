"""Every operation, asked as every role for what is the caller's own, the practice's and another practice's.

tests/golden/access.tsv has a line for each (made from openapi.yaml; the build fails when they differ): nothing is asked here
that it does not list, and what it lists is asked here.
"""

import pathlib

import psycopg2
import pytest
from conftest import SHORT_FORM, unique
from support import client as api
from support import contract, sessions
from support.authenticator import Authenticator

GOLDEN = pathlib.Path(__file__).resolve().parents[1] / "golden" / "access.tsv"
CALLERS = ("nobody", "owner", "physician", "assistant", "auditor", "patient")
# A refusal says nothing but this; every other answer of an operation means that access was given.
REFUSALS = {"not-signed-in": ("401", "Not signed in, or the session has ended"),
            "forbidden": ("403", "Your role may not do this"), "not-found": ("404", "Not found")}
USED_UP = ("invitation", "assignment", "session", "passkey")  # what a successful call may end
VALUE_SET = {"resourceType": "ValueSet", "status": "active", "expansion": {"contains": [{"code": "a", "display": "A"}]}}


def read_golden():
    header, *lines = GOLDEN.read_text(encoding="utf-8").splitlines()
    names = header.split("\t")
    return [dict(zip(names, line.split("\t"), strict=True)) for line in lines]


ROWS = read_golden()
OPERATIONS = {operation.id: operation for operation in contract.operations()}


class Side:
    """One practice with a thing of each kind, and a word in each that no other practice may ever read.

    With `kept`, the practice keeps patients to their care teams, and physicians and assistants are of none.
    """

    def __init__(self, database, practice, kept=False):
        self.database, self.practice, self.secret, self.kept = database, practice, unique("Canary"), kept
        self.staff = sessions.staff_ids(database, practice.id)
        # Questionnaires are open to everybody of the practice: where patients are kept apart, the word is theirs alone.
        self.questionnaire = practice.questionnaire(SHORT_FORM | {
            "title": "Short form" if kept else self.secret,
            "item": [*SHORT_FORM["item"], {"linkId": "photo", "type": "attachment", "text": "Photo"}]})
        with database.cursor() as cursor:  # the widest that a practice may choose
            cursor.execute("UPDATE anamnesis.practice SET patient_email_by = 'assistant' WHERE id = %s", (practice.id,))
        made = practice.staff().post("/admin/value-sets", {"resource": VALUE_SET | {"url": f"urn:x:{unique('set')}"}})
        self.value_set = api.good(made, 201)["id"]
        self.patient, self.client = practice.signed_in_patient([self.questionnaire], family_name=self.secret)
        self.assignment = api.good(self.client.get("/patient/questionnaires"))["items"][0]["assignment_id"]
        self.response = api.good(self.client.post("/patient/responses", {"assignment_id": self.assignment}), 201)["id"]
        self.upload = self.declare()

    def declare(self):
        declared = contract.BODIES["my_upload_create"] | {"response_id": self.response, "filename": self.secret}
        return api.good(self.client.post("/patient/uploads", declared), 201)["id"]

    def token(self, caller, patient=None):
        """A fresh session for one call, which may well be to end it."""
        if caller == "patient":
            return sessions.open_session(self.database, "patient", (patient or self.patient)["id"], self.practice.id)
        return sessions.open_session(self.database, "staff", self.staff[caller], self.practice.id)

    def anew(self, kind, realm, caller, own):
        """A thing that may be used up; a session of the caller's or, when not their own, of a colleague."""
        holder = caller if own and caller in self.staff else "owner" if caller != "owner" else "physician"
        holder = "patient" if realm == "patient" else holder
        if kind == "passkey":
            return self.passkey(holder)
        if kind == "session":
            return sessions.id_of_session(self.database, self.token(holder))
        staff, patient = self.practice.staff(), self.practice.patient(family_name=self.secret)
        path = f"/admin/patients/{patient['id']}"
        if kind == "invitation":
            return api.good(staff.post(f"{path}/invitations", {"delivery": "link"}), 201)["id"]
        return api.good(staff.post(f"{path}/assignments", {"questionnaire_id": self.questionnaire}), 201)["id"]

    def passkey(self, holder):
        """The only one of its holder."""
        account = self.patient["id"] if holder == "patient" else self.staff[holder]
        with self.database.cursor() as cursor:
            cursor.execute("DELETE FROM auth.passkey WHERE account_id = %s", (account,))
        client, path = self.practice.anonymous.again(self.token(holder)), "/patient" if holder == "patient" else "/admin"
        body = {"current_password": self.patient["password"]} if holder == "patient" else None
        asked = api.good(client.post(f"{path}/profile/passkeys/options", body))["public_key"]
        authenticator = Authenticator(self.practice.anonymous.base_url.replace("//127.0.0.1:", "//localhost:"))
        made = client.post(f"{path}/profile/passkeys", {"name": "x", "passkey": authenticator.create(asked)})
        return api.good(made, 201)["passkey"]["id"]

    def thing(self, operation, kind, caller, own=False):
        """The identifier of what the operation is asked for."""
        found = self.found(operation, kind, caller, own)
        with self.database.cursor() as cursor:
            if self.kept:
                cursor.execute("UPDATE anamnesis.practice SET patient_access = 'care-team' WHERE id = %s", (self.practice.id,))
                cursor.execute("DELETE FROM anamnesis.care_team WHERE practice_id = %s", (self.practice.id,))
            # An owner, who sees all patients anyway: one who can be taken out.
            cursor.execute("INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by) "
                           "VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                           (self.practice.id, self.staff["owner"], self.patient["id"], self.staff["owner"]))
        return found

    def found(self, operation, kind, caller, own):
        if self.kept:
            with self.database.cursor() as cursor:
                cursor.execute("UPDATE anamnesis.practice SET patient_access = 'all' WHERE id = %s", (self.practice.id,))
            if operation.id == "break_glass_open":
                return self.practice.patient(family_name="Opened")["id"]
        if kind in USED_UP and (operation.realm == "staff" or kind in ("session", "passkey")):
            return self.anew(kind, operation.realm, caller, own)
        return {"questionnaire": self.questionnaire, "value-set": self.value_set, "patient": self.patient["id"],
                "assignment": self.assignment, "response": self.response, "upload": self.upload,
                "staff": self.staff["assistant"]}[kind]


@pytest.fixture(scope="module")
def sides(demo, new_practice):
    """(the callers' practice, another patient and another physician there, another practice)."""
    database = psycopg2.connect(demo["database_url"])
    database.autocommit = True
    here = Side(database, new_practice())
    neighbour = Side.__new__(Side)
    neighbour.__dict__ |= here.__dict__
    neighbour.secret = unique("Canary")
    neighbour.patient, neighbour.client = here.practice.signed_in_patient([here.questionnaire], family_name=neighbour.secret)
    neighbour.assignment = api.good(neighbour.client.get("/patient/questionnaires"))["items"][0]["assignment_id"]
    neighbour.response = api.good(neighbour.client.post("/patient/responses", {"assignment_id": neighbour.assignment}),
                                  201)["id"]
    neighbour.upload = neighbour.declare()
    yield {"own": here, "practice": neighbour, "other-practice": Side(database, new_practice()),
           "other-care-team": Side(database, new_practice(), kept=True)}
    database.close()


def body_of(operation, side, named):
    """A body that the operation accepts; whom it names exists nowhere, except where the cell is about it."""
    body = dict(contract.BODIES.get(operation.id, {}))
    if "email" in body:
        body["email"] = f"{unique('nobody')}@example.org"
    if "questionnaire_id" in body:
        body["questionnaire_id"] = side.questionnaire
    if "staff_id" in body:
        body["staff_id"] = side.staff["assistant"]
    for name in ("assignment_id", "patient_id", "response_id"):
        if name in body and named:
            body[name] = named
    return body


def ask(operation, side, caller, named):
    """The answer, from an address of its own: what is wrong is counted by address."""
    anonymous = api.Client(side.practice.anonymous.base_url, side.practice.anonymous.ca_file)
    client = anonymous if caller == "nobody" else anonymous.again(side.token(caller))
    ids = {} if named is None else {"id": named, "assignment_id": named, "staff_id": side.staff["owner"]}
    # A revision that nothing has: access is decided before it, and nothing is changed.
    headers = {"If-Match": '"999999"'} if operation.needs_revision else None
    return operation.send(client, url=operation.url(**ids), headers=headers, body=body_of(operation, side, named))


def verdict(answer):
    """The cell that an answer is. A refusal is its problem and nothing more: no entity tag, no word of what was asked for."""
    kind = answer.headers.get("Content-Type", "")
    code = answer.json()["code"] if kind.startswith("application/problem+json") else None
    assert code != "throttled" and answer.status_code < 500, answer.text
    if code not in REFUSALS:
        return "allowed"
    cell, title = REFUSALS[code]
    assert answer.json() == {"type": f"urn:anamnesis:problem:{code}", "title": title, "status": int(cell), "code": code,
                             "instance": f"urn:uuid:{answer.headers['X-Request-Id']}"}
    assert "ETag" not in answer.headers and "Location" not in answer.headers and "Set-Cookie" not in answer.headers
    return cell


def forbidden_words(sides, operation, caller):
    """What may be in no answer to this caller."""
    words = [sides["other-practice"].secret]
    if caller in ("nobody", "physician", "assistant"):
        words.append(sides["other-care-team"].secret)
    if caller in ("nobody", "patient"):
        words.append(sides["practice"].secret)
    if caller == "nobody" or operation.realm == "none":
        words.append(sides["own"].secret)
    return words


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row['operation']}-{row['whose']}")
def test_every_cell_is_as_it_is_listed(row, sides):
    """[8.2.1, 8.2.2, 8.3.1, 8.4.1]"""
    operation, here = OPERATIONS[row["operation"]], sides["own"]
    if row["whose"] == "other-care-team":
        here = sides["other-care-team"]
    for caller in CALLERS:
        named = None
        if row["object"] != "-":
            named = sides[row["whose"]].thing(operation, row["object"], caller, row["whose"] == "own")
        answer = ask(operation, here, caller, named)
        assert verdict(answer) == row[caller], f"{caller}: {answer.status_code} {answer.text}"
        assert answer.status_code in operation.statuses
        for word in forbidden_words(sides, operation, caller):
            assert word not in answer.text, f"{caller} reads another's data"


@pytest.mark.parametrize("row", [row for row in ROWS if "404" in row.values()],
                         ids=lambda row: f"{row['operation']}-{row['whose']}")
def test_anothers_thing_is_answered_as_one_that_does_not_exist(row, sides):
    """Headers and body, but for the request's own id. [8.2.2]"""
    operation, here = OPERATIONS[row["operation"]], sides["own"]
    if row["whose"] == "other-care-team":
        here = sides["other-care-team"]
    for caller in [caller for caller in CALLERS if row[caller] == "404"]:
        named = sides[row["whose"]].thing(operation, row["object"], caller)
        theirs, nobodys = ask(operation, here, caller, named), ask(operation, here, caller, contract.NOWHERE)
        for answer in (theirs, nobodys):
            assert verdict(answer) == "404"
        assert theirs.json() | {"instance": ""} == nobodys.json() | {"instance": ""}
        assert set(theirs.headers) == set(nobodys.headers)


@pytest.mark.parametrize("operation", [it for it in OPERATIONS.values() if it.method == "GET" and it.realm == "staff"],
                         ids=repr)
def test_no_list_shows_a_patient_of_another_care_team(operation, sides):
    """Every read of staff, the lists above all, asked in the practice that keeps patients to their care teams. [8.2.2]"""
    there = sides["other-care-team"]
    there.thing(operation, "patient", "physician")
    for caller in ("physician", "assistant"):
        answer = ask(operation, there, caller, None)
        for word in (there.secret, there.patient["id"], there.response, there.assignment, there.upload):
            assert word not in answer.text, f"{caller} reads of a patient of another care team"
    if operation.id in ("patient_list", "response_list", "media_list"):
        assert there.patient["id"] in ask(operation, there, "owner", None).text


def test_what_was_refused_was_not_done(sides, database):
    """After all of the above: the other practice's things are as they were."""
    there = sides["other-practice"]
    staff = there.practice.staff()
    assert api.good(staff.get(f"/admin/patients/{there.patient['id']}"))["revision"] == there.patient["revision"]
    assert api.good(staff.get(f"/admin/questionnaires/{there.questionnaire}"))["status"] == "active"
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM anamnesis.invitation WHERE practice_id = %s AND status = 'revoked'",
                       (there.practice.id,))
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM anamnesis.assignment WHERE practice_id = %s AND status = 'cancelled'",
                       (there.practice.id,))
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM auth.session WHERE practice_id = %s AND ended_at IS NOT NULL",
                       (there.practice.id,))
        assert cursor.fetchone() == (0,)


def test_a_body_cannot_name_what_the_path_could_not(sides):
    here, there = sides["own"], sides["other-practice"]
    path = f"/admin/patients/{here.patient['id']}/assignments"
    answers = [here.practice.staff().post(path, {"questionnaire_id": named})
               for named in (there.questionnaire, contract.NOWHERE)]
    assert answers[0].status_code == answers[1].status_code and not answers[0].ok
    assert answers[0].json() | {"instance": ""} == answers[1].json() | {"instance": ""}


def test_every_operation_has_its_cells():
    """Each operation that is served, each role, and each ownership; and nothing that is not served."""
    listed = {}
    for row in ROWS:
        assert set(row) == {"method", "path", "operation", "object", "whose", *CALLERS}
        assert all(row[caller] in ("allowed", "401", "403", "404") for caller in CALLERS)
        listed.setdefault(row["operation"], []).append(row["whose"])
    assert set(listed) == set(OPERATIONS)
    for operation in OPERATIONS.values():
        owner = operation.row["x-owner"]
        expected = ["own", "practice", "other-practice"][owner["of"] == "practice":] if "object" in owner else ["-"]
        if operation.realm == "staff" and owner.get("object") in ("patient", "invitation", "assignment", "response", "upload"):
            expected.append("other-care-team")
        assert listed[operation.id] == expected
