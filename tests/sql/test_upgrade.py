"""A database of the state before tokens were keyed and data keys had a table of their own: brought up, with nothing lost."""

import hashlib
import json
import os
import subprocess
import uuid

import pytest

from support import postgres
from support.world import Session

BEFORE = 33  # the newest migration of that state; files up to it are never changed, and held their functions themselves
FILES = sorted((postgres.TOP / "sql" / "migrations").glob("*.sql"))
# What the upgrade is meant to change: whatever was handed out ends.
ENDED = {"auth.session": {"ended_at"}, "auth.challenge": {"used_at"}, "auth.staff_invitation": {"used_at"},
         "anamnesis.invitation": {"expires_at"}}
GONE = {"auth.passkey_challenge"}
LEDGERS = {"anamnesis.migration", "anamnesis.sql_state", "anamnesis.sql_text", "auth.key_check"}


def tables(sql):
    found = sql("SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace "
                "WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition AND n.nspname IN ('anamnesis', 'auth', 'audit')")
    return {name for (name,) in found} - LEDGERS


def contents(sql):
    """{table: rows as JSON}"""
    return {table: sorted((row for (row,) in sql(f"SELECT to_jsonb(t) FROM {table} t")), key=json.dumps) for table in tables(sql)}


def seeds(keyring, count):
    """(identifier, data key, wrapped key, e-mail index) of people, as the keyring makes them."""
    subprocess.run(["make", "-s", "-f", "Makefile", "-f", "bench/bench.mk", "build/bench/seed"], cwd=postgres.TOP, check=True)
    done = subprocess.run([postgres.TOP / "build" / "bench" / "seed", str(count)], capture_output=True, text=True, check=True,
                          env={"ANAMNESIS_KEYRING_FILE": str(keyring)})
    for line in done.stdout.splitlines():
        name, key, wrapped, _, index = line.split("\t")
        yield name, *(bytes.fromhex(value.replace("\\\\x", "").replace("\\x", "")) for value in (key, wrapped, index))


class Before:
    """The state before, with one of everything in it."""

    def __init__(self, database, keyring):
        self.database, self.keyring = database, keyring
        sql = self.sql = Session(database.connect("anamnesis_owner"))
        sql("CREATE SCHEMA anamnesis")
        sql("CREATE TABLE anamnesis.migration (version integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, "
            "applied_at timestamptz NOT NULL DEFAULT now())")
        for path in FILES:
            version, text = int(path.stem[:4]), path.read_bytes()
            if version <= BEFORE:
                sql.cursor.execute(text.decode())
                sql("INSERT INTO anamnesis.migration (version, name, sha256) VALUES (%s, %s, %s)", version, path.stem[5:],
                    hashlib.sha256(text).hexdigest())
        self.practice = uuid.uuid4()
        sql("INSERT INTO anamnesis.practice (id, name) VALUES (%s, 'Practice')", self.practice)
        staff, *self.patients = seeds(keyring, 3)
        self.people = [staff, *self.patients]
        self.add_staff(*staff)
        for person in self.patients:
            self.add_patient(*person)
        sql.commit()

    def add_account(self, name, realm):
        sql = self.sql
        sql("INSERT INTO auth.account (id, practice_id, realm, password_hash, totp_sealed) VALUES (%s, %s, %s, 'hash', %s)",
            name, self.practice, realm, os.urandom(60))
        sql("INSERT INTO auth.recovery_code (account_id, code_hash) VALUES (%s, %s)", name, os.urandom(32))
        for ended in (None, "2026-01-01"):
            sql("INSERT INTO auth.session (practice_id, realm, account_id, token_hash, idle_seconds, expires_at, client_address, "
                "ended_at) VALUES (%s, %s, %s, %s, 900, now() + interval '1 hour', '', %s)", self.practice, realm, name,
                os.urandom(32), ended)
        for purpose, delivery in (("mfa", "cookie"), ("reset", "email")):
            sql("INSERT INTO auth.challenge (token_hash, practice_id, realm, account_id, purpose, delivery, expires_at) "
                "VALUES (%s, %s, %s, %s, %s, %s, now() + interval '5 minutes')", os.urandom(32), self.practice, realm,
                name, purpose, delivery)
        sql("INSERT INTO auth.passkey (id, practice_id, account_id, credential_index, passkey_sealed, sign_count, "
            "backup_eligible, backed_up) VALUES (gen_random_uuid(), %s, %s, %s, %s, 0, false, false)", self.practice, name,
            b"\0\0\0\1" + os.urandom(28), os.urandom(90))
        sql("INSERT INTO auth.passkey_challenge (challenge_hash, realm, purpose) VALUES (%s, %s, 'sign-in')", os.urandom(32), realm)

    def add_staff(self, name, key, wrapped, index):
        sql = self.sql
        sql("INSERT INTO anamnesis.staff (id, practice_id, role, email_index, wrapped_key, email, name) VALUES (%s, %s, 'owner', "
            "%s, %s, phi.seal(%s, 'staff.email:' || %s, 'e@example.org'), phi.seal(%s, 'staff.name:' || %s, 'Name'))", name,
            self.practice, index, wrapped, key, name, key, name)
        sql("INSERT INTO auth.staff_invitation (token_hash, practice_id, staff_id, expires_at) VALUES (%s, %s, %s, "
            "now() + interval '1 day')", os.urandom(32), self.practice, name)
        self.add_account(name, "staff")
        self.staff, self.questionnaire = name, uuid.uuid4()
        sql("INSERT INTO anamnesis.questionnaire (id, practice_id, title, draft, created_by) VALUES (%s, %s, 'Q', '{}', %s)",
            self.questionnaire, self.practice, name)
        sql("INSERT INTO anamnesis.questionnaire_version (practice_id, questionnaire_id, version, title, definition, "
            "definition_sha256, published_by) VALUES (%s, %s, 1, 'Q', '{}', sha256('{}'), %s)", self.practice,
            self.questionnaire, name)

    def add_patient(self, name, key, wrapped, index):
        sql, assignment, response = self.sql, uuid.uuid4(), uuid.uuid4()
        sealed = [part for column in ("given_name", "family_name", "birth_date", "email") for part in (key, f"patient.{column}:{name}")]
        sql("INSERT INTO anamnesis.patient (id, practice_id, wrapped_key, given_name, family_name, birth_date, email, email_index, "
            "created_by, registered_at) VALUES (%s, %s, %s, phi.seal(%s, %s, 'Given'), phi.seal(%s, %s, 'Family'), "
            "phi.seal(%s, %s, '1980-02-29'), phi.seal(%s, %s, 'p@example.org'), %s, %s, now())", name, self.practice, wrapped,
            *sealed, index, self.staff)
        self.add_account(name, "patient")
        sql("INSERT INTO anamnesis.invitation (practice_id, patient_id, token_hash, delivery, expires_at, created_by) "
            "VALUES (%s, %s, %s, 'link', now() + interval '1 day', %s)", self.practice, name, os.urandom(32), self.staff)
        sql("INSERT INTO anamnesis.assignment (id, practice_id, patient_id, questionnaire_id, version, created_by) "
            "VALUES (%s, %s, %s, %s, 1, %s)", assignment, self.practice, name, self.questionnaire, self.staff)
        sql("INSERT INTO anamnesis.response (id, practice_id, patient_id, assignment_id, questionnaire_id, version, answers) "
            "VALUES (%s, %s, %s, %s, %s, 1, phi.seal(%s, 'response.answers:' || %s, '{\"item\": []}'))", response, self.practice,
            name, assignment, self.questionnaire, key, str(response))
        sql("INSERT INTO anamnesis.outbox (practice_id, kind, sealed) VALUES (%s, 'invitation', %s)", self.practice, os.urandom(60))
        sql("INSERT INTO anamnesis.idempotency (practice_id, actor_id, key_hash, operation, body_sha256) "
            "VALUES (%s, %s, sha256('k'), 'x', sha256('b'))", self.practice, name)
        sql("INSERT INTO audit.event (practice_id, realm, actor_id, role, client_address, request_id, operation, patient_ids, outcome) "
            "VALUES (%s, 'patient', %s, 'patient', '', gen_random_uuid(), 'x', ARRAY[%s]::uuid[], 'ok')", self.practice, name, name)


@pytest.fixture
def before(bare, keyring):
    made = Before(bare, keyring)
    yield made
    made.sql.connection.close()


def kept(row, after, free):
    """Whether a row is still there: each value of it that has a column yet, but for those that may change."""
    return any(all(new[name] == value for name, value in row.items() if name in new and name not in free) for new in after)


def test_the_state_before_is_brought_up_with_nothing_lost(before):
    old = contents(before.sql)
    assert all(old[table] for table in ENDED.keys() | GONE | {"anamnesis.patient", "anamnesis.response", "audit.event", "auth.passkey"})
    before.sql.commit()
    done = before.database.command("migrate", ANAMNESIS_KEYRING_FILE=str(before.keyring))
    assert done.returncode == 0, done.stderr
    new = contents(before.sql)
    for table, rows in old.items():
        assert table in new, table
        if table not in GONE:
            assert len(new[table]) == len(rows), table
            assert all(kept(row, new[table], ENDED.get(table, set())) for row in rows), table


def test_after_the_upgrade_whatever_was_handed_out_has_ended(before):
    hashes = [(realm, bytes(token)) for realm, token in before.sql("SELECT realm, token_hash FROM auth.session WHERE ended_at IS NULL")]
    before.sql.commit()
    before.database.command("migrate", ANAMNESIS_KEYRING_FILE=str(before.keyring))
    for still_open in ("auth.session WHERE ended_at IS NULL", "auth.challenge WHERE used_at IS NULL",
                       "auth.staff_invitation WHERE used_at IS NULL", "anamnesis.invitation WHERE expires_at > now()",
                       "auth.passkey_challenge"):
        assert before.sql.one(f"SELECT count(*) FROM {still_open}") == 0, still_open
    assert before.sql.one("SELECT count(*) FROM anamnesis.invitation WHERE status = 'pending'") == len(before.patients)
    api = Session(before.database.connect("anamnesis_api"))
    for realm, token in hashes:
        api.refused("AN401", "SELECT auth.prove(%s, %s, 31, 'x', gen_random_uuid(), '')", realm, token)
    api.connection.close()


def test_after_the_upgrade_every_key_and_every_sealed_value_opens(before):
    before.database.command("migrate", ANAMNESIS_KEYRING_FILE=str(before.keyring))
    sql, wrapped = before.sql, {name: key for name, _, key, _ in before.people}
    found = sql("SELECT patient_id::text, wrapped_key FROM anamnesis.data_key UNION ALL SELECT id::text, wrapped_key FROM anamnesis.staff")
    assert {name: bytes(key) for name, key in found} == wrapped
    lines = "".join(f"{name} {bytes(key).hex()}\n" for name, key in found)
    done = subprocess.run([postgres.program().parent / "tests" / "tools" / "open_keys"], input=lines, capture_output=True,
                          text=True, env={"ANAMNESIS_KEYRING_FILE": str(before.keyring)}, check=True)
    assert done.stdout.split() == ["3", "0"]
    for name, key, _, _ in before.patients:
        assert sql("SELECT phi.open(%s, 'patient.given_name:' || id::text, given_name), "
                   "phi.open(%s, 'patient.email:' || id::text, email) FROM anamnesis.patient WHERE id = %s",
                   key, key, name) == [("Given", "p@example.org")]
        assert sql.one("SELECT phi.open(%s, 'response.answers:' || id::text, answers) FROM anamnesis.response "
                       "WHERE patient_id = %s", key, name) == '{"item": []}'
