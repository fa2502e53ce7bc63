"""Somebody has the api role's password and SQL of their own, but neither the keyring nor a session (docs/security.md)."""

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
    "anamnesis.uuid_floor",  # the moment that the caller gives
    "phi.seal", "phi.open",  # with a key that the caller has
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


def test_no_setting_says_who_acts(superuser):
    """No policy reads a setting; functions read the request's facts, and compare them with what was pinned."""
    readers = {name for (name,) in superuser(
        "SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
        "WHERE n.nspname IN ('anamnesis', 'auth', 'audit', 'phi') AND p.prosrc ~ 'current_setting\\(''anamnesis\\.request'")}
    pinned = {name for (name,) in superuser("SELECT p.proname FROM pg_proc p WHERE p.prosrc ~ 'currval\\(''auth\\.pin_'")}
    assert readers == pinned and {"realm", "role", "practice", "actor", "acting"} < pinned
    assert superuser("SELECT tablename, policyname FROM pg_policies WHERE coalesce(qual, '') || coalesce(with_check, '') "
                     "~ 'current_setting'") == []
    setters = superuser("SELECT p.proname FROM pg_proc p WHERE p.prosrc ~ 'setval|nextval' "
                        "AND p.pronamespace IN ('anamnesis'::regnamespace, 'auth'::regnamespace, 'audit'::regnamespace)")
    assert setters == [("pin",)]


# ---- the actor

SETTINGS = ("actor", "request", "practice", "patient", "realm", "role", "session", "sees", "former")
PINS = ("moment", "practice_1", "practice_2", "actor_1", "actor_2", "session_1", "session_2", "request")


def requests_of(practice, who):
    """Values of settings that somebody may try: a request as auth.pin() writes it, identifiers, and rubbish."""
    return ["", "x", f"{uuid.uuid4()} x 192.0.2.1", str(practice.id), str(who.id), f"{practice.id}{who.id}", "' OR true --",
            "\u20ac" * 200, "x" * 4000]


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
    """[8.2.2, 8.4.1] What one sets with set_config, in every way that comes to mind, is nobody: before anybody was pinned in
    the session too, when nothing is found or asking is refused."""
    victim = world[0].patient if who == "patient" else world[0].staff[who]
    used = connect("anamnesis_api")
    used.prove(world[1].staff["owner"])
    used.commit()
    for value in requests_of(world[0], victim):
        for name in SETTINGS:
            used("SELECT set_config(%s, %s, false)", f"anamnesis.{name}", value)
        assert_nobody(used, superuser)
        fresh = connect("anamnesis_api")
        fresh("SELECT set_config('anamnesis.request', %s, false)", value)
        try:
            assert fresh("SELECT auth.realm(), auth.practice(), auth.actor()") == [(None, None, None)]
        except psycopg2.errors.ObjectNotInPrerequisiteState:
            pass  # the session has no memory yet
        fresh.connection.rollback()


def test_the_pins_are_out_of_the_api_roles_reach(connect, world, superuser):
    """Neither set nor read, also beside a proof of one's own."""
    assert {name for (name,) in superuser("SELECT relname FROM pg_class WHERE relkind = 'S' AND relnamespace = 'auth'::regnamespace"
                                          )} == {f"pin_{name}" for name in PINS}
    for role in ("anamnesis_api", "anamnesis_jobs", "anamnesis_scan", "anamnesis_auditor"):
        session = connect(role)
        session("SET TRANSACTION READ WRITE")
        if role == "anamnesis_api":
            session.prove(world[0].staff["assistant"])
            session.connection.commit()
        for name in PINS:
            for statement in ("SELECT setval('auth.pin_{}', 1)", "SELECT nextval('auth.pin_{}')", "SELECT currval('auth.pin_{}')",
                              "SELECT * FROM auth.pin_{}", "ALTER SEQUENCE auth.pin_{} RESTART", "DROP SEQUENCE auth.pin_{}"):
                session.refused("42501", statement.format(name))
        session.refused("42501", "SELECT auth.pin(37, '{1,2,3,4,5,6}', gen_random_uuid(), 'x', 'y')")
        assert session("SELECT last_value FROM pg_sequences WHERE schemaname = 'auth' AND last_value IS NOT NULL") == []


def changes_of(setting, victim):
    """The request that was proven with one thing or another changed."""
    places = {"request": (0, str(uuid.uuid4())), "operation": (1, "y"), "address": (2, "y"), "actor": (0, str(victim.id))}
    for count in (1, 2):
        for names in itertools.combinations(places, count):
            changed = setting.split(" ")
            for name in names:
                at, value = places[name]
                changed[at] = value
            yield " ".join(changed)


@pytest.mark.parametrize("role", ["assistant", "patient"])
def test_what_was_proven_cannot_be_changed_into_something_else(connect, world, superuser, role):
    """[8.2.2] Whoever has a session of their own (and its stored hash) stays who they are, whatever they set; and a request that
    is not the one that was proven writes no audit row."""
    own = world[0].patient if role == "patient" else world[0].staff[role]
    other, victim = world[1], world[1].staff["owner"]
    session = connect("anamnesis_api")
    session.prove(own)
    setting = session.one("SELECT current_setting('anamnesis.request')")
    who = session("SELECT auth.realm(), auth.practice(), auth.actor(), auth.role(), auth.session()")
    assert who[0][2] == own.id
    for value in [*changes_of(setting, victim), *requests_of(other, victim)]:
        for name in set(SETTINGS) - {"request"}:
            session("SELECT set_config(%s, %s, true)", f"anamnesis.{name}", value)
        session("SELECT set_config('anamnesis.request', %s, true)", value)
        now = session("SELECT auth.realm(), auth.practice(), auth.actor(), auth.role(), auth.session()")
        assert now == (who if value else [(None,) * 5])
        assert session.one("SELECT count(*) FROM anamnesis.response WHERE practice_id = %s", other.id) == 0
        session("SELECT set_config('anamnesis.patients', '', true)")
        session.refused(INTERNAL, "SELECT audit.close(NULL, 'ok', 'event')")
    session("SELECT set_config('anamnesis.request', %s, true)", setting)
    session("SELECT audit.close(NULL, 'ok', 'event')")
    assert session.one("SELECT auth.actor()") == own.id


def test_a_proof_is_good_in_its_transaction_alone(connect, world, superuser):
    session, other = connect("anamnesis_api"), connect("anamnesis_api")
    other.prove(world[1].patient)
    other.commit()
    session.prove(world[0].staff["owner"])
    setting = session.one("SELECT current_setting('anamnesis.request')")
    other("SELECT set_config('anamnesis.request', %s, true)", setting)  # another backend, while the first goes on
    assert_nobody(other, superuser)
    session.commit()
    session("SELECT set_config('anamnesis.request', %s, true)", setting)  # the next transaction of the same
    assert_nobody(session, superuser)


def test_changing_it_within_a_statement_shows_no_more(connect, world):
    """The statement's own functions run between the rows: they change the setting while policies are asked."""
    api, patient = connect("anamnesis_api"), world[0].patient
    api.prove(patient)
    own = api.one("SELECT count(*) FROM anamnesis.response")
    forged = requests_of(world[1], world[1].staff["owner"])[2]
    for order in ("r, g", "g, r"):
        tables = {"r": "anamnesis.response r", "g": "generate_series(1, 3) g"}
        found = api("SELECT r.practice_id, set_config('anamnesis.request', %s, true) FROM " +
                    ", ".join(tables[name] for name in order.split(", ")), forged)
        assert {practice for practice, _ in found} <= {world[0].id} and len(found) <= own * 3
        api.rollback()
        api.prove(patient)


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
