"""What publishing a draft would change: told before, from the definitions, without opening anybody's answers."""

import pytest
from conftest import SHORT_FORM
from support import client as api
from test_migration import FIRST, SECOND, begun_with, form, next_version, question


def draft_of(staff, questionnaire, definition):
    revision = api.good(staff.get(f"/admin/questionnaires/{questionnaire}"))["revision"]
    return api.good(staff.put(f"/admin/questionnaires/{questionnaire}/draft", {"definition": definition}, revision=revision))


def impact(staff, questionnaire):
    return api.good(staff.get(f"/admin/questionnaires/{questionnaire}/impact"))


def test_each_change_is_told_and_whether_it_breaks_answers(practice):
    staff, questionnaire = practice.staff(), practice.questionnaire(FIRST)
    draft = draft_of(staff, questionnaire, SECOND)
    answer = staff.get(f"/admin/questionnaires/{questionnaire}/impact")
    found = api.good(answer)
    assert answer.headers["ETag"] == f'"{draft["revision"]}"' and found["revision"] == draft["revision"]
    assert (found["from_version"], found["publishable"], found["breaking"], found["changes_omitted"]) == (1, True, True, 0)
    assert [(it["link_id"], it["kind"], it["detail"], it["breaking"]) for it in found["changes"]] == [
        ("name", "required-added", "", True), ("age", "item-retyped", "integer to string", True),
        ("kind", "item-reordered", "", False), ("kind", "option-removed", "urn:x:s|a", True),
        ("kind", "option-added", "urn:x:s|c", False), ("note", "item-removed", "text", True),
        ("dose", "item-removed", "string", True), ("new", "item-added", "string", False)]
    assert found["export_columns"] == {"added": ["new"], "removed": ["note", "dose"]}


def test_a_draft_that_changes_words_only_breaks_nothing(practice):
    staff, questionnaire = practice.staff(), practice.questionnaire(SHORT_FORM)
    draft_of(staff, questionnaire, SHORT_FORM | {"title": "Other words"})
    found = impact(staff, questionnaire)
    assert found["breaking"] is False
    assert [(it["link_id"], it["kind"]) for it in found["changes"]] == [("", "text-changed")]


def test_the_first_publication_breaks_nothing(practice):
    staff = practice.staff()
    made = api.good(staff.post("/admin/questionnaires", {"definition": SHORT_FORM}), 201)
    found = impact(staff, made["id"])
    assert (found["from_version"], found["breaking"], found["open"]) == (None, False, [])
    assert {it["kind"] for it in found["changes"]} == {"item-added"}
    assert found["export_columns"]["added"] == ["hours", "smoker", "packs", "comment", "name", "dose"]


def test_what_hinders_the_publication_is_told(practice):
    staff, questionnaire = practice.staff(), practice.questionnaire(SHORT_FORM)
    draft_of(staff, questionnaire, form(question("a", "choice", answerValueSet="http://example.org/unknown"), {"linkId": "a"}))
    found = impact(staff, questionnaire)
    assert found["publishable"] is False
    assert {"severity": "error", "pointer": "/item/0/answerValueSet", "code": "value-set-not-known"} in [
        {key: it[key] for key in ("severity", "pointer", "code")} for it in found["issues"]]
    api.problem(staff.publish(questionnaire, found["revision"]), 422, "invalid-form")


def test_who_has_not_completed_is_counted_by_version(practice, database):
    _, _, response = begun_with(practice)
    staff, questionnaire = practice.staff(), response["questionnaire_id"]
    practice.signed_in_patient([questionnaire])
    for _ in range(2, 8):
        next_version(staff, questionnaire, FIRST, "keep")
        practice.signed_in_patient([questionnaire])
    draft_of(staff, questionnaire, SECOND)
    found = impact(staff, questionnaire)
    assert [(it["version"], it["assigned"], it["in_progress"]) for it in found["open"]] == [
        (number, 1, 0) for number in range(7, 1, -1)] + [(1, 1, 1)]
    assert [it["may_not_fit"] for it in found["open"]] == [["age", "kind", "note", "dose"]] * 5 + [None] * 2
    with database.cursor() as cursor:  # least privilege: nobody's answers were opened, so nobody is named
        cursor.execute("SELECT num_nonnulls(patient_id, patient_ids), outcome FROM audit.event WHERE operation = 'questionnaire_impact' "
                       "AND object_id = %s", (questionnaire,))
        assert cursor.fetchall() == [(0, "ok")]


def test_completed_and_cancelled_ones_are_not_counted(practice):
    _, me, response = begun_with(practice)
    api.good(me.submit(response["id"], 1))
    _, _, second = begun_with(practice)
    staff = practice.staff()
    assert staff.delete(f"/admin/assignments/{second['assignment_id']}").status_code == 204
    for questionnaire in (response["questionnaire_id"], second["questionnaire_id"]):
        draft_of(staff, questionnaire, SECOND)
        assert impact(staff, questionnaire)["open"] == []


def test_what_is_told_not_to_fit_is_what_does_not(practice):
    """The counting and the carrying over agree: what is dropped is of items that were named before."""
    _, me, response = begun_with(practice, {"name": [{"valueString": "Ada"}], "age": [{"valueInteger": 4}],
                                            "note": [{"valueString": "x"}]})
    staff, questionnaire = practice.staff(), response["questionnaire_id"]
    draft_of(staff, questionnaire, SECOND)
    named = impact(staff, questionnaire)["open"][0]["may_not_fit"]
    next_version(staff, questionnaire, SECOND, "migrate")
    dropped = api.good(me.get(f"/patient/responses/{response['id']}"))["migrated"]["dropped"]
    assert {it["path"] for it in dropped} == {"age", "note"} <= set(named)


@pytest.mark.parametrize("state", ["published", "retired"])
def test_there_must_be_a_draft(practice, state):
    staff, questionnaire = practice.staff(), practice.questionnaire(SHORT_FORM)
    if state == "retired":
        api.good(staff.retire(questionnaire, draft_of(staff, questionnaire, SECOND)["revision"]))
    api.problem(staff.get(f"/admin/questionnaires/{questionnaire}/impact"), 409, "questionnaire-state")


def test_a_draft_with_too_many_value_sets_is_not_judged(practice):
    staff = practice.staff()
    definition = form(*[question(f"q{number}", "choice", answerValueSet=f"urn:x:{number}") for number in range(201)])
    made = api.good(staff.post("/admin/questionnaires", {"definition": definition}), 201)
    api.problem(staff.get(f"/admin/questionnaires/{made['id']}/impact"), 422, "invalid-form")
