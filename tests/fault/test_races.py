"""What counts once counts once, when fifty use it at the same moment, again and again."""

import secrets
import threading

import pytest
from support import client as api
from support.tokens import new_token, token_hash

AT_ONCE = 50
ROUNDS = 200
TIME_LIMIT_SECONDS = 60


class Crowd:
    """Fifty callers with connections and addresses of their own, who act at the same moment."""

    def __init__(self, client):
        self.callers = [api.Client(client.base_url, client.ca_file) for _ in range(AT_ONCE)]

    def at_once(self, act):
        """The answers of act(caller, number) by each of them."""
        answers, start = [None] * AT_ONCE, threading.Barrier(AT_ONCE)

        def one(number):
            start.wait(TIME_LIMIT_SECONDS)
            answers[number] = act(self.callers[number], number)
        threads = [threading.Thread(target=one, args=(number,)) for number in range(AT_ONCE)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(TIME_LIMIT_SECONDS)
        assert None not in answers
        return answers


@pytest.fixture(scope="module")
def crowd(anonymous):
    return Crowd(anonymous)


@pytest.fixture
def forget(database):
    """Nobody has failed so far, and no code was used: the next round begins like the first."""
    def make(account_id):
        with database.cursor() as cursor:
            cursor.execute("DELETE FROM auth.throttle")
            cursor.execute("UPDATE auth.account SET totp_step = 0 WHERE id = %s", (account_id,))
    return make


@pytest.fixture
def challenges(database):
    """Tokens as fifty right passwords, or fifty requests for a reset, would have given them."""
    def make(account_id, purpose, delivery):
        tokens = [new_token() for _ in range(AT_ONCE)]
        with database.cursor() as cursor:
            for token in tokens:
                cursor.execute(
                    "INSERT INTO auth.challenge (token_hash, practice_id, realm, account_id, purpose, delivery, expires_at) "
                    "SELECT %s, a.practice_id, a.realm, a.id, %s, %s, now() + interval '5 minutes' "
                    "FROM auth.account a WHERE a.id = %s",
                    (token_hash("reset" if purpose == "reset" else "sign-in", token), purpose, delivery, account_id))
                assert cursor.rowcount == 1
        return tokens
    return make


def account_of(database, staff):
    with database.cursor() as cursor:
        cursor.execute("SELECT id FROM anamnesis.staff WHERE id = %s", (api.good(staff.get("/admin/auth/session"))["staff"]["id"],))
        return cursor.fetchone()[0]


def statuses(answers):
    return [answer.status_code for answer in answers]


def assert_one(answers, success, refusals):
    found = statuses(answers)
    assert found.count(success) == 1, found
    assert set(found) <= {success} | refusals, found


def test_one_totp_code_is_one_session(new_practice, database, crowd, forget, challenges):
    """[6.5.1] One code, fifty sign-ins whose password was right."""
    practice = new_practice(roles=("owner",))
    account = account_of(database, practice.staff("owner"))
    secret = practice.accounts["owner"]["totp_secret"]
    for _ in range(ROUNDS):
        forget(account)
        tokens, code = challenges(account, "mfa", "bearer"), api.totp(secret)
        assert_one(crowd.at_once(lambda caller, n: caller.post("/admin/auth/mfa", {"mfa_token": tokens[n], "code": code})),
                   200, {401, 429})


def test_one_recovery_code_is_one_session(new_practice, database, crowd, forget, challenges):
    """[6.5.1]"""
    practice = new_practice(roles=("owner",))
    owner = practice.staff("owner")
    account, codes = account_of(database, owner), []
    for _ in range(ROUNDS):
        forget(account)
        if not codes:
            with database.cursor() as cursor:
                cursor.execute("UPDATE auth.session SET stepped_up_at = now(), last_seen_at = now() WHERE account_id = %s",
                               (account,))
            codes = api.good(owner.post("/admin/profile/mfa/recovery-codes"))["recovery_codes"]
        tokens, code = challenges(account, "mfa", "bearer"), codes.pop()
        assert_one(crowd.at_once(lambda caller, n: caller.post("/admin/auth/mfa", {"mfa_token": tokens[n],
                                                                                   "recovery_code": code})),
                   200, {401, 429})


def test_one_invitation_is_one_registration(new_practice, crowd, database):
    """[6.4.1]"""
    practice = new_practice()
    for number in range(ROUNDS):
        patient = practice.patient()
        token = practice.invite(patient)
        body = {"token": token, "birth_date": patient["birth_date"]}
        assert_one(crowd.at_once(lambda caller, n: caller.post("/patient/register", body | {
            "password": f"a long password {number} of caller {n}"})), 201, {410, 429})
        with database.cursor() as cursor:
            cursor.execute("DELETE FROM auth.throttle")
            cursor.execute("SELECT count(*) FROM auth.account WHERE id = %s", (patient["id"],))
            assert cursor.fetchone() == (1,)


def test_one_reset_token_is_one_new_password(new_practice, database, crowd, forget, challenges):
    """[6.4.1]"""
    practice = new_practice(roles=("owner",))
    account = account_of(database, practice.staff("owner"))
    for number in range(ROUNDS):
        forget(account)
        token = challenges(account, "reset", "email")[0]
        assert_one(crowd.at_once(lambda caller, n: caller.post("/admin/auth/password-reset/confirm", {
            "token": token, "password": f"a long password {number} of caller {n}"})), 200, {410, 429})


def test_one_idempotency_key_is_one_patient(new_practice, crowd):
    practice = new_practice()
    token = practice.staff().token
    for number in range(ROUNDS):
        body = {"given_name": "Given", "family_name": "Family", "birth_date": "1980-02-29",
                "email": f"race-{number}-{secrets.token_hex(6)}@example.org"}
        headers = {"Idempotency-Key": f"race {number}", "Authorization": f"Bearer {token}"}
        answers = crowd.at_once(lambda caller, n: caller.post("/admin/patients", body, headers=headers))
        assert set(statuses(answers)) == {201}, statuses(answers)
        assert len({answer.content for answer in answers}) == 1
        assert len(api.good(practice.staff().get(f"/admin/patients?email={body['email']}"))["items"]) == 1
