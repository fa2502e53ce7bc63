"""A transaction that reads: no statement that writes is sent in it, and which ones write is found in their texts."""

import subprocess
import sys

import pytest
from support import postgres

TOP = postgres.TOP
sys.path.insert(0, str(TOP / "tools"))

import gen_sql  # noqa: E402  (the path is set above)
import sql_writes  # noqa: E402

FUNCTIONS = sql_writes.Functions(TOP / "sql" / "functions")
QUERIES = TOP / "sql" / "queries"
STATEMENTS = {statement.name: statement for statement in gen_sql.load(QUERIES, gen_sql.Types(QUERIES / "types.txt"))}
WRITING = {name for name, statement in STATEMENTS.items() if FUNCTIONS.statement_writes(name, statement.text)}


def test_every_statement_that_writes_is_refused_in_a_transaction_that_reads(database):
    done = subprocess.run([postgres.program("tests/programs/read_transactions"), database.url("anamnesis_api")], capture_output=True, text=True,
                          check=False)
    assert done.returncode == 0, done.stderr
    *refused, read = done.stdout.splitlines()
    assert set(refused) == {f"refused {name}" for name in WRITING} and read.startswith("read ")


@pytest.mark.parametrize("name", ["my_response_save", "patient_erase", "care_team_add", "my_response_lock", "index_claim",
                                  "assignment_insert", "idempotency_claim", "session_end_one", "address_confirm"])
def test_what_changes_or_locks_a_row_writes(name):
    assert name in WRITING


@pytest.mark.parametrize("name", ["patient_read", "patient_list", "my_access_log", "response_list", "session_prove", "audit_close"])
def test_what_reads_and_what_every_transaction_leaves_does_not(name):
    assert name in STATEMENTS and name not in WRITING


READS = ("SELECT 1", "SELECT updated_at FROM t ORDER BY 1 FOR", "-- INSERT INTO t\nSELECT 1", "SELECT a.b($1)", "SELECT locks.t($1)")
WRITES = ("INSERT INTO t VALUES (1)", "WITH x AS (DELETE FROM t RETURNING 1) SELECT 1", "UPDATE a.t AS o SET n = 1",
          "update only a.t o\nset n = 1", "SELECT 1 FROM t FOR UPDATE OF t", "SELECT 1 FROM t FOR NO KEY UPDATE", "SELECT nextval('s')",
          "SELECT pg_advisory_xact_lock(1)", "SELECT a.deep($1)", "SELECT a.circle($1)", "SELECT a.other($1)")


@pytest.mark.parametrize("text, writes", [(text, False) for text in READS] + [(text, True) for text in WRITES])
def test_the_text_and_the_functions_that_it_comes_to_decide(tmp_path, text, writes):
    (tmp_path / "a").mkdir()
    for name, body in {"b": "RETURN 1", "deep": "SELECT a.middle()", "middle": "PERFORM a.end_of()", "end_of": "DELETE FROM t",
                       "circle": "SELECT a.other(), a.middle()", "other": "SELECT a.circle()"}.items():
        (tmp_path / "a" / f"{name}.sql").write_text(f"CREATE OR REPLACE FUNCTION a.{name}() RETURNS int AS $$ {body} $$;\n")
    assert sql_writes.Functions(tmp_path).statement_writes("any", text) is writes
