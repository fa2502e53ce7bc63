"""`anamnesis migrate`: once, in order, by two at the same moment, and never over what was changed."""

import concurrent.futures
import json
import pathlib
import re

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
FILES = sorted((TOP / "sql" / "migrations").glob("*.sql"))
NEWEST = int(FILES[-1].stem[:4])
FUNCTIONS = {f"{path.parent.name}.{path.stem}": path for path in (TOP / "sql" / "functions").glob("*/*.sql")}
TEXTS = [*FUNCTIONS.values(), *(TOP / "sql" / "policies").glob("*.sql")]


def ledger(database):
    with database.connect("postgres") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT version, name FROM anamnesis.migration ORDER BY version")
        return cursor.fetchall()


def test_an_empty_database_gets_every_migration_in_order(bare):
    assert bare.command("migrate", "--check").returncode == 1
    done = bare.command("migrate", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"version": NEWEST, "applied": len(FILES), "texts": len(TEXTS)}
    assert ledger(bare) == [(int(path.stem[:4]), path.stem[5:]) for path in FILES]
    assert bare.command("migrate", "--check").returncode == 0
    assert json.loads(bare.command("migrate", "--check", "--json").stdout) == {
        "version": NEWEST, "newest": NEWEST, "texts_current": True}


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
    assert json.loads(bare.command("migrate", "--json").stdout) == {"version": NEWEST, "applied": 0, "texts": 0}


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


# ------------------------------------------------------------------------------------ functions and policies

CATALOGUE = """
    SELECT string_agg(fact, E'\\n' ORDER BY fact) FROM (
        SELECT pg_get_functiondef(p.oid) || coalesce(p.proacl::text, '') AS fact FROM pg_proc p
        WHERE p.pronamespace IN ('anamnesis'::regnamespace, 'phi'::regnamespace, 'auth'::regnamespace,
                                 'audit'::regnamespace)
        UNION ALL SELECT concat_ws(' ', polrelid::regclass, polname, polcmd, polroles, pg_get_expr(polqual, polrelid),
                                   pg_get_expr(polwithcheck, polrelid)) FROM pg_policy
        UNION ALL SELECT concat_ws(' ', c.oid::regclass, c.relacl::text,
                                   (SELECT string_agg(a.attname || a.attacl::text, ' ' ORDER BY a.attnum)
                                    FROM pg_attribute a WHERE a.attrelid = c.oid)) FROM pg_class c
        WHERE c.relnamespace IN ('anamnesis'::regnamespace, 'auth'::regnamespace, 'audit'::regnamespace)) AS facts"""


def catalogue(database):
    with database.connect("postgres") as connection, connection.cursor() as cursor:
        cursor.execute(CATALOGUE)
        return cursor.fetchone()[0]


def another_program_was_here(database, *paths):
    """As if a program with other texts of these had migrated the database."""
    listed = ", ".join(f"'{path}'" for path in ("", *paths))
    database.administer("DELETE FROM anamnesis.sql_state; INSERT INTO anamnesis.sql_state (sha256) VALUES ('another')",
                        database.name)
    database.administer(f"UPDATE anamnesis.sql_text SET sha256 = 'another' WHERE path IN ({listed})", database.name)


def test_each_function_has_one_file_and_each_file_its_function(bare):
    bare.command("migrate")
    with bare.connect("postgres") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
                       "WHERE n.nspname IN ('anamnesis', 'phi', 'auth', 'audit')")
        found = sorted(name for (name,) in cursor.fetchall())
    # audit.epoch() is a number that audit.make_ready() writes, not a text.
    assert found == sorted([*FUNCTIONS, "audit.epoch"])


@pytest.mark.parametrize("change, path", [
    ("CREATE OR REPLACE FUNCTION auth.sees(p_patient uuid) RETURNS boolean LANGUAGE sql RETURN true",
     "functions/auth/sees.sql"),
    # Another result, other parameters: not to be replaced, and the former one must not stay beside it.
    ("DROP FUNCTION auth.session_end(); CREATE FUNCTION auth.session_end() RETURNS integer LANGUAGE sql RETURN 1",
     "functions/auth/session_end.sql"),
    ("DROP FUNCTION auth.totp_accept(text, uuid, bigint);"
     "CREATE FUNCTION auth.totp_accept(p_account uuid) RETURNS boolean LANGUAGE sql RETURN true;"
     "GRANT EXECUTE ON FUNCTION auth.totp_accept(uuid) TO anamnesis_api", "functions/auth/totp_accept.sql"),
    ("GRANT EXECUTE ON FUNCTION auth.end_all(uuid, uuid) TO anamnesis_api", "functions/auth/end_all.sql"),
    ("CREATE POLICY everybody ON anamnesis.patient TO anamnesis_api USING (true)", "policies/anamnesis.patient.sql"),
    ("DROP POLICY reads ON anamnesis.response", "policies/anamnesis.response.sql"),
    ("GRANT DELETE, UPDATE (practice_id) ON anamnesis.patient TO anamnesis_jobs", "policies/anamnesis.patient.sql")])
def test_what_differs_is_applied_again(bare, change, path):
    bare.command("migrate")
    was = catalogue(bare)
    bare.administer(f"SET ROLE anamnesis_owner; {change}", bare.name)
    assert catalogue(bare) != was
    another_program_was_here(bare, path)
    assert bare.command("migrate", "--check").returncode == 1
    done = bare.command("migrate", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["texts"] == 1
    assert catalogue(bare) == was


def test_what_has_no_file_any_more_is_dropped(bare):
    bare.command("migrate")
    was = catalogue(bare)
    bare.administer("SET ROLE anamnesis_owner; CREATE FUNCTION auth.former() RETURNS integer LANGUAGE sql RETURN 1", bare.name)
    another_program_was_here(bare)
    assert bare.command("migrate").returncode == 0
    assert catalogue(bare) == was


def test_the_order_is_found(bare):
    """Functions that need each other are gone, all of them: each comes back, whatever its name sorts after."""
    bare.command("migrate")
    was = catalogue(bare)
    bare.administer("DROP POLICY reads ON anamnesis.response; DROP FUNCTION auth.staff_writes() CASCADE;"
                    "DROP FUNCTION auth.realm() CASCADE", bare.name)
    another_program_was_here(bare, *(str(path.relative_to(TOP / "sql")) for path in TEXTS))
    done = bare.command("migrate", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["texts"] == len(TEXTS)
    assert catalogue(bare) == was


def test_a_text_that_fails_leaves_all_as_it_was(bare):
    bare.command("migrate")
    bare.administer("ALTER TABLE anamnesis.patient RENAME COLUMN language TO tongue", bare.name)
    another_program_was_here(bare, "functions/auth/sees.sql", "policies/anamnesis.patient.sql")
    was = catalogue(bare)
    done = bare.command("migrate")
    assert done.returncode == 1 and "anamnesis.patient could not be applied" in done.stderr
    assert "stay as they were" in done.stderr
    assert catalogue(bare) == was


def test_an_older_program_does_not_put_its_functions_over_newer_ones(bare):
    bare.command("migrate")
    bare.administer("INSERT INTO anamnesis.sql_state (sha256) VALUES ('newer')", bare.name)
    done = bare.command("migrate")
    assert done.returncode == 1 and "newer functions" in done.stderr
    assert bare.command("migrate", "--check").returncode == 1


def test_where_the_log_goes_on_is_kept(bare):
    """audit.epoch() says by how much transactions are counted on; no migration sets it back."""
    bare.command("migrate")
    bare.administer("SET ROLE anamnesis_owner; CREATE OR REPLACE FUNCTION audit.epoch() RETURNS bigint LANGUAGE sql STABLE "
                    "PARALLEL SAFE RETURN 5000::bigint", bare.name)
    another_program_was_here(bare, *(str(path.relative_to(TOP / "sql")) for path in TEXTS))
    assert bare.command("migrate").returncode == 0
    with bare.connect("postgres") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT audit.epoch()")
        assert cursor.fetchone() == (5000,)
