"""`anamnesis migrate`: once, in order, by two at the same moment, and never over what was changed."""

import concurrent.futures
import json
import pathlib
import re

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
FILES = sorted((TOP / "sql" / "migrations").glob("*.sql"))
NEWEST = int(FILES[-1].stem[:4])


def ledger(database):
    with database.connect("postgres") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT version, name FROM anamnesis.migration ORDER BY version")
        return cursor.fetchall()


def test_an_empty_database_gets_every_migration_in_order(bare):
    assert bare.command("migrate", "--check").returncode == 1
    done = bare.command("migrate", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"version": NEWEST, "applied": len(FILES)}
    assert ledger(bare) == [(int(path.stem[:4]), path.stem[5:]) for path in FILES]
    assert bare.command("migrate", "--check").returncode == 0
    assert json.loads(bare.command("migrate", "--check", "--json").stdout) == {"version": NEWEST, "newest": NEWEST}


def test_a_new_database_lets_nobody_in(bare):
    """[6.3.2] No practice, no account, no session is there from the start."""
    bare.command("migrate")
    with bare.connect("postgres") as connection, connection.cursor() as cursor:
        for table in ("anamnesis.practice", "anamnesis.staff", "anamnesis.patient", "auth.account", "auth.session",
                      "auth.challenge"):
            cursor.execute(f"SELECT count(*) FROM {table}")
            assert cursor.fetchone() == (0,), table


def test_again_does_nothing(bare):
    bare.command("migrate")
    assert json.loads(bare.command("migrate", "--json").stdout)["applied"] == 0


def test_two_at_once(bare):
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: bare.command("migrate", "--json"), range(4)))
    assert [one.returncode for one in done] == [0] * 4, [one.stderr for one in done]
    assert sorted(json.loads(one.stdout)["applied"] for one in done) == [0, 0, 0, len(FILES)]
    assert len(ledger(bare)) == len(FILES)


@pytest.mark.parametrize("change, said", [
    ("UPDATE anamnesis.migration SET sha256 = repeat('0', 64) WHERE version = 2", "is not the one that was applied"),
    ("DELETE FROM anamnesis.migration WHERE version = 1", "lacks migration 1"),
    ("INSERT INTO anamnesis.migration (version, name, sha256) SELECT max(version) + 1, 'new', '' FROM anamnesis.migration",
     "newer program")])
def test_a_ledger_that_does_not_agree_is_refused(bare, change, said):
    bare.command("migrate")
    bare.administer(change, bare.name)
    for arguments in ([], ["--check"]):
        done = bare.command("migrate", *arguments)
        assert done.returncode == 1
        assert said in done.stderr


def test_a_migration_that_fails_leaves_nothing(bare):
    bare.administer("CREATE SCHEMA phi", bare.name)  # the first migration makes it
    done = bare.command("migrate")
    assert done.returncode == 1
    assert "0001_schemas failed" in done.stderr
    assert ledger(bare) == []
    bare.administer("DROP SCHEMA phi", bare.name)
    assert bare.command("migrate").returncode == 0


def test_without_the_administrator_s_part_it_says_so(server, bare):
    bare.administer("DROP EXTENSION pgcrypto", bare.name)
    bare.administer("REVOKE CREATE ON DATABASE " + bare.name + " FROM anamnesis_owner", "postgres")
    done = bare.command("migrate")
    assert done.returncode == 1 and "permission denied" in done.stderr


def test_the_administrator_s_part_can_be_repeated(bare):
    bare.command("migrate")
    bare.bootstrap()
    assert bare.command("migrate", "--check").returncode == 0


@pytest.mark.parametrize("arguments", [["--chekc"], ["extra"], ["--json", "--force"]])
def test_an_unknown_option_changes_nothing(bare, arguments):
    done = bare.command("migrate", *arguments)
    assert done.returncode == 2 and "not known" in done.stderr
    assert bare.command("migrate", "--check").returncode == 1


def test_without_a_connection_it_says_what_to_set(bare):
    done = bare.command("migrate", ANAMNESIS_OWNER_DATABASE_URL="postgresql://nobody@/none?host=/nonexistent")
    assert done.returncode == 1 and "cannot be reached" in done.stderr


def test_migrations_are_each_one_transaction(bare):
    for path in FILES:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"^\s*(BEGIN|COMMIT|ROLLBACK)\s*;", text, re.MULTILINE | re.IGNORECASE), path.name
        assert "CONCURRENTLY" not in text, path.name
