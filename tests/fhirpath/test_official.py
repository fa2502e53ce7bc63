"""The official FHIRPath tests for R4, read in place. Those that do not pass stand in not-passed.tsv with the reason; one
that passes after all, or fails and is not there, fails here."""
from pathlib import Path

import pytest

import official

LISTED = Path(__file__).with_name("not-passed.tsv")
# Reasons that are no fault of the evaluator: it knows some of FHIR's types, and no terminology or profiles.
OUTSIDE = {"strict", "profile", "input"}

pytestmark = [
    pytest.mark.skipif(not official.VECTORS.is_dir(),
                       reason=f"the tests are not at {official.VECTORS}; set ANAMNESIS_VECTORS"),
    pytest.mark.skipif(not official.PROGRAM.exists(), reason="make unit-programs builds fhirpath_run"),
]


def listed():
    rows = [line.split("\t") for line in LISTED.read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]
    assert all(len(row) == 3 for row in rows), "name, kind, reason"
    return {name: kind for name, kind, _ in rows}


@pytest.fixture(scope="module", name="results")
def fixture_results():
    return {case.name: outcome for case, outcome in official.run()}


def test_every_test_passes_or_is_listed(results):
    wrong = {name: outcome for name, outcome in results.items() if outcome is not True and name not in listed()}
    assert wrong == {}


def test_no_listed_test_passes(results):
    known = {case.name: case for case in official.cases()}
    assert [name for name in listed() if name not in known] == []
    assert [name for name in listed() if results.get(name) is True] == []


def test_tests_without_their_input_are_listed():
    missing = {case.name for case in official.cases() if official.missing_input(case)}
    assert missing == {name for name, kind in listed().items() if kind == "input" and name in missing}


def test_the_share_that_passes(results):
    """Of those that need neither terminology, nor profiles, nor a type model of all of FHIR: at least 85 %."""
    outside = {name for name, kind in listed().items() if kind in OUTSIDE}
    judged = {name: outcome for name, outcome in results.items() if name not in outside}
    passed = sum(outcome is True for outcome in judged.values())
    share = passed / len(judged)
    print(f"{passed} of {len(judged)} official tests pass ({share:.1%}); "
          f"{len(listed()) - (len(judged) - passed)} more need what is outside")
    assert share >= 0.85


def test_the_runner_tells_passed_from_failed():
    """Given wrong outputs, when they are judged, then they do not pass."""
    case = next(case for case in official.cases() if case.name == "testComment1")
    answer, = official.evaluate([official.task_of(case)])
    assert official.verdict(case, answer) is True
    assert official.verdict(case._replace(outputs=[("integer", "5")]), answer) is not True
    assert official.verdict(case._replace(outputs=[]), answer) is not True
    assert official.verdict(case._replace(invalid="execution"), answer) is not True
