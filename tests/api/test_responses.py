"""Answering: begin, auto-save, conflicts, submit; and what the practice's staff see of it."""

import concurrent.futures
import random
import threading

import pytest
from support import client as api


def test_beginning_twice_finds_the_first(practice):
    patient, me, response = practice.begun()
    assignment = response["assignment_id"]
    again = me.post("/patient/responses", {"assignment_id": assignment})
    assert again.status_code == 200 and again.json() == response
    assert response["progress"] == {"answered": 0, "total": 3, "required_missing": 1}
    assert response["response"]["subject"] == {"reference": f"Patient/{patient['id']}"}
    assert "item" not in response["response"]
    listed = api.good(me.get("/patient/questionnaires"))["items"][0]
    assert (listed["status"], listed["response_id"]) == ("in-progress", response["id"])
    assert [it["id"] for it in api.good(me.get("/patient/responses"))["items"]] == [response["id"]]


def test_the_same_beginning_with_a_key(practice):
    questionnaire = practice.questionnaire()
    _, me = practice.signed_in_patient([questionnaire, practice.questionnaire()])
    first, second = [it["assignment_id"] for it in api.good(me.get("/patient/questionnaires"))["items"]]
    key = {"Idempotency-Key": "k"}
    made = api.good(me.post("/patient/responses", {"assignment_id": first}, headers=key), 201)
    assert api.good(me.post("/patient/responses", {"assignment_id": first}, headers=key), 201) == made
    other = me.post("/patient/responses", {"assignment_id": second}, headers=key)
    api.problem(other, 422, "idempotency-key-reused")


def test_answers_are_saved_item_by_item(practice):
    _, me, response = practice.begun()
    path = f"/patient/responses/{response['id']}"
    saved = me.save(response["id"], 1, {"hours": [{"valueDecimal": 6.50}], "medications[0]/name": [{"valueString": "A"}]})
    assert api.good(saved) == {"revision": 2, "progress": {"answered": 2, "total": 5, "required_missing": 0}, "issues": []}
    assert saved.headers["ETag"] == '"2"'
    api.good(me.save(response["id"], 2, {"medications[1]/name": [{"valueString": "B"}], "smoker": [{"valueBoolean": True}]}))
    shown = api.good(me.get(path))
    assert shown["revision"] == 3 and shown["progress"]["required_missing"] == 1
    assert shown["response"]["item"] == [
        {"linkId": "hours", "answer": [{"valueDecimal": 6.5}]},
        {"linkId": "smoker", "answer": [{"valueBoolean": True}]},
        {"linkId": "medications", "item": [{"linkId": "name", "answer": [{"valueString": "A"}]}]},
        {"linkId": "medications", "item": [{"linkId": "name", "answer": [{"valueString": "B"}]}]}]
    api.good(me.save(response["id"], 3, clear=["medications[0]", "smoker"]))
    items = api.good(me.get(path))["response"]["item"]
    # The first instance stays as an empty one: indexes never shift under another writer.
    assert [it["linkId"] for it in items] == ["hours", "medications", "medications"]
    assert items[1] == {"linkId": "medications"} and items[2]["item"][0]["answer"] == [{"valueString": "B"}]


@pytest.mark.parametrize("answers", [
    {"nowhere": [{"valueString": "x"}]}, {"hours": [{"valueString": "x"}]}, {"hours": [{}]}, {"hours/x": [{"valueString": "x"}]},
    {"medications[7]/name": [{"valueString": "x"}]}, {"medications": [{"valueString": "x"}]}, {"": [{"valueString": "x"}]},
    {"hours": [{"valueDecimal": 1}, {"valueDecimal": 2}]}, {"smoker": [{"valueBoolean": "true"}]}])
def test_what_cannot_be_an_answer_refuses_the_whole_request(practice, answers):
    _, me, response = practice.begun()
    sent = {"comment": [{"valueString": "kept out"}]} | answers
    found = api.problem(me.save(response["id"], 1, sent), 422, "invalid-form")
    assert list(answers)[0] in [error["pointer"] for error in found["errors"]]
    assert api.good(me.get(f"/patient/responses/{response['id']}")) == response


def test_a_stale_save_of_other_items_is_merged(practice):
    _, me, response = practice.begun()
    api.good(me.save(response["id"], 1, {"hours": [{"valueDecimal": 6}]}))
    merged = api.good(me.save(response["id"], 1, {"comment": [{"valueString": "from another tab"}]}))
    assert merged["revision"] == 3 and merged["progress"]["answered"] == 2
    same = api.good(me.save(response["id"], 1, {"hours": [{"valueDecimal": 6}]}))
    assert same["revision"] == 4


def test_a_stale_save_of_the_same_item_shows_both_values(practice):
    _, me, response = practice.begun()
    api.good(me.save(response["id"], 1, {"hours": [{"valueDecimal": 6}], "comment": [{"valueString": "x"}]}))
    stale = me.save(response["id"], 1, {"hours": [{"valueDecimal": 8}], "smoker": [{"valueBoolean": False}]}, ["comment"])
    body = api.problem(stale, 409, "answer-conflict")
    assert body["conflicts"] == [
        {"path": "hours", "yours": [{"valueDecimal": 8}], "theirs": [{"valueDecimal": 6}], "revision": 2},
        {"path": "comment", "yours": None, "theirs": [{"valueString": "x"}], "revision": 2}]
    shown = api.good(me.get(f"/patient/responses/{response['id']}"))
    assert shown["revision"] == 2 and [it["linkId"] for it in shown["response"]["item"]] == ["hours", "comment"]
    api.good(me.save(response["id"], 2, {"hours": [{"valueDecimal": 8}]}))


def test_a_revision_that_never_was(practice):
    _, me, response = practice.begun()
    api.problem(me.save(response["id"], 9, {"hours": [{"valueDecimal": 8}]}), 412, "stale-revision")


def test_fifty_savers_lose_nothing_that_was_acknowledged(practice):
    """P1: each acknowledged value is there, or was overwritten by one that was acknowledged later."""
    definition = {"resourceType": "Questionnaire", "status": "active",
                  "item": [{"linkId": f"q{number}", "type": "integer", "text": "?"} for number in range(20)]}
    _, me, response = practice.begun(definition)
    lock, acknowledged = threading.Lock(), {}

    def saver(number):
        mine, chance = me.again(me.token), random.Random(number)
        revision = 1
        for count in range(6):
            item, value = f"q{chance.randrange(20)}", number * 1000 + count
            answer = api.until_served(lambda: mine.save(response["id"], revision, {item: [{"valueInteger": value}]}))
            if answer.status_code == 409:
                revision = answer.json()["conflicts"][0]["revision"]
                answer = api.until_served(lambda: mine.save(response["id"], revision, {item: [{"valueInteger": value}]}))
            if answer.status_code == 200:
                revision = answer.json()["revision"]
                with lock:
                    acknowledged.setdefault(item, []).append((revision, value))
            else:
                assert answer.status_code in (409, 503), answer.text
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        list(pool.map(saver, range(50)))
    shown = api.good(me.get(f"/patient/responses/{response['id']}"))
    stored = {it["linkId"]: it["answer"][0]["valueInteger"] for it in shown["response"]["item"]}
    assert stored == {item: max(saves)[1] for item, saves in acknowledged.items()}
    revisions = [revision for saves in acknowledged.values() for revision, _ in saves]
    assert len(revisions) == len(set(revisions)) and max(revisions) == shown["revision"]
    assert len(revisions) >= 100


def test_submission_is_strict_and_final(practice):
    patient, me, response = practice.begun()
    found = api.problem(me.submit(response["id"], 1), 422, "invalid-form")
    assert [error["pointer"] for error in found["errors"]] == ["hours"]
    api.good(me.save(response["id"], 1, {"smoker": [{"valueBoolean": True}], "packs": [{"valueInteger": 2}],
                                         "hours": [{"valueDecimal": 7}]}))
    api.good(me.save(response["id"], 2, {"smoker": [{"valueBoolean": False}]}))
    api.problem(me.submit(response["id"], 1), 412, "stale-revision")
    done = api.good(me.submit(response["id"], 3))
    assert done["status"] == "completed" and done["scores"] == []
    api.problem(me.submit(response["id"], 3), 409, "already-completed")
    api.problem(me.save(response["id"], 4, {"hours": [{"valueDecimal": 8}]}), 409, "already-completed")
    shown = api.good(me.get(f"/patient/responses/{response['id']}"))
    assert shown["response"]["status"] == "completed" and shown["proof"] == done["proof"]
    # The answer that branching took away is not left behind.
    assert [it["linkId"] for it in shown["response"]["item"]] == ["hours", "smoker"]
    listed = api.good(practice.staff().get(f"/admin/responses?patient_id={patient['id']}&status=completed"))["items"]
    assert [it["id"] for it in listed] == [response["id"]]
    assignment = api.good(practice.staff().get(f"/admin/patients/{patient['id']}/assignments"))["items"][0]
    assert assignment["status"] == "completed"
    api.problem(practice.staff().delete(f"/admin/assignments/{assignment['id']}"), 409, "already-completed")


def test_no_hash_of_answers_is_stored_in_clear(practice, database):
    """Of few possible answers, a hash would tell which: only the definition's, which is no secret, is."""
    _, me, response = practice.begun()
    api.good(me.save(response["id"], 1, {"hours": [{"valueDecimal": 7}]}))
    proof = api.good(me.submit(response["id"], 2))["proof"]
    with database.cursor() as cursor:
        cursor.execute("SELECT r::text FROM anamnesis.response r WHERE id = %s", (response["id"],))
        row = cursor.fetchone()[0]
    assert proof["definition_sha256"] in row and proof["response_sha256"] not in row
    assert api.good(practice.staff().get(f"/admin/responses/{response['id']}"))["proof"] == proof


def test_a_cancelled_assignment_cannot_be_answered(practice):
    _, me, response = practice.begun()
    assert practice.staff().delete(f"/admin/assignments/{response['assignment_id']}").status_code == 204
    api.problem(me.save(response["id"], 1, {"hours": [{"valueDecimal": 8}]}), 409, "not-active")
    api.problem(me.submit(response["id"], 1), 409, "not-active")
    api.problem(me.get(f"/patient/questionnaires/{response['assignment_id']}"), 404, "not-found")
    api.problem(me.post("/patient/responses", {"assignment_id": response["assignment_id"]}), 404, "not-found")
    assert api.good(me.get("/patient/questionnaires"))["items"] == []


def test_staff_filter_responses(practice):
    patient, _, response = practice.begun()
    staff, mine = practice.staff(), f"patient_id={patient['id']}"

    def ids(query):
        return [it["id"] for it in api.good(staff.get(f"/admin/responses?{query}"))["items"]]
    assert ids(mine) == [response["id"]]
    assert ids(f"{mine}&questionnaire_id={response['questionnaire_id']}&version=1") == [response["id"]]
    assert ids(f"{mine}&version=2") == ids(f"{mine}&status=completed") == []
    assert ids(f"{mine}&from=2020-01-01T00:00:00Z&to=2999-01-01T00:00:00Z") == [response["id"]]
    assert ids(f"{mine}&to=2020-01-01T00:00:00Z") == []
    for query in ("from=yesterday", "from=9999-12-31T23:59:59-00:01", "to=0000-12-31T23:59:59Z", "version=0", "patient_id=x", "status=lost"):
        api.problem(staff.get(f"/admin/responses?{query}"), 400, "invalid-request")
