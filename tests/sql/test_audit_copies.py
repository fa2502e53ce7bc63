"""Exported copies of the audit log are proven without the database."""

import json
import stat
import subprocess

from support import postgres
from support.audit_log import ROWS


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
