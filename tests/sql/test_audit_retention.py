"""The end of a month of the audit log: when it is old, sealed and exported, and said in the log."""

import base64
import hashlib
import json

import pytest
from support.audit_log import Log

INSERT = ("INSERT INTO audit.event (at, realm, client_address, request_id, operation, outcome) VALUES (%s, 'none', '', "
          "gen_random_uuid(), 'x', 'ok')")
OLD = "2019-05"
ROWS = 3


def by_owner(log, statement, *values):
    log.sql("SET ROLE anamnesis_owner")
    found = log.sql.one(statement, *values)
    log.sql("RESET ROLE")
    return found


@pytest.fixture
def log(server, tmp_path):
    """Rows of May and June 2019, and of now; sealed."""
    made = Log(server, tmp_path)
    for month, day in ((OLD, 2), ("2019-06", 1)):
        assert by_owner(made, "SELECT audit.add_month(%s)", f"{month}-01") is True
        for hour in range(ROWS):
            made.sql(INSERT, f"{month}-{day:02}T{hour:02}:00:00Z")
    made.connection.commit()
    made.add(2)
    made.seal()
    yield made
    made.close()


def partitions(log):
    log.connection.rollback()
    return {name for (name,) in log.sql("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = "
                                        "'audit.event'::regclass")}


def drop(log, month, export, **environment):
    return log.command("drop", month, "--export", export, ANAMNESIS_OWNER_DATABASE_URL=log.database.url("anamnesis_owner"),
                       **environment)


def kept(log, done, why):
    """Refused for this reason, and everything is where it was."""
    assert done.returncode == 1 and why in done.stderr and not done.stdout
    assert log.sql.one("SELECT count(*) FROM audit.event WHERE at < '2020-01-01'") == 2 * ROWS
    assert "audit.event_2019_05" in partitions(log)
    assert log.sql.one("SELECT count(*) FROM audit.event WHERE operation = 'audit_drop'") == 0


def test_an_old_month_that_was_exported_leaves_with_a_row_that_says_so(log):
    """[16.4.2]"""
    export = log.export()
    done = drop(log, OLD, export)
    assert done.returncode == 0, done.stderr
    assert "audit.event_2019_05" not in partitions(log) and "audit.event_2019_06" in partitions(log)
    assert log.sql.one("SELECT to_regclass('audit.event_2019_05')") is None
    ((realm, outcome, detail),) = log.sql("SELECT realm, outcome, detail FROM audit.event WHERE operation = 'audit_drop'")
    note = json.loads(detail)
    assert (realm, outcome, note["rows"], note["from"][:10], note["to"][:10]) == (
        "system", "ok", ROWS, "2019-05-01", "2019-06-01")
    digest = hashlib.sha256(export.read_bytes()).digest()
    assert base64.urlsafe_b64decode(note["export_sha256"] + "=") == digest
    log.seal()
    found = log.verify("--checkpoints", log.checkpoints)
    assert (found["whole"], found["elsewhere"], found["sealed"]) == (True, ROWS, ROWS + 3)
    assert log.verify("--from", export, "--checkpoints", log.checkpoints)["elsewhere"] == 0  # still proves what is gone
    later = log.verify("--from", log.export())  # and what is exported from now on knows of it
    assert (later["whole"], later["elsewhere"]) == (True, ROWS)
    assert drop(log, OLD, export).returncode == 1  # once


def test_a_month_that_went_without_the_command_is_missed(log):
    """[16.4.2]"""
    log.sql("ALTER TABLE audit.event DETACH PARTITION audit.event_2019_05")
    log.connection.commit()
    assert log.verify()["first"]["fault"] == "row-removed"
    log.sql("INSERT INTO audit.event (realm, client_address, request_id, operation, outcome, detail) VALUES ('system', '', "
            "gen_random_uuid(), 'audit_drop', 'ok', %s)", json.dumps(
                {"type": "drop", "from": "2019-05-01T00:00:00.000000Z", "to": "2019-06-01T00:00:00.000000Z", "rows": ROWS}))
    log.connection.commit()
    assert log.verify()["first"]["fault"] == "row-removed"  # a note that nobody signed excuses nothing


def test_nothing_younger_than_the_policy_is_dropped(log):
    export = log.export()
    this_month = log.sql.one("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM')")
    barely = log.sql.one("SELECT to_char(now() AT TIME ZONE 'UTC' - interval '6 years', 'YYYY-MM')")
    log.connection.rollback()
    for month in (this_month, barely):
        kept(log, drop(log, month, export), "is younger")
    kept(log, drop(log, OLD, export, ANAMNESIS_AUDIT_RETENTION_YEARS="50"), "is younger")
    for years in ("5", "0", "soon"):
        assert drop(log, OLD, export, ANAMNESIS_AUDIT_RETENTION_YEARS=years).returncode != 0
    # The database does not take the command's word for it.
    assert log.sql.one("SELECT audit.drop_month(%s, 0, 0, 1, '', gen_random_uuid(), '')", f"{barely}-01") == "too-young"


def test_nothing_is_dropped_without_an_export_that_has_it(log):
    whole = log.export()
    kept(log, drop(log, OLD, "nowhere"), "cannot be read")
    kept(log, drop(log, OLD, log.export("--from", "2019-05-02T01:00:00Z")), "does not have the whole month")
    kept(log, drop(log, OLD, log.export("--to", "2019-05-20T00:00:00Z")), "does not have the whole month")
    lines = whole.read_text(encoding="utf-8").splitlines(True)
    row = next(number for number, line in enumerate(lines) if json.loads(line)["type"] == "row")
    changed = log.directory / "changed.jsonl"
    for text in (lines[:row] + lines[row + 1:], lines[:-1],
                 lines[:row] + [lines[row].replace('"x"', '"y"')] + lines[row + 1:]):
        changed.write_text("".join(text), encoding="utf-8")
        kept(log, drop(log, OLD, changed), "is not whole")
    kept(log, drop(log, "2019-04", whole), "no partition")


def test_nothing_is_dropped_by_the_export_of_another_log(log, server, tmp_path):
    """Of one that the same keys have signed, with as many rows."""
    (tmp_path / "other").mkdir()
    other = Log(server, tmp_path / "other")
    other.keyring.chmod(0o600)
    other.keyring.write_bytes(log.keyring.read_bytes())
    other.keyring.chmod(0o400)
    other.sql("DELETE FROM auth.key_check")
    other.connection.commit()
    other.migrate()
    assert by_owner(other, "SELECT audit.add_month(%s)", f"{OLD}-01") is True
    for hour in range(ROWS):
        other.sql(INSERT, f"{OLD}-02T{hour:02}:00:00Z")
    other.connection.commit()
    other.seal()
    export = other.export()
    other.close()
    assert log.verify("--from", export)["whole"]
    kept(log, drop(log, OLD, export), "is not in this log")


def test_rows_that_the_export_lacks_stay(log):
    """Whether they were sealed by a later seal, not at all, or put there by somebody."""
    export = log.export()
    log.sql(INSERT, "2019-05-03T00:00:00Z")
    log.connection.commit()
    done = drop(log, OLD, export)
    assert done.returncode == 1 and "not sealed" in done.stderr
    log.tamper("UPDATE audit.event SET position = (SELECT min(position) FROM audit.event) WHERE at = '2019-05-03T00:00:00Z'")
    done = drop(log, OLD, export)
    assert done.returncode == 1 and "another number of rows" in done.stderr
    assert "audit.event_2019_05" in partitions(log)


@pytest.mark.parametrize("arguments", [(), (OLD,), ("--export", "x"), ("May", "--export", "x"), ("2019-13", "--export", "x"),
                                       ("2019-00", "--export", "x"), ("2019-5", "--export", "x"), (OLD, OLD, "--export", "x")])
def test_months_and_exports_are_needed(log, arguments):
    done = log.command("drop", *arguments)
    assert done.returncode == 2 and done.stderr


@pytest.mark.parametrize("role", ["anamnesis_api", "anamnesis_jobs", "anamnesis_scan", "anamnesis_auditor"])
def test_programs_cannot_drop_a_month(connect, role):
    connect(role).refused("42501", "SELECT audit.drop_month('2019-05-01', 6, 0, 1, '', gen_random_uuid(), '')")
