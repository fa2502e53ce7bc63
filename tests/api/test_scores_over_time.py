"""A patient's scores over time: one line for what can be compared, another one for what cannot."""

import copy
import json
import random

import pytest
from support import client as api
from test_scores import NINE, PHQ_9, TOTAL, answers_of, chosen

DIFFICULTY = "69722-7"


def assign(practice, patient, questionnaire):
    return api.good(practice.staff().post(f"/admin/patients/{patient['id']}/assignments", {"questionnaire_id": questionnaire}), 201)["id"]


def answered(me, assignment, index, items=None):
    """A completed response; every question is answered by its option of that index."""
    response = api.good(me.post("/patient/responses", {"assignment_id": assignment}), 201)["id"]
    given = answers_of(index, items) | {DIFFICULTY: chosen(PHQ_9["item"][10], 0)}
    api.good(me.save(response, 1, given))
    return response, api.good(me.submit(response, 2))


def publish(practice, questionnaire, definition):
    staff = practice.staff()
    revision = api.good(staff.get(f"/admin/questionnaires/{questionnaire}"))["revision"]
    draft = api.good(staff.put(f"/admin/questionnaires/{questionnaire}/draft", {"definition": definition}, revision=revision))
    api.good(staff.publish(questionnaire, draft["revision"], on_drafts="keep"))


def scores(practice, patient, **query):
    return api.good(practice.staff().get(f"/admin/patients/{patient['id']}/scores", params=query))


@pytest.fixture
def followed(practice):
    """(patient, client, questionnaire) of a patient with nothing to do yet."""
    questionnaire = practice.questionnaire(PHQ_9)
    patient, me = practice.signed_in_patient()
    return patient, me, questionnaire


def test_a_series_has_each_completed_response_with_its_band(practice, followed):
    patient, me, questionnaire = followed
    assert scores(practice, patient) == {"series": [], "next_cursor": None}
    done = [answered(me, assign(practice, patient, questionnaire), index) for index in (0, 1, 3)]
    draft = api.good(me.post("/patient/responses", {"assignment_id": assign(practice, patient, questionnaire)}), 201)
    api.good(me.save(draft["id"], 1, answers_of(2)))
    found = scores(practice, patient)
    [series] = found["series"]
    assert found["next_cursor"] is None
    assert (series["questionnaire_id"], series["title"], series["link_id"], series["text"]) == (
        questionnaire, PHQ_9["title"], TOTAL, "Total score")
    assert [(point["response_id"], point["value"], point["band"]) for point in series["points"]] == [
        (done[2][0], 27, "severe"), (done[1][0], 9, "mild"), (done[0][0], 0, series["bands"][0]["code"])]
    assert [point["submitted_at"] for point in series["points"]] == [it["submitted_at"] for _, it in reversed(done)]
    assert {point["version"] for point in series["points"]} == {1}
    for point in series["points"]:
        [band] = [band for band in series["bands"] if band["code"] == point["band"]]
        assert band["min"] <= point["value"] <= band["max"]
    limits = [(band["min"], band["max"]) for band in series["bands"]]
    assert limits == sorted(limits) and limits[0][0] == 0 and limits[-1][1] == 27


def test_words_continue_a_series_and_weights_begin_another(practice, followed):
    patient, me, questionnaire = followed
    first, _ = answered(me, assign(practice, patient, questionnaire), 1)
    worded = copy.deepcopy(PHQ_9)
    worded["item"][0]["text"] = "Over the last two weeks, so to speak"
    worded["title"] = "PHQ-9, in other words"
    worded["item"].append({"linkId": "new", "type": "string", "text": "What else?"})
    publish(practice, questionnaire, worded)
    second, _ = answered(me, assign(practice, patient, questionnaire), 1)
    weighed = json.loads(json.dumps(worded).replace('"valueDecimal": 3}', '"valueDecimal": 4}'))
    assert weighed != worded
    publish(practice, questionnaire, weighed)
    items = [item for item in weighed["item"] if item["type"] == "choice"][:9]
    third, _ = answered(me, assign(practice, patient, questionnaire), 3, items)
    newest, former = scores(practice, patient)["series"]
    assert [point["response_id"] for point in newest["points"]] == [third] and newest["points"][0]["value"] == 36
    assert [(point["response_id"], point["version"]) for point in former["points"]] == [(second, 2), (first, 1)]
    assert newest["rule"] != former["rule"] and former["title"] == "PHQ-9, in other words"
    assert newest["link_id"] == former["link_id"] == TOTAL


def test_an_amendment_stands_for_what_it_amends(practice, followed):
    patient, me, questionnaire = followed
    first, _ = answered(me, assign(practice, patient, questionnaire), 3)
    amendment = api.good(me.post(f"/patient/responses/{first}/amend"), 201)["id"]
    [series] = scores(practice, patient)["series"]
    assert [point["response_id"] for point in series["points"]] == [first], "one that is not completed replaces nothing"
    api.good(me.save(amendment, 1, answers_of(0)))
    api.good(me.submit(amendment, 2))
    [series] = scores(practice, patient)["series"]
    assert [(point["response_id"], point["value"]) for point in series["points"]] == [(amendment, 0)]
    again = api.good(me.post(f"/patient/responses/{amendment}/amend"), 201)["id"]
    api.good(me.save(again, 1, {NINE[0]["linkId"]: chosen(NINE[0], 3), DIFFICULTY: chosen(PHQ_9["item"][10], 0)}))
    api.good(me.submit(again, 2))
    [series] = scores(practice, patient)["series"]
    assert [(point["response_id"], point["value"]) for point in series["points"]] == [(again, 3)]


def test_pages_and_filters_lose_and_double_nothing(practice, followed):
    patient, me, questionnaire = followed
    other = practice.questionnaire(PHQ_9 | {"title": "Another"})
    without = practice.questionnaire()
    chance, sent = random.Random(20261130), []
    for _ in range(5):
        which = chance.choice([questionnaire, other])
        sent.append((which, answered(me, assign(practice, patient, which), chance.randrange(4))[0]))
    plain = api.good(me.post("/patient/responses", {"assignment_id": assign(practice, patient, without)}), 201)["id"]
    api.good(me.save(plain, 1, {"hours": [{"valueDecimal": 7}]}))
    api.good(me.submit(plain, 2))
    for limit in (1, 2, 6, 200):
        for only in (None, questionnaire, other, without):
            found, cursor = [], None
            while True:
                page = scores(practice, patient, limit=limit, **{"questionnaire_id": only} if only else {}, **{"cursor": cursor} if cursor else {})
                found += [(series["questionnaire_id"], point["response_id"]) for series in page["series"] for point in series["points"]]
                assert len({(series["questionnaire_id"], series["link_id"], series["rule"]) for series in page["series"]}) == len(page["series"])
                cursor = page["next_cursor"]
                if cursor is None:
                    break
            assert sorted(found) == sorted(pair for pair in sent if only in (None, pair[0])), (limit, only)


def test_who_sees_no_answers_sees_no_scores(practice, other_practice, followed, database):
    patient, me, questionnaire = followed
    answered(me, assign(practice, patient, questionnaire), 1)
    link = f"/admin/patients/{patient['id']}/scores"
    for role in ("assistant", "auditor"):
        api.problem(practice.staff(role).get(link), 403, "forbidden")
    api.problem(other_practice.staff().get(link), 404, "not-found")
    api.problem(practice.anonymous.get(link), 401, "not-signed-in")
    api.problem(me.get(link), 401, "not-signed-in")
    api.problem(practice.staff().get(link, params={"cursor": "x"}), 400, "invalid-request")
    api.problem(practice.staff().get(link, params={"questionnaire_id": "x"}), 400, "invalid-request")
    assert [series["points"] for series in scores(practice, patient, questionnaire_id=other_practice.questionnaire(PHQ_9))["series"]] == []
    with database.cursor() as cursor:
        cursor.execute("SELECT operation, patient_id::text, outcome FROM audit.event WHERE practice_id = %s AND operation = 'patient_scores' "
                       "AND outcome = 'ok'", (practice.id,))
        assert {row[1] for row in cursor.fetchall()} >= {patient["id"]}
    words = [item for item in api.good(me.get("/patient/profile/access-log"))["items"] if "results of questionnaires" in json.dumps(item)]
    assert words


def test_an_erased_patient_has_no_scores(practice, followed, fresh):
    patient, me, questionnaire = followed
    answered(me, assign(practice, patient, questionnaire), 2)
    assert len(scores(practice, patient)["series"]) == 1
    revision = api.good(practice.staff().get(f"/admin/patients/{patient['id']}"))["revision"]
    api.good(fresh(practice.staff("owner")).post(f"/admin/patients/{patient['id']}/erase", headers=api.if_match(revision)))
    api.problem(practice.staff().get(f"/admin/patients/{patient['id']}/scores"), 404, "not-found")
