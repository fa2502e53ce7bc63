"""A sign-in whose password was checked just before everything of the account ended (its password changed, archived and taken up
again, disabled and enabled again): nothing is made of it a moment later. tests/sql/test_ended_sign_ins.py has every way."""

import concurrent.futures
import contextlib
import time

import psycopg2
import pytest
from support import client as api

TIME_LIMIT_SECONDS = 20


@contextlib.contextmanager
def stopped_at(demo, database, account):
    """Nothing is made for the account until the block ends; gives waits(), until something would be."""
    connection = psycopg2.connect(demo["database_url"])
    cursor = connection.cursor()
    cursor.execute("SELECT FROM auth.account WHERE id = %s FOR UPDATE", (account,))

    def waits():
        end = time.monotonic() + TIME_LIMIT_SECONDS
        with database.cursor() as look:
            while time.monotonic() < end:
                look.execute("SELECT count(*) FROM pg_stat_activity WHERE %s = ANY (pg_blocking_pids(pid))",
                             (connection.info.backend_pid,))
                if look.fetchone() != (0,):
                    return cursor
        raise AssertionError("nobody waits")
    try:
        yield waits
        connection.commit()
    finally:
        connection.close()


@pytest.mark.parametrize("realm", ["patient", "staff"])
def test_a_right_password_makes_nothing_after_everything_has_ended(practice, demo, database, realm):
    if realm == "patient":
        patient = practice.registered()
        person, credentials = patient["id"], {"email": patient["email"], "password": patient["password"]}
    else:
        person = api.good(practice.staff("auditor").get("/admin/auth/session"))["staff"]["id"]
        credentials = {name: practice.accounts["auditor"][name] for name in ("email", "password")}
    path = f"/{'patient' if realm == 'patient' else 'admin'}/auth/login"
    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        with stopped_at(demo, database, person) as waits:
            answer = pool.submit(practice.anonymous.post, path, credentials)
            waits().execute("SELECT auth.end_all(%s, NULL)", (person,))
        api.problem(answer.result(TIME_LIMIT_SECONDS), 401, "sign-in-refused")
    with database.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM auth.session WHERE account_id = %s AND ended_at IS NULL), "
                       "(SELECT count(*) FROM auth.challenge WHERE account_id = %s AND used_at IS NULL)", (person, person))
        assert cursor.fetchone() == (0, 0)
    assert api.good(practice.anonymous.post(path, credentials))["status"] in ("signed_in", "mfa_required")
