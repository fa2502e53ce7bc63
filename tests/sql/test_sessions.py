"""Proof of sessions, and everything that counts once: codes, links, challenges (P2, P5)."""

import concurrent.futures
import os
import uuid

import psycopg2
import pytest

from support.world import ROLES, Account, Begun, Committed, Session

AT_ONCE = 20
NOT_SIGNED_IN, FORBIDDEN, NOT_FOUND, CONFLICT, INTERNAL = "AN401", "AN403", "AN404", "AN409", "AN500"
PROVE = "SELECT practice_id, actor_id, role, session_id, wrapped_key, expires_at FROM auth.prove(%s, %s, %s, 'test', %s, '127.0.0.1')"


def prove_values(account, roles=31):
    return account.realm, account.token_hash, roles, uuid.uuid4()


@pytest.fixture
def owner(connect):
    """A connection that commits, for what tests prepare."""
    return Committed(connect("postgres").connection)


@pytest.fixture
def api(api):
    return Begun(api.connection)


@pytest.fixture
def patient(owner, world):
    """A registered patient of a test's own, with a second factor."""
    return world[0].add_patient(owner, totp=True)


def race(database, action, count=AT_ONCE):
    """action(session) of many connections at the same moment; their results. Each commits."""
    def one(_):
        connection = database.connect("anamnesis_api")
        try:
            session = Session(connection)
            session.anonymous()
            found = action(session)
            connection.commit()
            return found
        finally:
            connection.close()
    with concurrent.futures.ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


# ---- the proof

@pytest.mark.parametrize("role", ROLES)
def test_a_session_names_its_actor(api, world, role):
    account = world[0].patient if role == "patient" else world[0].staff[role]
    practice, actor, found, session, key, _ = api(PROVE, *prove_values(account, ROLES[role]))[0]
    assert (practice, actor, found) == (world[0].id, account.id, role)
    assert session is not None and len(key) == 76
    assert api("SELECT auth.realm(), auth.practice(), auth.actor(), auth.role(), auth.session()") == [
        (account.realm, world[0].id, account.id, role, session)]
    assert api.one("SELECT auth.patient()") == (account.id if role == "patient" else None)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_that_is_not_in_the_mask_may_not(api, world, role):
    account = world[0].patient if role == "patient" else world[0].staff[role]
    api.refused(FORBIDDEN, PROVE, *prove_values(account, 31 & ~ROLES[role]))
    api.refused(FORBIDDEN, PROVE, *prove_values(account, 0))


@pytest.mark.parametrize("realm", ["staff", "patient", "none", "system", None])
def test_an_unknown_token_proves_nothing(api, realm):
    """[7.2.1]"""
    api.refused(NOT_SIGNED_IN, PROVE, realm, os.urandom(32), 31, uuid.uuid4())
    api.refused(NOT_SIGNED_IN, PROVE, realm, None, 31, uuid.uuid4())


def test_a_token_of_one_realm_is_none_in_the_other(api, world):
    api.refused(NOT_SIGNED_IN, PROVE, "patient", world[0].staff["owner"].token_hash, 31, uuid.uuid4())
    api.refused(NOT_SIGNED_IN, PROVE, "staff", world[0].patient.token_hash, 31, uuid.uuid4())


@pytest.mark.parametrize("end", [
    "UPDATE auth.session SET ended_at = now() WHERE account_id = %s",
    "UPDATE auth.session SET expires_at = now() WHERE account_id = %s",
    "UPDATE auth.session SET last_seen_at = now() - interval '30 minutes' WHERE account_id = %s",
    "UPDATE anamnesis.patient SET status = 'archived' WHERE id = %s"])
def test_sessions_end_at_once(api, owner, patient, end):
    """[7.4.1]"""
    assert api(PROVE, *prove_values(patient))
    api.rollback()
    owner(end, patient.id)
    api.refused(NOT_SIGNED_IN, PROVE, *prove_values(patient))


def test_a_changed_role_and_a_disabled_account_count_at_once(api, owner, world):
    """[8.3.2, 7.4.2]"""
    member = world[1].add_staff(owner, "physician")
    assert api(PROVE, *prove_values(member, ROLES["physician"]))
    api.rollback()
    owner("UPDATE anamnesis.staff SET role = 'auditor' WHERE id = %s", member.id)
    api.refused(FORBIDDEN, PROVE, *prove_values(member, ROLES["physician"]))
    assert api(PROVE, *prove_values(member, ROLES["auditor"]))
    api.rollback()
    owner("UPDATE anamnesis.staff SET status = 'disabled' WHERE id = %s", member.id)
    api.refused(NOT_SIGNED_IN, PROVE, *prove_values(member))


def test_last_seen_is_written_once_a_minute(api, owner, patient):
    seen = "SELECT last_seen_at > now() - interval '10 seconds' FROM auth.session WHERE account_id = %s"
    for age, written in (("50 seconds", False), ("70 seconds", True)):
        owner("UPDATE auth.session SET last_seen_at = now() - %s::interval WHERE account_id = %s", age, patient.id)
        api(PROVE, *prove_values(patient))
        api.commit()
        assert owner.one(seen, patient.id) is written


def test_a_read_does_not_wait_for_another_at_the_same_session(database, api, owner, patient):
    owner("UPDATE auth.session SET last_seen_at = now() - interval '2 minutes' WHERE account_id = %s", patient.id)
    api(PROVE, *prove_values(patient))  # holds the row
    other = Session(database.connect("anamnesis_api"))
    other("SET statement_timeout = '1s'")
    assert other(PROVE, *prove_values(patient))
    other.connection.close()


def test_signing_out_ends_the_session(api, patient):
    *_, expires_at = api(PROVE, *prove_values(patient))[0]
    assert api.one("SELECT %s BETWEEN now() + interval '11 hours' AND now() + interval '12 hours'", expires_at)
    api("SELECT auth.session_end()")
    api.commit()
    api.refused(NOT_SIGNED_IN, PROVE, *prove_values(patient))


# ---- signing in

def test_accounts_of_an_address(api, world):
    member, patient = world[0].staff["owner"], world[0].patient
    find = "SELECT account_id, practice_id, password_hash, has_totp, mfa_required FROM auth.accounts_for_login(%s, ARRAY[%s]::bytea[])"
    assert api(find, "staff", member.email_index) == [(member.id, world[0].id, "hash", True, True)]
    assert api(find, "patient", patient.email_index) == [(patient.id, world[0].id, "hash", False, False)]
    for realm, index in (("staff", patient.email_index), ("patient", member.email_index), ("staff", os.urandom(32)),
                         ("none", member.email_index), (None, member.email_index)):
        assert api(find, realm, index) == []


def test_who_is_archived_or_disabled_has_no_account(api, owner, patient, world):
    member = world[1].add_staff(owner, "assistant")
    owner("UPDATE anamnesis.staff SET status = 'disabled' WHERE id = %s", member.id)
    owner("UPDATE anamnesis.patient SET status = 'archived' WHERE id = %s", patient.id)
    assert api("SELECT * FROM auth.accounts_for_login('staff', ARRAY[%s]::bytea[])", member.email_index) == []
    assert api("SELECT * FROM auth.accounts_for_login('patient', ARRAY[%s]::bytea[])", patient.email_index) == []


def challenge(owner, account, purpose="mfa", life="5 minutes"):
    token = os.urandom(32)
    owner("SELECT auth.challenge_create(%s, %s, %s, %s, 'cookie', now() + %s::interval, 0)", token, account.realm, account.id,
          purpose, life)
    return token


def claim(session, token, realm="patient", purpose="mfa"):
    return session("SELECT account_id FROM auth.challenge_claim(%s, %s, %s)", token, realm, purpose)


def test_a_challenge_takes_five_tries(api, owner, patient):
    token = challenge(owner, patient)
    for _ in range(5):
        assert claim(api, token) == [(patient.id,)]
        api.commit()
    assert claim(api, token) == []


def test_five_tries_also_when_they_come_at_once(database, owner, patient):
    token = challenge(owner, patient)
    found = race(database, lambda session: claim(session, token))
    assert sum(map(len, found)) == 5


def test_a_challenge_is_for_its_realm_and_purpose_and_time(api, owner, patient):
    """[6.5.5]"""
    token = challenge(owner, patient)
    assert claim(api, token, realm="staff") == []
    assert claim(api, token, purpose="enrol") == []
    assert claim(api, os.urandom(32)) == []
    assert claim(api, challenge(owner, patient, life="-1 seconds")) == []
    assert owner.one("SELECT max(expires_at) < now() + interval '16 minutes' FROM auth.challenge WHERE token_hash = %s",
                     challenge(owner, patient, life="3 days"))


def test_who_has_a_factor_is_asked_for_it_and_cannot_enrol_another(owner, patient, world):
    with pytest.raises(psycopg2.Error) as fault:
        challenge(owner, patient, purpose="enrol")
    assert fault.value.pgcode == CONFLICT
    without = world[0].add_patient(owner)
    with pytest.raises(psycopg2.Error) as fault:
        challenge(owner, without, purpose="mfa")
    assert fault.value.pgcode == CONFLICT


def test_a_step_counts_once_in_a_race(database, owner, patient):
    found = race(database, lambda session: session.one("SELECT auth.totp_accept('patient', %s, 1000)", patient.id))
    assert found.count(True) == 1
    assert owner.one("SELECT auth.totp_accept('patient', %s, 999)", patient.id) is False
    assert owner.one("SELECT auth.totp_accept('staff', %s, 1001)", patient.id) is False
    assert owner.one("SELECT auth.totp_accept('patient', %s, 1001)", patient.id) is True


def test_a_recovery_code_counts_once_in_a_race(database, owner, patient):
    """[6.5.1]"""
    codes = [os.urandom(32) for _ in range(10)]
    for code in codes:
        owner("INSERT INTO auth.recovery_code (account_id, code_hash) VALUES (%s, %s)", patient.id, code)
    use = "SELECT auth.recovery_use(%s, %s, %s)"
    found = race(database, lambda session: session.one(use, "patient", patient.id, [os.urandom(32), codes[0]]))
    assert found.count(True) == 1
    assert owner.one(use, "patient", patient.id, [codes[0]]) is False
    assert owner.one(use, "patient", patient.id, [os.urandom(32)]) is False
    assert owner.one(use, "patient", patient.id, [codes[1]]) is True


CREATE = "SELECT auth.session_create(%s, %s, %s, %s, '127.0.0.1', 'agent', NULL)"
BY_PASSWORD = "SELECT auth.session_create(NULL, %s, %s, %s, '127.0.0.1', 'agent', 0)"


def test_a_session_needs_the_factor_in_the_same_transaction(api, owner, patient):
    """[7.6.2]"""
    token = challenge(owner, patient)
    api.anonymous()
    assert claim(api, token)
    api.refused(FORBIDDEN, CREATE, token, "patient", patient.id, os.urandom(32))
    api.refused(FORBIDDEN, CREATE, None, "patient", patient.id, os.urandom(32))
    assert api.one("SELECT auth.totp_accept('patient', %s, 7)", patient.id)
    assert api.one(CREATE, token, "patient", patient.id, os.urandom(32)) is not None
    assert api.one(CREATE, token, "patient", patient.id, os.urandom(32)) is None  # used
    api.commit()
    api.refused(FORBIDDEN, CREATE, None, "patient", patient.id, os.urandom(32))


def test_staff_never_gets_a_session_by_password_alone(api, world):
    """[6.3.4]"""
    api.refused(FORBIDDEN, CREATE, None, "staff", world[0].staff["owner"].id, os.urandom(32))
    assert api.one(CREATE, None, "patient", world[0].staff["owner"].id, os.urandom(32)) is None


def test_a_patient_without_a_factor_gets_one_only_where_none_is_required(api, owner, world):
    without = world[1].add_patient(owner)
    api.refused(FORBIDDEN, CREATE, None, "patient", without.id, os.urandom(32))  # of whose password nothing is said
    assert api.one(BY_PASSWORD, "patient", without.id, os.urandom(32)) is not None
    api.rollback()
    owner("UPDATE anamnesis.practice SET patient_mfa = 'required' WHERE id = %s", world[1].id)
    try:
        api.refused(FORBIDDEN, BY_PASSWORD, "patient", without.id, os.urandom(32))
    finally:
        owner("UPDATE anamnesis.practice SET patient_mfa = 'optional' WHERE id = %s", world[1].id)


def test_one_challenge_gives_one_session_in_a_race(database, owner, patient):
    token = challenge(owner, patient)

    def sign_in(session):
        if not claim(session, token):
            return None
        if not session.one("SELECT auth.totp_accept('patient', %s, 50)", patient.id):
            return None
        return session.one(CREATE, token, "patient", patient.id, os.urandom(32))
    assert sum(made is not None for made in race(database, sign_in)) == 1


@pytest.mark.parametrize("realm, idle", [("staff", 900), ("patient", 1800)])
def test_how_long_sessions_last(api, owner, world, realm, idle):
    """[7.3.2]"""
    account = world[0].add_staff(owner, "owner") if realm == "staff" else world[0].add_patient(owner, totp=True)
    token = challenge(owner, account)
    api.one("SELECT auth.totp_accept(%s, %s, 60)", realm, account.id)
    made = api.one(CREATE, token, realm, account.id, os.urandom(32))
    api.commit()
    assert owner("SELECT idle_seconds, expires_at - created_at = interval '12 hours' FROM auth.session WHERE id = %s",
                 made) == [(idle, True)]


# ---- enrolling

def test_a_patient_enrols_once(api, owner, world):
    patient = world[0].add_patient(owner)
    api(PROVE, *prove_values(patient))
    assert api("SELECT totp_sealed, totp_pending FROM auth.own_account()") == [(None, None)]
    assert api.one("SELECT auth.totp_confirm(%s, 1)", patient.id) is False  # nothing is pending
    assert api("SELECT account_id, practice_name FROM auth.totp_begin(%s, %s)", patient.id, os.urandom(60)) == [(patient.id, "Practice A")]
    api.refused(FORBIDDEN, "SELECT auth.recovery_replace('patient', %s, %s)", patient.id, [os.urandom(32)])
    assert api.one("SELECT auth.totp_confirm(%s, 5)", patient.id) is True
    api("SELECT auth.recovery_replace('patient', %s, %s)", patient.id, [os.urandom(32) for _ in range(10)])
    assert api("SELECT * FROM auth.totp_begin(%s, %s)", patient.id, os.urandom(60)) == []
    assert api.one("SELECT auth.totp_confirm(%s, 6)", patient.id) is False
    assert api.one("SELECT auth.totp_accept('patient', %s, 5)", patient.id) is False  # the step that confirmed it


def test_nobody_enrols_for_another(api, owner, world):
    first, second = world[0].add_patient(owner), world[0].add_patient(owner)
    api(PROVE, *prove_values(first))
    assert api("SELECT * FROM auth.totp_begin(%s, %s)", second.id, os.urandom(60)) == []
    owner("UPDATE auth.account SET totp_pending = %s WHERE id = %s", os.urandom(60), second.id)
    assert api.one("SELECT auth.totp_confirm(%s, 5)", second.id) is False


# ---- registering

@pytest.fixture
def invited(owner, world):
    """(patient who is not registered, hash of an invitation's token)"""
    patient, token = world[0].add_patient(owner, registered=False), os.urandom(32)
    for one in (token, os.urandom(32)):
        owner("INSERT INTO anamnesis.invitation (practice_id, patient_id, token_hash, delivery, expires_at, created_by) "
              "VALUES (%s, %s, %s, 'link', now() + interval '1 day', %s)", world[0].id, patient.id, one, uuid.uuid4())
    return patient, token


BY_TOKEN = "SELECT patient_id, practice_name, mfa_required FROM auth.invitation_by_token(%s)"


def test_registering_by_an_invitation(api, owner, invited):
    patient, token = invited
    api.anonymous()
    assert api(BY_TOKEN, token) == [(patient.id, "Practice A", False)]
    assert api.one("SELECT patient_id FROM auth.invited_patient(%s)", token) == patient.id
    assert api.one("SELECT auth.register(%s, 'hash')", token) == patient.id
    assert api.one("SELECT auth.register(%s, 'hash')", token) is None
    assert api(BY_TOKEN, token) == []
    api.commit()
    assert owner("SELECT status, count(*) FROM anamnesis.invitation WHERE patient_id = %s GROUP BY status ORDER BY 1",
                 patient.id) == [("revoked", 1), ("used", 1)]
    assert owner.one("SELECT registered_at IS NOT NULL FROM anamnesis.patient WHERE id = %s", patient.id)


def test_a_link_registers_once_in_a_race(database, invited):
    _, token = invited
    found = race(database, lambda session: session.one("SELECT auth.register(%s, 'hash')", token))
    assert sum(made is not None for made in found) == 1


def test_two_links_of_one_patient_register_once_in_a_race(database, owner, invited):
    patient, _ = invited
    tokens = owner("SELECT token_hash FROM anamnesis.invitation WHERE patient_id = %s", patient.id)

    def register(session):
        return session.one("SELECT auth.register(%s, 'hash')", tokens[os.urandom(1)[0] % 2][0])
    assert sum(made is not None for made in race(database, register)) == 1


def test_five_wrong_birth_dates_spend_a_link(database, api, owner, invited):
    _, token = invited

    def guess(session):
        if not session(BY_TOKEN, token):
            return False
        session("SELECT auth.invitation_tried(%s)", token)
        return True
    assert race(database, guess).count(True) == 5
    assert api(BY_TOKEN, token) == []
    assert owner.one("SELECT status FROM anamnesis.invitation WHERE token_hash = %s", token) == "spent"


@pytest.mark.parametrize("change", [
    "UPDATE anamnesis.invitation SET expires_at = now() WHERE token_hash = %(token)s",
    "UPDATE anamnesis.invitation SET status = 'revoked' WHERE token_hash = %(token)s",
    "UPDATE anamnesis.patient SET status = 'archived' WHERE id = %(patient)s",
    "UPDATE anamnesis.patient SET registered_at = now() WHERE id = %(patient)s"])
def test_a_link_that_does_not_count_any_more(api, owner, invited, change):
    patient, token = invited
    owner.cursor.execute(change, {"token": token, "patient": patient.id})
    owner.commit()
    api.anonymous()
    assert api(BY_TOKEN, token) == []
    assert api("SELECT * FROM auth.invited_patient(%s)", token) == []
    assert api.one("SELECT auth.register(%s, 'hash')", token) is None


# ---- throttling

TRY = "(%s, %s::bytea[], %s, %s, %s, %s, %s, %s)"
NOTHING = {"realm": "patient", "indexes": []} | dict.fromkeys(("account", "key", "device", "place", "network", "site"))


def failed(session, **given):
    session(f"SELECT auth.throttle_fail{TRY}", *(NOTHING | given).values())


def wait(session, **given):
    return session.one(f"SELECT seconds FROM auth.throttle_check{TRY}", *(NOTHING | given).values())


def test_an_account_waits_longer_each_time_and_at_the_hundredth_failure_a_day(owner):
    """[6.3.1]"""
    key, waits = os.urandom(32), []
    for _ in range(101):
        failed(owner, key=key)
        waits.append(wait(owner, key=key))
    assert waits[:8] == [0, 0, 1, 2, 4, 8, 16, 32]
    assert waits[20] == 900 and waits[98] == 900 and waits[99] == 86400 and waits[100] == 86400
    owner("SELECT auth.throttle_clear('patient', '{}', NULL, %s, NULL, NULL)", key)
    assert wait(owner, key=key) == 0


def test_an_account_is_not_forgotten_and_an_address_is(owner):
    account, address = os.urandom(32), os.urandom(32)
    for _ in range(40):
        failed(owner, key=account, network=address)
    assert wait(owner, network=address) > 0
    owner("UPDATE auth.throttle SET last_failure = now() - interval '2 hours', blocked_until = now(), "
          "counts_until = counts_until - interval '2 hours' WHERE key IN (%s, %s)", account, address)
    failed(owner, key=account, network=address)
    assert wait(owner, network=address) == 0
    assert wait(owner, key=account) == 900


def test_a_clinic_that_shares_an_address_has_thirty_failures_free(owner):
    address, waits = os.urandom(32), []
    for _ in range(32):
        failed(owner, network=address)  # no account: a guessed link
        waits.append(wait(owner, network=address))
    assert waits == [0] * 29 + [1, 2, 4]


def test_the_networks_of_a_site_are_counted_together_too(owner):
    site = os.urandom(32)
    for _ in range(239):
        failed(owner, network=os.urandom(32), site=site)
    assert wait(owner, network=os.urandom(32), site=site) == 0
    failed(owner, network=os.urandom(32), site=site)
    assert wait(owner, network=os.urandom(32), site=site) > 0


def test_a_thousand_accounts_tried_from_one_address_are_a_hundred_rows_a_day(owner):
    """[6.3.1]"""
    def tried(**origin):
        rows = 0
        for _ in range(1000):
            key = os.urandom(32)
            # Whoever waits for every hour to pass, so that the address is never the reason.
            owner("UPDATE auth.throttle SET blocked_until = now(), failures = 1 WHERE key IN (%s, %s)",
                  origin["network"], origin.get("site"))
            if wait(owner, key=key, **origin) == 0:
                failed(owner, key=key, **origin)
                rows += 1
        return rows
    origin = {"network": os.urandom(32)}
    assert tried(**origin) == 100
    assert tried(network=os.urandom(32), site=os.urandom(32)) == 400
    owner("UPDATE auth.throttle SET last_failure = last_failure - interval '8 days', "
          "counts_until = counts_until - interval '8 days' WHERE origin = %s", origin["network"])
    for _ in range(3):
        owner("SELECT auth.sweep(1000)")
    assert owner.one("SELECT count(*) FROM auth.throttle WHERE origin = %s", origin["network"]) == 0


def test_who_was_here_before_is_told_from_strangers(owner, patient):
    device, place = os.urandom(32), os.urandom(32)
    owner("INSERT INTO auth.familiar (account_id, mark, kind) VALUES (%s, %s, 'device'), (%s, %s, 'address')", patient.id, device,
          patient.id, place)

    def known(**given):
        tried = NOTHING | {"realm": "patient", "network": os.urandom(32)} | given
        return owner.one(f"SELECT known FROM auth.throttle_check{TRY}", *tried.values())
    for mine in ({"account": patient.id}, {"indexes": [patient.email_index]}):
        for key in (None, os.urandom(32)):  # of a link that is asked for, and of a password
            assert known(device=device, key=key, **mine) and known(place=place, key=key, **mine)
            assert not known(device=os.urandom(32), place=os.urandom(32), key=key, **mine)
    assert not known(device=device, place=place, key=os.urandom(32), account=uuid.uuid4())
    assert not known(device=device, place=place)


def test_every_failure_of_a_race_is_counted(database, owner):
    key = os.urandom(32)
    race(database, lambda session: failed(session, key=key))
    assert owner.one("SELECT failures FROM auth.throttle WHERE key = %s", key) == AT_ONCE


# ---- the log

def close(session, outcome="ok", kind="event", object_id=None):
    session("SELECT audit.close(%s, %s, %s)", object_id, outcome, kind)


def test_a_row_says_who_what_and_whom(api, superuser, world):
    practice = world[0]
    who, about = practice.staff["physician"], practice.patients
    api.prove(who, "patient_get")
    for patient in (about[0], about[1], about[0]):
        assert api.one("SELECT audit.about(%s)", patient.id) == patient.id
    assert api.one("SELECT audit.about(NULL)") is None
    close(api, "ok", "patients", about[0].id)
    api.commit()
    row = superuser("SELECT practice_id, realm, actor_id, role, client_address, operation, object_id, patient_ids, outcome "
                    "FROM audit.event ORDER BY id DESC LIMIT 1")[0]
    assert row[:7] == (practice.id, "staff", who.id, "physician", "127.0.0.1", "patient_get", about[0].id)
    assert sorted(row[7]) == sorted(patient.id for patient in about) and row[8] == "ok"


def test_nothing_is_served_without_a_patient_named(api, world):
    api.prove(world[0].staff["physician"])
    api.refused(NOT_FOUND, "SELECT audit.close(NULL, 'ok', 'patient')")
    close(api, kind="patients")
    close(api, kind="event")


def test_a_row_needs_somebody_who_acts(connect, api):
    connect("anamnesis_api").refused(INTERNAL, "SELECT audit.close(NULL, 'ok', 'event')")
    api.anonymous()
    api.refused(INTERNAL, "SELECT audit.close(NULL, 'ok', 'other')")
    api.refused(INTERNAL, "SELECT audit.close(NULL, 'ok', NULL)")


def test_patients_of_one_transaction_are_not_those_of_the_next(api, world):
    api.prove(world[0].staff["physician"])
    api("SELECT audit.about(%s)", world[0].patient.id)
    api.commit()
    api.prove(world[0].staff["physician"])
    api.refused(NOT_FOUND, "SELECT audit.close(NULL, 'ok', 'patient')")


REFUSED = "SELECT audit.refused('staff', %s, %s, 'not-signed-in', %s)"


def test_a_refused_access_is_a_row_of_its_own(api, superuser, owner, world):
    member = world[0].add_staff(owner, "assistant")
    owner("UPDATE auth.session SET ended_at = now() WHERE account_id = %s", member.id)
    operation = f"op_{uuid.uuid4()}"
    api.anonymous(operation)
    api(REFUSED, member.token_hash, world[0].patient.id, "192.0.2.1")
    api.commit()
    assert superuser("SELECT practice_id, actor_id, object_id, outcome FROM audit.event WHERE operation = %s",
                     operation) == [(world[0].id, member.id, world[0].patient.id, "not-signed-in")]


def test_tokens_of_no_session_are_counted_by_network_and_hour(api, superuser, world):
    """A row each would be for anybody to fill the log with; a thousand networks make no more than 257 rows an hour."""
    superuser("DELETE FROM audit.stranger")
    before = superuser.one("SELECT count(*) FROM audit.event")
    superuser.commit()
    for number in range(1000):
        api(REFUSED, os.urandom(32), world[0].patient.id, f"2001:db8:0:{number:x}::/64")
        if number % 10 == 0:
            api.commit()
            api(REFUSED, None, None, "192.0.2.1")
    api.commit()
    assert superuser.one("SELECT count(*) FROM audit.event") == before
    networks = dict(superuser("SELECT network, sum(requests)::integer FROM audit.stranger GROUP BY network"))
    assert sum(networks.values()) == 1100 and networks["192.0.2.1"] == 100
    assert superuser.one("SELECT max(rows) FROM (SELECT count(*) FROM audit.stranger GROUP BY hour) AS of_hour (rows)") <= 257
    assert networks["2001:db8:0:1::/64"] == 1 and networks[""] > 700


def test_a_failed_sign_in_is_in_the_practice_s_log(api, superuser, world):
    api.anonymous("staff_login")
    api("SELECT * FROM auth.accounts_for_login('staff', ARRAY[%s]::bytea[])", world[1].staff["owner"].email_index)
    close(api, "sign-in-refused")
    api.commit()
    assert superuser("SELECT practice_id, realm, actor_id, outcome FROM audit.event WHERE operation = 'staff_login' "
                     "ORDER BY id DESC LIMIT 1") == [(world[1].id, "none", None, "sign-in-refused")]


# ---- jobs

def test_the_sweep_removes_what_does_not_count_any_more(connect, owner, patient, world):
    spent, live = challenge(owner, patient), challenge(owner, patient)
    owner("UPDATE auth.challenge SET expires_at = now() - interval '2 days' WHERE token_hash = %s", spent)
    owner("UPDATE anamnesis.idempotency SET created_at = now() - interval '25 hours' WHERE actor_id = %s",
          world[0].patient.id)
    jobs = connect("anamnesis_jobs")
    jobs.connection.autocommit = True
    assert jobs("SELECT challenges, replies FROM auth.sweep(1000)") == [(1, 1)]
    assert jobs("SELECT challenges, replies FROM auth.sweep(1000)") == [(0, 0)]
    assert owner.one("SELECT count(*) FROM auth.challenge WHERE token_hash = %s", live) == 1


def test_the_key_is_not_read_for_who_has_it(api, owner, world):
    """Bit 64 of the roles spares the look-up of a patient's key, and nothing else."""
    for patient in world[0].patients:
        with_key, without = (api(PROVE, "patient", patient.token_hash, roles, uuid.uuid4())[0] for roles in (16, 16 | 64))
        stored = owner.one("SELECT wrapped_key FROM anamnesis.data_key WHERE patient_id = %s", patient.id)
        assert with_key == (*without[:4], stored, without[5]) and without[4] is None
        api.rollback()
    api.refused("AN403", PROVE, "patient", world[0].patient.token_hash, 64, uuid.uuid4())
    api.refused("AN430", PROVE, "patient", world[0].patient.token_hash, 16 | 32 | 64, uuid.uuid4())
    for member in world[0].staff.values():
        api.refused("AN403", PROVE, "staff", member.token_hash, 64, uuid.uuid4())
