"""A response beside the one before it: which one that is, and what of it changed."""

import copy

import pytest
from conftest import SHORT_FORM
from support import client as api
from test_scores_over_time import assign, publish


def answered(me, assignment, **answers):
    response = api.good(me.post("/patient/responses", {"assignment_id": assignment}), 201)["id"]
    api.good(me.save(response, 1, answers))
    api.good(me.submit(response, 2))
    return response


def amended(me, response, **answers):
    amendment = api.good(me.post(f"/patient/responses/{response}/amend"), 201)["id"]
    api.good(me.save(amendment, 1, answers))
    api.good(me.submit(amendment, 2))
    return amendment


def hours(number):
    return [{"valueDecimal": number}]


def compared(practice, response):
    return api.good(practice.staff().get(f"/admin/responses/{response}/comparison"))


def changes(found):
    return {item["path"]: item["change"] for item in found["items"]}


@pytest.fixture
def followed(practice):
    patient, me = practice.signed_in_patient()
    return patient, me, practice.questionnaire()


def test_each_answer_is_set_beside_the_one_before(practice, followed):
    patient, me, questionnaire = followed
    first = answered(me, assign(practice, patient, questionnaire), hours=hours(7.5), comment=[{"valueString": "gut"}],
                     **{"medications[0]/name": [{"valueString": "A"}], "medications[1]/name": [{"valueString": "B"}]})
    alone = compared(practice, first)
    assert (alone["previous"], alone["items"], alone["response"]["id"]) == (None, [], first)
    second = answered(me, assign(practice, patient, questionnaire), hours=hours(7.50), smoker=[{"valueBoolean": False}],
                      **{"medications[0]/name": [{"valueString": "A"}], "medications[0]/dose": [{"valueString": "5 mg"}]})
    found = compared(practice, second)
    assert (found["questionnaire_id"], found["response"]["id"], found["previous"]["id"]) == (questionnaire, second, first)
    assert changes(found) == {"hours": "same", "smoker": "added", "medications/name": "same", "medications/dose": "added",
                              "comment": "removed", "medications[1]/name": "removed"}
    [removed] = [item for item in found["items"] if item["path"] == "comment"]
    assert removed == {"path": "comment", "link_id": "comment", "change": "removed", "before": [{"valueString": "gut"}], "after": []}
    assert found["previous"]["submitted_at"] < found["response"]["submitted_at"]


def test_the_previous_one_is_that_of_another_assignment_with_its_last_amendment(practice, followed):
    patient, me, questionnaire = followed
    assignments = [assign(practice, patient, questionnaire) for _ in range(3)]
    other = practice.questionnaire()
    first = answered(me, assignments[0], hours=hours(1))
    answered(me, assign(practice, patient, other), hours=hours(99))
    later = answered(me, assignments[2], hours=hours(2))
    last = answered(me, assignments[1], hours=hours(3))
    assert [compared(practice, it)["previous"] and compared(practice, it)["previous"]["id"] for it in (first, later, last)] == [
        None, first, later]
    corrected = amended(me, later, hours=hours(2.5))
    found = compared(practice, last)
    assert found["previous"]["id"] == corrected and changes(found) == {"hours": "changed"}
    found = compared(practice, corrected)
    assert found["previous"]["id"] == first, "not what it amends, nor what was completed between"
    again = amended(me, first, hours=hours(2.5))
    found = compared(practice, corrected)
    assert found["previous"]["id"] == again and changes(found) == {"hours": "same"}
    draft = api.good(me.post(f"/patient/responses/{again}/amend"), 201)["id"]
    assert compared(practice, corrected)["previous"]["id"] == again, "an amendment that is not completed counts nothing"
    api.problem(practice.staff().get(f"/admin/responses/{draft}/comparison"), 409, "not-completed")


def test_versions_are_compared_where_they_can_be(practice, followed):
    patient, me, questionnaire = followed
    answered(me, assign(practice, patient, questionnaire), hours=hours(7), comment=[{"valueString": "12"}])
    changed = copy.deepcopy(SHORT_FORM)
    [comment] = [item for item in changed["item"] if item["linkId"] == "comment"]
    comment["type"] = "integer"
    changed["item"][0]["text"] = "How many hours do you sleep?"
    publish(practice, questionnaire, changed)
    second = answered(me, assign(practice, patient, questionnaire), hours=hours(7), comment=[{"valueInteger": 12}])
    found = compared(practice, second)
    assert (found["previous"]["version"], found["response"]["version"]) == (1, 2)
    assert changes(found) == {"hours": "same", "comment": "not-comparable"}


def test_who_may_compare(practice, other_practice, followed, database, fresh):
    patient, me, questionnaire = followed
    response = [answered(me, assign(practice, patient, questionnaire), hours=hours(number)) for number in (1, 2)][1]
    link = f"/admin/responses/{response}/comparison"
    for role in ("assistant", "auditor"):
        api.problem(practice.staff(role).get(link), 403, "forbidden")
    api.problem(other_practice.staff().get(link), 404, "not-found")
    api.problem(me.get(link), 401, "not-signed-in")
    compared(practice, response)
    with database.cursor() as cursor:
        cursor.execute("SELECT patient_id::text FROM audit.event WHERE practice_id = %s AND operation = 'response_comparison' AND outcome = 'ok'",
                       (practice.id,))
        assert (patient["id"],) in cursor.fetchall()
    assert any("Compared your answers" in str(item) for item in api.good(me.get("/patient/profile/access-log"))["items"])
    revision = api.good(practice.staff().get(f"/admin/patients/{patient['id']}"))["revision"]
    api.good(fresh(practice.staff("owner")).post(f"/admin/patients/{patient['id']}/erase", headers=api.if_match(revision)))
    api.problem(practice.staff().get(link), 404, "not-found")
