"""A score is a fact of the definition: whatever weights answers to the ready-made questionnaires carry, wherever, the options'
are added up. Answers and the places of their weights are drawn at random, the same each time."""
import copy
import json
import os
import random
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).resolve().parents[2]
PROGRAM = Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build")) / "tests" / "programs" / "form_check"
FORMS = sorted(path for path in (TOP / "forms").glob("*.json") if "answerOption" in path.read_text(encoding="utf-8"))
CORE = "http://hl7.org/fhir/StructureDefinition/"
NAMES = ["ordinalValue", "itemWeight", "coding-sctdescid-ordinal", "codesystem-ordinalValue", "valueset-ordinalValue"]
DRAWS = 60

pytestmark = pytest.mark.skipif(not PROGRAM.exists(), reason="make unit-programs builds form_check")


def judged(tasks):
    text = "".join(json.dumps(task) + "\n" for task in tasks)
    said = subprocess.run([str(PROGRAM)], input=text, capture_output=True, text=True, check=True).stdout
    return [json.loads(line) for line in said.splitlines()]


def questions(items):
    for item in items:
        if "answerOption" in item:
            yield item
        yield from questions(item.get("item", []))


def answered(draw, definition):
    """linkId -> the option that is chosen."""
    return {item["linkId"]: draw.choice(item["answerOption"]) for item in questions(definition["item"])}


def weighted(definition):
    """The linkIds of the questions of which an option has a weight."""
    return {item["linkId"] for item in questions(definition["item"]) if any(CORE + name in json.dumps(item["answerOption"]) for name in NAMES)}


def bare(option):
    coding = option["valueCoding"]
    return {"valueCoding": {name: coding[name] for name in ("system", "code", "display") if name in coding}}


def weigh(draw, answer, weight):
    """Tells a weight somewhere in an answer."""
    extension = {"url": CORE + draw.choice(NAMES), draw.choice(["valueDecimal", "valueInteger"]): weight}
    place = draw.choice(["answer", "coding", "code", "display", "inner"])
    coding = answer["valueCoding"]
    if place == "inner":
        extension = {"url": "http://example.org/outer", "extension": [extension]}
    if place in ("code", "display"):
        coding["_" + place] = {"extension": [extension]}
    else:
        (answer if place == "answer" else coding).setdefault("extension", []).append(extension)


def drawn(definition, number):
    """(items as an honest patient sends them, the same with other weights, the linkIds of those that differ)"""
    draw = random.Random(f"{definition['url']} {number}")
    chosen = answered(draw, definition)
    honest = [{"linkId": link_id, "answer": [bare(option)]} for link_id, option in chosen.items()]
    forged, liars = copy.deepcopy(honest), set()
    for item in forged:
        if draw.random() < 0.5:
            weigh(draw, item["answer"][0], draw.choice([-1, 9, 27, 100]))
            liars.add(item["linkId"])
    return honest, forged, liars


@pytest.fixture(scope="module", name="trials", params=FORMS, ids=lambda path: path.stem)
def fixture_trials(request):
    definition = json.loads(request.param.read_text(encoding="utf-8"))
    draws = [drawn(definition, number) for number in range(DRAWS)]
    said = {}
    for name, which, mode in (("honest", 0, "submit"), ("honest draft", 0, "save"), ("forged", 1, "submit"),
                              ("forged draft", 1, "save")):
        said[name] = judged([{"questionnaire": definition, "items": draw[which], "mode": mode} for draw in draws])
    return definition, draws, said


def codes(verdict, code):
    return {path for _, found, path in verdict["issues"] if found == code}


def test_the_ready_made_forms_have_scores(trials):
    *_, said = trials
    assert any(verdict.get("scores") for verdict in said["honest"])


def test_a_submission_with_another_weight_is_refused_at_its_item(trials):
    definition, draws, said = trials
    for (_, _, liars), honest, forged in zip(draws, said["honest"], said["forged"]):
        liars = liars - codes(forged, "disabled-dropped")
        assert codes(honest, "other-weight") == set()
        assert codes(forged, "other-weight") == liars & weighted(definition)
        assert codes(forged, "weight-ignored") == liars - weighted(definition)
        if not liars & weighted(definition):
            assert forged["scores"] == honest["scores"]


def test_a_draft_is_put_right_and_its_scores_are_the_definitions(trials):
    _, draws, said = trials
    for (_, _, liars), honest, forged in zip(draws, said["honest draft"], said["forged draft"]):
        assert codes(forged, "weight-corrected") == liars
        assert forged["scores"] == honest["scores"]


def test_what_was_put_right_can_be_submitted_for_the_same_scores(trials):
    """Given a corrected draft, when it is submitted, then it is taken, as the honest one is, for the same scores."""
    definition, _, said = trials
    again = judged([{"questionnaire": definition, "items": verdict["kept"], "mode": "submit"} for verdict in said["forged draft"]])
    assert [verdict["issues"] for verdict in again] == [verdict["issues"] for verdict in said["honest"]]
    assert [verdict["scores"] for verdict in again] == [verdict["scores"] for verdict in said["honest"]]
