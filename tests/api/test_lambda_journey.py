"""The whole journey through the Lambda program gives what it gives through nginx and FastCGI, byte for byte."""

import json
import os
import re

import pytest
from conftest import TOP, Practice, unique
from support import client as api
from support import lambda_runtime as aws
from support.authenticator import Authenticator
from test_journey import run_journey

DEMO_DEFAULT = TOP / "var" / "demo.json"
PHQ_9 = json.loads((TOP / "forms" / "phq-9.json").read_text(encoding="utf-8"))
UNICODE = {
    "resourceType": "Questionnaire", "status": "active", "title": "Schlafgewohnheiten „Übung“ \u2603 \U0001f634",
    "item": [{"linkId": "stunden", "text": "Wie viele Stunden? \t\"\\/\u007f", "type": "decimal", "required": True},
             {"linkId": "anlass", "text": "Anlaß\nund Zeit", "type": "text"}],
}
UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
ORIGIN = re.compile(r"https://(localhost|127\.0\.0\.1):\d+")
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
CODES = re.compile(r'(?<=\\"recovery_codes\\":)\[[^\]]*\]')
HANDLE = re.compile(r'(?<=")[A-Za-z0-9_-]{22}(?=\\")')
TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
COMPARED = ("Content-Type", "Cache-Control", "ETag", "Location", "WWW-Authenticate", "Allow", "Retry-After",
            "Set-Cookie", "Strict-Transport-Security", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy",
            "Cross-Origin-Opener-Policy", "Cross-Origin-Resource-Policy", "Content-Security-Policy")


class Recorder(api.Client):
    """Keeps each answer as it came."""

    def __init__(self, base_url, ca_file, token=None, address=None, record=None):
        super().__init__(base_url, ca_file, token, address)
        self.record = [] if record is None else record

    def again(self, token=None):
        return Recorder(self.base_url, self.ca_file, token, self.address, self.record)

    def call(self, method, path, **kwargs):
        answer = super().call(method, path, **kwargs)
        headers = {name: answer.headers[name] for name in COMPARED if name in answer.headers}
        self.record.append([method, path, answer.status_code, headers, answer.text])
        return answer


def neutral(record, names):
    """The record as text in which ids, times and what is made by chance have names by the order they appear in."""
    text = ORIGIN.sub("BASE", json.dumps(record, ensure_ascii=False, indent=1))
    for number, name in enumerate(names):
        text = text.replace(name, f"NAME{number}")
    seen = {}
    for pattern, word in ((UUID, "id"), (TIME, "time"), (DIGEST, "digest"), (TOKEN, "token")):
        def named(match, word=word):
            if word == "time":
                return "<time>"
            return seen.setdefault(match.group(0), f"<{word}{len(seen)}>")
        text = pattern.sub(named, text)
    text = re.sub(r"patient-\d+-\d+-\d+@", "patient@", text)
    text = re.sub(r"\bR-\d+", "R-number", text)
    return re.sub(r"\b(physician|owner|assistant|auditor)-\d+-\d+-\d+@", r"\1@", text)


@pytest.fixture(scope="module")
def front(demo, tmp_path_factory):
    made = aws.Front(tmp_path_factory.mktemp("lambda"), aws.program(),
                     aws.environment_of(os.environ.get("ANAMNESIS_DEMO", DEMO_DEFAULT)))
    yield made
    made.close()


@pytest.fixture
def new_account(command):
    def make(name, mfa="optional"):
        staff = [part for role in ("owner", "physician")
                 for part in ("--staff", f"{role}:{unique(role)}@example.org:{role.capitalize()} Test")]
        return command("practice", "create", "--name", name, "--patient-mfa", mfa, *staff)
    return make


def refusals(anonymous, practice, read):
    """What goes wrong is the same too."""
    staff = practice.staff()
    nowhere = "01900000-0000-7000-8000-000000000000"
    anonymous.get("/admin/patients")
    anonymous.get("/nowhere")
    anonymous.delete("/livez")
    anonymous.post("/admin/auth/login", {"email": "nobody@example.org"})
    anonymous.call("POST", "/admin/auth/login", data=b'{"email": "a', headers={"Content-Type": "application/json"})
    anonymous.call("POST", "/admin/auth/login", data=b"a=b",
                   headers={"Content-Type": "application/x-www-form-urlencoded"})
    staff.get(f"/admin/patients/{nowhere}")
    staff.get("/admin/patients?limit=0")
    staff.patch(f"/admin/patients/{read['patient_id']}", {"given_name": "Other"})
    staff.patch(f"/admin/patients/{read['patient_id']}", {"given_name": "Other"}, revision=999)
    staff.post("/admin/questionnaires", {"definition": {"resourceType": "Questionnaire", "item": "x"}})
    staff.post("/admin/auth/logout")
    staff.get("/admin/auth/session")


@pytest.mark.parametrize("definition", [PHQ_9, UNICODE], ids=["phq-9", "unicode"])
def test_the_journey_is_the_same(demo, front, new_account, definition):
    texts = []
    for base_url, ca_file in ((demo["base_url"], demo["ca_file"]), (front.base_url, front.ca_file)):
        name = unique("Practice")
        anonymous = Recorder(base_url, ca_file)
        practice = Practice(anonymous, new_account(name))
        _, read = run_journey(practice, definition)
        refusals(anonymous, practice, read)
        texts.append(neutral(anonymous.record, [name]))
    assert texts[0] == texts[1]


def test_cookies_work_as_in_a_browser(front, new_account):
    account = new_account(unique("Practice"))["staff"][1]
    browser = api.Client(front.base_url, front.ca_file)
    first = api.good(browser.post("/admin/auth/login", {"email": account["email"], "password": account["password"]}))
    signed_in = browser.post("/admin/auth/mfa", {"mfa_token": first["mfa_token"],
                                                 "code": api.totp(account["totp_secret"])})
    assert api.good(signed_in)["status"] == "signed_in"
    assert api.good(browser.get("/admin/auth/session"))
    refused = browser.post("/admin/auth/logout", headers={"Sec-Fetch-Site": "cross-site"})
    api.problem(refused, 403, "cross-site")
    api.good(browser.post("/admin/auth/logout", headers={"Origin": front.base_url}), 204)
    api.problem(browser.get("/admin/auth/session"), 401, "not-signed-in")


def test_a_passkey_works_as_through_nginx(demo, front, new_account):
    """Added, a second factor, and a whole sign-in: the same answers, but for what is made by chance."""
    texts = []
    for base_url, ca_file in ((demo["base_url"], demo["ca_file"]), (front.base_url, front.ca_file)):
        name = unique("Practice")
        anonymous = Recorder(base_url, ca_file)
        practice = Practice(anonymous, new_account(name))
        authenticator = Authenticator(base_url.replace("//127.0.0.1:", "//localhost:"))
        client = practice.staff("owner")
        asked = api.good(client.post("/admin/profile/passkeys/options"))["public_key"]
        body = {"name": "Key", "passkey": authenticator.create(asked)}
        api.good(client.post("/admin/profile/passkeys", body), 201)
        api.problem(client.post("/admin/profile/passkeys", body), 422, "passkey-invalid")
        account = practice.accounts["owner"]
        first = api.good(anonymous.post("/admin/auth/login", {"email": account["email"], "password": account["password"]}))
        asked = api.good(anonymous.post("/admin/auth/mfa/passkey/options", {"mfa_token": first["mfa_token"]}))["public_key"]
        api.good(anonymous.post("/admin/auth/mfa", {"mfa_token": first["mfa_token"], "passkey": authenticator.get(asked)}))
        asked = api.good(anonymous.post("/admin/auth/passkey/options"))["public_key"]
        alone = api.good(anonymous.post("/admin/auth/passkey", {"passkey": authenticator.get(asked), "session": "bearer"}))
        api.good(anonymous.again(alone["access_token"]).get("/admin/profile/passkeys"))
        # Handles of users are 16 random bytes: named like the rest.
        texts.append(HANDLE.sub("<handle>", neutral(anonymous.record, [name])))
    assert texts[0] == texts[1]


def test_a_passkey_as_first_second_factor_works_as_through_nginx(demo, front, new_account):
    """A patient whose practice requires one: added while signing in, then a second step, fresh proof, and a whole sign-in."""
    texts = []
    for base_url, ca_file in ((demo["base_url"], demo["ca_file"]), (front.base_url, front.ca_file)):
        name = unique("Practice")
        anonymous = Recorder(base_url, ca_file)
        patient = Practice(anonymous, new_account(name, "required")).registered()
        login = {"email": patient["email"], "password": patient["password"], "session": "bearer"}
        authenticator = Authenticator(base_url.replace("//127.0.0.1:", "//localhost:"))
        begun = api.good(anonymous.post("/patient/auth/login", login))
        assert begun["status"] == "mfa_enrolment_required"
        token = {"mfa_token": begun["mfa_token"]}
        asked = api.good(anonymous.post("/patient/profile/passkeys/options", token))["public_key"]
        body = {"name": "Key", "passkey": authenticator.create(asked)} | token
        added = api.good(anonymous.post("/patient/profile/passkeys", body), 201)
        anonymous.post("/patient/profile/passkeys", body)
        token = {"mfa_token": api.good(anonymous.post("/patient/auth/login", login))["mfa_token"]}
        asked = api.good(anonymous.post("/patient/auth/mfa/passkey/options", token))["public_key"]
        done = api.good(anonymous.post("/patient/auth/mfa", token | {"passkey": authenticator.get(asked)}))
        client = anonymous.again(done["access_token"])
        asked = api.good(client.post("/patient/auth/step-up/passkey/options"))["public_key"]
        client = anonymous.again(api.good(client.post("/patient/auth/step-up", {"passkey": authenticator.get(asked)}))["access_token"])
        path = f"/patient/profile/passkeys/{added['passkey']['id']}"
        api.good(client.patch(path, {"name": "Other"}, 1))
        api.problem(client.delete(path), 409, "last-factor")
        for wrong in (True, False):
            asked = api.good(anonymous.post("/patient/auth/passkey/options"))["public_key"]
            anonymous.post("/patient/auth/passkey", {"passkey": authenticator.get(asked, wrong=wrong), "session": "bearer"})
        assert anonymous.record[-1][2] == 200
        texts.append(CODES.sub("<codes>", HANDLE.sub("<handle>", neutral(anonymous.record, [name]))))
    assert texts[0] == texts[1]
