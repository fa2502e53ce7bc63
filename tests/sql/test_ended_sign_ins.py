"""Whoever was recognised just before everything of the account ended gets no session a moment later: not by a password, a second
factor, a passkey or a choice, whether the end came first or at the same moment."""

import os
import threading
import time

import pytest

from support.world import Begun, Committed, Session

TIME_LIMIT_SECONDS = 20


@pytest.fixture
def owner(connect):
    return Committed(connect("postgres").connection)


@pytest.fixture
def api(api):
    return Begun(api.connection)


def archive(session, practice, account):
    session.prove(practice.staff["owner"])
    session("SELECT auth.patient_archive(%s, 1, true)", account.id)


def erase(session, practice, account):
    session.prove(practice.staff["owner"])
    assert session.one("SELECT auth.patient_erase(%s, 1)", account.id)


def disable(session, practice, account):
    session.prove(practice.staff["owner"])
    session("SELECT auth.staff_change(%s, 1, NULL, 'disabled')", account.id)


def change_password(session, _, account):
    session.prove(account)
    assert session.one("SELECT auth.password_change('another')")


def sign_out_everywhere(session, _, account):
    session.prove(account)
    session("SELECT auth.session_end_all()")


def shut(session, _, account):
    """As an objection does it. The function is for other functions only: by the owner of the database."""
    session("SELECT auth.shut(%s, 'nobody knows it')", account.id)


ENDS = {"patient": [archive, erase, change_password, sign_out_everywhere, shut], "staff": [disable, change_password, shut]}
CASES = [(realm, end) for realm, ends in ENDS.items() for end in ends]


@pytest.fixture
def account(owner, world, realm):
    """(practice, account): somebody without a second factor; the practice's owner has fresh proof."""
    practice = world[0]
    owner("UPDATE auth.session SET stepped_up_at = now(), last_seen_at = now() WHERE account_id = %s", practice.staff["owner"].id)
    made = practice.add_patient(owner) if realm == "patient" else practice.add_staff(owner, "physician")
    owner("UPDATE auth.account SET totp_sealed = NULL WHERE id = %s", made.id)
    return practice, made


def generation(session, account):
    """What a worker learns with the password's hash, before it checks the password."""
    return session.one("SELECT generation FROM auth.accounts_for_login(%s, ARRAY[%s]::bytea[])", account.realm, account.email_index)


def session_of(session, account, challenge, known):
    return session.one("SELECT auth.session_create(%s, %s, %s, %s, '', 'late', %s)", challenge, account.realm, account.id,
                       os.urandom(32), known)


def by_password(session, account, known):
    return session_of(session, account, None, known)


def challenge(session, account, known, purpose="enrol"):
    token = os.urandom(32)
    made = session.one("SELECT auth.challenge_create(%s, %s, %s, %s, 'cookie', now() + interval '5 minutes', %s)", token,
                       account.realm, account.id, purpose, known)
    return token if made else None


def choice(session, account, known):
    token = os.urandom(32)
    made = session("SELECT * FROM auth.choice_create(%s, %s, %s, 'cookie', %s, %s)", token, account.realm, account.id,
                   account.key, known)
    return token if made else None


def by_passkey(session, account, _):
    """As auth.passkey_accept leaves the account; the session is the owner's of the database."""
    session("UPDATE auth.account SET passkey_xact = pg_current_xact_id() WHERE id = %s", account.id)
    return session_of(session, account, None, None)


def by_second_factor(session, account, known):
    session("UPDATE auth.account SET factor_xact = pg_current_xact_id() WHERE id = %s", account.id)
    return session_of(session, account, known, None)


def live(owner, account):
    return owner("SELECT user_agent FROM auth.session WHERE account_id = %s AND ended_at IS NULL AND user_agent = 'late'",
                 account.id) + owner("SELECT purpose FROM auth.challenge WHERE account_id = %s AND used_at IS NULL", account.id)


def in_between(connect, end, practice, account):
    session = Session(connect("postgres").connection)
    if end is shut:
        session.anonymous()
    end(session, practice, account)
    return session


@pytest.mark.parametrize("realm, end", CASES)
def test_what_was_found_right_before_the_end_makes_nothing_after_it(api, owner, connect, account, end):
    """[7.4.2, 7.4.3]"""
    practice, account = account
    known = generation(api, account)
    assert known is not None
    in_between(connect, end, practice, account).commit()
    assert challenge(api, account, known) is None
    assert choice(api, account, known) is None
    if account.realm == "patient":
        assert by_password(api, account, known) is None
    api.commit()
    assert live(owner, account) == []


@pytest.mark.parametrize("realm, end", CASES)
def test_who_finds_everything_ended_just_then_waits_for_it(owner, connect, account, end):
    """The end is not committed yet when the session is made."""
    practice, account = account
    late = Begun(connect("anamnesis_api").connection)
    known = generation(late, account)
    ending = in_between(connect, end, practice, account)
    make = by_password if account.realm == "patient" else challenge
    made = waiting(owner, late, lambda: make(late, account, known), ending)
    late.commit()
    assert made is None and live(owner, account) == []


MAKES = [("patient", by_password), ("patient", challenge), ("patient", choice), ("patient", by_passkey),
         ("patient", by_second_factor), ("staff", challenge), ("staff", choice), ("staff", by_passkey), ("staff", by_second_factor)]


@pytest.mark.parametrize("realm, make", MAKES)
def test_an_end_waits_for_what_is_made_just_then_and_ends_it(owner, connect, account, make):
    """The session is not committed yet when everything ends."""
    practice, account = account
    role = "postgres" if make in (by_passkey, by_second_factor) else "anamnesis_api"
    late = Begun(connect(role).connection)
    known = generation(late, account)
    if make is by_second_factor:
        known = challenge(late, account, known)
        late.commit()
    assert make(late, account, known) is not None
    ending = Session(connect("postgres").connection)
    waiting(owner, ending, lambda: (archive if account.realm == "patient" else disable)(ending, practice, account), late)
    ending.commit()
    assert live(owner, account) == []


@pytest.mark.parametrize("realm", ["patient", "staff"])
def test_a_passkey_of_who_was_shut_out_meanwhile_makes_no_session(owner, connect, account, realm):
    _, account = account
    late = Begun(connect("postgres").connection)
    owner(f"UPDATE anamnesis.{'patient' if realm == 'patient' else 'staff'} SET status = %s WHERE id = %s",
          "archived" if realm == "patient" else "disabled", account.id)
    assert by_passkey(late, account, None) is None
    late.commit()
    assert live(owner, account) == []


def waiting(owner, session, act, other):
    """act() of `session`, which has to wait for `other`: that commits when it does; what act() gave."""
    found = []
    thread = threading.Thread(target=lambda: found.append(act()))
    waits = "SELECT %s = ANY (pg_blocking_pids(%s))"
    mine, others = (one.connection.info.backend_pid for one in (session, other))
    thread.start()
    end = time.monotonic() + TIME_LIMIT_SECONDS
    while thread.is_alive() and not owner.one(waits, others, mine) and time.monotonic() < end:
        pass
    other.commit()
    thread.join(TIME_LIMIT_SECONDS)
    assert len(found) == 1
    return found[0]
