"""
Ours beside programs that we did not write, on definitions and answers from a seed: LHC-Forms judges a response by its
questionnaire, npm fhir the structure of a resource. Where they differ is told in differences.yaml, with who is right.
"""

import collections
import random
import re

import pytest
import yaml

import compare
import generate
import programs
import structure

SEED = 20240229
CASES = 3000        # judged by LHC-Forms
STRUCTURE_ROUNDS = 15  # of every way to break a resource
ROWS = yaml.safe_load((programs.HERE / "differences.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def judged():
    """Every difference, as often as it was found."""
    rand = random.Random(SEED)
    found = collections.Counter()
    cases = [generate.case(rand) for _ in range(CASES)]
    ours = programs.ours([{"questionnaire": definition, "response": response, "mode": "submit"}
                          for definition, response, _ in cases])
    theirs = programs.others([{"questionnaire": definition, "response": response} for definition, response, _ in cases])
    assert all(verdict["compiled"] for verdict in ours)
    for (_, _, questions), mine, other in zip(cases, ours, theirs):
        found.update(compare.differences(questions, mine, other))
    broken = list(structure.broken(rand, STRUCTURE_ROUNDS))
    ours = programs.ours([{"questionnaire": resource} if kind == "Questionnaire" else
                          {"questionnaire": definition, "response": resource, "mode": "submit"}
                          for kind, _, definition, resource in broken])
    theirs = programs.others([{"resource": resource} for _, _, _, resource in broken])
    for (kind, name, _, _), mine, other in zip(broken, ours, theirs):
        found.update(filter(None, [compare.structural_difference(kind, name, mine, other)]))
    return found


def rows_of(difference):
    return [row["what"] for row in ROWS if re.fullmatch(row["what"], difference)]


def test_every_difference_is_explained_once(judged):
    unexplained = {difference: count for difference, count in judged.items() if len(rows_of(difference)) != 1}
    assert not unexplained


def test_every_explanation_is_still_needed(judged):
    needed = {row for difference in judged for row in rows_of(difference)}
    assert [row["what"] for row in ROWS if row["what"] not in needed] == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["what"])
def test_an_explanation_says_who_is_right_and_why(row):
    assert set(row) == {"what", "right", "because"}
    assert row["right"] in ("ours", "theirs", "both") and len(row["because"]) > 20


def test_the_cases_reach_what_they_are_for():
    """Nobody would notice if the cases were all refused at once, or never enabled anything."""
    rand = random.Random(SEED)
    cases = [generate.case(rand) for _ in range(300)]
    verdicts = programs.ours([{"questionnaire": definition, "response": response, "mode": "submit"}
                              for definition, response, _ in cases])
    codes = collections.Counter(code for verdict in verdicts for _, code, _ in verdict["issues"])
    assert {"required", "wrong-type", "min-value", "max-value", "min-length", "max-length", "pattern", "not-an-option",
            "too-many-answers", "disabled-dropped"} <= set(codes)
    fine = sum(all(severity != "error" for severity, _, _ in verdict["issues"]) for verdict in verdicts)
    assert len(verdicts) // 10 < fine < len(verdicts)


def test_what_is_not_broken_is_taken_and_what_is_broken_is_refused():
    verdicts = list(structure.broken(random.Random(SEED), 2))
    ours = programs.ours([{"questionnaire": resource} if kind == "Questionnaire" else
                          {"questionnaire": definition, "response": resource, "mode": "submit"}
                          for kind, _, definition, resource in verdicts])
    for (kind, name, _, _), verdict in zip(verdicts, ours):
        errors = [issue for issue in verdict["issues"] if issue[0] == "error"]
        assert bool(errors) == (not name.startswith("nothing")), (kind, name, errors)
