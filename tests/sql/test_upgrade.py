"""A database of before sql/schema/ was written anew: taken over with nothing lost, and alike to one that is made from nothing."""

import hashlib
import json
import os
import subprocess
import uuid

import pytest

from support import former, postgres
from support.catalogue import catalogue, facts
from support.world import Session

LEDGERS = {"anamnesis.migration", "anamnesis.sql_state", "anamnesis.sql_text", "auth.key_check"}
SCHEMA = sorted((postgres.TOP / "sql" / "schema").glob("*.sql"))
TAKEN_OVER = [path for path in SCHEMA if int(path.stem[:4]) <= next(
    upto for version, _, _, upto in former.HISTORY if version == former.NEWEST)]

RANDOM = 32  # bytes at the end of an opened data key: what the functions of before took


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
        former.restore(database)
        sql = self.sql = Session(database.connect("anamnesis_owner"))
        self.practice = uuid.uuid4()
        sql("INSERT INTO anamnesis.practice (id, name) VALUES (%s, 'Practice')", self.practice)
        staff, *self.patients = seeds(keyring, 3)
        self.people = [staff, *self.patients]
        self.add_staff(*staff)
        for person in self.patients:
            self.add_patient(*person)
        sql("INSERT INTO auth.erasure (patient_id, practice_id) VALUES (gen_random_uuid(), %s)", self.practice)
        sql("INSERT INTO audit.seal (number, horizon, rows, total, sealed_at, key_version, root, previous, signature, leaves) "
            "VALUES (1, 1, 1, 1, now(), 1, sha256('r'), sha256('p'), decode(repeat('00', 64), 'hex'), decode(repeat('00', 56), 'hex'))")
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
        sql("INSERT INTO auth.familiar (account_id, mark, kind) VALUES (%s, %s, 'device')", name, os.urandom(32))
        sql("INSERT INTO auth.passkey_challenge (challenge_hash, realm, purpose) VALUES (%s, %s, 'sign-in')", os.urandom(32), realm)

    def add_staff(self, name, keys, wrapped, index):
        sql, key = self.sql, keys[-RANDOM:]
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

    def add_patient(self, name, keys, wrapped, index):
        sql, assignment, response, key = self.sql, uuid.uuid4(), uuid.uuid4(), keys[-RANDOM:]
        change, glass, migration, done, amended = (uuid.uuid4() for _ in range(5))
        sealed = [part for column in ("given_name", "family_name", "birth_date", "email") for part in (key, f"patient.{column}:{name}")]
        sql("INSERT INTO anamnesis.patient (id, practice_id, given_name, family_name, birth_date, email, email_index, "
            "created_by, registered_at) VALUES (%s, %s, phi.seal(%s, %s, 'Given'), phi.seal(%s, %s, 'Family'), "
            "phi.seal(%s, %s, '1980-02-29'), phi.seal(%s, %s, 'p@example.org'), %s, %s, now())", name, self.practice,
            *sealed, index, self.staff)
        sql("INSERT INTO anamnesis.data_key (patient_id, practice_id, wrapped_key) VALUES (%s, %s, %s)", name, self.practice, wrapped)
        self.add_account(name, "patient")
        sql("UPDATE auth.account SET held_since = now(), held_until = now() + interval '1 day', held_password = 'hash', "
            "held_mail = true WHERE id = %s", name)
        sql("INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by) VALUES (%s, %s, %s, %s)", self.practice,
            self.staff, name, self.staff)
        sql("INSERT INTO anamnesis.break_glass (id, practice_id, patient_id, staff_id, reason) VALUES (%s, %s, %s, "
            "%s, phi.seal(%s, %s, 'Reason'))", glass, self.practice, name, self.staff, key, f"break_glass.reason:{glass}")
        sql("INSERT INTO auth.address_change (id, practice_id, realm, account_id, proposed_by, old_email, new_email, confirm_hash, "
            "object_hash, expires_at) VALUES (%s, %s, 'patient', %s, %s, phi.seal(%s, %s, 'o'), "
            "phi.seal(%s, %s, 'n'), %s, %s, now() + interval '1 day')", change, self.practice, name, name, key,
            f"address_change.old_email:{change}", key, f"address_change.new_email:{change}", os.urandom(32), os.urandom(32))
        sql("INSERT INTO anamnesis.invitation (practice_id, patient_id, token_hash, delivery, expires_at, created_by) "
            "VALUES (%s, %s, %s, 'link', now() + interval '1 day', %s)", self.practice, name, os.urandom(32), self.staff)
        sql("INSERT INTO anamnesis.assignment (id, practice_id, patient_id, questionnaire_id, version, created_by) "
            "VALUES (%s, %s, %s, %s, 1, %s)", assignment, self.practice, name, self.questionnaire, self.staff)
        sql("INSERT INTO anamnesis.response (id, practice_id, patient_id, assignment_id, questionnaire_id, version, answers) "
            "VALUES (%s, %s, %s, %s, %s, 1, phi.seal(%s, 'response.answers:' || %s, '{\"item\": []}'))", response, self.practice,
            name, assignment, self.questionnaire, key, str(response))
        sql("INSERT INTO anamnesis.response_migration (id, practice_id, patient_id, response_id, from_version, to_version, revision, "
            "answers, dropped) VALUES (%s, %s, %s, %s, 0, 1, 1, phi.seal(%s, %s, '{}'), phi.seal(%s, %s, '[]'))",
            migration, self.practice, name, response, key, f"response_migration.answers:{migration}", key,
            f"response_migration.dropped:{migration}")
        sql("INSERT INTO anamnesis.assignment (id, practice_id, patient_id, questionnaire_id, version, created_by) "
            "VALUES (%s, %s, %s, %s, 1, %s)", amended, self.practice, name, self.questionnaire, self.staff)
        sql("INSERT INTO anamnesis.response (id, practice_id, patient_id, assignment_id, questionnaire_id, version, status, submitted_at, "
            "definition_sha256, answers, scores, response_sha256) VALUES (%s, %s, %s, %s, %s, 1, 'completed', now(), sha256('d'), "
            "phi.seal(%s, %s, '{\"item\": [1]}'), phi.seal(%s, %s, '[]'), phi.seal(%s, %s, 'hash'))", done, self.practice, name,
            amended, self.questionnaire, key, f"response.answers:{done}", key, f"response.scores:{done}", key,
            f"response.response_sha256:{done}")
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


def migrate(before):
    before.sql.commit()
    done = before.database.command("migrate", "--json", ANAMNESIS_KEYRING_FILE=str(before.keyring))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def test_the_state_before_is_taken_over_with_nothing_lost(before):
    old = contents(before.sql)
    assert [table for table, rows in old.items() if not rows] == []
    ledger = before.sql("SELECT * FROM anamnesis.migration ORDER BY version")
    assert migrate(before)["applied"] == len(SCHEMA) - len(TAKEN_OVER)
    new = contents(before.sql)
    assert old.keys() - new.keys() == {"auth.proof_key"}  # a secret for codes that are not made any more
    for row in new["audit.event"]:  # the list is in two columns now; its bytes as sealed: the next test
        row["patient_ids"] = [row["patient_id"]] if row["patient_id"] else row["patient_ids"] or []
    for table in old.keys() & new.keys():
        assert [{name: row[name] for name in old[table][0]} for row in new[table]] == old[table], table
    noted = before.sql("SELECT * FROM anamnesis.migration ORDER BY version")
    assert noted[:len(ledger)] == ledger
    assert [(version, name) for version, name, *_ in noted[len(ledger):]] == [(int(path.stem[:4]), path.stem[5:]) for path in SCHEMA]
    assert migrate(before) == {"version": int(SCHEMA[-1].stem[:4]), "applied": 0, "texts": 0}


AS_SEALED = ("practice_id", "realm", "actor_id", "role", "session_id", "client_address", "request_id", "operation", "object_id",
             "patient_ids", "outcome", "detail")


def leaf(row):
    """The 56 bytes of a row, as lib/audit/row.h describes them."""
    place = b"".join(row[name].to_bytes(8, "big", signed=True) for name in ("position", "id", "micros"))
    parts = [None if value is None else value.encode() if isinstance(value, str) else value.bytes if isinstance(value, uuid.UUID)
             else b"".join(each.bytes for each in value) for value in (row[name] for name in AS_SEALED)]
    said = b"".join(b"\xff" * 4 if part is None else len(part).to_bytes(4, "big") + part for part in parts)
    return place + hashlib.sha256(b"\x01" + place + said).digest()


def test_rows_of_the_log_keep_the_bytes_that_were_sealed(before):
    """[16.4.2] Rows of no patient, one, several, the same twice: each has the leaf that its seal was made of."""
    sql, names = before.sql, [uuid.uuid4() for _ in range(3)]
    for patients in ([], names[:1], names, names[:1] * 2, [names[2], names[0]]):
        for realm, role, detail in (("staff", "owner", "break-glass"), ("system", None, None)):
            sql("INSERT INTO audit.event (at, practice_id, realm, actor_id, role, session_id, client_address, request_id, operation, "
                "object_id, patient_ids, outcome, detail) VALUES (now() - interval '3 months', %s, %s, %s, %s, %s, '192.0.2.1', %s, "
                "'read', %s, %s::uuid[], 'ok', %s)", before.practice, realm, role and names[1], role, role and names[2], uuid.uuid4(),
                names[0], patients, detail)
    sql.cursor.execute("SELECT e.*, (extract(epoch FROM at) * 1000000)::bigint AS micros FROM audit.event e ORDER BY position, id")
    columns = [column.name for column in sql.cursor.description]
    rows = [dict(zip(columns, row)) for row in sql.cursor.fetchall()]
    migrate(before)
    (stored,) = sql("SELECT audit.leaves(-9e18::bigint, 9e18::bigint)")[0]
    assert bytes(stored) == b"".join(leaf(row) for row in rows) and len(rows) > 10
    for name in names:
        assert sql.one("SELECT count(*) FROM audit.event WHERE patient_id = %s OR patient_ids @> ARRAY[%s]", name, name) == sum(
            name in row["patient_ids"] for row in rows)
    assert sql.one("SELECT count(*) FROM audit.event WHERE patient_id IS NOT NULL AND patient_ids IS NOT NULL") == 0


def test_no_session_is_ended_by_it(before):
    sessions = before.sql("SELECT realm, token_hash, ended_at IS NULL FROM auth.session")
    migrate(before)
    api = Session(before.database.connect("anamnesis_api"))
    for realm, token, is_open in sessions:
        proven = "SELECT actor_id FROM auth.prove(%s, %s, 31, 'x', gen_random_uuid(), '')"
        if is_open:
            assert api.one(proven, realm, bytes(token)) is not None
        else:
            api.refused("AN401", proven, realm, bytes(token))
    api.connection.close()
    for still_open in ("auth.session WHERE ended_at IS NULL", "auth.challenge WHERE used_at IS NULL",
                       "auth.staff_invitation WHERE used_at IS NULL", "anamnesis.invitation WHERE expires_at > now()",
                       "auth.passkey_challenge"):
        assert before.sql.one(f"SELECT count(*) FROM {still_open}") > 0, still_open


@pytest.mark.parametrize("version, upto", [(version, upto) for version, _, _, upto in former.HISTORY if upto is not None])
def test_the_old_and_the_new_database_are_alike(bare, server, version, upto):
    former.restore(bare)
    files = [path for path in SCHEMA if int(path.stem[:4]) <= upto]
    with bare.connect("anamnesis_owner") as connection, connection.cursor() as cursor:
        for path in files[len(TAKEN_OVER):]:  # what came after the dump was the same under its former number
            cursor.execute(path.read_text(encoding="utf-8"))
        for number, name, digest, _ in former.HISTORY:
            if former.NEWEST < number <= version:
                cursor.execute("INSERT INTO anamnesis.migration (version, name, sha256) VALUES (%s, %s, %s)", (number, name, digest))
    connection.close()
    done = bare.command("migrate", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["applied"] == len(SCHEMA) - len(files)
    new = postgres.Database(server)
    try:
        assert new.command("migrate").returncode == 0
        assert catalogue(bare) == catalogue(new)
    finally:
        new.drop()


@pytest.mark.parametrize("change", [
    "DROP INDEX anamnesis.response_open", "CREATE INDEX one_more ON auth.session (idle_seconds)",
    "ALTER TABLE anamnesis.practice ALTER COLUMN session_hours SET DEFAULT 11",
    "ALTER TABLE anamnesis.practice ALTER COLUMN name DROP NOT NULL", "ALTER TABLE anamnesis.practice ALTER COLUMN name TYPE varchar",
    "ALTER TABLE anamnesis.practice RENAME COLUMN name TO title", "ALTER TABLE anamnesis.practice ADD COLUMN one_more text",
    "ALTER TABLE anamnesis.practice DROP COLUMN session_hours, ADD COLUMN session_hours integer NOT NULL DEFAULT 12 "
    "CONSTRAINT practice_session_hours_check CHECK (session_hours BETWEEN 1 AND 12)",
    "ALTER TABLE anamnesis.response ALTER COLUMN answers SET STORAGE EXTENDED",
    "ALTER TABLE anamnesis.data_key ALTER COLUMN wrapped_key SET STATISTICS -1", "ALTER TABLE anamnesis.response SET (fillfactor = 90)",
    "ALTER TABLE anamnesis.outbox DROP CONSTRAINT outbox_kind_check",
    "ALTER TABLE anamnesis.response RENAME CONSTRAINT response_amendment_key TO response_key",
    "ALTER TABLE anamnesis.response ENABLE TRIGGER completed_for_ever", "DROP TRIGGER spoken ON anamnesis.outbox",
    "ALTER FUNCTION auth.sees(uuid) VOLATILE", "ALTER FUNCTION auth.sees(uuid) OWNER TO postgres",
    "GRANT EXECUTE ON FUNCTION auth.end_all(uuid, uuid) TO anamnesis_api", "GRANT SELECT (id) ON auth.account TO anamnesis_api",
    "GRANT SELECT ON auth.account TO anamnesis_jobs", "GRANT CREATE ON SCHEMA auth TO anamnesis_api",
    "ALTER TABLE auth.session OWNER TO postgres", "ALTER TABLE auth.session NO FORCE ROW LEVEL SECURITY",
    "DROP POLICY reads ON anamnesis.response", "ALTER POLICY reads ON anamnesis.response USING (true)",
    "CREATE OR REPLACE VIEW auth.one_more AS SELECT 1", "ALTER DOMAIN phi.sealed DROP CONSTRAINT sealed_check",
    "ALTER SEQUENCE audit.event_id_seq1 INCREMENT 2", "COMMENT ON TABLE auth.session IS 'One'",
    "ALTER DEFAULT PRIVILEGES FOR ROLE anamnesis_owner GRANT EXECUTE ON FUNCTIONS TO PUBLIC"])
def test_what_is_not_alike_is_seen(superuser, change):
    was = facts(superuser.cursor)
    superuser(change)
    assert facts(superuser.cursor) != was


def test_after_the_upgrade_every_key_and_every_sealed_value_opens(before):
    migrate(before)
    sql, wrapped = before.sql, {name: key for name, _, key, _ in before.people}
    found = sql("SELECT patient_id::text, wrapped_key FROM anamnesis.data_key UNION ALL SELECT id::text, wrapped_key FROM anamnesis.staff")
    assert {name: bytes(key) for name, key in found} == wrapped
    lines = "".join(f"{name} {bytes(key).hex()}\n" for name, key in found)
    done = subprocess.run([postgres.program().parent / "tests" / "programs" / "open_keys"], input=lines, capture_output=True,
                          text=True, env={"ANAMNESIS_KEYRING_FILE": str(before.keyring)}, check=True)
    assert done.stdout.split() == ["3", "0"]
    for name, key, _, _ in before.patients:
        assert sql("SELECT phi.open(%s, 'patient.given_name:' || id::text, given_name), "
                   "phi.open(%s, 'patient.email:' || id::text, email) FROM anamnesis.patient WHERE id = %s",
                   key, key, name) == [("Given", "p@example.org")]
        assert sql("SELECT phi.open(%s, 'response.answers:' || id::text, answers) FROM anamnesis.response "
                   "WHERE patient_id = %s ORDER BY status", key, name) == [('{"item": [1]}',), ('{"item": []}',)]


# ---- the format of sealed values

OWNERS = {"staff": "id", "patient": "id", "address_change": "account_id"}  # others name the patient


WRAPPED_BY = "SELECT DISTINCT auth.key_version(wrapped_key) FROM anamnesis.data_key"


def sealed(sql):
    """{(table, column, row): (owner, value)} of every column of the type."""
    columns = sql("SELECT n.nspname || '.' || c.relname, c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid "
                  "JOIN pg_namespace n ON n.oid = c.relnamespace WHERE a.atttypid = 'phi.sealed'::regtype AND c.relkind IN ('r', 'p') "
                  "AND NOT a.attisdropped AND NOT c.relispartition")
    return {(table, column, row): (owner, bytes(value)) for path, table, column in columns
            for row, owner, value in sql(f"SELECT id::text, {OWNERS.get(table, 'patient_id')}::text, {column} FROM {path} "
                                         f"WHERE {column} IS NOT NULL")}


def unsealed(sql):
    """All contents but the sealed columns and what says their format; wrapped keys are wrapped anew."""
    hidden = {column for _, column, _ in sealed(sql)} | {"sealed_format", "wrapped_key"}
    return {table: [{name: value for name, value in row.items() if name not in hidden} for row in rows]
            for table, rows in contents(sql).items() if not table.startswith(("audit.", "auth.key_"))}


def rotate(before, *options):
    before.sql.commit()
    return before.database.command("keys", "rotate", "--wait", "0", *options, ANAMNESIS_KEYRING_FILE=str(before.keyring))


def test_values_of_the_former_format_are_sealed_anew_with_the_next_keys(before):
    """All of them, also of responses that never change; nothing else does, and every value opens to what it was."""
    migrate(before)
    keys = {name: key for name, key, *_ in before.people}
    assert len(keys) == 3

    def clear():
        return {at: before.sql.one("SELECT phi.open(%s, %s, %s)", keys[owner], f"{at[0]}.{at[1]}:{at[2]}", value)
                for at, (owner, value) in sealed(before.sql).items()}
    ((wrapped_by,),) = before.sql(WRAPPED_BY)
    values, opened, others = sealed(before.sql), clear(), unsealed(before.sql)
    assert {value[0] for _, value in values.values()} == {1} and len(values) > 25
    assert {(table, column) for table, column, _ in values} >= {("response", "scores"), ("response_migration", "dropped")}
    done = rotate(before)
    assert done.returncode == 0 and "2 of 2 patients' values" in done.stderr and "1 of 1 staff's values" in done.stderr, done.stderr
    assert {value[0] for _, value in sealed(before.sql).values()} == {2}
    assert before.sql(WRAPPED_BY) == [(wrapped_by + 1,)]
    assert clear() == opened and unsealed(before.sql) == others
    again = sealed(before.sql)
    assert rotate(before).returncode == 0  # there is nothing more to seal anew
    assert sealed(before.sql) == again


def test_a_value_that_does_not_open_is_named_and_stops_nothing(before):
    migrate(before)
    broken, whole = before.patients[0][0], before.patients[1][0]
    before.sql("UPDATE anamnesis.patient SET given_name = set_byte(given_name, 20, get_byte(given_name, 20) # 1) WHERE id = %s", broken)
    done = rotate(before)
    assert f"patients' values {broken}: a value does not open" in done.stderr and done.returncode == 0, done.stderr
    assert "1 people keep values of the first format" in done.stderr
    formats = dict(before.sql("SELECT patient_id::text, sealed_format FROM anamnesis.data_key"))
    assert formats == {broken: 1, whole: 2}
    assert {value[0] for owner, value in sealed(before.sql).values() if owner == broken} == {1}
    ((version,),) = before.sql(WRAPPED_BY)
    assert rotate(before).returncode == 0 and before.sql(WRAPPED_BY) == [(version + 1,)]  # it stands in the way of no rotation


@pytest.mark.parametrize("change, role", [
    ("answers = set_byte(answers, 0, 2), version_revision = 2", "anamnesis_owner"),  # and something else
    ("submitted_at = now()", "anamnesis_owner"), ("answers = answers", "postgres"),
    ("answers = set_byte(answers, 0, 2)", "postgres"), ("answers = set_byte(answers, 10, 0)", "anamnesis_owner"),
    ("definition_sha256 = sha256('x')", "anamnesis_owner"), ("scores = NULL", "anamnesis_owner"),
    ("scores = '\\x02' || sha256('a') || sha256('b'), answers = NULL", "anamnesis_owner")])
def test_nothing_else_changes_what_is_completed(before, change, role):
    migrate(before)
    before.sql.commit()
    session = Session(before.database.connect(role))
    session.refused("AN409", f"UPDATE anamnesis.response SET {change} WHERE status = 'completed'")
    if role == "anamnesis_owner":
        session("SET bytea_output = escape")
        session("UPDATE anamnesis.response SET answers = set_byte(answers, 0, 2) WHERE status = 'completed'")
        session.refused("AN409", "UPDATE anamnesis.response SET answers = set_byte(answers, 0, 1) WHERE status = 'completed'")
        session.refused("AN409", "UPDATE anamnesis.response SET answers = set_byte(answers, 40, 0) WHERE status = 'completed'")
    session.connection.close()


@pytest.mark.parametrize("change, said", [
    ("DELETE FROM anamnesis.migration WHERE version > 33", "for databases of version"),
    ("DELETE FROM anamnesis.migration WHERE version = 55", "for databases of version"),
    ("DELETE FROM anamnesis.migration WHERE version = 30", "lacks migration 30"),
    ("UPDATE anamnesis.migration SET sha256 = repeat('0', 64) WHERE version = 41", "Migration 41 is not the one that was applied"),
    ("INSERT INTO anamnesis.migration (version, name, sha256) VALUES (99, 'of_a_branch', '')", "migration 99, which this program does not")])
def test_a_history_that_is_not_whole_is_refused(bare, change, said):
    former.restore(bare)
    bare.administer(change, bare.name)
    was = catalogue(bare)
    for arguments in ([], ["--check"]):
        done = bare.command("migrate", *arguments)
        assert done.returncode == 1 and said in done.stderr and not done.stdout
    assert catalogue(bare) == was
    with bare.connect("postgres") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT max(version) < 101 FROM anamnesis.migration")
        assert cursor.fetchone() == (True,)


def test_a_ledger_that_was_taken_over_must_stay_whole(bare):
    former.restore(bare)
    assert bare.command("migrate").returncode == 0
    bare.administer("DELETE FROM anamnesis.migration WHERE version = 41", bare.name)
    done = bare.command("migrate")
    assert done.returncode == 1 and "lacks migration 41" in done.stderr
