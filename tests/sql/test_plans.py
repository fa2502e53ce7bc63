"""No list or read becomes dearer unnoticed: plans and pages touched, on a database whose rows are always the same.

tests/golden/plans.tsv has a line for each case: who asks, what, the statement, the pages, and every node of its plan and of the plans of
what its functions run. When a change is meant: `bench/growth --write-golden`, and review shows the difference.
"""

import sys

import pytest

from support import postgres

sys.path.insert(0, str(postgres.TOP / "bench"))

from harness import growth  # noqa: E402  (the path is set above)

GOLDEN = [line.split("\t") for line in growth.GOLDEN.read_text(encoding="utf-8").splitlines()]
ROOM = 1.1, 3  # pages that a plan may touch more than it did: a page that is split elsewhere
ALLOWED = {"Seq Scan on practice", "Seq Scan on staff", "Seq Scan on questionnaire", "Seq Scan on questionnaire_version"} # a handful each


@pytest.fixture(scope="module")
def explained(server):
    database = postgres.Database(server)
    done = database.command("migrate")
    assert done.returncode == 0, done.stderr
    growth.fill(database, growth.GOLDEN_SIZE)
    made = growth.Explained(database)
    yield made
    made.close()
    database.drop()


def test_every_case_is_noted():
    assert [tuple(line[:3]) for line in GOLDEN] == [(case.who, case.name, case.statement) for case in growth.cases()]


@pytest.mark.parametrize("line", GOLDEN, ids=lambda line: f"{line[0]}: {line[1]}")
def test_a_plan_is_no_dearer_than_it_was(explained, line):
    who, name, _, pages, nodes = line
    case = next(case for case in growth.cases() if (case.who, case.name) == (who, name))
    found, touched = explained.nodes(case)
    assert not {node for node in found if node.startswith("Seq Scan")} - ALLOWED
    assert found == nodes.split("; "), "another plan: if it is meant, bench/growth --write-golden"
    assert touched <= int(pages) * ROOM[0] + ROOM[1], f"{touched} pages instead of {pages}"


@pytest.mark.parametrize("name", sorted({case.name for case in growth.cases()}))
def test_golden_plans_scan_no_table_that_grows(name):
    assert all("Seq Scan" not in node or node in ALLOWED for line in GOLDEN if line[1] == name for node in line[4].split("; "))


@pytest.mark.parametrize("role", ["anamnesis_api", "anamnesis_owner"])
@pytest.mark.parametrize("since, until", [("NULL", "'2025-01-15Z'"), ("'2025-06-01Z'", "'2025-09-01Z'"), ("'2026-01-01 00:59:00Z'", "NULL")])
def test_a_span_of_time_is_read_in_few_pages_by_whoever_asks(explained, role, since, until):
    """The owner's functions ask for a large team, under another policy and so with plans of their own. Nine thousand rows are there."""
    explained.begin("owner")
    explained.session("RESET ROLE")
    explained.session(f"SET LOCAL ROLE {role}")
    call = f"SELECT * FROM anamnesis.response_range(NULL, NULL, NULL, {since}, {until}, {growth.NEVER}, 51)"
    explained.session(call)
    plan = explained.explain(call)["Plan"]
    explained.session.rollback()
    assert plan["Shared Hit Blocks"] + plan["Shared Read Blocks"] <= 100
