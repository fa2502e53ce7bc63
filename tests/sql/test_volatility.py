"""What functions declare of themselves (volatility, parallel safety) is true: the planner acts on it."""

import os

import pytest

OURS = "('anamnesis', 'phi', 'auth', 'audit')"
ROWS = 50_000
FUNCTIONS = (f"SELECT n.nspname || '.' || p.proname, p.provolatile::text, p.proparallel::text, coalesce(pg_get_function_sqlbody(p.oid), "
             f"p.prosrc) FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE n.nspname IN {OURS}")
VOLATILE_CALLS = ("SELECT n.nspname || '.' || p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace "
                  "WHERE p.provolatile = 'v' AND (n.nspname IN ('ext', 'anamnesis', 'phi', 'auth', 'audit') OR n.nspname = 'pg_catalog')")
CHANGES = {"insert", "update", "delete", "truncate", "lock", "execute"}
# currval reads the pins, which auth.pin alone sets, in a statement of its own. Pages tell the planner how to go, and put it back.
HARMLESS = {"currval("} | {(name, "set_config(") for name in ("anamnesis.patient_page", "anamnesis.response_range", "anamnesis.upload_page")}


def words_of(body):
    """What a text calls or says, without its comments and its quoted texts."""
    lines = (line.split("--")[0] for line in body.lower().splitlines())
    text = "'".join("\n".join(lines).split("'")[::2])
    return "".join(c if c.isalnum() or c in "_.(" else " " for c in text).replace("(", "( ").split()


def test_what_is_not_volatile_changes_nothing_and_calls_nothing_volatile(superuser):
    volatile = {name.removeprefix("pg_catalog.") + "(" for (name,) in superuser(VOLATILE_CALLS)}
    found = []
    for name, kind, _, body in superuser(FUNCTIONS):
        if kind != "v":
            found += [(name, word) for word in words_of(body) if word in volatile | CHANGES and not {word, (name, word)} & HARMLESS]
    assert found == []


def test_what_parallel_workers_may_run_takes_no_new_snapshot(superuser):
    """A VOLATILE function of plpgsql or SQL does, for each of its statements, and a parallel worker must not."""
    assert [(name, kind) for name, kind, parallel, _ in superuser(FUNCTIONS) if parallel != "u" and kind == "v"] == []


@pytest.mark.parametrize("form", [1, 2])
def test_parallel_workers_open_what_was_sealed(superuser, form):
    """50,000 rows, by CREATE TABLE AS, on a plan that is known to be parallel."""
    key = os.urandom(96)
    seal = {1: "'\\x01'::bytea || ext.hmac(convert_to('t.x:1', 'UTF8') || '\\x00'::bytea || m, ext.hmac('phi.check:1'::bytea, "
               "substr(k, 65), 'sha256'), 'sha256') || m FROM (SELECT %s::bytea AS k) AS keys, LATERAL (SELECT ext.pgp_sym_encrypt("
               "'Zoë', encode(ext.hmac('phi.seal:1'::bytea, substr(k, 65), 'sha256'), 'base64'), "
               "'cipher-algo=aes256, compress-algo=0, s2k-mode=1') AS m) AS message",
            2: "phi.seal(%s, 't.x:1', 'Zoë')"}[form]
    superuser("SET LOCAL max_parallel_workers_per_gather = 2")
    superuser("SET LOCAL parallel_setup_cost = 0")
    superuser("SET LOCAL parallel_tuple_cost = 0")
    superuser("SET LOCAL min_parallel_table_scan_size = 0")
    superuser(f"CREATE TABLE public.many AS SELECT n, s.sealed FROM generate_series(1, {ROWS}) AS n, (SELECT {seal}) AS s (sealed)", key)
    superuser("ANALYZE public.many")
    query = "SELECT n, phi.open(%s, 't.x:1', sealed) AS value FROM public.many"
    plan = "\n".join(line for (line,) in superuser("EXPLAIN (VERBOSE) " + query, key))
    assert "Parallel Seq Scan" in plan and plan.index("Gather") < plan.index("phi.open")
    superuser("CREATE TABLE public.opened AS " + query, key)
    assert superuser("SELECT count(*), count(DISTINCT n), min(value), max(value) FROM public.opened") == [(ROWS, ROWS, "Zoë", "Zoë")]
