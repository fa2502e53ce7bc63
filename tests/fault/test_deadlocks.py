"""A transaction that loses a deadlock is run again, and begins with the request as it came."""

import threading

import psycopg2
import pytest
from support import client as api

ROUNDS = 5
TIME_LIMIT_SECONDS = 60


class Rival:
    """A connection that locks what a sign-in locks, in the other order."""

    def __init__(self, url):
        self.connection = psycopg2.connect(url)
        self.cursor = self.connection.cursor()
        self.cursor.execute("SET statement_timeout = %s", (f"{TIME_LIMIT_SECONDS}s",))
        self.connection.commit()

    def lock_failures(self):
        self.cursor.execute("SELECT FROM auth.throttle FOR UPDATE")
        assert self.cursor.rowcount > 0

    def is_waited_for(self, database):
        with database.cursor() as cursor:
            cursor.execute("SELECT FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))",
                           (self.connection.info.backend_pid,))
            return cursor.rowcount > 0

    def wins(self, account_id):
        """Whether the account's lock was got while the failures were kept: the sign-in had to let go of it."""
        try:
            self.cursor.execute("SELECT FROM auth.account WHERE id = %s FOR UPDATE", (account_id,))
            assert self.cursor.rowcount == 1
            return True
        except psycopg2.errors.DeadlockDetected:
            return False
        finally:
            self.connection.rollback()


@pytest.fixture
def rival(demo):
    made = Rival(demo["database_url"])
    yield made
    made.connection.close()


def by_password(practice, anonymous):
    """A patient's id, a failed sign-in, and one that succeeds."""
    patient = practice.registered()

    def sign_in(password):
        return anonymous.post("/patient/auth/login", {"email": patient["email"], "password": password, "session": "bearer"})
    return patient["id"], lambda: sign_in("another long password"), lambda: sign_in(patient["password"])


def by_code(practice, anonymous):
    """The same of a member of staff, whose second factor fails and succeeds; each code counts once."""
    account = practice.accounts["physician"]
    first = {"email": account["email"], "password": account["password"], "session": "bearer"}
    steps = iter((-1, 0, 1))

    def sign_in(code):
        token = api.good(anonymous.post("/admin/auth/login", first))["mfa_token"]
        return anonymous.post("/admin/auth/mfa", {"mfa_token": token, "code": code})
    return (account["id"], lambda: sign_in("000000"),
            lambda: sign_in(api.totp(account["totp_secret"], step_offset=next(steps))))


@pytest.mark.parametrize("way", [by_password, by_code])
def test_a_sign_in_that_loses_a_deadlock_succeeds(way, new_practice, anonymous, database, rival):
    account_id, fail, succeed = way(new_practice(), anonymous)
    for _ in range(ROUNDS):
        assert fail().status_code == 401
        rival.lock_failures()
        answers = []
        caller = threading.Thread(target=lambda: answers.append(succeed()))
        caller.start()
        while not rival.is_waited_for(database):
            assert caller.is_alive()
        lost = rival.wins(account_id)
        caller.join(TIME_LIMIT_SECONDS)
        signed_in = api.good(answers[0])
        assert signed_in["status"] == "signed_in"
        session = anonymous.again(signed_in["access_token"])
        assert session.get(("/admin" if way is by_code else "/patient") + "/auth/session").status_code == 200
        if lost:
            return
    pytest.fail("the sign-in never lost")
