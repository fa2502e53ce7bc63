"""Fixtures of the API tests: a running instance, and practices, questionnaires and patients of each test's own."""

import itertools
import json
import os
import pathlib
import random
import subprocess
import sys

import psycopg2
import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))

from support import client as api  # noqa: E402  (the path is set above)
from support import sessions  # noqa: E402
from support import tokens  # noqa: E402

NUMBER = itertools.count(1)


def unique(prefix):
    return f"{prefix}-{os.getpid()}-{next(NUMBER)}-{random.randrange(10**6)}"


@pytest.fixture(scope="session")
def demo():
    """What the running instance says of itself (`make start`, or the runner of `make test`)."""
    path = pathlib.Path(os.environ.get("ANAMNESIS_DEMO", TOP / "var" / "demo.json"))
    if not path.exists():
        pytest.exit(f"{path} is not there: start an instance first (make start), or use make test", 2)
    found = json.loads(path.read_text(encoding="utf-8"))
    found["var"] = str(path.parent)
    # By IPv4, so that each client can have an address of its own (support/client.py).
    found["base_url"] = found["base_url"].replace("//localhost:", "//127.0.0.1:")
    return found


@pytest.fixture(scope="module")
def anonymous(demo):
    """A caller who is not signed in, with an address that no other module has."""
    return api.Client(demo["base_url"], demo["ca_file"])


@pytest.fixture(scope="session")
def command(demo):
    """Runs the operator's command against the instance's database and keyring; gives its JSON."""
    def run(*arguments):
        environment = os.environ | {"ANAMNESIS_OWNER_DATABASE_URL": demo["database_urls"]["owner"],
                                    "ANAMNESIS_KEYRING_FILE": str(pathlib.Path(demo["var"]) / "keys" / "keyring.json"),
                                    "ANAMNESIS_JOBS_KEYRING_FILE": str(pathlib.Path(demo["var"]) / "keys" / "keyring-jobs.json"),
                                    "ANAMNESIS_FILES_KEYRING_FILE": str(pathlib.Path(demo["var"]) / "keys" / "keyring-files.json")}
        program = os.environ.get("ANAMNESIS_BUILD", str(TOP / "build")) + "/anamnesis"
        done = subprocess.run([program, *arguments, "--json"], env=environment, capture_output=True, text=True,
                              timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)
    return run


@pytest.fixture
def database(demo):
    """The instance's database as its owner, past row-level security; each statement commits."""
    connection = psycopg2.connect(demo["database_url"])
    connection.autocommit = True
    yield connection
    connection.close()


@pytest.fixture(scope="session")
def fresh(demo):
    """Makes a client's session as fresh as a second factor just now would."""
    def make(client):
        connection = psycopg2.connect(demo["database_url"])
        with connection, connection.cursor() as cursor:
            cursor.execute("UPDATE auth.session SET stepped_up_at = now() WHERE token_hash = %s",
                           (tokens.token_hash("session", client.token),))
            assert cursor.rowcount == 1
        connection.close()
        return client
    return make


class Practice:
    """A practice with one signed-in member of staff for each role, and short ways to what tests begin with."""

    def __init__(self, anonymous, created):
        self.anonymous, self.name, self.id = anonymous, created["name"], created["practice_id"]
        self.accounts = {account["role"]: account for account in created["staff"]}
        self.sessions = {}

    def staff(self, role="physician"):
        """The signed-in member of staff; signs in once."""
        if role not in self.sessions:
            self.sessions[role] = api.sign_in_staff(self.anonymous, self.accounts[role])
        return self.sessions[role]

    def questionnaire(self, definition=None):
        """A published questionnaire; gives its id."""
        staff = self.staff()
        made = api.good(staff.post("/admin/questionnaires", {"definition": definition or SHORT_FORM}), 201)
        api.good(staff.publish(made["id"], made["revision"]))
        return made["id"]

    def patient(self, **fields):
        body = {"given_name": "Given", "family_name": "Family", "birth_date": "1980-02-29",
                "email": f"{unique('patient')}@example.org"} | fields
        return api.good(self.staff().post("/admin/patients", body), 201)

    def invite(self, patient, **fields):
        """An invitation's token."""
        made = api.good(self.staff().post(f"/admin/patients/{patient['id']}/invitations",
                                          {"delivery": "link"} | fields), 201)
        return made["url"].split("#", 1)[1]

    def registered(self, questionnaires=(), **fields):
        """A patient who has registered; the answer has their password."""
        patient = self.patient(**fields)
        token = self.invite(patient, questionnaires=list(questionnaires))
        patient["password"] = f"{unique('a long password')} {random.randrange(10**9)}"
        api.good(self.anonymous.post("/patient/register", {"token": token, "birth_date": patient["birth_date"],
                                                           "password": patient["password"]}), 201)
        return patient

    def signed_in_patient(self, questionnaires=(), **fields):
        patient = self.registered(questionnaires, **fields)
        return patient, api.sign_in_patient(self.anonymous, patient["email"], patient["password"])

    def begun(self, definition=None):
        """(patient, client, response) of a response that has just begun."""
        questionnaire = self.questionnaire(definition)
        patient, client = self.signed_in_patient([questionnaire])
        assignment = api.good(client.get("/patient/questionnaires"))["items"][0]["assignment_id"]
        response = api.good(client.post("/patient/responses", {"assignment_id": assignment}), 201)
        return patient, client, response


SHORT_FORM = {
    "resourceType": "Questionnaire", "status": "active", "title": "Short form",
    "item": [
        {"linkId": "hours", "text": "Hours of sleep", "type": "decimal", "required": True},
        {"linkId": "smoker", "text": "Do you smoke?", "type": "boolean"},
        {"linkId": "packs", "text": "Packs a day", "type": "integer", "required": True,
         "enableWhen": [{"question": "smoker", "operator": "=", "answerBoolean": True}]},
        {"linkId": "comment", "text": "Anything else?", "type": "text"},
        {"linkId": "medications", "text": "Medications", "type": "group", "repeats": True,
         "item": [{"linkId": "name", "text": "Name", "type": "string", "required": True},
                  {"linkId": "dose", "text": "Dose", "type": "string"}]},
    ],
}


@pytest.fixture(scope="module")
def new_practice(anonymous, command):
    """Makes a practice that no other test has."""
    def make(mfa="optional", roles=("owner", "physician", "assistant", "auditor")):
        staff = [part for role in roles
                 for part in ("--staff", f"{role}:{unique(role)}@example.org:{role.capitalize()} Test")]
        return Practice(anonymous, command("practice", "create", "--name", unique("Practice"), "--patient-mfa", mfa,
                                           *staff))
    return make


@pytest.fixture(scope="module")
def practice(new_practice):
    return new_practice()


@pytest.fixture(scope="module")
def other_practice(new_practice):
    return new_practice()


@pytest.fixture
def owner(database, new_practice):
    """A fresh session of an owner; `ids` and `practice` beside it."""
    practice = new_practice()
    practice.anonymous = api.Client(practice.anonymous.base_url, practice.anonymous.ca_file)
    ids = sessions.staff_ids(database, practice.id)
    client = practice.anonymous.again(sessions.open_session(database, "staff", ids["owner"], practice.id))
    client.practice, client.ids = practice, ids
    return client
