"""Completed responses: what proves them, how they are corrected without being changed, and what became of them."""

import concurrent.futures
import hashlib
import json
import math

import psycopg2
import pytest
from conftest import unique
from support import client as api


def canonical(value):
    """RFC 8785, computed here from its text: members by UTF-16 code units, numbers as ECMAScript writes them."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return "{" + ",".join(f"{canonical(name)}:{canonical(value[name])}" for name in names) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(canonical, value)) + "]"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    if float(value) == math.floor(value) and abs(value) < 1e21:
        return str(int(value))
    return repr(float(value))


def sha256(value):
    return hashlib.sha256(canonical(value).encode()).hexdigest()


def completed(practice, **answers):
    patient, me, response = practice.begun()
    given = {"hours": [{"valueDecimal": 7.5}], "comment": [{"valueString": "schläft \"gut\" \U0001F600"}]} | answers
    api.good(me.save(response["id"], 1, given))
    done = api.good(me.submit(response["id"], 2))
    return patient, me, api.good(me.get(f"/patient/responses/{response['id']}")), done


def amend(me, response, **kwargs):
    return me.post(f"/patient/responses/{response['id']}/amend", **kwargs)


def amended(me, response, hours):
    """A finished amendment."""
    made = api.good(amend(me, response), 201)
    api.good(me.save(made["id"], 1, {"hours": [{"valueDecimal": hours}]}))
    return api.good(me.submit(made["id"], 2))


def at_once(calls):
    with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
        return [done.result() for done in [pool.submit(call) for call in calls]]


# --- proof

def test_the_proof_can_be_verified_offline(practice):
    _, _, response, done = completed(practice)
    staff = practice.staff()
    proof = api.good(staff.get(f"/admin/responses/{response['id']}/proof"))
    assert (proof["hash"], proof["canonicalization"], proof["verified"], proof["amends"]) == ("SHA-256", "RFC 8785", True, None)
    assert sha256(proof["definition"]) == proof["definition_sha256"] == done["proof"]["definition_sha256"]
    assert sha256(proof["response"]) == proof["response_sha256"] == done["proof"]["response_sha256"]
    assert sha256(proof["value_sets"]) == proof["value_sets_sha256"] == sha256([])
    assert proof["response"] == response["response"]
    proof["response"]["item"][0]["answer"][0]["valueDecimal"] = 7.25
    assert sha256(proof["response"]) != proof["response_sha256"]


def test_what_was_changed_behind_the_programs_back_shows(practice, database):
    """A superuser who removes the trigger and copies one response's hash to another: it is sealed where it was, and what
    does not open is not shown."""
    first, second = completed(practice)[2], completed(practice)[2]
    with database.cursor() as cursor:
        cursor.execute("ALTER TABLE anamnesis.response DISABLE TRIGGER completed_for_ever")
        try:
            cursor.execute("UPDATE anamnesis.response SET response_sha256 = (SELECT response_sha256 FROM anamnesis.response "
                           "WHERE id = %s) WHERE id = %s", (second["id"], first["id"]))
        finally:
            cursor.execute("ALTER TABLE anamnesis.response ENABLE ALWAYS TRIGGER completed_for_ever")
    for path in (f"/admin/responses/{first['id']}/proof", f"/admin/responses/{first['id']}"):
        api.problem(practice.staff().get(path), 500, "internal")
    assert api.good(practice.staff().get(f"/admin/responses/{second['id']}/proof"))["verified"] is True


def test_what_is_in_progress_has_no_proof(practice):
    _, _, response = practice.begun()
    api.problem(practice.staff().get(f"/admin/responses/{response['id']}/proof"), 409, "not-completed")
    api.problem(practice.staff("assistant").get(f"/admin/responses/{response['id']}/proof"), 403, "forbidden")


# --- amend

def test_an_amendment_begins_with_the_answers_and_leaves_them_alone(practice):
    patient, me, response, done = completed(practice)
    made = amend(me, response)
    amendment = api.good(made, 201)
    assert made.headers["Location"] == f"/patient/responses/{amendment['id']}" and made.headers["ETag"] == '"1"'
    assert (amendment["amends"], amendment["status"], amendment["proof"]) == (response["id"], "in-progress", None)
    assert amendment["response"]["item"] == response["response"]["item"] and amendment["progress"] == response["progress"]
    # The practice has its answers: the assignment stays completed, and the patient is led to the amendment.
    listed = api.good(me.get("/patient/questionnaires"))["items"][0]
    assert (listed["status"], listed["response_id"], listed["response_status"]) == ("completed", amendment["id"], "in-progress")
    saved = api.good(me.save(amendment["id"], 1, {"hours": [{"valueDecimal": 6}]}, ["comment"]))
    ended = api.good(me.submit(amendment["id"], saved["revision"]))
    assert ended["status"] == "amended" and ended["proof"]["response_sha256"] != done["proof"]["response_sha256"]
    shown = api.good(practice.staff().get(f"/admin/responses/{amendment['id']}"))
    assert (shown["status"], shown["amends"], shown["response"]["status"]) == ("amended", response["id"], "amended")
    assert [it["linkId"] for it in shown["response"]["item"]] == ["hours"]
    assert api.good(me.get(f"/patient/responses/{response['id']}")) == response
    proof = api.good(practice.staff().get(f"/admin/responses/{amendment['id']}/proof"))
    assert sha256(proof["response"]) == proof["response_sha256"] == ended["proof"]["response_sha256"]
    assert proof["amends"] == {"id": response["id"], "response_sha256": done["proof"]["response_sha256"]}
    mine = f"/admin/responses?patient_id={patient['id']}"
    assert [it["id"] for it in api.good(practice.staff().get(f"{mine}&status=amended"))["items"]] == [amendment["id"]]
    assert [it["id"] for it in api.good(practice.staff().get(f"{mine}&status=completed"))["items"]] == [response["id"]]


def test_an_amendment_is_saved_and_submitted_like_any_response(practice):
    _, me, response, _ = completed(practice)
    amendment = api.good(amend(me, response), 201)
    api.good(me.save(amendment["id"], 1, clear=["hours"]))
    found = api.problem(me.submit(amendment["id"], 2), 422, "invalid-form")
    assert [error["pointer"] for error in found["errors"]] == ["hours"]
    api.problem(me.save(response["id"], 3, {"hours": [{"valueDecimal": 1}]}), 409, "already-completed")
    api.good(me.save(amendment["id"], 2, {"hours": [{"valueDecimal": 1}]}))
    api.good(me.submit(amendment["id"], 3))
    for call in (me.save(amendment["id"], 4, {"hours": [{"valueDecimal": 1}]}), me.submit(amendment["id"], 4)):
        api.problem(call, 409, "already-completed")


def test_one_amendment_is_open_and_each_is_amended_once(practice):
    _, me, response, _ = completed(practice)
    first = api.good(amend(me, response), 201)
    again = amend(me, response)
    assert again.status_code == 200 and again.json() == first
    api.problem(amend(me, first), 409, "not-completed")
    begun = me.post("/patient/responses", {"assignment_id": response["assignment_id"]})
    assert begun.status_code == 200 and begun.json()["id"] == first["id"]
    api.good(me.submit(first["id"], 1))
    api.problem(amend(me, response), 409, "amended-since")
    second = api.good(amend(me, first), 201)
    assert second["amends"] == first["id"]


def test_amending_with_a_key(practice):
    _, me, response, _ = completed(practice)
    key = {"Idempotency-Key": unique("k")}
    first = amend(me, response, headers=key)
    again = amend(me, response, headers=key)
    assert (again.status_code, again.text) == (201, first.text)
    api.problem(amend(me, completed(practice)[2], headers=key), 422, "idempotency-key-reused")
    api.problem(amend(me, completed(practice)[2]), 404, "not-found")


@pytest.mark.parametrize("attempt", range(3))
def test_amending_twice_at_once_is_one_amendment(practice, attempt):
    _, me, response, _ = completed(practice)
    answers = at_once([lambda: api.until_served(lambda: amend(me.again(me.token), response))] * 4)
    assert sorted(answer.status_code for answer in answers) == [200, 200, 200, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1


def test_what_is_in_progress_is_not_amended(practice):
    _, me, response = practice.begun()
    api.problem(amend(me, response), 409, "not-completed")


def test_there_is_an_end_to_amending(practice, database):
    _, me, response, _ = completed(practice)
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO anamnesis.response (practice_id, patient_id, assignment_id, questionnaire_id, version, "
                       "answers, status, amendment, amends) SELECT practice_id, patient_id, assignment_id, questionnaire_id, "
                       "version, answers, 'stopped', n, id FROM anamnesis.response, generate_series(1, 100) n WHERE id = %s",
                       (response["id"],))
    api.problem(amend(me, response), 409, "conflict")


# --- given up

def test_an_amendment_is_given_up(practice):
    _, me, response, _ = completed(practice)
    amendment = api.good(amend(me, response), 201)
    path = f"/patient/responses/{amendment['id']}"
    api.good(me.save(amendment["id"], 1, {"hours": [{"valueDecimal": 3}]}))
    api.problem(me.delete(path, revision=1), 412, "stale-revision")
    assert me.delete(path, revision=2).status_code == 204
    stopped = api.good(me.get(path))
    assert (stopped["status"], stopped["response"]["status"]) == ("stopped", "stopped")
    assert stopped["response"]["item"][0]["answer"] == [{"valueDecimal": 3}]
    for call in (me.save(amendment["id"], 3, clear=["hours"]), me.submit(amendment["id"], 3), me.delete(path, revision=3)):
        api.problem(call, 409, "not-active")
    listed = api.good(me.get("/patient/questionnaires"))["items"][0]
    assert (listed["response_id"], listed["response_status"]) == (response["id"], "completed")
    shown = api.good(me.get(f"/patient/questionnaires/{response['assignment_id']}"))
    assert shown["response"] == response["response"]
    anew = api.good(amend(me, response), 201)
    assert anew["id"] != amendment["id"] and anew["response"]["item"] == response["response"]["item"]


def test_only_an_amendment_in_progress_is_given_up(practice):
    _, me, begun = practice.begun()
    api.problem(me.delete(f"/patient/responses/{begun['id']}", revision=1), 409, "not-an-amendment")
    _, me, response, _ = completed(practice)
    api.problem(me.delete(f"/patient/responses/{response['id']}", revision=3), 409, "already-completed")


# --- history

def test_the_history_has_every_amendment(practice, database):
    patient, me, response, done = completed(practice)
    first = amended(me, response, 6)
    given_up = api.good(amend(me, {"id": first["id"]}), 201)
    assert me.delete(f"/patient/responses/{given_up['id']}", revision=1).status_code == 204
    second = amended(me, {"id": first["id"]}, 5)
    staff = practice.staff()
    found = api.good(staff.get(f"/admin/responses/{response['id']}/history"))
    assert [(it["id"], it["amends"], it["status"]) for it in found["responses"]] == [
        (response["id"], None, "completed"), (first["id"], response["id"], "amended"),
        (given_up["id"], first["id"], "stopped"), (second["id"], first["id"], "amended")]
    assert [it["proof"] for it in found["responses"]] == [done["proof"], first["proof"], None, second["proof"]]
    assert {(it["by"]["realm"], it["by"]["id"]) for it in found["responses"]} == {("patient", patient["id"])}
    assert found["responses"][0]["submitted_at"] == done["submitted_at"] and found["migrations"] == []
    assert api.good(staff.get(f"/admin/responses/{second['id']}/history")) == found
    api.problem(practice.staff("auditor").get(f"/admin/responses/{response['id']}/history"), 403, "forbidden")
    with database.cursor() as cursor:  # P3
        cursor.execute("SELECT count(*) FROM audit.event WHERE operation = 'response_history' AND patient_id = %s "
                       "AND outcome = 'ok'", (patient["id"],))
        assert cursor.fetchone()[0] == 2


def test_completed_and_amended_responses_are_refused_to_a_superuser(practice, database):
    _, me, response, _ = completed(practice)
    done = amended(me, response, 6)
    with database.cursor() as cursor:
        for one in (response["id"], done["id"]):
            for statement in ("UPDATE anamnesis.response SET revision = revision + 1 WHERE id = %s",
                              "UPDATE anamnesis.response SET status = 'in-progress' WHERE id = %s",
                              "DELETE FROM anamnesis.response WHERE id = %s"):
                with pytest.raises(psycopg2.Error) as refused:
                    cursor.execute(statement, (one,))
                assert refused.value.pgcode == "AN409"
