"""One's own account: a forgotten password, a new one, fresh proof, other second factors, sessions, profile."""

import concurrent.futures
import email
import email.policy
import pathlib
import re
import time

import pytest
from conftest import unique
from support import client as api
from support.tokens import token_hash

STAFF, PATIENT = "/admin", "/patient"
NEW_PASSWORD = "a new and long password of mine"


class Person:
    """An account of either realm, and how it signs in."""

    def __init__(self, practice, realm):
        self.practice, self.realm, self.anonymous = practice, realm, practice.anonymous
        if realm == STAFF:
            self.account = dict(practice.accounts["physician"])
            self.email, self.password, self.secret = (self.account[name] for name in ("email", "password", "totp_secret"))
        else:
            self.account = practice.registered()
            self.email, self.password, self.secret = self.account["email"], self.account["password"], None

    def first_step(self, password=None):
        return self.anonymous.post(f"{self.realm}/auth/login", {
            "email": self.email, "password": password or self.password, "session": "bearer"})

    def sign_in(self, password=None, step_offset=0):
        """Whole: with the second factor, when there is one. Steps are used up, so the next may have to be waited for."""
        done = api.good(self.first_step(password))
        if done["status"] == "mfa_required":
            done = api.good(self.anonymous.post(f"{self.realm}/auth/mfa", {
                "mfa_token": done["mfa_token"], "code": api.totp(self.secret, step_offset=step_offset)}))
        return self.anonymous.again(done["access_token"])

    def enrol(self, client):
        """A patient's app; gives the recovery codes."""
        self.secret = api.good(client.post("/patient/profile/mfa/totp", {"current_password": self.password}))["secret"]
        return api.good(client.post("/patient/profile/mfa/totp/confirm", {"code": api.totp(self.secret)}))["recovery_codes"]


@pytest.fixture(params=[STAFF, PATIENT])
def person(new_practice, request):
    """From an address that no other test has: failures are counted by address, too."""
    practice = new_practice()
    practice.anonymous = api.Client(practice.anonymous.base_url, practice.anonymous.ca_file)
    return Person(practice, request.param)


def forget_steps(database, person):
    """As if the last code had been long ago: an authenticator's code is good once."""
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.account SET totp_step = 0 WHERE id = %s", (id_of(database, person),))


def id_of(database, person):
    if person.realm == PATIENT:
        return person.account["id"]
    with database.cursor() as cursor:
        cursor.execute("SELECT id FROM anamnesis.staff WHERE practice_id = %s AND role = 'physician'", (person.practice.id,))
        return cursor.fetchone()[0]


def messages(demo, address, subject, count=1):
    """The instance's messages to an address whose subject begins so, the oldest first; waits for `count`."""
    deadline = time.monotonic() + 20
    while True:
        found = []
        for path in sorted(pathlib.Path(demo["mail_dir"]).glob("*.eml")):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if message["To"] == address and message["Subject"].startswith(subject):
                found.append(message)
        if len(found) >= count:
            return found
        assert time.monotonic() < deadline, f"{len(found)} of {count} messages: {subject}"
        time.sleep(0.1)


def link_of(message):
    text = message.get_body(("plain",)).get_content()
    return re.search(r"https://\S+", text)[0]


def ask_and_receive(demo, person, count=1):
    """Asks for a reset; gives the newest link's token."""
    answer = person.anonymous.post(f"{person.realm}/auth/password-reset", {"email": person.email})
    assert api.good(answer, 202) == {"status": "accepted"}
    page, token = link_of(messages(demo, person.email, "A new password", count)[-1]).split("#")
    assert page.endswith("/reset/staff" if person.realm == STAFF else "/reset/patient")
    return token


def confirm(person, token, password=NEW_PASSWORD):
    return person.anonymous.post(f"{person.realm}/auth/password-reset/confirm", {"token": token, "password": password})


# --- Forgotten passwords

def test_a_forgotten_password_is_replaced_by_the_link_and_the_second_factor_stays(demo, person, database):
    """[6.4.3, 6.4.1, 7.4.3]"""
    before = person.sign_in()
    if person.realm == PATIENT:
        person.enrol(before)
    token = ask_and_receive(demo, person)
    assert api.good(confirm(person, token)) == {"status": "changed"}
    api.problem(before.get(f"{person.realm}/auth/session"), 401, "not-signed-in")
    api.problem(person.first_step(), 401, "sign-in-refused")
    assert api.good(person.first_step(NEW_PASSWORD))["status"] == "mfa_required"
    forget_steps(database, person)
    api.good(person.sign_in(NEW_PASSWORD).get(f"{person.realm}/auth/session"))
    assert messages(demo, person.email, "Password changed")
    api.problem(confirm(person, token), 410, "reset-gone")


def test_a_link_works_for_its_own_realm_only(demo, person):
    token = ask_and_receive(demo, person)
    other = STAFF if person.realm == PATIENT else PATIENT
    api.problem(person.anonymous.post(f"{other}/auth/password-reset/confirm", {"token": token, "password": NEW_PASSWORD}),
                410, "reset-gone")
    api.good(confirm(person, token))


def test_a_refused_password_does_not_spend_the_link(demo, person):
    """[6.2.1, 6.2.4, 6.2.11]"""
    token = ask_and_receive(demo, person)
    for weak in ("short", "password123456789", f"{person.practice.name} {person.practice.name}"):
        faults = api.problem(confirm(person, token, weak), 422, "password-refused")["errors"]
        assert [fault["pointer"] for fault in faults] == ["/password"]
    api.good(confirm(person, token))


def test_a_link_ends_with_its_time_and_with_the_next_reset(demo, person, database):
    """[6.5.5]"""
    first = ask_and_receive(demo, person)
    second = ask_and_receive(demo, person, 2)
    api.good(confirm(person, second))
    api.problem(confirm(person, first), 410, "reset-gone")
    third = ask_and_receive(demo, person, 3)
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.challenge SET expires_at = now() WHERE account_id = %s", (id_of(database, person),))
    api.problem(confirm(person, third), 410, "reset-gone")
    # Three an hour is all that an account gets; whoever asks learns nothing of it.
    answer = person.anonymous.post(f"{person.realm}/auth/password-reset", {"email": person.email})
    assert api.good(answer, 202) == {"status": "accepted"}
    time.sleep(2)
    assert len(messages(demo, person.email, "A new password", 3)) == 3


def test_unknown_addresses_are_answered_alike(person):
    """[6.3.8]"""
    known = person.anonymous.post(f"{person.realm}/auth/password-reset", {"email": person.email})
    unknown = person.anonymous.post(f"{person.realm}/auth/password-reset", {"email": f"{unique('nobody')}@example.org"})
    assert (known.status_code, known.text) == (unknown.status_code, unknown.text) == (202, '{"status":"accepted"}')
    assert set(known.headers) == set(unknown.headers)


def test_fifty_at_once_use_a_link_once(demo, person):
    """[6.4.1]"""
    token = ask_and_receive(demo, person)
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        answers = list(pool.map(lambda n: confirm(person, token, f"{NEW_PASSWORD} number {n}"), range(50)))
    codes = sorted(answer.status_code for answer in answers)
    assert codes.count(200) == 1 and set(codes) <= {200, 410, 429}


def test_asking_without_end_has_to_wait(person):
    someone = api.Client(person.anonymous.base_url, person.anonymous.ca_file)
    for _ in range(40):
        answer = someone.post(f"{person.realm}/auth/password-reset", {"email": "nobody@example.org"})
        if answer.status_code == 429:
            break
    api.problem(answer, 429, "throttled")
    assert int(answer.headers["Retry-After"]) >= 1
    # Whoever has a link at this address is not in the same queue.
    api.problem(someone.post(f"{person.realm}/auth/password-reset/confirm", {"token": "A" * 43, "password": NEW_PASSWORD}),
                410, "reset-gone")


# --- Changing it

def change(client, realm, current, password=NEW_PASSWORD):
    return client.post(f"{realm}/profile/password", {"current_password": current, "password": password})


def test_a_new_password_needs_the_present_one_and_ends_other_sessions(demo, person, database):
    """[6.2.2, 6.2.3, 7.4.3]"""
    other = person.sign_in()
    forget_steps(database, person)
    mine = person.sign_in()
    faults = api.problem(change(mine, person.realm, "not my password"), 422, "password-refused")["errors"]
    assert [(fault["pointer"], fault["code"]) for fault in faults] == [("/current_password", "wrong")]
    api.problem(change(mine, person.realm, person.password, "short"), 422, "password-refused")
    api.good(other.get(f"{person.realm}/auth/session"))
    assert change(mine, person.realm, person.password).status_code == 204
    api.good(mine.get(f"{person.realm}/auth/session"))
    api.problem(other.get(f"{person.realm}/auth/session"), 401, "not-signed-in")
    api.problem(person.first_step(), 401, "sign-in-refused")
    api.good(person.first_step(NEW_PASSWORD))
    assert messages(demo, person.email, "Password changed")


def test_guessing_the_present_password_has_to_wait(person):
    mine = person.sign_in()
    for _ in range(10):
        answer = change(mine, person.realm, "not my password")
        if answer.status_code == 429:
            break
    api.problem(answer, 429, "throttled")
    api.problem(change(mine, person.realm, person.password), 429, "throttled")


# --- Fresh proof

def make_stale(database, person):
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.session SET stepped_up_at = now() - interval '5 minutes 1 second' WHERE account_id = %s",
                       (id_of(database, person),))


def test_what_matters_needs_a_second_factor_of_the_last_five_minutes(person, database):
    """[7.5.3, 7.2.4]"""
    client = person.sign_in()
    if person.realm == PATIENT:
        api.problem(client.post("/patient/auth/step-up", {"code": "000000"}), 409, "enrolment-state")
        api.problem(client.post("/patient/profile/mfa/recovery-codes"), 403, "step-up-required")
        person.enrol(client)
    else:
        api.good(client.post("/admin/profile/mfa/recovery-codes"))
        make_stale(database, person)
    api.problem(client.post(f"{person.realm}/profile/mfa/recovery-codes"), 403, "step-up-required")
    api.problem(client.post(f"{person.realm}/auth/step-up", {"code": wrong_code(person.secret)}), 401, "code-refused")
    forget_steps(database, person)
    fresh = api.good(client.post(f"{person.realm}/auth/step-up", {"code": api.totp(person.secret)}))
    assert fresh["status"] == "fresh"
    old, client = client, client.again(fresh["access_token"])
    the_old_token_is_good_for_what_was_under_way(old, person, database)
    codes = api.good(client.post(f"{person.realm}/profile/mfa/recovery-codes"))["recovery_codes"]
    assert len(set(codes)) == 10
    api.problem(client.post(f"{person.realm}/auth/step-up", {"code": api.totp(person.secret)}), 401, "code-refused")
    make_stale(database, person)
    api.problem(client.post(f"{person.realm}/profile/mfa/recovery-codes"), 403, "step-up-required")


def the_old_token_is_good_for_what_was_under_way(old, person, database):
    """For ten seconds, and for nothing that the step-up gave."""
    api.good(old.get(f"{person.realm}/auth/session"))
    api.problem(old.post(f"{person.realm}/profile/mfa/recovery-codes"), 403, "step-up-required")
    api.problem(old.post(f"{person.realm}/profile/passkeys/options"), 403, "step-up-required")
    with database.cursor() as cursor:
        cursor.execute("SELECT former_until - now() < interval '10 seconds' FROM auth.session WHERE former_hash = %s",
                       (token_hash("session", old.token),))
        assert cursor.fetchone() == (True,)
        cursor.execute("UPDATE auth.session SET former_until = now() WHERE former_hash = %s", (token_hash("session", old.token),))
    api.problem(old.get(f"{person.realm}/auth/session"), 401, "not-signed-in")


def wrong_code(secret):
    right = {api.totp(secret, step_offset=offset) for offset in (-2, -1, 0, 1, 2)}
    return next(code for code in (f"{number:06d}" for number in range(100)) if code not in right)


def test_guessing_codes_has_to_wait(person):
    client = person.sign_in()
    if person.realm == PATIENT:
        person.enrol(client)
    for _ in range(10):
        answer = client.post(f"{person.realm}/auth/step-up", {"code": wrong_code(person.secret)})
        if answer.status_code == 429:
            break
    api.problem(answer, 429, "throttled")


def test_by_cookie_the_new_token_is_in_the_cookie(new_practice, database):
    person = Person(new_practice(), STAFF)
    browser = person.anonymous.again()
    first = api.good(browser.post("/admin/auth/login", {"email": person.email, "password": person.password}))
    api.good(browser.post("/admin/auth/mfa", {"mfa_token": first["mfa_token"], "code": api.totp(person.secret)}))
    forget_steps(database, person)
    answer = browser.post("/admin/auth/step-up", {"code": api.totp(person.secret)})
    assert "access_token" not in api.good(answer)
    assert answer.headers["Set-Cookie"].startswith("__Host-anamnesis_staff=")
    api.good(browser.get("/admin/auth/session"))


# --- Second factors

def test_new_recovery_codes_end_the_old_ones(demo, person, database):
    """[6.3.7, 6.5.1]"""
    client = person.sign_in()
    if person.realm == PATIENT:
        old = person.enrol(client)
        forget_steps(database, person)
        client = person.sign_in()
    else:
        old = api.good(client.post("/admin/profile/mfa/recovery-codes"))["recovery_codes"]
    new = api.good(client.post(f"{person.realm}/profile/mfa/recovery-codes"))["recovery_codes"]
    assert not set(old) & set(new)
    assert messages(demo, person.email, "New recovery codes", 2 if person.realm == STAFF else 1)

    def with_code(code):
        token = api.good(person.first_step())["mfa_token"]
        return person.anonymous.post(f"{person.realm}/auth/mfa", {"mfa_token": token, "recovery_code": code})
    api.problem(with_code(old[0]), 401, "code-refused")
    api.good(with_code(new[0]))
    assert messages(demo, person.email, "Recovery code used")
    api.problem(with_code(new[0]), 401, "code-refused")
    assert api.good(client.get(f"{person.realm}/profile"))["mfa"] == {
        "required": person.realm == STAFF, "totp": True, "passkeys": 0, "recovery_codes_left": 9}


def first_factor(client, kind, **body):
    return client.post(f"/patient/profile/{kind}", body)


@pytest.mark.parametrize("kind", ["mfa/totp", "passkeys/options"])
def test_the_first_second_factor_needs_the_password_and_not_only_a_session(new_practice, kind):
    """Whoever has a session that was left open cannot keep the account. [7.5.1]"""
    person = Person(new_practice(), PATIENT)
    person.anonymous = api.Client(person.anonymous.base_url, person.anonymous.ca_file)
    client = person.sign_in()
    faults = api.problem(first_factor(client, kind), 400, "invalid-request")["errors"]
    assert [(fault["pointer"], fault["code"]) for fault in faults] == [("/current_password", "required")]
    for _ in range(4):
        answer = first_factor(client, kind, current_password="not my password at all")
        if answer.status_code == 429:
            break
        api.problem(answer, 422, "password-refused")
    api.problem(answer, 429, "throttled")
    assert api.good(client.get("/patient/profile"))["mfa"] == {"required": False, "totp": False, "passkeys": 0,
                                                               "recovery_codes_left": 0}


@pytest.mark.parametrize("path", ["mfa/totp", "passkeys/options"])
def test_staff_in_a_session_have_a_second_factor_so_another_one_needs_fresh_proof(new_practice, database, path):
    person = Person(new_practice(), STAFF)
    client = person.sign_in()
    make_stale(database, person)
    api.problem(client.post(f"/admin/profile/{path}"), 403, "step-up-required")


def test_an_authenticator_app_is_replaced_in_a_fresh_session(demo, person, database):
    """[7.5.1]"""
    client = person.sign_in()
    if person.realm == PATIENT:
        person.enrol(client)
        api.problem(client.post("/patient/profile/mfa/totp", {}), 409, "enrolment-state")
        forget_steps(database, person)
        client = person.sign_in()
    body = {"json": {}} if person.realm == PATIENT else {}
    secret = api.good(client.post(f"{person.realm}/profile/mfa/totp", **body))["secret"]
    path = f"{person.realm}/profile/mfa/totp/confirm"
    api.problem(client.post(path, {"code": wrong_code(secret)}), 401, "code-refused")
    assert api.good(client.post(path, {"code": api.totp(secret)}))["status"] == "enrolled"
    api.problem(client.post(path, {"code": api.totp(secret)}), 409, "enrolment-state")
    assert messages(demo, person.email, "Second factor added", 2 if person.realm == PATIENT else 1)
    token = api.good(person.first_step())["mfa_token"]
    refused = person.anonymous.post(f"{person.realm}/auth/mfa", {"mfa_token": token, "code": api.totp(person.secret)})
    api.problem(refused, 401, "code-refused")
    person.secret = secret
    forget_steps(database, person)
    person.sign_in()


def test_a_patient_goes_on_without_a_second_factor_where_that_is_allowed(demo, new_practice, database):
    practice = new_practice()
    person = Person(practice, PATIENT)
    client = person.sign_in()
    api.problem(client.delete("/patient/profile/mfa/totp"), 403, "step-up-required")
    person.enrol(client)
    forget_steps(database, person)
    client = person.sign_in()
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.practice SET patient_mfa = 'required' WHERE id = %s", (practice.id,))
    api.problem(client.delete("/patient/profile/mfa/totp"), 409, "enrolment-state")
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.practice SET patient_mfa = 'optional' WHERE id = %s", (practice.id,))
    assert client.delete("/patient/profile/mfa/totp").status_code == 204
    assert messages(demo, person.email, "Second factor removed")
    assert api.good(client.get("/patient/profile"))["mfa"] == {"required": False, "totp": False, "passkeys": 0, "recovery_codes_left": 0}
    api.problem(client.post("/patient/profile/mfa/recovery-codes"), 409, "enrolment-state")
    assert api.good(person.first_step())["status"] == "signed_in"


# --- Sessions

def test_sessions_are_seen_and_ended_from_afar(person, database):
    """[7.5.2, 7.4.1]"""
    other = person.sign_in()
    forget_steps(database, person)
    mine = person.sign_in()
    path = f"{person.realm}/profile/sessions"
    listed = api.good(mine.get(path, headers={"User-Agent": "mine"}))["items"]
    assert len(listed) == 2 and [one["present"] for one in listed] == [True, False]
    assert listed[0]["client_address"] == person.anonymous.address
    ended = mine.delete(f"{path}/{listed[1]['id']}")
    assert ended.status_code == 204 and "Set-Cookie" not in ended.headers
    api.problem(other.get(f"{person.realm}/auth/session"), 401, "not-signed-in")
    api.problem(mine.delete(f"{path}/{listed[1]['id']}"), 404, "not-found")
    assert [one["present"] for one in api.good(mine.get(path))["items"]] == [True]
    ended = mine.delete(f"{path}/{listed[0]['id']}")
    assert ended.status_code == 204 and "Max-Age=0" in ended.headers["Set-Cookie"]
    api.problem(mine.get(path), 401, "not-signed-in")


def test_nobody_ends_another_accounts_session(person, practice, other_practice):
    mine = person.sign_in()
    session = api.good(mine.get(f"{person.realm}/profile/sessions"))["items"][0]["id"]
    for stranger in (practice.staff("owner"), other_practice.staff()):
        api.problem(stranger.delete(f"/admin/profile/sessions/{session}"), 404, "not-found")
    _, patient = practice.signed_in_patient()
    api.problem(patient.delete(f"/patient/profile/sessions/{session}"), 404, "not-found")
    api.good(mine.get(f"{person.realm}/profile/sessions"))


def test_signing_out_everywhere(person, database):
    other = person.sign_in()
    forget_steps(database, person)
    mine = person.sign_in()
    answer = mine.delete(f"{person.realm}/profile/sessions")
    assert answer.status_code == 204 and "Max-Age=0" in answer.headers["Set-Cookie"]
    for client in (mine, other):
        api.problem(client.get(f"{person.realm}/auth/session"), 401, "not-signed-in")


def test_the_practices_limits_of_sessions_count(person, database):
    """[7.3.1, 7.3.2]"""
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.practice SET staff_idle_minutes = 5, patient_idle_minutes = 7, session_hours = 2 "
                       "WHERE id = %s", (person.practice.id,))
    client = person.sign_in()
    with database.cursor() as cursor:
        cursor.execute("SELECT idle_seconds, extract(epoch FROM expires_at - created_at) FROM auth.session "
                       "WHERE account_id = %s", (id_of(database, person),))
        assert cursor.fetchall() == [(300 if person.realm == STAFF else 420, 7200)]
        cursor.execute("UPDATE auth.session SET last_seen_at = now() - interval '8 minutes' WHERE account_id = %s",
                       (id_of(database, person),))
    api.problem(client.get(f"{person.realm}/auth/session"), 401, "not-signed-in")


# --- Profile

def test_staff_change_their_name(practice):
    client = practice.staff("physician")
    profile = api.good(client.get("/admin/profile"))
    assert profile["email"] == practice.accounts["physician"]["email"] and profile["role"] == "physician"
    changed = api.good(client.patch("/admin/profile", {"name": "Dr. Übermüller"}, profile["revision"]))
    assert changed == profile | {"name": "Dr. Übermüller", "revision": profile["revision"] + 1}
    api.problem(client.patch("/admin/profile", {"name": "Dr. X"}, profile["revision"]), 412, "stale-revision")
    api.problem(client.patch("/admin/profile", {"name": "Dr. X"}), 428, "precondition-required")
    for bad in ({}, {"name": ""}, {"name": "  "}, {"name": "x" * 201}, {"name": "x", "role": "owner"}, {"name": None}):
        api.problem(client.patch("/admin/profile", bad, changed["revision"]), 400, "invalid-request")
    assert api.good(client.get("/admin/auth/session"))["staff"]["name"] == "Dr. Übermüller"


def test_patients_change_language_and_notifications_only(practice):
    """[15.3.3]"""
    patient, client = practice.signed_in_patient()
    profile = api.good(client.get("/patient/profile"))
    assert (profile["given_name"], profile["birth_date"], profile["notifications"]) == (
        patient["given_name"], patient["birth_date"], {"reminders": True})
    changed = api.good(client.patch("/patient/profile", {"language": "de-CH"}, profile["revision"]))
    assert changed == profile | {"language": "de-CH", "revision": profile["revision"] + 1}
    changed = api.good(client.patch("/patient/profile", {"notifications": {"reminders": False}}, changed["revision"]))
    assert changed["notifications"] == {"reminders": False} and changed["language"] == "de-CH"
    api.problem(client.patch("/patient/profile", {"language": "fr"}, profile["revision"]), 412, "stale-revision")
    for bad in ({}, {"given_name": "Other"}, {"email": "other@example.org"}, {"language": "not a language"},
                {"notifications": {}}, {"notifications": {"reminders": "no"}}, {"status": "archived"}):
        api.problem(client.patch("/patient/profile", bad, changed["revision"]), 400, "invalid-request")
    # The practice sees the patient's language, and its own changes need the new revision.
    seen = api.good(practice.staff().get(f"/admin/patients/{patient['id']}"))
    assert (seen["language"], seen["revision"]) == ("de-CH", changed["revision"])
