"""What the server works out of answers: initial values, calculated answers, constraints, scores; on every way in and out."""

import hashlib
import json
from pathlib import Path

import pytest
from support import client as api

FORMS = Path(__file__).resolve().parents[2] / "forms"
PHQ_9 = json.loads((FORMS / "phq-9.json").read_text(encoding="utf-8"))
TOTAL = "44261-6"
NINE = [item for item in PHQ_9["item"] if item["type"] == "choice"][:9]
SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/sdc-questionnaire-"


def chosen(item, index):
    return [{"valueCoding": {key: value for key, value in item["answerOption"][index]["valueCoding"].items() if key != "extension"}}]


def answers_of(index, items=None):
    return {item["linkId"]: chosen(item, index) for item in (NINE if items is None else items)}


def by_link_id(response):
    return {item["linkId"]: item.get("answer") for item in response["response"].get("item", [])}


def expression(name, text):
    return {"url": SDC + name, "valueExpression": {"language": "text/fhirpath", "expression": text}}


def definition(*items, **more):
    return {"resourceType": "Questionnaire", "status": "draft", "title": "T", "item": list(items)} | more


def test_the_total_follows_every_auto_save_and_is_a_score_when_completed(practice):
    _, me, response = practice.begun(PHQ_9)
    link = f"/patient/responses/{response['id']}"
    assert TOTAL not in by_link_id(response)
    api.good(me.save(response["id"], 1, answers_of(1)))
    shown = api.good(me.get(link))
    assert by_link_id(shown)[TOTAL] == [{"valueDecimal": 9}] and shown["scores"] == []
    last = NINE[8]["linkId"]
    api.good(me.save(response["id"], 2, {last: chosen(NINE[8], 3)}))
    assert by_link_id(api.good(me.get(link)))[TOTAL] == [{"valueDecimal": 11}]
    api.good(me.save(response["id"], 3, clear=[last]))
    assert TOTAL not in by_link_id(api.good(me.get(link)))
    saved = api.good(me.save(response["id"], 4, answers_of(2) | {"69722-7": chosen(PHQ_9["item"][10], 0)}))
    assert saved["issues"] == [] and saved["progress"]["answered"] == saved["progress"]["total"] == 10
    done = api.good(me.submit(response["id"], 5))
    [score] = done["scores"]
    assert score == {"link_id": TOTAL, "text": "Total score", "value": 18,
                     "band": {"code": "moderately-severe", "label": "Moderately severe depression"}}
    for reader, where in ((me, link), (practice.staff(), f"/admin/responses/{response['id']}")):
        shown = api.good(reader.get(where))
        assert shown["scores"] == done["scores"]
        assert by_link_id(shown)[TOTAL] == [{"valueDecimal": 18}]
        text = json.dumps(shown["response"], sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        assert hashlib.sha256(text.encode()).hexdigest() == done["proof"]["response_sha256"], "the proof covers the total"


def test_scores_are_sealed(practice, database):
    _, me, response = practice.begun(PHQ_9)
    api.good(me.save(response["id"], 1, answers_of(3) | {"69722-7": chosen(PHQ_9["item"][10], 0)}))
    api.good(me.submit(response["id"], 2))
    with database.cursor() as cursor:
        cursor.execute("SELECT r::text, encode(response_sha256, 'escape'), octet_length(response_sha256) FROM anamnesis.response r WHERE id = %s",
                       (response["id"],))
        [[row, stored, size]] = cursor.fetchall()
    assert size > 49 + 64 + 16 and "severe" not in stored and TOTAL not in stored
    assert "severe" not in row and b"severe".hex() not in row


def test_what_is_sent_for_a_calculated_item_is_ignored_and_said(practice):
    _, me, response = practice.begun(PHQ_9)
    saved = api.good(me.save(response["id"], 1, answers_of(1) | {TOTAL: [{"valueDecimal": 27}]}))
    [issue] = saved["issues"]
    assert (issue["path"], issue["severity"], issue["code"]) == (TOTAL, "information", "calculated-ignored")
    assert by_link_id(api.good(me.get(f"/patient/responses/{response['id']}")))[TOTAL] == [{"valueDecimal": 9}]
    # What a program works out rightly itself is not spoken of; whatever else it sends does not refuse the request.
    assert api.good(me.save(response["id"], 2, {TOTAL: [{"valueDecimal": 9.0}]}))["issues"] == []
    assert [it["code"] for it in api.good(me.save(response["id"], 2, {TOTAL: [{"valueString": "x"}]}))["issues"]] == ["calculated-ignored"]
    api.good(me.save(response["id"], 2, clear=[TOTAL]))
    # Two programs that send it do not conflict with each other.
    api.good(me.save(response["id"], 1, {TOTAL: [{"valueDecimal": 9}]}))
    assert by_link_id(api.good(me.get(f"/patient/responses/{response['id']}")))[TOTAL] == [{"valueDecimal": 9}]


def test_a_response_begins_with_initial_values(practice):
    _, me, response = practice.begun(definition(
        {"linkId": "a", "type": "integer", "initial": [{"valueInteger": 2}]},
        {"linkId": "g", "type": "group", "repeats": True, "item": [
            {"linkId": "b", "type": "choice", "answerOption": [{"valueString": "x"}, {"valueString": "y", "initialSelected": True}]}]},
        {"linkId": "c", "type": "integer", "extension": [expression("initialExpression", "%resource.item.where(linkId = 'a').answer.value * 3")]},
        {"linkId": "d", "type": "integer", "extension": [expression("calculatedExpression", "%resource.item.where(linkId = 'c').answer.value + 1")]},
        {"linkId": "e", "type": "string"}))
    assert response["progress"] == {"answered": 3, "total": 4, "required_missing": 0}
    assert response["response"]["item"] == [
        {"linkId": "a", "answer": [{"valueInteger": 2}]},
        {"linkId": "g", "item": [{"linkId": "b", "answer": [{"valueString": "y"}]}]},
        {"linkId": "c", "answer": [{"valueInteger": 6}]}, {"linkId": "d", "answer": [{"valueInteger": 7}]}]
    api.good(me.save(response["id"], 1, {"c": [{"valueInteger": 0}]}))
    assert by_link_id(api.good(me.get(f"/patient/responses/{response['id']}")))["d"] == [{"valueInteger": 1}]
    # Initial values are there once: what was cleared does not come back.
    api.good(me.save(response["id"], 2, clear=["a"]))
    again = api.good(me.post("/patient/responses", {"assignment_id": response["assignment_id"]}))
    assert "a" not in by_link_id(again)


def constrained(severity):
    return definition(
        {"linkId": "a", "type": "date"}, {"linkId": "b", "type": "date"},
        extension=[{"url": "http://hl7.org/fhir/StructureDefinition/questionnaire-constraint", "extension": [
            {"url": "key", "valueId": "order"}, {"url": "severity", "valueCode": severity},
            {"url": "human", "valueString": "The end is before the start."},
            {"url": "expression", "valueString": "%resource.item.where(linkId = 'a').answer.value <= %resource.item.where(linkId = 'b').answer.value"},
            {"url": "location", "valueString": "item.where(linkId = 'b')"}]}])


@pytest.mark.parametrize("severity", ["error", "warning"])
def test_a_constraint_is_told_at_once_and_refuses_the_submission_if_it_is_an_error(practice, severity):
    _, me, response = practice.begun(constrained(severity))
    found = api.good(me.save(response["id"], 1, {"a": [{"valueDate": "2026-05-02"}], "b": [{"valueDate": "2026-05-01"}]}))["issues"]
    assert found == [{"path": "b", "severity": severity, "code": "constraint", "detail": "The end is before the start."}]
    # It is told again at the next auto-save, though nothing that it reads has changed.
    assert api.good(me.save(response["id"], 2, {"a": [{"valueDate": "2026-05-02"}]}))["issues"] == found
    if severity == "error":
        refused = api.problem(me.submit(response["id"], 3), 422, "invalid-form")["errors"]
        assert [(it["pointer"], it["code"]) for it in refused] == [("b", "constraint")]
    else:
        assert api.good(me.submit(response["id"], 3))["status"] == "completed"


def test_a_constraint_that_holds_hinders_nobody(practice):
    _, me, response = practice.begun(constrained("error"))
    assert api.good(me.save(response["id"], 1, {"a": [{"valueDate": "2026-05-01"}], "b": [{"valueDate": "2026-05-01"}]}))["issues"] == []
    assert api.good(me.submit(response["id"], 2))["scores"] == []


def branching():
    return definition(
        {"linkId": "a", "type": "integer"}, {"linkId": "b", "type": "integer"},
        {"linkId": "more", "type": "string", "required": True, "extension": [expression(
            "enableWhenExpression",
            "%resource.item.where(linkId = 'a').answer.value + %resource.item.where(linkId = 'b').answer.value > 3")]})


def test_an_expression_asks_for_more(practice):
    _, me, response = practice.begun(branching())
    assert response["progress"] == {"answered": 0, "total": 2, "required_missing": 0}
    saved = api.good(me.save(response["id"], 1, {"a": [{"valueInteger": 2}], "b": [{"valueInteger": 2}]}))
    assert saved["progress"] == {"answered": 2, "total": 3, "required_missing": 1}
    refused = api.problem(me.submit(response["id"], 2), 422, "invalid-form")["errors"]
    assert [(it["pointer"], it["code"]) for it in refused] == [("more", "required")]
    api.good(me.save(response["id"], 2, {"more": [{"valueString": "x"}]}))
    api.good(me.submit(response["id"], 3))
    assert "more" in by_link_id(api.good(me.get(f"/patient/responses/{response['id']}")))


def test_what_an_expression_does_not_ask_any_more_is_not_submitted(practice):
    _, me, response = practice.begun(branching())
    link = f"/patient/responses/{response['id']}"
    answers = {"a": [{"valueInteger": 2}], "b": [{"valueInteger": 2}], "more": [{"valueString": "x"}]}
    api.good(me.save(response["id"], 1, answers))
    saved = api.good(me.save(response["id"], 2, {"b": [{"valueInteger": 1}]}))
    assert saved["progress"] == {"answered": 2, "total": 2, "required_missing": 0}
    # A draft keeps it: the answer before may have been a slip.
    assert by_link_id(api.good(me.get(link)))["more"] == [{"valueString": "x"}]
    api.good(me.submit(response["id"], 3))
    for reader, where in ((me, link), (practice.staff(), f"/admin/responses/{response['id']}")):
        assert by_link_id(api.good(reader.get(where))) == {"a": [{"valueInteger": 2}], "b": [{"valueInteger": 1}]}


def test_an_expression_that_does_not_compile_is_refused_where_it_stands(practice):
    staff = practice.staff()
    made = api.good(staff.post("/admin/questionnaires", {"definition": definition(
        {"linkId": "a", "type": "integer", "extension": [expression("calculatedExpression", "1 +")]})}), 201)
    found = api.problem(staff.publish(made["id"], made["revision"]), 422, "invalid-form")
    assert [(it["pointer"], it["code"]) for it in found["errors"]] == [("/item/0/extension/0/valueExpression", "invalid-expression")]


def test_a_patient_cannot_say_what_their_answers_count(practice):
    """Given nine times "not at all" that say they count 3, when they are saved, then that is put right and said, and the score is 0."""
    _, me, response = practice.begun(PHQ_9)
    forged = answers_of(0)
    for [answer] in forged.values():
        answer["extension"] = [{"url": "http://hl7.org/fhir/StructureDefinition/ordinalValue", "valueDecimal": 3}]
        answer["valueCoding"]["extension"] = [{"url": "http://hl7.org/fhir/StructureDefinition/itemWeight", "valueDecimal": 3}]
    said = api.good(me.save(response["id"], 1, forged | {"69722-7": chosen(PHQ_9["item"][10], 0)}))["issues"]
    assert {(issue["severity"], issue["code"], issue["path"]) for issue in said} == {
        ("information", "weight-corrected", path) for path in forged}
    shown = by_link_id(api.good(me.get(f"/patient/responses/{response['id']}")))
    assert shown[TOTAL] == [{"valueDecimal": 0}] and '"valueDecimal":3' not in json.dumps(shown, separators=(",", ":"))
    [score] = api.good(me.submit(response["id"], 2))["scores"]
    assert (score["value"], score["band"]["code"]) == (0, "minimal")
