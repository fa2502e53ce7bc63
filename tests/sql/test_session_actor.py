"""A session's row says who acts: it follows whatever that depends on, at once, also when both are changed at the same moment."""

import itertools
import os
import threading
import uuid

import psycopg2
import pytest

from support.world import ROLES, STAFF_ROLES, Committed, Session

NOT_SIGNED_IN = "AN401"
PROVE = "SELECT practice_id, actor_id, role, session_id, wrapped_key FROM auth.prove(%s, %s, 31, 'test', %s, '127.0.0.1')"
BLOCKED_SECONDS = 20
ADD_SESSION = ("INSERT INTO auth.session (practice_id, realm, account_id, token_hash, idle_seconds, expires_at, client_address) "
               "VALUES (%s, %s, %s, %s, 900, now() + interval '1 hour', '127.0.0.1')")
# What a look at the tables themselves gives, written another way than auth.account_acts() is.
STALE = """
SELECT s.id FROM auth.session s
LEFT JOIN anamnesis.staff m ON s.realm = 'staff' AND m.id = s.account_id
LEFT JOIN anamnesis.practice c ON c.id = m.practice_id
LEFT JOIN anamnesis.patient p ON s.realm = 'patient' AND p.id = s.account_id
WHERE s.wrapped_key IS DISTINCT FROM CASE WHEN s.ended_at IS NULL THEN m.wrapped_key END OR s.acts_as <> CASE
    WHEN s.ended_at IS NOT NULL THEN 0
    WHEN p.status = 'active' THEN 82
    WHEN m.status = 'active' AND m.role = 'owner' THEN 21
    WHEN m.status = 'active' AND m.role = 'auditor' THEN 69
    WHEN m.status = 'active' AND m.role = 'physician' THEN 33 + CASE c.patient_access WHEN 'all' THEN 4 ELSE 0 END
    WHEN m.status = 'active' AND m.role = 'assistant' THEN 49 + CASE c.patient_access WHEN 'all' THEN 4 ELSE 0 END
    ELSE 0 END"""


@pytest.fixture
def owner(connect):
    return Committed(connect("postgres").connection)


@pytest.fixture
def clinic(owner, world):
    """The second practice, put back afterwards."""
    yield world[1]
    owner("UPDATE anamnesis.practice SET patient_access = 'all' WHERE id = %s", world[1].id)


def proven(api, account):
    """What the transaction of a request says: role, and whether all patients are seen; None for a session that is none."""
    try:
        row = api(PROVE, account.realm, account.token_hash, uuid.uuid4())[0]
        return row[2], api.one("SELECT auth.sees_all()"), bytes(row[4])
    except psycopg2.Error as fault:
        assert fault.pgcode == NOT_SIGNED_IN, fault
        return None
    finally:
        api.rollback()


def test_no_session_of_the_world_is_stale(owner, world):
    assert world and owner(STALE) == []


def halves(*identifiers):
    """What auth.pin() sets the sequences to, as Python has it."""
    return [int.from_bytes(part, "big", signed=True) for one in identifiers for part in (one.bytes[:8], one.bytes[8:])]


def test_a_session_has_the_pins_of_its_identifiers(owner, api, world):
    """[8.2.2] And nothing else can be written there; the proof says who it is about, whatever was pinned in the session before."""
    kept = owner("SELECT practice_id, account_id, id, pins FROM auth.session")
    assert kept and all(pins == halves(*identifiers) for *identifiers, pins in kept)
    for where, account in ((world[0], world[0].patient), (world[1], world[1].staff["owner"]), (world[0], world[0].patient)):
        practice, actor, _, session, _ = api(PROVE, account.realm, account.token_hash, uuid.uuid4())[0]
        assert (practice, actor) == (where.id, account.id)
        assert api("SELECT auth.practice(), auth.actor(), auth.session()") == [(practice, actor, session)]
        api.connection.commit()
    with pytest.raises(psycopg2.errors.GeneratedAlways):
        owner("UPDATE auth.session SET pins = '{1,2,3,4,5,6}'")


def test_pins_of_any_identifiers(owner):
    least, most = uuid.UUID(int=0), uuid.UUID(int=2 ** 128 - 1)
    for identifiers in [*itertools.product((least, most, uuid.UUID(int=2 ** 127), uuid.UUID(int=2 ** 63)), repeat=3),
                        *([uuid.uuid4() for _ in range(3)] for _ in range(100))]:
        assert owner("SELECT auth.pins(%s, %s, %s)", *identifiers)[0][0] == halves(*identifiers)
    assert owner("SELECT auth.pins(NULL, %s, NULL)", most)[0][0] == halves(least, most, least)


@pytest.mark.parametrize("access", ["all", "care-team"])
@pytest.mark.parametrize("role", STAFF_ROLES)
def test_a_session_follows_role_state_key_and_rule(api, owner, clinic, role, access):
    """Every way from a state to another one; what prove() says is what the tables say."""
    member = clinic.add_staff(owner, "assistant")
    states = ["active", "disabled", "active"]
    for status, later, first in itertools.product(states, STAFF_ROLES, (True, False)):
        key = os.urandom(76)
        owner("UPDATE anamnesis.practice SET patient_access = %s WHERE id = %s", access if first else "all", clinic.id)
        owner("UPDATE anamnesis.staff SET role = %s, status = %s, wrapped_key = %s WHERE id = %s",
              role if first else later, status, key, member.id)
        assert owner(STALE) == []
        now, rule = (role, access) if first else (later, "all")
        expected = (now, rule == "all" or now in ("owner", "auditor"), key)
        assert proven(api, member) == (expected if status == "active" else None)


def test_a_patients_session_follows_the_state_and_has_no_key(api, owner, clinic):
    patient = clinic.add_patient(owner)
    for status in ("archived", "active", "archived", "active"):
        owner("UPDATE anamnesis.patient SET status = %s WHERE id = %s", status, patient.id)
        assert (proven(api, patient) is None) is (status == "archived")
        assert owner("SELECT wrapped_key FROM auth.session WHERE account_id = %s", patient.id) == [(None,)]
    assert owner(STALE) == []


@pytest.mark.parametrize("realm", ["staff", "patient"])
def test_an_ended_session_acts_for_nobody_and_has_no_key(owner, clinic, realm):
    """However it ends, and whatever changes of the account after it."""
    account = clinic.add_staff(owner, "owner") if realm == "staff" else clinic.add_patient(owner)
    owner("UPDATE auth.session SET ended_at = now() WHERE account_id = %s", account.id)
    look = "SELECT acts_as, wrapped_key FROM auth.session WHERE account_id = %s"
    assert owner(look, account.id) == [(0, None)] and owner(STALE) == []
    if realm == "staff":
        owner("UPDATE anamnesis.staff SET wrapped_key = %s, role = 'auditor' WHERE id = %s", os.urandom(76), account.id)
    assert owner(look, account.id) == [(0, None)] and owner(STALE) == []


def test_what_is_written_into_a_session_by_hand_does_not_count(api, owner, clinic):
    """Whatever adds a session: its row says what the account is."""
    member = clinic.add_staff(owner, "assistant")
    token = os.urandom(32)
    owner(ADD_SESSION.replace("client_address)", "client_address, acts_as, wrapped_key)").replace("'127.0.0.1')", "'127.0.0.1', 21, 'x')"),
          clinic.id, "staff", member.id, token)
    assert owner(STALE) == []
    assert api(PROVE, "staff", token, uuid.uuid4())[0][2] == "assistant"


CHANGES = {
    "role": ("UPDATE anamnesis.staff SET role = 'auditor' WHERE id = %(account)s", "staff"),
    "state": ("UPDATE anamnesis.staff SET status = 'disabled' WHERE id = %(account)s", "staff"),
    "key": ("UPDATE anamnesis.staff SET wrapped_key = %(key)s WHERE id = %(account)s", "staff"),
    "rule": ("UPDATE anamnesis.practice SET patient_access = 'care-team' WHERE id = %(practice)s", "staff"),
    "archived": ("UPDATE anamnesis.patient SET status = 'archived' WHERE id = %(account)s", "patient")}


def waits(owner):
    return owner.one("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()") > 0


@pytest.mark.parametrize("change_first", [True, False])
@pytest.mark.parametrize("change", CHANGES)
def test_a_sign_in_and_a_change_at_the_same_moment(database, owner, clinic, change, change_first):
    """Whichever is first: the other one waits for it, and what counts in the end is both."""
    statement, realm = CHANGES[change]
    account = clinic.add_staff(owner, "physician") if realm == "staff" else clinic.add_patient(owner)
    values = {"account": account.id, "practice": clinic.id, "key": os.urandom(76)}
    steps = [(statement, values), (ADD_SESSION, (clinic.id, realm, account.id, os.urandom(32)))]
    one, two = (Session(database.connect("postgres")) for _ in range(2))
    try:
        first, second = steps if change_first else reversed(steps)
        one.cursor.execute(*first)
        other = threading.Thread(target=lambda: (two.cursor.execute(*second), two.commit()))
        other.start()
        deadline = threading.Event()
        for _ in range(BLOCKED_SECONDS * 100):
            if waits(owner):
                break
            deadline.wait(0.01)
        else:
            pytest.fail("the second did not wait for the first")
        one.commit()
        other.join(BLOCKED_SECONDS)
        assert not other.is_alive()
    finally:
        for session in (one, two):
            session.connection.close()
    assert owner.one("SELECT count(*) FROM auth.session WHERE account_id = %s", account.id) == 2
    assert owner(STALE) == []


def test_the_roles_of_the_mask_are_those_of_the_row(owner, world):
    """acts_as >> 4 is the role's place in the mask."""
    for role, bit in ROLES.items():
        account = world[0].patient if role == "patient" else world[0].staff[role]
        assert owner.one("SELECT DISTINCT 1 << (acts_as >> 4) - 1 FROM auth.session WHERE account_id = %s AND ended_at IS NULL",
                         account.id) == bit
