"""`anamnesis keys`: check values, rotation of each kind, retirement; and what each needs of the database [11.1.1]."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import threading

import psycopg2
import pytest

from support import postgres
from support.world import Session

MISCONFIGURED = 78
TOP = pathlib.Path(__file__).resolve().parents[2]


class Place:
    """A migrated database of its own, and a keyring in a file."""

    def __init__(self, database, directory):
        self.database, self.directory = database, directory
        self.keyring = directory / "keyring.json"
        assert self.run("keys", "create", self.keyring).returncode == 0
        self.must("migrate")

    def run(self, *arguments, keyring=None, **environment):
        return self.database.command(*arguments, ANAMNESIS_KEYRING_FILE=str(keyring or self.keyring), **environment)

    def must(self, *arguments, **environment):
        done = self.run(*arguments, **environment)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def practice(self, name="Practice"):
        staff = [part for role in ("owner", "physician") for part in ("--staff", f"{role}:{role}.{name}@example.org")]
        return json.loads(self.must("practice", "create", "--name", name, *staff, "--json"))

    def status(self, kind):
        """version -> (state, {what: how many})"""
        found = json.loads(self.must("keys", "status", "--json"))["kinds"]
        rows = next(one for one in found if one["kind"] == kind)["versions"]
        return {row["version"]: (row["state"], row["needed_by"]) for row in rows}

    def as_json(self):
        return json.loads(self.keyring.read_text(encoding="utf-8"))

    def copy(self, name):
        made = self.directory / name
        shutil.copy2(self.keyring, made)
        return made

    def opened(self, keyring):
        """(how many data keys this keyring opens, how many not)"""
        connection = self.database.connect("postgres")
        rows = Session(connection)("SELECT id, encode(wrapped_key, 'hex') FROM anamnesis.staff UNION ALL "
                                   "SELECT patient_id, encode(wrapped_key, 'hex') FROM anamnesis.data_key")
        connection.close()
        lines = "".join(f"{owner} {key}\n" for owner, key in rows)
        done = subprocess.run([postgres.program("tests/programs/open_keys")], input=lines, capture_output=True, text=True,
                              env={"ANAMNESIS_KEYRING_FILE": str(keyring)}, check=True)
        return tuple(map(int, done.stdout.split()))

    def sql(self, role="postgres"):
        return Session(self.database.connect(role))


@pytest.fixture
def place(bare, tmp_path):
    return Place(bare, tmp_path)


# ------------------------------------------------------------------------------------------------- check values

def test_migrate_notes_the_keyring_and_nothing_of_its_keys(place):
    rows = place.sql()("SELECT kind, version, value, in_use_since IS NOT NULL FROM auth.key_check ORDER BY kind")
    assert [(kind, version, used) for kind, version, _, used in rows] == [
        (kind, 1, True) for kind in sorted(place.as_json())]
    assert len({bytes(value) for _, _, value, _ in rows}) == len(rows)
    text = place.keyring.read_text(encoding="utf-8")
    assert not any(bytes(value).hex() in text for _, _, value, _ in rows)


def test_without_a_keyring_migrate_notes_nothing_and_the_first_practice_does(bare, tmp_path):
    assert bare.command("migrate").returncode == 0
    connection = bare.connect("postgres")
    assert Session(connection).one("SELECT count(*) FROM auth.key_check") == 0
    connection.rollback()
    made = Place(bare, tmp_path)
    made.practice()
    assert Session(connection).one("SELECT count(*) FROM auth.key_check") == len(made.as_json())


@pytest.mark.parametrize("arguments", [["keys", "status"], ["keys", "rotate"], ["keys", "register"],
                                       ["keys", "retire", "--kind", "kek", "1"], ["migrate"],
                                       ["practice", "create", "--name", "P", "--staff", "owner:o@example.org"]])
def test_another_keyring_is_refused_and_nothing_is_changed(place, arguments):
    """A lost key is never replaced by a new one."""
    place.practice()
    before = place.sql()("SELECT kind, version, value FROM auth.key_check ORDER BY 1, 2")
    foreign = place.directory / "foreign.json"
    place.run("keys", "create", foreign)
    text = foreign.read_text(encoding="utf-8")
    done = place.run(*arguments, keyring=foreign)
    assert done.returncode == MISCONFIGURED
    assert "not the one that this database was written with" in done.stderr
    assert foreign.read_text(encoding="utf-8") == text
    assert place.sql()("SELECT kind, version, value FROM auth.key_check ORDER BY 1, 2") == before
    assert place.sql().one("SELECT count(*) FROM anamnesis.practice") == 1


def test_an_incomplete_keyring_is_refused(place):
    place.must("keys", "rotate", "--kind", "seal")
    ring = place.as_json()
    ring["seal"] = [entry for entry in ring["seal"] if entry["version"] != 1]
    cut = place.directory / "cut.json"
    cut.write_text(json.dumps(ring), encoding="utf-8")
    cut.chmod(0o400)
    done = place.run("keys", "status", keyring=cut)
    assert done.returncode == MISCONFIGURED and "Version 1 of `seal`" in done.stderr and "lacks a version" in done.stderr


def test_a_database_of_before_takes_only_the_keyring_that_opens_it(place):
    """Data and no check values: as after an upgrade."""
    place.practice()
    sql = place.sql()
    sql("DELETE FROM auth.key_check")
    sql.commit()
    foreign = place.directory / "foreign.json"
    place.run("keys", "create", foreign)
    for arguments in (["migrate"], ["keys", "register"]):
        done = place.run(*arguments, keyring=foreign)
        assert done.returncode == MISCONFIGURED and "does not open what is in the database" in done.stderr
    assert place.sql().one("SELECT count(*) FROM auth.key_check") == 0
    place.must("keys", "register")
    assert place.sql().one("SELECT count(*) FROM auth.key_check") == len(place.as_json())


def test_indexes_of_before_are_made_anew_by_migrate(place):
    place.practice()
    sql = place.sql()
    good = sql("SELECT id, email_index FROM anamnesis.staff ORDER BY id")
    sql("UPDATE anamnesis.staff SET email_index = sha256(email_index)")  # a version that is none
    sql.commit()
    place.must("migrate")
    assert place.sql()("SELECT id, email_index FROM anamnesis.staff ORDER BY id") == good


def test_the_database_s_roles_read_check_values_and_do_not_write_them(connect):
    for role in ("anamnesis_api", "anamnesis_jobs"):
        session = connect(role)
        session("SELECT kind, version, value FROM auth.key_check")
        session.refused("42501", "UPDATE auth.key_check SET value = value")
        session.refused("42501", "INSERT INTO auth.key_check (kind, version, value) VALUES ('kek', 9, sha256('x'))")
        session.refused("42501", "DELETE FROM auth.key_check")
    connect("anamnesis_auditor").refused("42501", "SELECT FROM auth.key_check")


def test_the_scanner_reads_the_check_values_of_its_kind_alone(place):
    place.must("keys", "rotate", "--kind", "files")
    scan = place.sql("anamnesis_scan")
    expected = place.sql()("SELECT version, value FROM auth.key_check WHERE kind = 'files' ORDER BY 1")
    assert scan("SELECT version, value FROM anamnesis.scanner_keys()") == expected and len(expected) == 2
    scan.refused("42501", "SELECT FROM auth.key_check")
    scan.connection.rollback()
    place.must("keys", "retire", "--kind", "files", "1")
    assert [version for version, _ in scan("SELECT version, value FROM anamnesis.scanner_keys()")] == [2]
    for role in ("anamnesis_api", "anamnesis_jobs", "anamnesis_auditor"):
        place.sql(role).refused("42501", "SELECT anamnesis.scanner_keys()")


# ---------------------------------------------------------------------------------------------------- rotation

def test_data_keys_are_wrapped_anew_and_the_old_key_opens_nothing(place):
    place.practice()
    first = place.copy("first.json")
    assert place.opened(first) == (2, 0)
    assert place.status("kek") == {1: ("current", {"staff": 2})}
    done = place.run("keys", "rotate", "--batch", "1")
    assert done.returncode == 0, done.stderr
    assert "kek 2 is in use" in done.stdout and "backup" in done.stderr
    assert place.status("kek") == {2: ("current", {"staff": 2}), 1: ("old", {})}
    assert place.opened(first) == (0, 2)
    assert place.opened(place.keyring) == (2, 0)
    assert oct(place.keyring.stat().st_mode & 0o7777) == "0o400"
    assert list(place.directory.glob("*.new")) == []
    assert place.sql()("SELECT operation, detail FROM audit.event WHERE operation LIKE 'keys%%'") == [
        ("keys_rotate", "kek 2")]


def test_a_version_is_retired_when_nothing_needs_it(place):
    place.practice()
    done = place.run("keys", "retire", "--kind", "kek", "1")
    assert done.returncode == 1 and "2 staff" in done.stderr
    place.must("keys", "rotate")
    for version in ("2", "3"):  # in use; not there
        assert place.run("keys", "retire", "--kind", "kek", version).returncode == 1
    assert "Backups" in place.must("keys", "retire", "--kind", "kek", "1")
    assert place.status("kek") == {2: ("current", {"staff": 2})}
    assert place.sql().one("SELECT retired_at IS NOT NULL FROM auth.key_check WHERE kind = 'kek' AND version = 1")
    place.must("keys", "rotate")  # the number is not used again
    assert place.status("kek")[3] == ("current", {"staff": 2})


def test_a_row_of_a_retired_version_is_told_as_missing(place):
    place.practice()
    place.must("keys", "rotate")
    sql = place.sql()
    sql("UPDATE anamnesis.staff SET wrapped_key = set_byte(wrapped_key, 3, 1) WHERE role = 'owner'")
    sql.commit()
    done = place.run("keys", "retire", "--kind", "kek", "1")
    assert done.returncode == 1 and "kek 1 is needed: 1 staff" in done.stderr
    # A key that does not open is named, and does not keep the others from being moved.
    done = place.run("keys", "rotate")
    assert done.returncode == 1 and "does not open" in done.stderr and "1 rows still need" in done.stderr
    sql("UPDATE anamnesis.staff SET wrapped_key = set_byte(wrapped_key, 3, 7) WHERE role = 'owner'")
    sql.commit()
    done = place.run("keys", "status")
    assert done.returncode == 1 and "missing" in done.stdout and "lacks 1 versions" in done.stderr


@pytest.mark.parametrize("step", ["standby", "promoted", "moving"])
def test_a_rotation_goes_on_from_wherever_it_was_ended(place, step):
    """What each step leaves behind, and the same command after it."""
    place.practice()
    if step == "standby":
        place.must("keys", "rotate", "--prepare")
        assert place.status("kek")[2] == ("standby", {})
        place.must("keys", "rotate", "--prepare")  # changes nothing more
    else:
        place.must("keys", "rotate", "--prepare")
        ring = place.as_json()
        ring["kek"] = [{key: value for key, value in entry.items() if key != "standby"} for entry in ring["kek"]]
        place.keyring.unlink()
        place.keyring.write_text(json.dumps(ring), encoding="utf-8")
        place.keyring.chmod(0o400)
    if step == "moving":
        sql = place.sql()
        sql("SELECT FROM anamnesis.staff WHERE role = 'owner' FOR UPDATE")
        done = place.run("keys", "rotate", "--batch", "1")  # it does not wait for a lock for ever
        assert done.returncode == 1 and "1 rows still need" in done.stderr
        assert place.status("kek") == {2: ("current", {"staff": 1}), 1: ("old", {"staff": 1})}
        sql.rollback()
    assert [entry["version"] for entry in place.as_json()["kek"]] == [2, 1]
    assert "kek 2 is in use" in place.must("keys", "rotate")
    assert place.status("kek") == {2: ("current", {"staff": 2}), 1: ("old", {})}
    assert "kek 3 is in use" in place.must("keys", "rotate")  # only now is there a next one


def test_two_at_once_are_one(place):
    place.practice()
    sql = place.sql()
    sql("SELECT pg_advisory_lock(7020383421447828331)")
    done = place.run("keys", "rotate")
    assert done.returncode == 1 and "Another rotation" in done.stderr
    assert len(place.as_json()["kek"]) == 1
    sql.connection.close()
    place.must("keys", "rotate")


def test_programs_with_another_keyring_are_waited_for(place):
    """They are known by the name of their connections."""
    place.practice()
    program = psycopg2.connect(place.database.url("anamnesis_api"), application_name="anamnesis keyring 0123456789abcdef")
    done = place.run("keys", "rotate", "--wait", "1")
    assert done.returncode == 1 and "1 connections are of programs with another keyring" in done.stderr
    assert place.status("kek")[2][0] == "standby"  # nothing uses it yet
    ended = threading.Timer(0.5, program.close)
    ended.start()
    place.must("keys", "rotate")
    ended.join()
    assert place.status("kek")[2] == ("current", {"staff": 2})


def test_a_keyring_in_the_environment_goes_step_by_step(place):
    place.practice()
    ring = place.keyring.read_text(encoding="utf-8")

    def rotate(text):
        done = place.database.command("keys", "rotate", ANAMNESIS_KEYRING=text)
        assert done.returncode == 0, done.stderr
        return done
    first = rotate(ring)
    assert json.loads(first.stdout)["kek"][0]["standby"] is True and "in place of ANAMNESIS_KEYRING" in first.stderr
    second = rotate(first.stdout)
    assert "standby" not in json.loads(second.stdout)["kek"][0]
    assert place.sql().one("SELECT count(*) FROM anamnesis.staff WHERE auth.key_version(wrapped_key) = 1") == 2
    assert "kek 2 is in use" in rotate(second.stdout).stdout
    assert place.sql().one("SELECT count(*) FROM anamnesis.staff WHERE auth.key_version(wrapped_key) = 2") == 2


def test_authenticators_are_sealed_anew(place):
    made = place.practice()
    before = place.sql()("SELECT id, totp_sealed FROM auth.account ORDER BY id")
    place.must("keys", "rotate", "--kind", "seal")
    assert place.status("seal") == {2: ("current", {"authenticators": 2}), 1: ("old", {})}
    after = place.sql()("SELECT id, totp_sealed FROM auth.account ORDER BY id")
    assert [row[0] for row in before] == [row[0] for row in after] and not set(before) & set(after)
    assert len(made["staff"]) == 2
    place.must("keys", "retire", "--kind", "seal", "1")


class Files:
    """Patients who have sent a file: the scanner's copies of their files keys."""

    def __init__(self, place, count):
        self.place = place
        made = place.practice()
        lines = self.program(place.keyring, str(count)).splitlines()
        sql = place.sql()
        for patient, wrapped, sealed in map(str.split, lines):
            sql("INSERT INTO anamnesis.patient (id, practice_id, family_name, birth_date, created_by) "
                "SELECT p, %s, phi.seal(k, 'patient.family_name:' || p, 'Name'), phi.seal(k, 'patient.birth_date:' || p, '1970-01-01'), p "
                "FROM (SELECT %s::uuid AS p, decode(repeat('61', 96), 'hex') AS k) AS one", made["practice_id"], patient)
            sql("INSERT INTO anamnesis.data_key (patient_id, practice_id, wrapped_key, files_key) "
                "VALUES (%s, %s, decode(%s, 'hex'), decode(%s, 'hex'))", patient, made["practice_id"], wrapped, sealed)
        sql.commit()
        self.sql = sql

    @staticmethod
    def program(keyring, *arguments, lines=""):
        done = subprocess.run([postgres.program("tests/programs/files_keys"), *arguments], input=lines, capture_output=True,
                              text=True, env={"ANAMNESIS_KEYRING_FILE": str(keyring)}, check=True)
        return done.stdout

    def opened(self, keyring):
        """(how many copies open and are the files key of their patient's data key, how many not)"""
        rows = self.sql("SELECT patient_id::text, encode(wrapped_key, 'hex'), encode(files_key, 'hex') FROM anamnesis.data_key "
                        "WHERE files_key IS NOT NULL")
        self.sql.rollback()
        return tuple(map(int, self.program(keyring, lines="".join(" ".join(row) + "\n" for row in rows)).split()))

    def spoil(self, change, count):
        self.sql(f"UPDATE anamnesis.data_key SET {change} WHERE patient_id IN "
                 "(SELECT patient_id FROM anamnesis.data_key ORDER BY 1 LIMIT %s)", count)
        self.sql.commit()


def test_files_keys_are_sealed_anew_and_the_old_version_opens_none(place):
    files = Files(place, 5)
    files.spoil("files_key = NULL", 1)  # a patient who has sent none
    first = place.copy("first.json")
    before = files.sql("SELECT patient_id, wrapped_key FROM anamnesis.data_key ORDER BY 1")
    assert place.status("files") == {1: ("current", {"patients' files keys": 4})} and files.opened(first) == (4, 0)
    done = place.run("keys", "retire", "--kind", "files", "1")
    assert done.returncode == 1 and "4 patients' files keys" in done.stderr
    done = place.run("keys", "rotate", "--kind", "files", "--batch", "2")
    assert done.returncode == 0, done.stderr
    assert "files 2 is in use" in done.stdout and "4 of 4 patients' files keys" in done.stderr
    assert place.status("files") == {2: ("current", {"patients' files keys": 4}), 1: ("old", {})}
    assert files.opened(first) == (0, 4) and files.opened(place.keyring) == (4, 0)
    place.must("keys", "retire", "--kind", "files", "1")
    assert files.opened(place.keyring) == (4, 0)
    assert place.sql()("SELECT operation, detail FROM audit.event WHERE operation LIKE 'keys%%' ORDER BY 1 DESC") == [
        ("keys_rotate", "files 2"), ("keys_retire", "files 1")]
    # Nothing of it touches the data keys, and a rotation of the KEK touches nothing of it.
    assert files.sql("SELECT patient_id, wrapped_key FROM anamnesis.data_key ORDER BY 1") == before
    copies = files.sql("SELECT patient_id, files_key FROM anamnesis.data_key ORDER BY 1")
    files.sql.rollback()
    place.must("keys", "rotate")
    assert files.sql("SELECT patient_id, files_key FROM anamnesis.data_key ORDER BY 1") == copies
    assert files.opened(place.keyring) == (4, 0)


def test_a_damaged_copy_of_a_files_key_is_made_anew(place):
    """The data key tells what it must be."""
    files = Files(place, 3)
    files.spoil("files_key = overlay(files_key placing sha256('x') from 30)", 1)
    assert files.opened(place.keyring) == (2, 1)
    place.must("keys", "rotate", "--kind", "files")
    assert files.opened(place.keyring) == (3, 0)


def test_a_files_key_of_a_data_key_that_does_not_open_is_named_and_the_others_are_moved(place):
    files = Files(place, 3)
    files.spoil("wrapped_key = overlay(wrapped_key placing sha256('x') from 30)", 1)
    done = place.run("keys", "rotate", "--kind", "files")
    assert done.returncode == 1 and "does not open" in done.stderr and "1 rows still need" in done.stderr
    assert place.status("files") == {2: ("current", {"patients' files keys": 2}), 1: ("old", {"patients' files keys": 1})}
    assert files.opened(place.keyring) == (2, 1)
    done = place.run("keys", "retire", "--kind", "files", "1")
    assert done.returncode == 1 and "files 1 is needed: 1" in done.stderr


def test_a_files_key_that_a_request_holds_is_moved_by_the_next_pass(place):
    files = Files(place, 2)
    holder = place.sql()
    holder("SELECT FROM anamnesis.data_key ORDER BY patient_id LIMIT 1 FOR UPDATE")
    done = place.run("keys", "rotate", "--kind", "files")
    assert done.returncode == 1 and "1 rows still need" in done.stderr
    holder.rollback()
    assert "files 2 is in use" in place.must("keys", "rotate", "--kind", "files")
    assert files.opened(place.keyring) == (2, 0) and [one["version"] for one in place.as_json()["files"]] == [2, 1]


def test_passwords_keep_their_pepper_until_their_owners_sign_in(place):
    place.practice()
    place.must("keys", "rotate", "--kind", "pepper")
    assert place.status("pepper") == {2: ("current", {}), 1: ("old", {"passwords": 2})}
    assert place.run("keys", "retire", "--kind", "pepper", "1").returncode == 1


def test_recovery_codes_need_the_pepper_that_may_have_been_theirs(place):
    place.practice()
    sql = place.sql()
    sql("INSERT INTO auth.recovery_code (account_id, code_hash) SELECT id, sha256(id::text::bytea) FROM auth.account")
    sql.commit()
    place.must("keys", "rotate", "--kind", "pepper")
    assert place.status("pepper")[1] == ("old", {"passwords": 2, "recovery codes": 2})
    sql("UPDATE auth.recovery_code SET created_at = clock_timestamp()")
    sql.commit()
    assert place.status("pepper")[2] == ("current", {"recovery codes": 2})


def test_a_session_needs_the_pepper_that_its_hash_names_until_it_ends(place):
    """The first byte of what is stored of a token is its pepper's version."""
    place.practice()
    sql = place.sql()
    sql("INSERT INTO auth.session (practice_id, realm, account_id, token_hash, idle_seconds, expires_at, client_address) "
        "SELECT practice_id, realm, id, set_byte(sha256(id::text::bytea), 0, 1), 900, now() + interval '1 hour', '' "
        "FROM auth.account")
    sql.commit()
    place.must("keys", "rotate", "--kind", "pepper")
    assert place.status("pepper")[1] == ("old", {"passwords": 2, "sessions": 2})
    sql("UPDATE auth.session SET ended_at = now()")
    sql.commit()
    assert place.status("pepper")[1] == ("old", {"passwords": 2})


def test_a_renewed_password_replaces_only_the_one_that_was_checked(api, world):
    member = world[0].staff["owner"]
    renew = "SELECT auth.password_renew(%s, %s, %s, %s)"
    api.anonymous()
    assert api.one(renew, "staff", member.id, "another", "new") is False
    assert api.one(renew, "patient", member.id, "hash", "new") is False
    assert api.one(renew, "staff", member.id, "hash", "new") is True


# ------------------------------------------------------------------------------- two index keys, one value

def test_nobody_takes_a_value_that_somebody_has_under_another_key(connect, world):
    """The constraint cannot see it: each key makes another index of one value."""
    practice, other = world
    free = os.urandom(32)
    session = connect("anamnesis_api")
    claim = "SELECT auth.claim_index(%s, %s, %s)"
    owner, physician = practice.staff["owner"], practice.staff["physician"]
    session.refused("AN403", claim, "staff.email", owner.id, [free])  # nobody is signed in
    session.prove(physician)
    session(claim, "staff.email", owner.id, [free, os.urandom(32)])
    session(claim, "staff.email", owner.id, [free, owner.email_index])  # one's own
    fault = session.refused("23505", claim, "staff.email", owner.id, [free, physician.email_index])
    assert fault.diag.constraint_name == "staff_email_key"
    session(claim, "staff.email", owner.id, [free, other.staff["owner"].email_index])  # another practice
    session.refused("AN500", claim, "patient.name", practice.patient.id, [free])
    session.refused("AN403", claim, "staff.email", owner.id, [os.urandom(32)] * 17)


def test_a_patients_address_and_number_are_claimed_under_every_key(connect, world):
    practice, other = world
    one, second = practice.patient, practice.patients[1]
    session = connect("anamnesis_api")
    claim = "SELECT * FROM auth.patient_claim(%s, %s::bytea[], %s::bytea[])"
    session.refused("AN403", claim, second.id, [os.urandom(32)], [])  # nobody is signed in
    session.prove(practice.staff["physician"])
    assert session(claim, second.id, [os.urandom(32)], [os.urandom(32)]) == [(False, False)]
    assert session(claim, second.id, [os.urandom(32), one.email_index], []) == [(True, False)]  # relatives
    assert session(claim, one.id, [one.email_index], []) == [(False, False)]  # one's own
    assert session(claim, second.id, [other.patient.email_index], []) == [(False, False)]  # another practice
    session.refused("AN403", claim, second.id, [os.urandom(32)] * 17, [])


def test_two_who_claim_one_value_wait_for_each_other(database, world):
    """They share one index, not the others; each would store another one."""
    practice = world[0]
    first, second = (Session(database.connect("anamnesis_api")) for _ in range(2))
    shared, claim = os.urandom(32), "SELECT auth.patient_claim(%s, %s::bytea[], '{}')"
    for session, patient in ((first, practice.patients[0]), (second, practice.patients[1])):
        session.prove(practice.staff["physician"])
    first(claim, practice.patients[0].id, [os.urandom(32), shared])
    second("SET LOCAL lock_timeout = '200ms'")
    second.refused("55P03", claim, practice.patients[1].id, [shared, os.urandom(32)])
    second(claim, practice.patients[1].id, [os.urandom(32)])  # another value
    for session in (first, second):
        session.connection.close()


# ---------------------------------------------------------------------------------------- nothing is forgotten

KEYED = {  # columns that say by which version of which kind they were made, and are counted by `keys status`
    "anamnesis.data_key.wrapped_key": "kek", "anamnesis.staff.wrapped_key": "kek",
    "anamnesis.patient.email_index": "index", "anamnesis.patient.record_number_index": "index",
    "anamnesis.staff.email_index": "index", "auth.address_change.old_index": "index", "auth.account.totp_sealed": "seal", "auth.account.totp_pending": "seal",
    "auth.passkey.credential_index": "index", "auth.passkey.passkey_sealed": "seal",
    "anamnesis.outbox.sealed": "seal", "anamnesis.idempotency.reply_sealed": "seal", "anamnesis.data_key.files_key": "files",
}
# The key of a session is a copy that follows the one of staff, and of which an ended session has none (tests/sql/test_session_actor.py).
COPIES = {"auth.session.wrapped_key"}
# What was declared of a file is under its patient's files key, whatever version of `files` seals that for the scanner; a salt is no
# secret's work; a grant is for one download within a minute.
OF_FILES = {"anamnesis.upload.declared", "anamnesis.upload.salt", "anamnesis.upload_grant.hash"}
# A device's mark is keyed too: one whose pepper is gone is a stranger's, and nothing is lost.
NEED_NO_KEY = re.compile(r"(_hash|_sha256|sha256|\bvalue|\bkey|key_hash|_root|\broot|signature|previous|leaves|public_key|credential_id|\bdoor|\bsecret|\bmark|\borigin)$")


def test_every_column_of_bytes_is_counted_or_needs_no_key(superuser):
    columns = superuser("SELECT format('%%s.%%s', a.attrelid::regclass, a.attname) FROM pg_attribute a "
                        "JOIN pg_class c ON c.oid = a.attrelid JOIN pg_namespace n ON n.oid = c.relnamespace "
                        "WHERE n.nspname IN ('anamnesis', 'auth', 'audit') AND c.relkind IN ('r', 'p') "
                        "AND NOT c.relispartition AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid = 'bytea'::regtype")
    unknown = {name for (name,) in columns if name not in {*KEYED, *COPIES, *OF_FILES} and not NEED_NO_KEY.search(name)}
    assert unknown == set(), "sql/cli/keys/uses_*.sql has to count these"
    source = "".join(path.read_text(encoding="utf-8") for path in (TOP / "sql" / "cli" / "keys").glob("uses_*.sql"))
    for name in KEYED:
        table, _, column = name.rpartition(".")
        assert f"auth.key_version({column})" in source and f"FROM {table}" in source, name


def test_usage():
    for arguments in (["rotate", "--kind", "door"], ["rotate", "--batch", "0"], ["rotate", "--batch", "10001"],
                      ["rotate", "--wait", "-1"], ["rotate", "--kind"], ["rotate", "now"], ["retire"],
                      ["retire", "--kind", "kek"], ["retire", "--kind", "kek", "0"], ["retire", "--kind", "kek", "1x"],
                      ["status", "--kind"], ["register", "x"]):
        done = subprocess.run([postgres.program(), "keys", *arguments], env={"PATH": os.environ["PATH"]},
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2 and done.stderr, arguments
    for name in ("status", "rotate", "retire", "register"):
        done = subprocess.run([postgres.program(), "keys", name, "--help"], capture_output=True, text=True, check=False)
        assert done.returncode == 0 and done.stdout.startswith(f"usage: anamnesis keys {name}")
