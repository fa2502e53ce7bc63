"""The audit log: by month, sealed by the background program, proven by `anamnesis audit verify`."""

import contextlib
import datetime
import hashlib
import itertools
import json
import os
import signal
import stat
import subprocess
import time
import uuid

import psycopg2
import pytest

from support import former, postgres
from support.tokens import door
from support.world import Session

PATIENCE_SECONDS = 60
ROWS = 12  # a log's, in seals of three


class Log:
    """A migrated database with a keyring and a directory for checkpoints."""

    def __init__(self, server, directory):
        self.directory = directory
        self.database = postgres.Database(server)
        self.keyring = directory / "keyring.json"
        done = subprocess.run([postgres.program(), "keys", "create", self.keyring], capture_output=True, check=False)
        assert done.returncode == 0, done.stderr
        self.door = door(json.loads(self.keyring.read_text(encoding="utf-8")))
        self.migrate()
        self.checkpoint_dir = directory / "checkpoints"
        self.checkpoint_dir.mkdir()
        self.checkpoints = self.checkpoint_dir / "audit-checkpoints.jsonl"
        self.connection = self.database.connect("postgres")
        self.sql = Session(self.connection)
        self.sql("SET lock_timeout = '20s'")
        self.connection.commit()

    def migrate(self):
        done = self.database.command("migrate", ANAMNESIS_KEYRING_FILE=str(self.keyring))
        assert done.returncode == 0, done.stderr

    def close(self):
        self.connection.close()
        self.database.drop()

    def add(self, count=1, operation="test", session=None):
        """Rows as requests write them, each in a transaction of its own; gives their ids."""
        sql = session or self.sql
        for number in range(count):
            sql("SELECT auth.anonymous(%s, %s, '127.0.0.1', %s)", f"{operation}_{number}", uuid.uuid4(), self.door)
            sql("SELECT audit.about(%s)", uuid.uuid4())
            sql("SELECT audit.close(%s, 'ok', 'patient')", uuid.uuid4())
            if session is None:
                self.connection.commit()
        return [row for (row,) in sql("SELECT id FROM audit.event ORDER BY position DESC, id DESC LIMIT %s", count)][::-1]

    @contextlib.contextmanager
    def jobs(self, **environment):
        """The background program; its log goes to a file."""
        variables = {"PATH": os.environ["PATH"], "ANAMNESIS_JOBS_DATABASE_URL": self.database.url("anamnesis_jobs"),
                     "ANAMNESIS_KEYRING_FILE": str(self.keyring), "ANAMNESIS_MAIL_DIR": str(self.directory),
                     "ANAMNESIS_AUDIT_CHECKPOINT_DIR": str(self.checkpoint_dir)}
        with open(self.directory / "jobs.log", "a", encoding="utf-8") as log:
            process = subprocess.Popen([postgres.program("anamnesis-jobs")], env=variables | environment, stderr=log)
            try:
                yield process
            finally:
                process.send_signal(signal.SIGTERM)
                assert process.wait(PATIENCE_SECONDS) == 0

    def said(self, text):
        return text in (self.directory / "jobs.log").read_text(encoding="utf-8")

    def unsealed(self):
        self.connection.rollback()
        return self.sql.one("SELECT count(*) FROM audit.event WHERE position >= "
                            "coalesce((SELECT max(horizon) FROM audit.seal), -9e18)")

    def noted(self):
        if not self.checkpoints.exists():
            return []
        return [json.loads(line) for line in self.checkpoints.read_text(encoding="utf-8").splitlines()]

    def sealed(self):
        self.connection.rollback()
        return self.sql.one("SELECT count(*) FROM audit.seal")

    def seal(self):
        """Until everything is sealed and noted."""
        with self.jobs():
            wait_for(lambda: self.unsealed() == 0 and len(self.noted()) == self.sealed())

    def command(self, *arguments, role="anamnesis_auditor", **environment):
        variables = {"PATH": os.environ["PATH"], "ANAMNESIS_KEYRING_FILE": str(self.keyring),
                     "ANAMNESIS_AUDITOR_DATABASE_URL": self.database.url(role)}
        return subprocess.run([postgres.program(), "audit", *map(str, arguments)], env=variables | environment,
                              capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False)

    def verify(self, *arguments, **environment):
        """(exit status, what it says)."""
        done = self.command("verify", "--json", *arguments, **environment)
        assert done.returncode in (0, 1), done.stderr
        found = json.loads(done.stdout)
        assert found["whole"] == (done.returncode == 0)
        return found

    def export(self, *arguments, name=None):
        path = self.directory / (name or f"export-{uuid.uuid4().hex}.jsonl")
        done = self.command("export", "-o", path, *arguments)
        assert done.returncode == 0, done.stderr
        return path

    def tamper(self, *statements, table="audit.event"):
        """As a superuser who has switched the triggers off, and on again."""
        self.sql(f"ALTER TABLE {table} DISABLE TRIGGER ALL")
        for statement in statements:
            self.sql(*statement) if isinstance(statement, tuple) else self.sql(statement)
        self.sql(f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER append_only")
        self.connection.commit()


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture
def log(server, tmp_path):
    made = Log(server, tmp_path)
    yield made
    made.close()


@pytest.fixture(scope="module")
def sealed_log(server, tmp_path_factory):
    """A log of ROWS rows in four seals. Tests that change it put it back."""
    made = Log(server, tmp_path_factory.mktemp("log"))
    for _ in range(4):
        made.add(ROWS // 4)
        made.seal()
    made.ids = [row for (row,) in made.sql("SELECT id FROM audit.event ORDER BY position, id")]
    made.columns = [name for (name,) in made.sql(
        "SELECT attname FROM pg_attribute WHERE attrelid = 'audit.event'::regclass AND attnum > 0 AND NOT attisdropped")]
    made.connection.commit()
    yield made
    made.close()


@pytest.fixture
def tampered(sealed_log):
    """The log; rows and seals are put back afterwards, whatever was done to them."""
    sql = sealed_log.sql
    sealed_log.connection.rollback()
    for table in ("event", "seal"):
        sql(f"CREATE TABLE public.kept_{table} AS SELECT * FROM audit.{table}")
    sealed_log.connection.commit()
    kept = sealed_log.checkpoints.read_bytes()
    yield sealed_log
    sealed_log.connection.rollback()
    for table in ("event", "seal"):
        sealed_log.tamper(f"DELETE FROM audit.{table}", f"INSERT INTO audit.{table} "
                          f"{'OVERRIDING SYSTEM VALUE' if table == 'event' else ''} SELECT * FROM public.kept_{table}",
                          f"DROP TABLE public.kept_{table}", table=f"audit.{table}")
    sealed_log.checkpoints.write_bytes(kept)
    assert sealed_log.verify()["whole"]


# ------------------------------------------------------------------------------------------------------ sealing

def test_rows_are_sealed_and_proven(log):
    """[16.4.2] The log is protected from change: every row is under a signature."""
    log.add(5)
    log.seal()
    found = log.verify("--checkpoints", log.checkpoints)
    assert (found["sealed"], found["unsealed"], found["first"]) == (5, 0, None)
    log.add(2)
    found = log.verify()
    assert (found["whole"], found["sealed"], found["unsealed"]) == (True, 5, 2)
    log.seal()
    assert log.verify("--checkpoints", log.checkpoints, role="anamnesis_owner")["sealed"] == 7


def test_a_transaction_that_commits_late_is_not_missed(log, connect):
    """Its row has a smaller id than one that was committed, and sealed, before it."""
    late = log.database.connect("postgres")
    session = Session(late)
    log.add(1)
    (first,) = log.add(1, "late", session)
    (second,) = log.add(1)
    assert first < second
    with log.jobs():
        wait_for(lambda: log.sealed() == 1)  # what came before it; nothing after it can be sealed yet
        late.commit()
        wait_for(lambda: log.unsealed() == 0)
    late.close()
    found = log.verify()
    assert (found["whole"], found["sealed"]) == (True, 3)


def test_a_transaction_that_never_commits_leaves_no_hole(log):
    late = log.database.connect("postgres")
    log.add(1, "lost", Session(late))
    log.add(1)
    late.rollback()
    late.close()
    log.seal()
    found = log.verify()
    assert (found["whole"], found["sealed"]) == (True, 1)


def test_several_programs_at_once_make_one_chain(log):
    other = log.directory / "other"
    other.mkdir()
    with log.jobs(), log.jobs(), log.jobs(ANAMNESIS_AUDIT_CHECKPOINT_DIR=str(other)):
        for _ in range(3):
            log.add(700)
            wait_for(lambda: log.unsealed() == 0)
        wait_for(lambda: len(log.noted()) == log.sealed())
        second = other / log.checkpoints.name
        wait_for(lambda: second.exists() and len(second.read_text(encoding="utf-8").splitlines()) == log.sealed())
    for checkpoints in (log.checkpoints, second):
        found = log.verify("--checkpoints", checkpoints)
        assert (found["whole"], found["sealed"]) == (True, 2100)
    assert max(rows for (rows,) in log.sql("SELECT rows FROM audit.seal")) <= 1000


def test_checkpoints_are_private_and_outlive_a_crash(log):
    """[16.4.3]"""
    log.add(1)
    log.seal()
    log.add(1)
    log.seal()
    assert stat.S_IMODE(log.checkpoints.stat().st_mode) == 0o600
    whole = log.checkpoints.read_bytes()
    first = whole[:whole.index(b"\n") + 1]
    for left in (b"", first, first + whole[len(first):-20], whole[:30]):
        log.checkpoints.write_bytes(left)
        log.add(1)
        log.seal()
        assert log.checkpoints.read_bytes().startswith(whole)
        assert log.verify("--checkpoints", log.checkpoints)["whole"]


def test_nothing_is_sealed_on_top_of_a_past_that_was_changed(log):
    """A signature on top would make it good."""
    log.add(3)
    log.seal()
    log.add(3)
    log.seal()
    log.tamper("UPDATE audit.seal SET sealed_at = sealed_at + interval '1 second' WHERE number = 2", table="audit.seal")
    log.add(1)
    with log.jobs():
        wait_for(lambda: log.said("audit-not-sealed"))
    assert log.sealed() == 2 and log.said("not signed by a key")
    log.tamper("DELETE FROM audit.seal WHERE number = 2", table="audit.seal")
    with log.jobs():
        wait_for(lambda: log.said("know a later seal"))
    assert log.sealed() == 1


def test_without_a_directory_seals_are_in_the_database_only(log):
    log.add(1)
    with log.jobs(ANAMNESIS_AUDIT_CHECKPOINT_DIR=""):
        wait_for(lambda: log.unsealed() == 0)
    assert not log.checkpoints.exists() and log.verify()["whole"]


def test_a_rotated_key_leaves_old_seals_good(log):
    log.add(1)
    log.seal()
    done = log.database.command("keys", "rotate", "--kind", "audit", ANAMNESIS_KEYRING_FILE=str(log.keyring))
    assert done.returncode == 0, done.stderr
    log.add(1)
    log.seal()
    assert [version for (version,) in log.sql("SELECT key_version FROM audit.seal ORDER BY number")] == [1, 2]
    assert log.verify()["whole"]


# ------------------------------------------------------------------------------------------------------- tampering

def first(log, *arguments):
    """(fault, row) from the database, which must be the same from an export."""
    found = log.verify(*arguments)
    exported = log.verify("--from", log.export(), *arguments, ANAMNESIS_AUDITOR_DATABASE_URL="", ANAMNESIS_KEYRING_FILE=str(
        log.keyring))
    assert not found["whole"] and not exported["whole"]
    assert found["first"] == exported["first"]
    return found["first"]["fault"], found["first"]["row"]


def test_every_column_that_is_edited_is_found(tampered):
    """[16.4.2] Edit: by a superuser, of any column of any row."""
    changes = {"practice_id": "gen_random_uuid()", "realm": "'staff'", "actor_id": "gen_random_uuid()", "role": "'owner'",
               "session_id": "gen_random_uuid()", "client_address": "'10.0.0.1'", "request_id": "gen_random_uuid()",
               "operation": "'other'", "object_id": "NULL", "patient_ids": "'{}'", "outcome": "'forbidden'",
               "detail": "'x'", "at": "at + interval '1 microsecond'"}
    assert set(changes) | {"id", "position"} == set(tampered.columns)
    for number, (column, value) in enumerate(changes.items()):
        row = tampered.ids[number % ROWS]
        before = tampered.sql(f"SELECT {column} FROM audit.event WHERE id = %s", row)[0][0]
        tampered.tamper((f"UPDATE audit.event SET {column} = {value} WHERE id = %s", row))
        assert first(tampered) == ("row-changed", row), column
        given = "%s::uuid[]" if column == "patient_ids" else "%s"
        tampered.tamper((f"UPDATE audit.event SET {column} = {given} WHERE id = %s", before, row))
        assert tampered.verify()["whole"], column


@pytest.mark.parametrize("number", range(ROWS))
def test_a_row_that_is_deleted_is_found(tampered, number):
    """Delete: any row; the last one is a log that was cut."""
    row = tampered.ids[number]
    tampered.tamper(("DELETE FROM audit.event WHERE id = %s", row))
    assert first(tampered) == ("truncated" if number == ROWS - 1 else "row-removed", row)


COPY = ("INSERT INTO audit.event (id, position, at, practice_id, realm, actor_id, role, session_id, client_address, "
        "request_id, operation, object_id, patient_ids, outcome, detail) OVERRIDING SYSTEM VALUE SELECT {id}, {position}, at, "
        "practice_id, realm, actor_id, role, session_id, client_address, request_id, operation, object_id, patient_ids, "
        "outcome, detail FROM audit.event WHERE id = %s")


@pytest.mark.parametrize("number", [0, 4, ROWS - 1])
def test_a_row_that_is_inserted_is_found(tampered, number):
    """Insert: among what is sealed, a copy of a row with the same number or a new one."""
    row = tampered.ids[number]
    tampered.tamper((COPY.format(id="id", position="position - 1"), row))
    assert first(tampered) == ("row-inserted", row)
    tampered.tamper(("DELETE FROM audit.event WHERE id = %s AND position IN (SELECT min(position) FROM audit.event "
                     "WHERE id = %s)", row, row))
    tampered.tamper((COPY.format(id="9999", position="position"), row))
    assert first(tampered) == ("row-inserted", 9999)


def test_a_row_that_is_backdated_is_found(tampered):
    """Insert: at the end, with a time in the past."""
    tampered.sql("INSERT INTO audit.event (at, realm, client_address, request_id, operation, outcome) VALUES "
                 "(now() - interval '2 hours', 'none', '', gen_random_uuid(), 'x', 'ok')")
    tampered.connection.commit()
    row = tampered.sql.one("SELECT max(id) FROM audit.event")
    assert first(tampered) == ("row-backdated", row)


@pytest.mark.parametrize("one, other", [(0, 1), (3, 5), (1, 10)])
def test_rows_that_are_exchanged_are_found(tampered, one, other):
    """Reorder: within a seal, and across; by what they say, or by their numbers."""
    first_id, second_id = tampered.ids[one], tampered.ids[other]
    columns = ", ".join(name for name in tampered.columns if name not in ("id", "position"))
    swap = f"""
        UPDATE audit.event e SET ({columns}) = (SELECT {columns} FROM audit.event o
            WHERE o.id = CASE e.id WHEN %s THEN %s ELSE %s END) WHERE e.id IN (%s, %s)"""
    tampered.tamper((swap, first_id, second_id, first_id, first_id, second_id))
    same_seal = one // 3 == other // 3
    assert first(tampered) == ("rows-reordered" if same_seal else "row-changed", first_id)
    tampered.tamper((swap, first_id, second_id, first_id, first_id, second_id))
    tampered.tamper(("UPDATE audit.event e SET position = (SELECT o.position FROM audit.event o WHERE o.id = CASE e.id "
                     "WHEN %s THEN %s ELSE %s END) WHERE e.id IN (%s, %s)", first_id, second_id, first_id, first_id,
                     second_id))
    fault, row = first(tampered)
    assert fault in ("row-removed", "row-inserted") and row in (first_id, second_id)


@pytest.mark.parametrize("left", [0, 1, 3, 7, ROWS - 1])
def test_a_log_that_is_truncated_is_found(tampered, left):
    """Truncate: from any row on."""
    tampered.tamper(("DELETE FROM audit.event WHERE id = ANY (%s)", tampered.ids[left:]))
    assert first(tampered) == ("truncated", tampered.ids[left])


def test_a_partition_that_is_dropped_is_found(tampered):
    (partition,) = {name for (name,) in tampered.sql("SELECT DISTINCT tableoid::regclass::text FROM audit.event")}
    tampered.sql(f"ALTER TABLE audit.event DETACH PARTITION {partition}")
    tampered.connection.commit()
    try:
        assert first(tampered) == ("truncated", tampered.ids[0])
    finally:
        month = partition.removeprefix("audit.event_").replace("_", "-") + "-01"
        tampered.sql(f"ALTER TABLE audit.event ATTACH PARTITION {partition} FOR VALUES FROM ('{month} 00:00:00+00') "
                     f"TO ('{next_month(month)} 00:00:00+00')")
        tampered.connection.commit()


def next_month(month):
    year, number = int(month[:4]), int(month[5:7])
    return f"{year + number // 12}-{number % 12 + 1:02}-01"


@pytest.mark.parametrize("change", ["horizon = horizon + 1", "total = total + 1", "sealed_at = now()",
                                    "root = sha256(root)", "previous = sha256(previous)",
                                    "signature = signature || ''::bytea, key_version = 2"])
def test_a_seal_that_is_edited_is_found(tampered, change):
    tampered.tamper(f"UPDATE audit.seal SET {change} WHERE number = 2", table="audit.seal")
    assert first(tampered) == ("seal-forged", tampered.ids[3])


def test_leaves_signatures_and_seals_that_are_gone_are_found(tampered):
    tampered.tamper("UPDATE audit.seal SET leaves = set_byte(leaves, 30, get_byte(leaves, 30) # 1) WHERE number = 3",
                    table="audit.seal")
    assert first(tampered)[0] == "seal-changed"
    tampered.tamper("DELETE FROM audit.seal WHERE number = 2", table="audit.seal")
    found = tampered.verify()["first"]
    assert (found["fault"], found["seal"]) == ("seal-removed", 2)


def test_seals_that_were_made_anew_are_found_by_the_checkpoints(tampered):
    """By somebody who has the audit key too: edits a row, and makes every seal from there on anew [16.4.3]."""
    row = tampered.ids[4]
    tampered.tamper(("UPDATE audit.event SET outcome = 'other' WHERE id = %s", row))
    tampered.tamper("DELETE FROM audit.seal WHERE number >= 2", table="audit.seal")
    kept = tampered.checkpoints.read_bytes()
    tampered.checkpoints.unlink()
    tampered.seal()  # without the kept checkpoints nothing holds the program back
    assert tampered.verify()["whole"]
    tampered.checkpoints.write_bytes(kept)
    fault, first_row = first(tampered, "--checkpoints", tampered.checkpoints)
    assert (fault, first_row) == ("checkpoint-differs", tampered.ids[3])  # the first row of the first seal that differs
    tampered.add(1)
    with tampered.jobs():
        wait_for(lambda: tampered.said("know a later seal") or tampered.said("another one in the database"))


def test_seals_that_were_cut_off_with_their_rows_are_found_by_the_checkpoints(tampered):
    """[16.4.3]"""
    tampered.tamper(("DELETE FROM audit.event WHERE id = ANY (%s)", tampered.ids[9:]))
    tampered.tamper("DELETE FROM audit.seal WHERE number = 4", table="audit.seal")
    assert tampered.verify()["whole"]  # nothing in the database can tell
    found = tampered.verify("--checkpoints", tampered.checkpoints)
    assert (found["first"]["fault"], found["first"]["seal"]) == ("seals-cut", 4)
    assert first(tampered, "--checkpoints", tampered.checkpoints)[0] == "seals-cut"


def test_checkpoints_that_were_changed_prove_nothing(tampered):
    lines = tampered.checkpoints.read_text(encoding="utf-8").splitlines()
    other = json.loads(lines[1]) | {"total": 99}
    for wrong in ([lines[0], json.dumps(other)], [lines[1], lines[0]], ["{}"], [lines[0][:50]]):
        tampered.checkpoints.write_text("\n".join(wrong) + "\n", encoding="utf-8")
        done = tampered.command("verify", "--checkpoints", tampered.checkpoints)
        assert done.returncode == 2 and "line" in done.stderr


# ---------------------------------------------------------------------------------------------------- exported copies

def test_an_export_is_proven_without_the_database(sealed_log):
    sealed_log.add(1)
    path = sealed_log.export()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    key = sealed_log.directory / "key.json"
    key.write_text(sealed_log.command("key").stdout, encoding="utf-8")
    done = sealed_log.command("verify", "--json", "--from", path, "--public-key", key, ANAMNESIS_AUDITOR_DATABASE_URL="",
                              ANAMNESIS_KEYRING_FILE="")
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["sealed"], found["unsealed"]) == (ROWS, 1)
    assert sealed_log.command("export", "-o", path).returncode == 1  # an existing file is left alone
    text = path.read_text(encoding="utf-8")
    piped = subprocess.run([postgres.program(), "audit", "verify", "--from", "-", "--public-key", key], input=text,
                           capture_output=True, text=True, check=False)
    assert piped.returncode == 0 and "The log is whole" in piped.stdout
    sealed_log.seal()
    sealed_log.tamper("DELETE FROM audit.event WHERE id > " + str(max(sealed_log.ids)))
    sealed_log.tamper("DELETE FROM audit.seal WHERE number > 4", table="audit.seal")
    sealed_log.checkpoints.write_text("".join(sealed_log.checkpoints.read_text(encoding="utf-8").splitlines(True)[:4]),
                                      encoding="utf-8")


def test_lines_of_an_export_that_were_changed_are_found(sealed_log):
    path = sealed_log.export()
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = [number for number, line in enumerate(lines) if json.loads(line)["type"] == "row"]
    target = rows[4]

    def verify(changed):
        path.write_text("\n".join(changed) + "\n", encoding="utf-8")
        found = sealed_log.verify("--from", path)
        return found["first"]["fault"], found["first"]["row"]
    edited = json.dumps(json.loads(lines[target]) | {"outcome": "other"})
    assert verify(lines[:target] + [edited] + lines[target + 1:]) == ("row-changed", sealed_log.ids[4])
    assert verify(lines[:target] + lines[target + 1:]) == ("row-removed", sealed_log.ids[4])
    assert verify(lines[:target + 1] + lines[target:]) == ("row-inserted", sealed_log.ids[4])
    exchanged = lines[:target] + [lines[target + 1], lines[target]] + lines[target + 2:]
    assert verify(exchanged) == ("row-removed", sealed_log.ids[4])
    assert verify(lines[:target])[0] == "truncated"
    assert verify(lines[:-1])[0] == "file-cut"
    for unreadable in (lines[1:], lines + lines[-1:], lines[:2] + ["{"] + lines[2:], []):
        path.write_text("\n".join(unreadable) + "\n", encoding="utf-8")
        done = sealed_log.command("verify", "--from", path)
        assert done.returncode in (1, 2) and str(path) in done.stderr


def test_an_export_of_a_part_is_proven(log):
    log.add(3)
    log.seal()
    log.sql("SELECT pg_sleep(0.01)")
    log.add(3)
    log.seal()
    middle = log.sql.one("SELECT to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM audit.event "
                         "ORDER BY position OFFSET 4")
    for arguments, rows in ((("--from", middle), 2), (("--to", middle), 4)):
        found = log.verify("--from", log.export(*arguments))
        assert (found["whole"], found["sealed"]) == (True, rows), arguments
    assert log.command("export", "--from", "yesterday").returncode == 2


def test_what_cannot_be_checked_is_said(sealed_log):
    for arguments, environment in ((("--from", "nowhere"), {}), (("--colour",), {}), (("--from",), {}),
                                   ((), {"ANAMNESIS_KEYRING_FILE": ""}), ((), {"ANAMNESIS_AUDITOR_DATABASE_URL": ""}),
                                   (("--public-key", "nowhere"), {}), (("--checkpoints", "nowhere"), {})):
        done = sealed_log.command("verify", *arguments, **environment)
        assert done.returncode == 2 and done.stderr and not done.stdout, arguments


# ------------------------------------------------------------------------------------------------------- partitions

def test_rows_go_to_the_partition_of_their_month(log, connect):
    log.add(1)
    month = log.sql.one("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY_MM')")
    assert log.sql.one("SELECT tableoid::regclass::text FROM audit.event") == f"audit.event_{month}"
    partitions = {name for (name,) in log.sql("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = "
                                              "'audit.event'::regclass")}
    ahead = {f"audit.event_{text}" for (text,) in log.sql(
        "SELECT to_char(date_trunc('month', now() AT TIME ZONE 'UTC') + n * interval '1 month', 'YYYY_MM') "
        "FROM generate_series(0, 3) n")}
    assert partitions == ahead | {"audit.event_default"}


def test_a_row_is_written_though_its_month_is_missing(log):
    """An insert never fails for want of a partition; what went elsewhere is proven like the rest."""
    insert = ("INSERT INTO audit.event (at, realm, client_address, request_id, operation, outcome) VALUES (%s, 'none', '', "
              "gen_random_uuid(), 'x', 'ok') RETURNING tableoid::regclass::text")
    assert log.sql.one(insert, "2031-05-05") == "audit.event_default"
    log.connection.commit()
    assert log.sql.one("SELECT audit.add_month('2031-05-01')") is False  # rows that are there stay there
    assert log.sql.one("SELECT audit.add_month('2031-06-01')") is True
    assert log.sql.one(insert, "2031-06-30T23:59:59.999999Z") == "audit.event_2031_06"
    log.connection.commit()
    log.seal()
    assert log.verify()["sealed"] == 2


def test_jobs_makes_partitions_ahead(log):
    log.sql("DROP TABLE audit.event_" + log.sql.one("SELECT to_char(now() + interval '2 months', 'YYYY_MM')"))
    log.connection.commit()
    with log.jobs():
        wait_for(lambda: log.said("audit-partitions-made"))
    log.connection.rollback()
    assert log.sql.one("SELECT count(*) FROM pg_inherits WHERE inhparent = 'audit.event'::regclass") == 5


def test_every_partition_and_the_seals_are_append_only(log):
    """[16.4.2] Whoever asks, a superuser who is a replica too."""
    log.add(1)
    log.seal()
    (partition,) = {name for (name,) in log.sql("SELECT DISTINCT tableoid::regclass::text FROM audit.event")}
    log.connection.rollback()
    for role in ("anamnesis_owner", "postgres"):
        with contextlib.closing(log.database.connect(role)) as connection:
            session = Session(connection)
            session("SET lock_timeout = '20s'")
            if role == "postgres":
                session("SET session_replication_role = replica")
            for table, change in (("audit.event", "outcome = 'x'"), (partition, "outcome = 'x'"), ("audit.seal", "total = 1")):
                for statement in (f"UPDATE {table} SET {change}", f"DELETE FROM {table}", f"TRUNCATE {table}"):
                    session.refused("AN409", statement)


@pytest.mark.parametrize("role", ["anamnesis_api", "anamnesis_jobs", "anamnesis_auditor"])
def test_nobody_reaches_a_partition_by_its_name(sealed_log, role):
    (partition,) = {name for (name,) in sealed_log.sql("SELECT DISTINCT tableoid::regclass::text FROM audit.event")}
    session = Session(sealed_log.database.connect(role))
    session.refused("42501", f"SELECT * FROM {partition}")
    session.refused("42501", "SELECT * FROM audit.event_default")
    session.connection.close()


# ---------------------------------------------------------------------------------- seals by somebody with jobs' password

def seal_of(log, **changes):
    """The next seal as the background program makes it, with a signature of noise; parts of it changed."""
    log.connection.rollback()
    last = log.sql("SELECT number, horizon, rows, total, (extract(epoch FROM sealed_at) * 1000000)::bigint, key_version, root, "
                   "previous, signature FROM audit.seal ORDER BY number DESC LIMIT 1")
    number, horizon, total, previous = 0, -2 ** 63, 0, bytes(32)
    if last:
        number, horizon, _, total = last[0][:4]
        text = b"\2anamnesis audit seal 1\n" + b"".join(value.to_bytes(8, "big", signed=True) for value in last[0][:6])
        previous = hashlib.sha256(text + b"".join(bytes(value) for value in last[0][6:])).digest()
    upto = log.sql.one("SELECT max(position) + 1 FROM audit.event")
    leaves = bytes(log.sql.one("SELECT audit.leaves(%s, %s)", horizon, upto))
    seal = {"number": number + 1, "horizon": upto, "rows": len(leaves) // 56, "total": total + len(leaves) // 56,
            "sealed_at": log.sql.one("SELECT now()"), "key_version": 1, "root": root_of(leaves), "previous": previous,
            "signature": os.urandom(64), "leaves": leaves, "door": door(json.loads(log.keyring.read_text(encoding="utf-8")), "audit")}
    return seal | {name: change(seal[name]) for name, change in changes.items()}


def root_of(leaves):
    """RFC 9162, 2.1, as it is written there."""
    def tree(hashes):
        if len(hashes) == 1:
            return hashes[0]
        left = 1 << (len(hashes) - 1).bit_length() - 1
        return hashlib.sha256(b"\1" + tree(hashes[:left]) + tree(hashes[left:])).digest()
    return tree([hashlib.sha256(b"\0" + leaves[at:at + 56]).digest() for at in range(0, len(leaves), 56)])


ADD = ("SELECT audit.seal_add(%(number)s, %(horizon)s, %(rows)s, %(total)s, %(sealed_at)s, %(key_version)s, %(root)s, "
       "%(previous)s, %(signature)s, %(leaves)s, %(door)s)")


def flipped(value):
    return bytes([value[0] ^ 1]) + value[1:]


WRONG = {
    "number": [lambda n: n + 1, lambda n: n - 1, lambda n: 0, lambda n: None], "horizon": [lambda n: n - 10 ** 6, lambda n: n + 10 ** 6],
    "rows": [lambda n: n + 1, lambda n: 0], "total": [lambda n: n + 1, lambda n: 0, lambda n: None],
    "sealed_at": [lambda t: t + datetime.timedelta(days=1), lambda t: t - datetime.timedelta(days=1)], "key_version": [lambda n: 2],
    "root": [flipped, lambda b: bytes(32), lambda b: None], "previous": [flipped, lambda b: os.urandom(32)],
    "signature": [lambda b: bytes(64), lambda b: b[:63], lambda b: b"", lambda b: None],
    "leaves": [flipped, lambda b: b[:-56], lambda b: b[56:] + b[:56], lambda b: b + b[:56], lambda b: b[:-1], lambda b: b"", lambda b: None],
    "door": [flipped, lambda b: b"", lambda b: bytes(32), lambda b: None],
}


@pytest.mark.parametrize("sealed", [0, 3])
def test_what_is_no_seal_of_the_log_is_refused(log, sealed):
    """[16.4.2] By whoever has the background program's password, also with its key; and sealing goes on as if nothing had been."""
    if sealed:
        log.add(sealed)
        log.seal()
    log.add(5)
    session = Session(log.database.connect("anamnesis_jobs"))
    for name, changes in WRONG.items():
        for change in changes:
            seal = seal_of(log, **{name: change})
            session.cursor.execute("SAVEPOINT before")
            with pytest.raises(psycopg2.Error) as fault:
                session.cursor.execute(ADD, seal)
            assert fault.value.pgcode in ("AN403", "23502", "23514"), (name, fault.value)
            session.cursor.execute("ROLLBACK TO SAVEPOINT before")
    session.refused("42501", "INSERT INTO audit.seal (number, horizon, rows, total, sealed_at, key_version, root, previous, signature, "
                             "leaves) VALUES (1, 1, 1, 1, now(), 1, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), "
                             "decode(repeat('00', 64), 'hex'), decode(repeat('00', 56), 'hex'))")
    session.cursor.execute(ADD, seal_of(log))  # all of it was right, but for the signature, which the database cannot tell
    session.connection.rollback()
    session.connection.close()
    log.seal()
    found = log.verify("--checkpoints", log.checkpoints)
    assert (found["whole"], found["sealed"]) == (True, sealed + 5)


@pytest.mark.parametrize("role", ["anamnesis_api", "anamnesis_auditor"])
def test_nobody_else_adds_a_seal(sealed_log, role):
    session = Session(sealed_log.database.connect(role))
    session.refused("42501", "SELECT audit.seal_add(1, 1, 1, 1, now(), 1, '', '', '', '', '')")
    session.refused("42501", "SELECT audit.leaves(0, 1)")
    session.connection.close()


@pytest.mark.parametrize("rows", [1, 2, 3, 4, 5, 7, 8, 9, 31, 33])
def test_a_seals_root_is_the_one_of_the_standard(log, rows):
    leaves = os.urandom(56 * rows)
    assert bytes(log.sql.one("SELECT audit.merkle_root(%s)", leaves)) == root_of(leaves)


def test_leaves_are_the_same_in_the_database_and_in_the_program(log):
    """Rows with every part there or not, long and not in ASCII: the background program seals them, so the two agree."""
    for number, parts in enumerate(itertools.product([True, False], repeat=3)):
        actor, detail, patients = parts
        log.sql("INSERT INTO audit.event (practice_id, realm, actor_id, role, session_id, client_address, request_id, operation, object_id, "
                "patient_ids, outcome, detail) VALUES (%s, 'staff', %s, %s, %s, %s, gen_random_uuid(), 'op', %s, %s::uuid[], 'ok', %s)",
                str(uuid.uuid4()) if actor else None, str(uuid.uuid4()) if actor else None, "owner" if actor else None,
                str(uuid.uuid4()) if actor else None, "2001:db8::1" if actor else "", str(uuid.uuid4()) if detail else None,
                [str(uuid.uuid4()) for _ in range(number + 1)] if patients else [], "\u20acuro\n" * 300 if detail else None)
        log.connection.commit()
    log.seal()
    found = log.verify()
    assert (found["whole"], found["sealed"]) == (True, 8)


def test_jobs_adds_seals_and_changes_none(sealed_log):
    session = Session(sealed_log.database.connect("anamnesis_jobs"))
    assert session.one("SELECT count(*) FROM audit.seal") == 4
    for statement in ("UPDATE audit.seal SET total = total", "DELETE FROM audit.seal", "TRUNCATE audit.seal",
                      "INSERT INTO audit.event (realm, client_address, request_id, operation, outcome) VALUES ('none', '', "
                      "gen_random_uuid(), 'x', 'ok')", "SELECT audit.add_month('2040-01-01')"):
        session.refused("42501", statement)
    session.connection.close()


def test_a_log_from_before_keeps_its_rows_and_their_order(bare):
    """Rows of a table that once was one piece have partitions of their months, and come first."""
    former.restore(bare)
    owner = Session(bare.connect("anamnesis_owner"))
    before = owner("SELECT * FROM audit.event ORDER BY id")
    owner.commit()
    assert bare.command("migrate").returncode == 0
    assert owner("SELECT * FROM audit.event ORDER BY position") == before
    assert [name for (name,) in owner("SELECT tableoid::regclass::text FROM audit.event ORDER BY position LIMIT 3")] == [
        "audit.event_2024_02", "audit.event_2023_12", "audit.event_2024_03"]
    owner("INSERT INTO audit.event (realm, client_address, request_id, operation, patient_ids, outcome) VALUES "
          "('none', '', gen_random_uuid(), 'next', ARRAY[gen_random_uuid()], 'ok')")
    (last, following) = owner("SELECT id, position FROM audit.event ORDER BY position DESC LIMIT 2")
    assert last[0] == before[-1][0] + 1 and last[1] > following[1] > 0
    owner.connection.close()


def test_the_order_goes_on_in_a_database_that_was_restored(log):
    """From a dump, into a cluster that counts transactions from a smaller number."""
    log.add(2)
    log.seal()
    log.tamper("UPDATE audit.event SET position = position + 1000000")  # as if this cluster were younger than the log
    log.tamper("DELETE FROM audit.seal", table="audit.seal")
    log.checkpoints.unlink()
    log.migrate()
    log.add(2)
    positions = [position for (position,) in log.sql("SELECT position FROM audit.event ORDER BY id")]
    assert positions == sorted(positions) and positions[0] > 1000000
    log.migrate()
    log.seal()
    assert log.verify()["sealed"] == 4
