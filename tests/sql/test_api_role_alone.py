"""Somebody has the api role's password and SQL of their own, but neither the keyring nor a session (docs/security.md)."""

import hashlib
import itertools
import os
import uuid

import psycopg2
import pytest


NOT_SIGNED_IN, FORBIDDEN, INTERNAL = "AN401", "AN403", "AN500"
NOBODY = str(uuid.UUID(int=0))

# What anybody may call, and why: it reads and writes no table but by what was proven.
HARMLESS = {
    "anamnesis.uuid_v7",  # a random number
    "phi.seal", "phi.open",  # with a key that the caller has
    "auth.claimed_practice", "auth.claimed_actor", "auth.claimed_patient",  # what the caller has set
    "audit.about", "audit.named",  # what the caller says of their own row
}
TABLES = """SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            WHERE c.relkind = 'r' AND n.nspname IN ('anamnesis', 'auth', 'audit') ORDER BY 1"""
GRANTED = """
    SELECT p.oid::regprocedure::text, n.nspname || '.' || p.proname,
           array(SELECT format_type(t.oid, NULL) FROM unnest(p.proargtypes) WITH ORDINALITY AS a (type, place)
                 JOIN pg_type t ON t.oid = a.type ORDER BY a.place)
    FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
    WHERE n.nspname IN ('anamnesis', 'auth', 'audit', 'phi') AND has_function_privilege('anamnesis_api', p.oid, 'EXECUTE')
      AND p.prorettype <> 'trigger'::regtype
    ORDER BY 1"""


@pytest.fixture
def granted(superuser):
    return superuser(GRANTED)


def contents(superuser):
    """A digest of every table's rows."""
    found = {}
    for (table,) in superuser(TABLES):
        found[table] = superuser.one(f"SELECT md5(coalesce(string_agg(t::text, ',' ORDER BY t::text), '')) FROM {table} t")
    superuser.rollback()
    return found


def guesses(practice, types):
    """Arguments as somebody would try them who knows identifiers, addresses' indexes and realms of the practice."""
    for who in (practice.staff["owner"], practice.patient):
        by_type = {"uuid": [who.id, practice.id], "text": [who.realm, "mfa", "hash", "ok"], "integer": [1, 31], "bigint": [1],
                   "boolean": [True], "bytea": [who.email_index, os.urandom(32)], "bytea[]": [[who.email_index, os.urandom(32)]],
                   "uuid[]": [[who.id]], "text[]": [["x"]], "timestamp with time zone": ["2030-01-01"], "interval": ["1 hour"],
                   "date": ["2030-01-01"], "jsonb": ["{}"]}
        for turn in range(4):
            yield [by_type[kind][turn % len(by_type[kind])] for kind in types]


def call(session, name, types, values):
    """The rows that the call gives, committed; None when it is refused."""
    places = ", ".join(f"%s::{kind}" for kind in types)
    try:
        found = session(f"SELECT * FROM {name}({places})", *values)
        session.commit()
        return found
    except psycopg2.Error as fault:
        session.rollback()
        assert fault.pgcode[:2] in {"AN", "22", "23", "42"}, (name, fault)
        return None


def shows_something(rows):
    return any(value not in (None, False, 0, "", "none") for row in rows or [] for value in row)


def test_no_function_does_or_shows_anything(connect, world, superuser, granted):
    """[8.2.1] All that the workers may call, with all that somebody could know. Nothing is changed, nothing is shown."""
    assert len(granted) > 60
    session, before = connect("anamnesis_api"), contents(superuser)
    for signature, name, types in granted:
        if name in HARMLESS:
            continue
        for values in guesses(world[0], types):
            found = call(session, name, types, values)
            assert not shows_something(found), (signature, values, found)
    assert contents(superuser) == before


def test_what_is_called_harmless_is_granted(granted):
    assert {name for _, name, _ in granted} >= HARMLESS


def test_what_is_only_claimed_is_used_by_statements_of_the_api_role_alone(superuser):
    """No function and no policy believes what the setting says."""
    assert superuser("SELECT p.oid::regprocedure FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
                     "WHERE n.nspname IN ('anamnesis', 'auth', 'audit', 'phi') AND p.proname NOT LIKE 'claimed%%' "
                     "AND (p.prosrc ~ 'claimed_' OR (p.prosrc ~ 'anamnesis\\.actor' AND p.proname NOT IN "
                     "('prove', 'anonymous', 'concerns')))") == []
    assert superuser("SELECT tablename, policyname FROM pg_policies WHERE coalesce(qual, '') || coalesce(with_check, '') "
                     "~ 'claimed_|current_setting'") == []


# ---- the actor

def claim(practice, who, code):
    """The setting as auth.prove() makes it, with another code."""
    role = "t" if who.realm == "patient" else "u" if who.role == "auditor" else who.role[0]
    kind = f"{who.realm[0]}{'-' if who.realm == 'patient' else 'a'}{role}"
    return f"{kind}{practice.id}{who.id}{uuid.uuid4()}{uuid.uuid4()}{'x':<64}{'192.0.2.1':<64}" + code


def assert_nobody(session, superuser):
    """With the setting as it is: no row of any table, no actor, no audit row."""
    for (table,) in superuser("SELECT schemaname || '.' || tablename FROM pg_policies WHERE 'anamnesis_api' = ANY (roles) "
                              "AND cmd IN ('SELECT', 'ALL') AND schemaname = 'anamnesis' GROUP BY 1"):
        assert session.one(f"SELECT count(*) FROM {table}") == 0, table
    assert session("SELECT auth.realm(), auth.practice(), auth.actor(), auth.patient(), auth.role(), auth.session()") == [(None,) * 6]
    session.refused(INTERNAL, "SELECT audit.close(NULL, 'ok', 'event')")
    session.refused(FORBIDDEN, "SELECT auth.password_renew('staff', NULL, 'x', 'y')")
    assert session("SELECT * FROM auth.own_account()") == []


@pytest.mark.parametrize("who", ["owner", "patient"])
def test_an_actor_that_is_only_said_counts_for_nothing(connect, world, superuser, who):
    """[8.2.2, 8.4.1] What one sets with set_config, in every way that comes to mind, is nobody."""
    victim = world[0].patient if who == "patient" else world[0].staff[who]
    said = claim(world[0], victim, "")
    codes = ["", "0" * 64, os.urandom(32).hex(), hashlib.sha256(said.encode()).hexdigest(),
             hashlib.sha256(bytes(32) + said.encode()).hexdigest(), "' OR true --".ljust(64), "x" * 200]
    for code in codes:
        session = connect("anamnesis_api")
        session("SELECT set_config('anamnesis.actor', %s, false)", said + code)
        assert_nobody(session, superuser)


def changes_of(setting, other, victim):
    """The proven setting with one thing or another changed, its code as it was."""
    places = {"realm": (0, "p" if setting[0] == "s" else "s"), "sees": (1, "a"), "role": (2, "o"), "practice": (3, str(other.id)),
              "actor": (39, str(victim.id)), "session": (75, str(uuid.uuid4())), "request": (111, str(uuid.uuid4())),
              "operation": (147, "y" * 64), "address": (211, "y" * 64)}
    for count in (1, 2):
        for names in itertools.combinations(places, count):
            changed = setting
            for name in names:
                at, value = places[name]
                changed = changed[:at] + value + changed[at + len(value):]
            if changed != setting:
                yield changed


@pytest.mark.parametrize("role", ["assistant", "patient"])
def test_what_was_proven_cannot_be_changed_into_something_else(connect, world, superuser, role):
    """[8.2.2] Somebody with a session of their own (and its stored hash) becomes nobody by changing any part of it."""
    own = world[0].patient if role == "patient" else world[0].staff[role]
    session = connect("anamnesis_api")
    session.prove(own)
    setting = session.one("SELECT current_setting('anamnesis.actor')")
    assert session.one("SELECT auth.actor()") == own.id
    for number, changed in enumerate(changes_of(setting, world[1], world[1].staff["owner"])):
        session("SELECT set_config('anamnesis.actor', %s, true)", changed)
        assert session("SELECT auth.realm(), auth.practice(), auth.actor()") == [(None, None, None)], changed
        if number % 15 == 0:
            assert_nobody(session, superuser)
    session("SELECT set_config('anamnesis.actor', %s, true)", setting)
    assert session.one("SELECT auth.actor()") == own.id


def test_a_proof_is_good_in_its_transaction_alone(connect, world, superuser):
    session, other = connect("anamnesis_api"), connect("anamnesis_api")
    session.prove(world[0].staff["owner"])
    setting = session.one("SELECT current_setting('anamnesis.actor')")
    other("SELECT set_config('anamnesis.actor', %s, true)", setting)  # another backend, while the first goes on
    assert_nobody(other, superuser)
    session.commit()
    session("SELECT set_config('anamnesis.actor', %s, true)", setting)  # the next transaction of the same
    assert_nobody(session, superuser)


def test_changing_it_within_a_statement_shows_no_more(connect, world):
    """The statement's own functions run between the rows: they change the setting while policies are asked."""
    api, patient = connect("anamnesis_api"), world[0].patient
    api.prove(patient)
    own = api.one("SELECT count(*) FROM anamnesis.response")
    forged = claim(world[1], world[1].staff["owner"], "0" * 64)
    for order in ("r, g", "g, r"):
        tables = {"r": "anamnesis.response r", "g": "generate_series(1, 3) g"}
        found = api("SELECT r.practice_id, set_config('anamnesis.actor', %s, true) FROM " +
                    ", ".join(tables[name] for name in order.split(", ")), forged)
        assert {practice for practice, _ in found} <= {world[0].id} and len(found) <= own * 3
        api.rollback()
        api.prove(patient)


def test_nobody_but_the_owner_reads_the_secret(connect, superuser):
    secret = superuser.one("SELECT secret FROM auth.proof_key").tobytes()
    assert len(secret) == 32 and any(secret)
    for role in ("anamnesis_api", "anamnesis_jobs", "anamnesis_auditor"):
        session = connect(role)
        session.refused("42501", "SELECT * FROM auth.proof_key")
        session.refused("42501", "SELECT auth.signed('x', 'y')")
        assert session("SELECT * FROM pg_stats WHERE tablename = 'proof_key'") == []


# ---- signing in

def sign_in(session, account, step):
    """What a worker does behind a right password, with hashes that the caller has chosen; the session's hash."""
    challenge, token = os.urandom(32), os.urandom(32)
    session("SELECT auth.challenge_create(%s, %s, %s, 'mfa', 'cookie', now() + interval '5 minutes', 0)", challenge,
            account.realm, account.id)
    assert session.one("SELECT auth.totp_accept(%s, %s, %s)", account.realm, account.id, step)
    session("SELECT auth.session_create(%s, %s, %s, %s, '', '', NULL)", challenge, account.realm, account.id, token)
    return token


def this_step(session):
    return int(session.one("SELECT floor(extract(epoch FROM clock_timestamp()) / 30)::bigint"))


def test_no_session_is_made_without_the_keyring(connect, world, superuser):
    """[7.2.1] A begun sign-in has to show what is derived from the pepper; a guess, or what the database has of it, is not that."""
    account, session = world[0].staff["owner"], connect("anamnesis_api")
    known = superuser.one("SELECT door FROM auth.key_check WHERE kind = 'pepper'").tobytes()
    for door in (None, b"", os.urandom(32), known):
        session.refused(INTERNAL, "SELECT auth.anonymous('x', %s, '', %s)", uuid.uuid4(), door)
    sessions = superuser.one("SELECT count(*) FROM auth.session")
    for statement in ("SELECT auth.challenge_create(%s, 'staff', %s, 'mfa', 'cookie', now(), 0)",
                      "SELECT auth.session_create(%s, 'staff', %s, 'x', '', '', 0)"):
        session.refused(FORBIDDEN, statement, os.urandom(32), account.id)
    session.refused(FORBIDDEN, "SELECT auth.totp_accept('staff', %s, %s)", account.id, this_step(session))
    session.prove(world[0].staff["assistant"])  # nor by a colleague, who has a session
    session.refused(FORBIDDEN, "SELECT auth.challenge_create(%s, 'staff', %s, 'mfa', 'cookie', now(), 0)", os.urandom(32), account.id)
    session.refused(FORBIDDEN, "SELECT auth.session_create(NULL, 'staff', %s, %s, '', '', 0)", account.id, os.urandom(32))
    session.refused(FORBIDDEN, "SELECT auth.totp_accept('staff', %s, %s)", account.id, this_step(session))
    session.refused(FORBIDDEN, "SELECT auth.register(%s, 'x')", os.urandom(32))
    session.commit()
    superuser.rollback()
    assert superuser.one("SELECT count(*) FROM auth.session") == sessions


def test_a_worker_signs_somebody_in(connect, world):
    """The same steps after the door was shown: what the refusals above are beside."""
    session = connect("anamnesis_api")
    session.anonymous()
    account = world[0].staff["auditor"]
    token = sign_in(session, account, this_step(session))
    account.token_hash = token
    assert session.prove(account)[1] == account.id


def test_a_step_that_is_to_come_is_none(connect, world):
    """[6.5.5] One step of skew; what is further ahead would be good for a sign-in that is still to come."""
    session = connect("anamnesis_api")
    session.anonymous()
    account = world[0].staff["owner"]
    for ahead in (3, 1000, 2 ** 40):
        assert session.one("SELECT auth.totp_accept('staff', %s, %s)", account.id, this_step(session) + ahead) is False
    assert session.one("SELECT auth.totp_accept('staff', %s, %s)", account.id, this_step(session) + 1) is True


# ---- the log

def test_no_audit_row_is_in_anothers_name(connect, world, superuser):
    """[16.4.2] By a session of one's own the rows are one's own, whatever is set; without one there are none."""
    own, victim = world[0].staff["assistant"], world[1].staff["owner"]
    last = superuser.one("SELECT max(id) FROM audit.event") or 0
    session = connect("anamnesis_api")
    session.refused(FORBIDDEN, "SELECT audit.refused('staff', %s, NULL, 'x', '')", victim.token_hash)
    session.prove(own, "operation_one")
    for name in ("realm", "practice_id", "actor_id", "role", "session_id", "operation", "request_id", "client_address"):
        session("SELECT set_config('anamnesis.' || %s, %s, true)", name, str(victim.id))
    session.refused(FORBIDDEN, "SELECT audit.refused('staff', %s, NULL, 'x', '')", victim.token_hash)
    session("SELECT audit.close(NULL, 'ok', 'event')")
    session.commit()
    superuser.rollback()
    assert superuser("SELECT practice_id, actor_id, role, operation, host(client_address::inet) FROM audit.event WHERE id > %s",
                     last) == [(world[0].id, own.id, "assistant", "operation_one", "127.0.0.1")]
