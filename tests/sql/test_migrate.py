"""`anamnesis migrate`: once, in order, by two at the same moment, and never over what was changed."""

import concurrent.futures
import json
import pathlib
import re
import shutil
import signal
import subprocess
import time

import pytest

from support import catalogue as facts
from support import former, postgres

TOP = pathlib.Path(__file__).resolve().parents[2]
FILES = sorted((TOP / "sql" / "schema").glob("*.sql"))
WAIT_SECONDS = 30
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


def waiting(database):
    """Until somebody in the database waits for a lock; gives who."""
    connection = database.connect("postgres")
    connection.autocommit = True
    cursor = connection.cursor()
    end, found = time.monotonic() + WAIT_SECONDS, []
    while not found and time.monotonic() < end:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")
        found = cursor.fetchall()
    connection.close()
    return found[0][0]


@pytest.mark.parametrize("restored", [False, True])
@pytest.mark.parametrize("by", ["killed", "disconnected"])
def test_an_interrupted_one_leaves_all_as_it_was(bare, by, restored):
    """At its very end: it waits to note its last row, which another one locks."""
    if restored:
        former.restore(bare)
        bare.administer("UPDATE anamnesis.sql_text SET sha256 = 'another'; UPDATE anamnesis.sql_state SET sha256 = 'another'",
                        bare.name)
        bare.administer("CREATE POLICY everybody ON anamnesis.patient TO anamnesis_api USING (true)", bare.name)
    else:
        bare.administer("SET ROLE anamnesis_owner; CREATE SCHEMA anamnesis; CREATE TABLE anamnesis.sql_state (sha256 text PRIMARY "
                        "KEY, number integer GENERATED ALWAYS AS IDENTITY, applied_at timestamptz NOT NULL DEFAULT now()); "
                        "CREATE TABLE anamnesis.migration (version integer PRIMARY KEY, name text NOT NULL, sha256 text NOT NULL, "
                        "applied_at timestamptz NOT NULL DEFAULT now())", bare.name)
    was, noted = facts.catalogue(bare), ledger(bare)
    blocker = bare.connect("postgres")
    blocker.cursor().execute("LOCK anamnesis.sql_state IN SHARE MODE")
    process = subprocess.Popen([postgres.program(), "migrate"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                               env={"ANAMNESIS_OWNER_DATABASE_URL": bare.url("anamnesis_owner")})
    try:
        backend = waiting(bare)
        if by == "killed":
            process.kill()
        bare.administer(f"SELECT pg_terminate_backend({backend}, {WAIT_SECONDS * 1000})", bare.name)
        out, said = process.communicate(timeout=WAIT_SECONDS)
    finally:
        process.kill()
        blocker.close()
    assert process.returncode == (-signal.SIGKILL if by == "killed" else 1) and not out
    assert by == "killed" or "stay as they were" in said
    assert facts.catalogue(bare) == was and ledger(bare) == noted
    done = bare.command("migrate", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["texts"] == len(TEXTS)
    assert facts.catalogue(bare) != was


def shouting(place, with_function=True):
    """The program with one file of the schema more, whose trigger needs a new function, and one function changed."""
    shutil.copytree(TOP / "sql", place / "sql")
    (place / "sql" / "schema" / f"{NEWEST + 1:04}_shouting.sql").write_text(
        "ALTER TABLE anamnesis.practice ADD COLUMN loud boolean NOT NULL DEFAULT false;\n"
        "CREATE TRIGGER shouts BEFORE INSERT ON anamnesis.practice FOR EACH ROW EXECUTE FUNCTION anamnesis.shout();\n"
        "ALTER TABLE anamnesis.practice ENABLE ALWAYS TRIGGER shouts;\n", encoding="utf-8")
    zones = place / "sql" / "functions" / "anamnesis" / "time_zone_known.sql"
    zones.write_text(zones.read_text(encoding="utf-8").replace("'Factory'", "'Nowhere'"), encoding="utf-8")
    if with_function:
        zones.with_name("shout.sql").write_text(
            "CREATE OR REPLACE FUNCTION anamnesis.shout() RETURNS trigger\nLANGUAGE plpgsql SET search_path = pg_catalog, pg_temp\n"
            "AS $$ BEGIN NEW.name := upper(NEW.name); NEW.loud := true; RETURN NEW; END $$;\n", encoding="utf-8")
    subprocess.run(["/usr/bin/python3", TOP / "tools" / "gen_migrations.py", "--sql", place / "sql", "--out",
                    place / "build" / "gen"], check=True)
    return postgres.program_of(place)


@pytest.fixture(scope="module")
def newer(tmp_path_factory):
    return shouting(tmp_path_factory.mktemp("newer"))


def test_a_newer_program_goes_on_and_the_older_one_does_not(bare, newer):
    bare.command("migrate")
    was = facts.catalogue(bare)
    assert bare.command("migrate", "--check", programs=newer).returncode == 1
    done = bare.command("migrate", "--json", programs=newer)
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {"version": NEWEST + 1, "applied": 1, "texts": len(TEXTS) + 1}
    now = facts.catalogue(bare)
    assert now != was
    for arguments in ([], ["--check"]):
        done = bare.command("migrate", *arguments)
        assert done.returncode == 1 and "Use the newer program" in done.stderr
    assert facts.catalogue(bare) == now
    with bare.connect("anamnesis_owner") as connection, connection.cursor() as cursor:
        cursor.execute("INSERT INTO anamnesis.practice (name) VALUES ('quiet') RETURNING name, loud")
        assert cursor.fetchone() == ("QUIET", True)


def test_older_and_newer_program_at_once(bare, newer):
    """Whichever is first, the newer one's state is what is left, whole."""
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda program: bare.command("migrate", programs=program), [None, newer, None, newer]))
    assert [one.returncode for one in done[1::2]] == [0, 0], [one.stderr for one in done]
    assert all(one.returncode == 0 or "Use the newer program" in one.stderr for one in done[::2])
    assert len(ledger(bare)) == len(FILES) + 1
    assert bare.command("migrate", "--check", programs=newer).returncode == 0


def test_a_file_that_names_what_nobody_makes_leaves_all_as_it_was(bare, tmp_path):
    bare.command("migrate")
    was, noted = facts.catalogue(bare), ledger(bare)
    done = bare.command("migrate", programs=shouting(tmp_path, with_function=False))
    assert done.returncode == 1 and f"{NEWEST + 1:04}_shouting failed; nothing of it was kept" in done.stderr
    assert "function anamnesis.shout() does not exist" in done.stderr
    assert facts.catalogue(bare) == was and ledger(bare) == noted


@pytest.mark.parametrize("change, said", [
    ("UPDATE anamnesis.migration SET sha256 = repeat('0', 64) WHERE version = 102", "is not the one that was applied"),
    ("DELETE FROM anamnesis.migration WHERE version = 101", "lacks migration 101"),
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
    assert "0101_schemas failed" in done.stderr
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
    assert found == sorted(FUNCTIONS)


def test_no_function_is_in_the_schema():
    for path in FILES:
        assert not re.search(r"CREATE\s+(OR\s+REPLACE\s+)?FUNCTION", path.read_text(encoding="utf-8"), re.IGNORECASE), path.name


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


@pytest.mark.parametrize("change", [
    "UPDATE pg_proc SET proargnames = '{p_other}' WHERE oid = 'auth.sees(uuid)'::regprocedure",
    "ALTER FUNCTION auth.sees(uuid) RENAME TO saw; CREATE FUNCTION auth.sees(p_patient uuid, p_why text) RETURNS boolean LANGUAGE "
    "sql RETURN true; ALTER FUNCTION auth.sees OWNER TO anamnesis_owner; ALTER POLICY reads ON anamnesis.response USING "
    "(auth.sees(patient_id, '')); ALTER FUNCTION auth.saw(uuid) RENAME TO sees"])
def test_a_function_that_policies_call_gets_other_parameters(bare, change):
    bare.command("migrate")
    was = catalogue(bare)
    bare.administer(change, bare.name)
    another_program_was_here(bare, "functions/auth/sees.sql")
    done = bare.command("migrate")
    assert done.returncode == 0, done.stderr
    assert catalogue(bare) == was


def test_what_has_no_file_any_more_is_dropped(bare):
    bare.command("migrate")
    was = catalogue(bare)
    bare.administer("SET ROLE anamnesis_owner; CREATE FUNCTION auth.former() RETURNS integer LANGUAGE sql RETURN 1", bare.name)
    another_program_was_here(bare)
    assert bare.command("migrate").returncode == 0
    assert catalogue(bare) == was


def test_policies_and_grants_without_a_file_are_taken_back(bare):
    """The relation stays: only a file of the schema drops it."""
    bare.command("migrate")
    bare.administer("SET ROLE anamnesis_owner; CREATE TABLE auth.former (id uuid); CREATE VIEW auth.looked AS SELECT 1 AS one", bare.name)
    was = facts.catalogue(bare)
    bare.administer("SET ROLE anamnesis_owner; ALTER TABLE auth.former ENABLE ROW LEVEL SECURITY; "
                    "CREATE POLICY everybody ON auth.former TO anamnesis_api USING (true); "
                    "GRANT SELECT, UPDATE (id) ON auth.former TO anamnesis_api, anamnesis_jobs; "
                    "GRANT SELECT ON auth.looked TO anamnesis_auditor; "
                    "INSERT INTO anamnesis.sql_text VALUES ('policies/auth.former.sql', ''), ('policies/auth.looked.sql', ''), "
                    "('policies/auth.gone.sql', '')", bare.name)
    another_program_was_here(bare)
    assert bare.command("migrate").returncode == 0
    bare.administer("ALTER TABLE auth.former DISABLE ROW LEVEL SECURITY", bare.name)
    assert facts.catalogue(bare) == was


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
