"""What somebody makes with the database's passwords, but without the keyring, is of no use over HTTPS (docs/security.md)."""

import hashlib
import os
import secrets
import time
import uuid

import psycopg2
import pytest
from conftest import unique
from support import client as api
from support import sessions
from support.tokens import token_hash

NEW_PASSWORD = "a password of somebody else's"


def hash_of(token):
    """What anybody can work out of a token."""
    return hashlib.sha256(token.encode()).digest()


class Role:
    """A connection with the workers' password. What is refused is undone, and the next thing is tried."""

    def __init__(self, url):
        self.connection = psycopg2.connect(url)
        self.cursor = self.connection.cursor()

    def run(self, text, *values):
        self.cursor.execute("SAVEPOINT before")
        try:
            self.cursor.execute(text, values)
            return self.cursor.fetchall() if self.cursor.description else None
        except psycopg2.Error as fault:
            assert fault.pgcode[:2] in {"AN", "42", "55"}, fault
            self.cursor.execute("ROLLBACK TO SAVEPOINT before")
            return None

    def call(self, name, *values):
        """The function with these arguments, and as many nulls as it takes beyond them."""
        self.cursor.execute("SELECT max(pronargs) FROM pg_proc WHERE oid::regproc::text = %s", (name,))
        values += (None,) * (self.cursor.fetchone()[0] - len(values))
        return self.run(f"SELECT * FROM {name}({', '.join(['%s'] * len(values))})", *values)

    def say(self, request, practice, realm, actor, role):
        """That one is this actor, in every setting that a function or policy could ever ask."""
        said = {"request": f"{request}{'x':<64}192.0.2.1", "request_id": request, "operation": "x", "client_address": "192.0.2.1",
                "practice_id": practice, "practice": practice, "realm": realm, "actor_id": actor, "actor": actor, "role": role,
                "patient_id": actor if realm == "patient" else "", "session_id": str(uuid.uuid4()), "sees": "all"}
        for name, value in said.items():
            self.run("SELECT set_config(%s, %s, true)", f"anamnesis.{name}", value)


@pytest.fixture
def role(demo):
    made = Role(demo["database_urls"]["api"])
    yield made
    made.connection.close()


# ---- the workers' password

@pytest.mark.parametrize("realm", ["staff", "patient"])
def test_a_sign_in_by_hand_signs_nobody_in(role, practice, database, realm):
    """[7.2.1] A worker's steps behind a right password, for an owner and for a patient without a second factor."""
    account = sessions.staff_ids(database, practice.id)["owner"] if realm == "staff" else practice.registered()["id"]
    token, challenge = secrets.token_urlsafe(32), os.urandom(32)
    role.call("auth.anonymous", "x", str(uuid.uuid4()), "192.0.2.1")
    if realm == "staff":
        role.call("auth.challenge_create", challenge, realm, account, "mfa", "cookie", "2100-01-01")
        role.call("auth.totp_accept", realm, account, int(time.time()) // api.TOTP_STEP_SECONDS + 1)
    role.call("auth.session_create", challenge if realm == "staff" else None, realm, account, hash_of(token), "", "")
    role.connection.commit()
    mine = practice.anonymous.again(token)
    api.problem(mine.get("/admin/patients" if realm == "staff" else "/patient/profile"), 401, "not-signed-in")


def test_a_link_by_hand_sets_no_password(role, practice, database):
    """A reset for a patient, and an invitation for one who has not registered, each with a token of one's own."""
    owner = sessions.staff_ids(database, practice.id)["owner"]
    patient, invited, reset, invitation = practice.registered(), practice.patient(), *(secrets.token_urlsafe(32) for _ in range(2))
    role.call("auth.anonymous", "x", str(uuid.uuid4()), "192.0.2.1")
    role.call("auth.challenge_create", hash_of(reset), "patient", patient["id"], "reset", "email", "2100-01-01")
    role.say(str(uuid.uuid4()), practice.id, "staff", owner, "owner")
    role.run("INSERT INTO anamnesis.invitation (practice_id, patient_id, token_hash, delivery, expires_at, created_by) "
             "VALUES (%s, %s, %s, 'link', now() + interval '1 day', %s)", practice.id, invited["id"], hash_of(invitation), owner)
    role.connection.commit()
    api.problem(practice.anonymous.post("/patient/auth/password-reset/confirm", {"token": reset, "password": NEW_PASSWORD}),
                410, "reset-gone")
    api.problem(practice.anonymous.post("/patient/register", {"token": invitation, "birth_date": invited["birth_date"],
                                                              "password": NEW_PASSWORD}), 410, "invitation-gone")
    api.sign_in_patient(practice.anonymous, patient["email"], patient["password"])


def test_nothing_is_read_by_who_only_says_who_they_are(role, practice, database):
    """[8.2.2]"""
    role.say(str(uuid.uuid4()), practice.id, "staff", sessions.staff_ids(database, practice.id)["owner"], "owner")
    found = role.run("SELECT count(*) FROM anamnesis.patient WHERE id = %s", practice.patient()["id"])
    assert found in (None, [(0,)])


def test_no_audit_row_is_in_anothers_name(role, practice, database):
    """[16.4.2] Who only says that they are the owner; an assistant, who goes on as the owner; and the assistant as who they are."""
    ids, requests = sessions.staff_ids(database, practice.id), [str(uuid.uuid4()) for _ in range(3)]
    patient, token = practice.patient(), sessions.open_session(database, "staff", ids["assistant"], practice.id)
    for number, request in enumerate(requests):
        if number > 0:
            role.call("auth.prove", "staff", token_hash("session", token), 31, "x", request, "192.0.2.1")
        if number < 2:
            role.say(request, practice.id, "staff", ids["owner"], "owner")
        role.call("audit.close", patient["id"], "ok", "event")
        role.connection.commit()
    shown = api.good(practice.staff("owner").get("/admin/audit?limit=200"))["items"]
    found = {row["request_id"]: row["actor_id"] for row in shown if row["request_id"] in requests}
    assert requests[2] in found and set(found.values()) == {ids["assistant"]}


# ---- the owner's: rows are written, but what is stored of a token is keyed

@pytest.fixture
def put_in(database):
    """Puts a token of one's own in the place of an account's, and gives it. At the end what was there is put back: no key of the
    keyring is known by such a hash."""
    former = []

    def put(table, column, value):
        token = secrets.token_urlsafe(32)
        with database.cursor() as cursor:
            cursor.execute(f"SELECT token_hash FROM {table} WHERE {column} = %s", (value,))
            former.append((table, cursor.fetchall(), hash_of(token)))
            cursor.execute(f"UPDATE {table} SET token_hash = %s WHERE {column} = %s", (hash_of(token), value))
            assert cursor.rowcount == 1
        return token

    yield put
    with database.cursor() as cursor:
        for table, ((before,),), planted in former:
            cursor.execute(f"UPDATE {table} SET token_hash = %s WHERE token_hash = %s", (before, planted))


def test_a_plain_hash_that_somebody_writes_into_a_row_opens_nothing(new_practice, anonymous, database, put_in):
    """[7.2.1] Of a session, of a sign-in whose second step is still to come, and of an invitation."""
    practice = new_practice()
    owner, patient = sessions.staff_ids(database, practice.id)["owner"], practice.patient()
    sessions.open_session(database, "staff", owner, practice.id)
    session = put_in("auth.session", "account_id", owner)
    api.problem(anonymous.again(session).get("/admin/patients"), 401, "not-signed-in")
    account = practice.accounts["owner"]
    begun = api.good(anonymous.post("/admin/auth/login", {"email": account["email"], "password": account["password"]}))
    assert begun["status"] == "mfa_required"
    challenge = put_in("auth.challenge", "account_id", owner)
    api.problem(anonymous.post("/admin/auth/mfa", {"mfa_token": challenge, "code": api.totp(account["totp_secret"])}),
                401, "challenge-gone")
    practice.invite(patient)
    invitation = put_in("anamnesis.invitation", "patient_id", patient["id"])
    api.problem(anonymous.post("/patient/register/validate", {"token": invitation}), 410, "invitation-gone")


def test_a_plain_hash_of_a_link_that_was_mailed_opens_nothing(owner, put_in):
    """Of an invitation to staff, and of a reset."""
    anonymous, patient = owner.practice.anonymous, owner.practice.registered()
    made = api.good(owner.post("/admin/staff", {"name": "New", "email": f"{unique('new')}@example.org", "role": "assistant"}), 201)
    invitation = put_in("auth.staff_invitation", "staff_id", made["id"])
    api.problem(anonymous.post("/admin/register/validate", {"token": invitation}), 410, "invitation-gone")
    api.good(anonymous.post("/patient/auth/password-reset", {"email": patient["email"]}), 202)
    reset = put_in("auth.challenge", "account_id", patient["id"])
    api.problem(anonymous.post("/patient/auth/password-reset/confirm", {"token": reset, "password": NEW_PASSWORD}), 410, "reset-gone")


# ---- no password at all

def test_tokens_that_somebody_thinks_up_are_counted_and_are_no_row_each(practice, database):
    """[16.3.2] However many come from one address: of each hour one count."""
    caller = api.Client(practice.anonymous.base_url, practice.anonymous.ca_file)

    def rows():
        with database.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM audit.event WHERE client_address = %s", (caller.address,))
            return cursor.fetchone()[0]
    for _ in range(30):
        api.problem(caller.again(secrets.token_urlsafe(32)).get("/admin/patients"), 401, "not-signed-in")
    assert rows() == 0
    with database.cursor() as cursor:
        cursor.execute("SELECT sum(requests), count(*) FROM audit.stranger WHERE network IN (%s, '')", (caller.address,))
        counted, hours = cursor.fetchone()
    assert counted >= 30 and hours >= 1
