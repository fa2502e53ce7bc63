"""A session that has ended, however it ended, replayed on every operation that takes one: 401, and no data."""

import functools

import psycopg2
import pytest
from support import client as api
from support import contract, sessions
from support.tokens import new_token, token_hash

OPERATIONS = [operation for operation in contract.operations() if operation.realm]
NEW_PASSWORD = "a new and long password of mine"


def change(database, text, *values):
    with database.cursor() as cursor:
        cursor.execute(text, values)
        assert cursor.rowcount == 1


class Realm:
    """Accounts of one realm, in the ways that sessions of theirs can end. Each gives a client whose session has ended."""

    def __init__(self, database, practice, realm):
        self.database, self.practice, self.realm = database, practice, realm

    def account(self):
        """(id, password) of somebody new: what ends their sessions ends nobody else's."""
        if self.realm == "patient":
            patient = self.practice.registered()
            return patient["id"], patient["password"]
        staff = sessions.staff_ids(self.database, self.practice.id)["physician"]
        return staff, self.practice.accounts["physician"]["password"]

    def client(self, account_id):
        """A client whose session works, which is shown."""
        token = sessions.open_session(self.database, self.realm, account_id, self.practice.id)
        client = self.practice.anonymous.again(token)
        api.good(client.get(self.path("auth/session")))
        return client

    def path(self, rest):
        return f"/{'admin' if self.realm == 'staff' else 'patient'}/{rest}"

    def signed_out(self):
        client = self.client(self.account()[0])
        api.good(client.post(self.path("auth/logout")), 204)
        return client

    def ended_from_elsewhere(self):
        """One of the list of sessions, ended from another one."""
        account = self.account()[0]
        client, other = self.client(account), self.client(account)
        ended = sessions.id_of_session(self.database, client.token)
        api.good(other.delete(self.path(f"profile/sessions/{ended}")), 204)
        return client

    def signed_out_everywhere(self):
        account = self.account()[0]
        client, other = self.client(account), self.client(account)
        api.good(other.delete(self.path("profile/sessions")), 204)
        return client

    def password_changed(self):
        account, password = self.account()
        client, other = self.client(account), self.client(account)
        api.good(other.post(self.path("profile/password"), {"current_password": password, "password": NEW_PASSWORD}))
        return client

    def stepped_up(self):
        """The session goes on under a new token; the old one is dead."""
        client = self.client(self.account()[0])
        change(self.database, "UPDATE auth.session SET token_hash = %s WHERE token_hash = %s",
               token_hash("session", new_token()), token_hash("session", client.token))
        return client

    def too_old(self):
        client = self.client(self.account()[0])
        change(self.database, "UPDATE auth.session SET expires_at = now() WHERE token_hash = %s",
               token_hash("session", client.token))
        return client

    def idle(self):
        client = self.client(self.account()[0])
        change(self.database, "UPDATE auth.session SET last_seen_at = now() - idle_seconds * interval '1 second' WHERE "
               "token_hash = %s", token_hash("session", client.token))
        return client

    def disabled(self):
        """Staff are disabled, patients are archived; the row of the session itself is as it was."""
        account = self.account()[0]
        client = self.client(account)
        if self.realm == "staff":
            change(self.database, "UPDATE anamnesis.staff SET status = 'disabled' WHERE id = %s", account)
        else:
            self.life(account, "archive")
        return client

    def erased(self):
        account = self.account()[0]
        client = self.client(account)
        self.life(account, "erase")
        return client

    def life(self, patient, step):
        owner = sessions.staff_ids(self.database, self.practice.id)["owner"]
        client = self.practice.anonymous.again(sessions.open_session(self.database, "staff", owner, self.practice.id))
        revision = api.good(client.get(f"/admin/patients/{patient}"))["revision"]
        api.good(client.post(f"/admin/patients/{patient}/{step}", headers=api.if_match(revision)))


ENDS = ("signed_out", "ended_from_elsewhere", "signed_out_everywhere", "password_changed", "stepped_up", "too_old", "idle",
        "disabled", "erased")


@pytest.fixture(scope="module")
def dead(demo, new_practice):
    """dead(end, realm): a client whose session ended so; made once, as is its practice."""
    database = psycopg2.connect(demo["database_url"])
    database.autocommit = True

    @functools.cache
    def make(end, realm):
        return getattr(Realm(database, new_practice(), realm), end)()
    yield make
    database.close()


def is_signed_out(answer, operation):
    """There is nothing left to end, but the cookie to clear."""
    api.good(answer, 204)
    assert answer.text == ""
    assert answer.headers["Set-Cookie"].startswith(f"__Host-anamnesis_{operation.realm}=; ")
    assert "Max-Age=0" in answer.headers["Set-Cookie"]


@pytest.mark.parametrize("operation", OPERATIONS, ids=repr)
@pytest.mark.parametrize("end", ENDS)
def test_a_dead_session_opens_nothing(operation, end, dead):
    """[7.3.1, 7.3.2, 7.4.1, 7.4.2, 7.4.3, 8.3.2]"""
    if end == "erased" and operation.realm == "staff":
        end = "disabled"  # staff are never erased: the audit log names them
    client = dead(end, operation.realm)
    answer = operation.send(client)
    if operation.signs_out:
        is_signed_out(answer, operation)
        is_signed_out(operation.send(client.again(), headers={"Cookie": f"__Host-anamnesis_{operation.realm}={client.token}"}),
                      operation)
        return
    body = api.problem(answer, 401, "not-signed-in")
    assert set(body) == {"type", "title", "status", "code", "instance"}
    cookie = f"__Host-anamnesis_{operation.realm}={client.token}"
    answer = operation.send(client.again(), headers={"Cookie": cookie, "Sec-Fetch-Site": "same-origin"})
    api.problem(answer, 401, "not-signed-in")


def test_every_operation_with_a_session_was_asked():
    """The list is the contract's own: whoever adds an operation has it here."""
    assert {operation.id for operation in OPERATIONS} == {
        operation.id for operation in contract.operations() if operation.row["x-owner"]["of"] != "nobody"}
