"""sql/cli/: each statement prepares against the database of now, with the types that it declares, and is used."""

import re
import sys

import psycopg2
import pytest

from support import postgres
from support.world import Session

sys.path.insert(0, str(postgres.TOP / "tools"))

import gen_cli  # noqa: E402  (the path is set above)
import gen_sql  # noqa: E402

STATEMENTS = {path.stem: gen_cli.CommandStatement(path) for path in gen_sql.find(postgres.TOP / "sql" / "cli")}
TYPES = {"DB_UUID": "uuid", "DB_TEXT": "text", "DB_INT4": "integer", "DB_INT8": "bigint", "DB_BOOL": "boolean",
         "DB_BYTEA": "bytea", "DB_TIMESTAMPTZ": "timestamp with time zone"}


def prepare(session, statement):
    """What defines something has no parameters, and can only be run: nothing of it is kept."""
    if re.match(r"(--[^\n]*\n)*CREATE ", statement.text):
        session(f"{statement.text}; PREPARE statement AS SELECT")
        return
    types = ", ".join(TYPES[field.enum] for field in statement.params)
    session(f"PREPARE statement {f'({types})' if types else ''} AS {statement.text}".replace("%", "%%"))


def test_there_are_statements():
    assert len(STATEMENTS) > 70


@pytest.mark.parametrize("name", STATEMENTS)
def test_it_prepares_for_the_owner_with_the_declared_types(connect, name):
    """A column that was renamed, a function that takes something else, a type that changed: found here."""
    session, statement = connect("anamnesis_owner"), STATEMENTS[name]
    prepare(session, statement)
    found = session.one("SELECT parameter_types::text[] FROM pg_prepared_statements WHERE name = 'statement'")
    assert found == [TYPES[field.enum] for field in statement.params]


@pytest.mark.parametrize("name", [name for name, statement in STATEMENTS.items() if statement.columns])
def test_its_columns_are_the_declared_ones(connect, name):
    """Run with nulls and rolled back; what null cannot do is described instead."""
    session, statement = connect("anamnesis_owner"), STATEMENTS[name]
    nulls = [f"NULL::{TYPES[field.enum]}" for field in statement.params]
    prepare(session, statement)
    session("SAVEPOINT before")
    try:
        session("EXECUTE statement" + (f"({', '.join(nulls)})" if nulls else ""))
    except psycopg2.Error as fault:
        # Where the data are is not the owner's to know; on a server of one's own doctor asks as a superuser.
        assert fault.pgcode[:2] in ("AN", "22", "23") or (name, fault.pgcode) == ("data_directory", "42501"), fault
        session("ROLLBACK TO SAVEPOINT before")
        text = re.sub(r"\$(\d+)", lambda found: nulls[int(found[1]) - 1], statement.text.strip().rstrip(";"))
        if not text.lstrip().startswith("SELECT"):
            text = f"SELECT * FROM (VALUES ({', '.join('NULL::' + TYPES[column.enum] for column in statement.columns)})) AS v"
        session(f"SELECT * FROM ({text}) AS q WHERE false".replace("%", "%%"))
    types = [session.one("SELECT format_type(%s, NULL)", column.type_code) for column in list(session.cursor.description)]
    assert types == [TYPES[column.enum] for column in statement.columns]


@pytest.mark.parametrize("name", [path.stem for path in (postgres.TOP / "sql" / "cli" / "audit").glob("audit_*.sql")])
def test_the_auditor_alone_reads_the_log(connect, name):
    prepare(connect("anamnesis_auditor"), STATEMENTS[name])
    session = connect("anamnesis_api")
    nulls = ", ".join(f"NULL::{TYPES[field.enum]}" for field in STATEMENTS[name].params)
    prepare(session, STATEMENTS[name])
    with pytest.raises(psycopg2.errors.InsufficientPrivilege):
        session(f"EXECUTE statement{f'({nulls})' if nulls else ''}")


def test_each_is_used():
    sources = "".join(path.read_text(encoding="utf-8") for path in (postgres.TOP / "cli").rglob("*.c"))
    assert [name for name in STATEMENTS if not re.search(rf"&sql_{name}\b", sources)] == []


@pytest.mark.parametrize("text, said", [
    ("-- x :one () -> (id uuid, key bytea)\nSELECT id, key FROM t;\n", "all others have to be texts"),
    ("-- x :one (a text) -> (b text)\nSELECT b FROM t;\n", "declares 1 parameters"),
    ("-- x :cursor () -> (b text)\nSELECT b FROM t;\n", "has no result"), ("-- y :one () -> (b text)\nSELECT 1;\n", "declares y"),
    ("SELECT 1;\n", "the first line must read")])
def test_a_statement_that_declares_something_else_fails_the_build(tmp_path, text, said):
    path = tmp_path / "x.sql"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SystemExit) as ended:
        gen_cli.CommandStatement(path)
    assert said in str(ended.value)


def test_a_renamed_column_is_found(connect):
    """The test of this file's tests."""
    session = connect("postgres")
    session("ALTER TABLE anamnesis.practice RENAME COLUMN time_zone TO zone")
    with pytest.raises(psycopg2.errors.UndefinedColumn):
        prepare(Session(session.cursor.connection), STATEMENTS["practice_insert"])
