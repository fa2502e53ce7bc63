"""What a questionnaire's author made the server work out has an end: in a patient's request as a problem, before that as a
finding of the check."""

import pytest
from conftest import unique
from support import client as api

SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"
# Forty elements, walked over in three loops inside each other, with a comparison of units in the middle: some hundredths of
# a second each, and all together within the limit of steps.
VARIABLES = {"x": "'abcde'.select($this & $this).select($this & $this).select($this & $this).toChars()", "p": "5 'kg.m/s2'", "q": "4 'J/m'"}
DEAR = "iif(%x.all(%x.all(%x.all(%p > %q))), 1, 0)"
EXPRESSIONS = 12


def expression(name, text):
    return {"url": SDC + name, "valueExpression": {"language": "text/fhirpath", "expression": text}}


def costly(name, condition, count=EXPRESSIONS):
    """Questions w0, w1, ... and as many items that are worked out, each under the condition, in which {} is its question's answer."""
    items = [{"linkId": f"w{i}", "text": "Which word?", "type": "string"} for i in range(EXPRESSIONS)]
    for i in range(count):
        told = condition.replace("{}", f"%resource.item.where(linkId = 'w{i}').answer.value")
        items.append({"linkId": f"n{i}", "type": "integer", "readOnly": name == "calculatedExpression",
                      "extension": [expression(name, f"iif({told}, {DEAR}, 0)")]})
    return {"resourceType": "Questionnaire", "status": "active", "title": unique("Costly"), "item": items,
            "extension": [{"url": "http://hl7.org/fhir/StructureDefinition/variable",
                           "valueExpression": {"name": variable, "language": "text/fhirpath", "expression": value}}
                          for variable, value in VARIABLES.items()]}


def text(value):
    return [{"valueString": value}]


SAID_GO = "{} = 'go'"
EVERYWHERE = {f"w{i}": text("go") for i in range(EXPRESSIONS)}


def test_an_auto_save_that_makes_too_much_work_is_refused_and_nothing_is_lost(practice):
    """Given answers that make the author's expressions dear, when they are saved, then a problem says so; what was saved before stays,
    and other answers are taken."""
    _, me, response = practice.begun(costly("calculatedExpression", SAID_GO))
    api.good(me.save(response["id"], 1, {"w0": text("stay")}))
    api.problem(me.save(response["id"], 2, EVERYWHERE), 422, "form-too-costly")
    shown = api.good(me.get(f"/patient/responses/{response['id']}"))
    assert shown["revision"] == 2 and shown["response"]["item"][0]["answer"] == text("stay")
    assert api.good(me.save(response["id"], 2, {"w0": text("other")}))["revision"] == 3


def test_a_submission_that_makes_too_much_work_is_refused_and_nothing_is_lost(practice):
    """Given answers of which each alone is cheap enough, when all are judged together, then a problem says so, and the draft stays."""
    _, me, response = practice.begun(costly("calculatedExpression", SAID_GO))
    for revision, (path, answer) in enumerate(EVERYWHERE.items(), start=1):
        api.good(me.save(response["id"], revision, {path: answer}))
    api.problem(me.submit(response["id"], EXPRESSIONS + 1), 422, "form-too-costly")
    assert api.good(me.get(f"/patient/responses/{response['id']}"))["response"]["status"] == "in-progress"
    api.good(me.save(response["id"], EXPRESSIONS + 1, clear=list(EVERYWHERE)[1:]))
    assert api.good(me.submit(response["id"], EXPRESSIONS + 2))["status"] == "completed"


WAYS = {"questionnaire": lambda me, it: me.get(f"/patient/questionnaires/{it['assignment_id']}"),
        "response": lambda me, it: me.get(f"/patient/responses/{it['id']}"),
        "begin": lambda me, it: me.post("/patient/responses", {"assignment_id": it["assignment_id"]})}


@pytest.mark.parametrize("way", WAYS)
def test_a_draft_that_a_costly_version_takes_over_stays_as_it_is(practice, way):
    """Given a newer version whose expressions are dear for what was answered, when the draft would move to it, then a problem says so
    and it has not moved; a version that costs less takes it over, with every answer."""
    staff = practice.staff()
    plain = costly("calculatedExpression", SAID_GO, 0)
    _, me, response = practice.begun(plain)
    questionnaire = response["questionnaire_id"]
    api.good(me.save(response["id"], 1, EVERYWHERE))
    publish(staff, questionnaire, costly("calculatedExpression", SAID_GO))
    api.problem(WAYS[way](me, response), 422, "form-too-costly")
    publish(staff, questionnaire, plain)
    moved = api.good(WAYS[way](me, response))
    assert (moved["version"], moved["response"]["item"][0]["answer"]) == (3, text("go"))


def publish(staff, questionnaire, definition):
    revision = api.good(staff.get(f"/admin/questionnaires/{questionnaire}"))["revision"]
    draft = api.good(staff.put(f"/admin/questionnaires/{questionnaire}/draft", {"definition": definition}, revision=revision))
    return api.good(staff.publish(questionnaire, draft["revision"], on_drafts="migrate"))


def test_what_is_dear_on_no_answers_is_not_published(practice):
    """Given expressions that are dear whatever is answered, when the draft is looked at or published, then the check says which, and
    it is not published."""
    staff = practice.staff()
    made = api.good(staff.post("/admin/questionnaires", {"definition": costly("initialExpression", "true")}), 201)
    assert "form-too-costly" in {issue["code"] for issue in made["issues"]}
    shown = api.good(staff.get(f"/admin/questionnaires/{made['id']}/impact"))
    found = [issue for issue in shown["issues"] if issue["code"] == "form-too-costly"]
    assert not shown["publishable"] and [issue["severity"] for issue in found] == ["error"]
    assert found[0]["pointer"].endswith("/extension") and "initialExpression of n" in found[0]["detail"]
    refused = api.problem(staff.publish(made["id"], made["revision"]), 422, "invalid-form")
    assert "form-too-costly" in {error["code"] for error in refused["errors"]}


def test_what_is_rather_dear_is_published_with_a_warning(practice):
    staff = practice.staff()
    made = api.good(staff.post("/admin/questionnaires", {"definition": costly("initialExpression", "true", 1)}), 201)
    cheap = api.good(staff.put(f"/admin/questionnaires/{made['id']}/draft", {"definition": costly("initialExpression", "true", 0)},
                               revision=made["revision"]))
    again = api.good(staff.put(f"/admin/questionnaires/{made['id']}/draft", {"definition": costly("initialExpression", "true", 1)},
                               revision=cheap["revision"]))
    assert "issues" not in cheap and again["issues"] == made["issues"]
    issues = api.good(staff.publish(made["id"], again["revision"]))["issues"]
    assert again["issues"] == issues
    assert [(issue["severity"], issue["code"], issue["pointer"]) for issue in issues] == [
        ("warning", "expression-costly", f"/item/{EXPRESSIONS}/extension")]
