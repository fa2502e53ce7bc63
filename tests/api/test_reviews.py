"""What staff does with what comes back: steps, who is to do it, and what is not read yet."""

import concurrent.futures
import json

import pytest
from support import client as api

TEXT = "Besprochen. \"Schläft besser\" \U0001F600\n=1+1"


def completed(practice, me=None, patient=None):
    """(patient, client, response) of a completed one."""
    if me is None:
        patient, me = practice.signed_in_patient()
    assignment = api.good(practice.staff().post(f"/admin/patients/{patient['id']}/assignments",
                                                {"questionnaire_id": practice.asked}), 201)["id"]
    response = api.good(me.post("/patient/responses", {"assignment_id": assignment}), 201)["id"]
    api.good(me.save(response, 1, {"hours": [{"valueDecimal": 7}]}))
    api.good(me.submit(response, 2))
    return patient, me, response


def amended(me, response):
    amendment = api.good(me.post(f"/patient/responses/{response}/amend"), 201)["id"]
    api.good(me.save(amendment, 1, {"hours": [{"valueDecimal": 8}]}))
    api.good(me.submit(amendment, 2))
    return amendment


def review(staff, response, state, after, **more):
    return staff.post(f"/admin/responses/{response}/review", {"state": state, "after": after} | more)


def reviews(staff, response):
    return api.good(staff.get(f"/admin/responses/{response}/reviews"))


def listed(staff, **query):
    found, cursor = [], None
    while True:
        page = api.good(staff.get("/admin/responses", params=query | ({"cursor": cursor} if cursor else {})))
        found += [(item["id"], item["review"]) for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            return found


@pytest.fixture
def clinic(new_practice):
    """A practice of its own: the lists are the whole practice's."""
    made = new_practice()
    made.asked = made.questionnaire()
    return made


@pytest.fixture(scope="module")
def ward(new_practice):
    made = new_practice()
    made.asked = made.questionnaire()
    return made


def staff_id(practice, role, database):
    with database.cursor() as cursor:
        cursor.execute("SELECT id::text FROM anamnesis.staff WHERE practice_id = %s AND role = %s", (practice.id, role))
        return cursor.fetchall()[0][0]


def test_steps_follow_each_other_and_change_nothing_in_the_response(ward, database):
    staff, owner = ward.staff(), ward.staff("owner")
    patient, me, response = completed(ward)
    before = staff.get(f"/admin/responses/{response}")
    assert reviews(staff, response) == {"response_id": response, "review": {"state": "new", "assignee": None, "number": 0}, "steps": []}
    physician = staff_id(ward, "physician", database)
    first = api.good(review(owner, response, "in-review", 0, assignee=physician, note=TEXT), 201)
    assert first["review"] == {"state": "in-review", "assignee": physician, "number": 1}
    [step] = first["steps"]
    assert (step["number"], step["state"], step["assignee"], step["note"], step["staff_id"]) == (
        1, "in-review", physician, TEXT, staff_id(ward, "owner", database))
    second = api.good(review(staff, response, "reviewed", 1, note=None, assignee=None), 201)
    assert second["review"] == {"state": "reviewed", "assignee": None, "number": 2}
    assert [(it["number"], it["note"], it["staff_id"]) for it in second["steps"]] == [(2, None, physician), (1, TEXT, step["staff_id"])]
    again = api.good(review(owner, response, "in-review", 2), 201)
    assert again["review"]["state"] == "in-review" and reviews(staff, response) == again
    after = staff.get(f"/admin/responses/{response}")
    assert (after.headers["ETag"], api.good(after)) == (before.headers["ETag"], api.good(before))
    with database.cursor() as cursor:
        cursor.execute("SELECT r::text, octet_length(note) FROM anamnesis.review r WHERE response_id = %s AND number = 1", (response,))
        [[row, size]] = cursor.fetchall()
    assert size >= 49 + len(TEXT.encode()) and "Besprochen" not in row and b"Besprochen".hex() not in row
    words = json.dumps(api.good(me.get("/patient/profile/access-log")))
    assert "Noted how far your answers" in words and "Opened the practice's notes" in words and "Besprochen" not in words


@pytest.mark.parametrize("body", [
    {}, {"state": "reviewed"}, {"after": 0}, {"state": "new", "after": 0}, {"state": "superseded", "after": 0}, {"state": None, "after": 0},
    {"state": "reviewed", "after": -1}, {"state": "reviewed", "after": "0"}, {"state": "reviewed", "after": None},
    {"state": "reviewed", "after": 2**31}, {"state": "reviewed", "after": 0, "note": ""}, {"state": "reviewed", "after": 0, "note": "x" * 4001},
    {"state": "reviewed", "after": 0, "note": 1},
    {"state": "reviewed", "after": 0, "assignee": "x"}, {"state": "reviewed", "after": 0, "assignee": ""},
    {"state": "reviewed", "after": 0, "more": 1}], ids=repr)
def test_what_is_no_step_is_refused(ward, body):
    _, _, response = completed(ward)
    api.problem(ward.staff().post(f"/admin/responses/{response}/review", body), 400, "invalid-request")
    assert reviews(ward.staff(), response)["steps"] == []


def test_who_may_review_and_who_may_be_named(ward, other_practice, database):
    patient, me, response = completed(ward)
    body = {"state": "reviewed", "after": 0}
    link = f"/admin/responses/{response}/review"
    for role in ("assistant", "auditor"):
        api.problem(ward.staff(role).post(link, body), 403, "forbidden")
        api.problem(ward.staff(role).get(f"{link}s"), 403, "forbidden")
    api.problem(other_practice.staff().post(link, body), 404, "not-found")
    api.problem(other_practice.staff().get(f"{link}s"), 404, "not-found")
    api.problem(me.post(link, body), 401, "not-signed-in")
    for who in (staff_id(ward, "assistant", database), staff_id(ward, "auditor", database), staff_id(other_practice, "physician", database),
                patient["id"], response):
        api.problem(review(ward.staff(), response, "in-review", 0, assignee=who), 404, "not-found")
    draft = api.good(me.post(f"/patient/responses/{response}/amend"), 201)["id"]
    api.problem(review(ward.staff(), draft, "reviewed", 0), 409, "not-completed")
    api.problem(ward.staff().get(f"/admin/responses/{draft}/reviews"), 409, "not-completed")
    assert reviews(ward.staff(), response)["review"]["state"] == "new"
    api.good(review(ward.staff(), response, "in-review", 0, assignee=staff_id(ward, "owner", database)), 201)


def test_somebody_disabled_is_not_named(clinic, database):
    _, _, response = completed(clinic)
    physician = staff_id(clinic, "physician", database)
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.staff SET status = 'disabled' WHERE id = %s", (physician,))
    api.problem(review(clinic.staff("owner"), response, "in-review", 0, assignee=physician), 404, "not-found")


def test_the_same_key_is_the_same_step_and_no_other(ward):
    _, _, response = completed(ward)
    link, key = f"/admin/responses/{response}/review", {"Idempotency-Key": "a step"}
    first = api.good(ward.staff().post(link, {"state": "in-review", "after": 0, "note": TEXT}, headers=key), 201)
    assert api.good(ward.staff().post(link, {"state": "in-review", "after": 0, "note": TEXT}, headers=key), 201) == first
    api.problem(ward.staff().post(link, {"state": "in-review", "after": 0, "note": "another"}, headers=key), 422, "idempotency-key-reused")
    assert reviews(ward.staff(), response) == first


def test_of_two_at_once_one_is_told(ward):
    for _ in range(3):
        _, _, response = completed(ward)
        calls = [(ward.staff(), "reviewed"), (ward.staff("owner"), "in-review")] * 4
        with concurrent.futures.ThreadPoolExecutor(len(calls)) as pool:
            answers = list(pool.map(lambda call: review(call[0], response, call[1], 0), calls))
        assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
        for answer in answers:
            if answer.status_code == 409:
                api.problem(answer, 409, "review-state")
        assert len(reviews(ward.staff(), response)["steps"]) == 1


def test_a_repeated_request_adds_one_step(ward):
    _, _, response = completed(ward)
    body, headers = {"state": "reviewed", "after": 0, "note": TEXT}, {"Idempotency-Key": f"review-{response}"}
    answers = [ward.staff().post(f"/admin/responses/{response}/review", body, headers=headers) for _ in range(3)]
    assert [api.good(answer, 201) for answer in answers] == [answers[0].json()] * 3
    assert len(reviews(ward.staff(), response)["steps"]) == 1


def test_an_amendment_is_to_be_read_and_takes_over_who_reads(clinic, database):
    staff, owner = clinic.staff(), staff_id(clinic, "owner", database)
    patient, me, unread = completed(clinic)
    second = amended(me, unread)
    assert [id for id, _ in listed(staff, review="new")] == [second]
    assert listed(staff, review="superseded") == [(unread, {"state": "superseded", "assignee": None, "number": 0})]
    api.problem(review(staff, unread, "reviewed", 0), 409, "review-state")
    api.good(review(staff, second, "in-review", 0, assignee=owner), 201)
    third = amended(me, second)
    assert listed(staff, review="new") == [(third, {"state": "new", "assignee": owner, "number": 0})]
    assert listed(staff, review="in-review") == []
    api.good(review(staff, third, "reviewed", 0), 201)
    fourth = amended(me, third)
    assert [id for id, _ in listed(staff, review="reviewed")] == [third], "what was reviewed stays so"
    assert listed(staff, review="new") == [(fourth, {"state": "new", "assignee": None, "number": 0})]


def test_lists_by_review_are_those_that_are_meant(clinic, database):
    staff, owner = clinic.staff(), staff_id(clinic, "owner", database)
    patients = [completed(clinic)[:2] for _ in range(2)]
    made = {id: "new" for id, _ in listed(staff)}
    for number in range(7):
        patient, me = patients[number % 2]
        made[completed(clinic, me, patient)[2]] = "new"
    for number, response in enumerate(made):
        if number % 3:
            made[response] = ("in-review", "reviewed")[number % 3 - 1]
            api.good(review(staff, response, made[response], 0, **({"assignee": owner} if number % 2 else {})), 201)
    draft = api.good(staff.post(f"/admin/patients/{patients[0][0]['id']}/assignments", {"questionnaire_id": clinic.asked}), 201)["id"]
    begun = api.good(patients[0][1].post("/patient/responses", {"assignment_id": draft}), 201)["id"]
    newest_first = sorted(made, reverse=True)
    all_of = dict(listed(staff))
    assert all_of.pop(begun) is None and list(all_of) == newest_first
    for state in ("new", "in-review", "reviewed", "superseded"):
        for limit in (1, 2, 200):
            found = listed(staff, review=state, limit=limit)
            assert [id for id, _ in found] == [id for id in newest_first if made[id] == state]
            assert found == [(id, all_of[id]) for id, _ in found]
            assert listed(clinic.staff("assistant"), review=state, limit=limit) == found
            mine = [id for id, it in found if it["assignee"] == owner]
            assert [id for id, _ in listed(staff, review=state, limit=limit, assignee=owner)] == mine
        of_one = {item["id"] for item in api.good(staff.get("/admin/responses", params={"patient_id": patients[0][0]["id"]}))["items"]}
        assert {id for id, _ in listed(staff, review=state, patient_id=patients[0][0]["id"])} == {
            id for id in of_one if made.get(id) == state}
        assert listed(staff, review=state, status="in-progress") == listed(staff, review=state, version=2) == []
        assert listed(staff, review=state, status="completed", questionnaire_id=clinic.asked) == listed(staff, review=state)
    api.problem(staff.get("/admin/responses", params={"review": "unread"}), 400, "invalid-request")
    api.problem(staff.get("/admin/responses", params={"assignee": owner}), 400, "invalid-request")


def test_a_care_team_sees_the_reviews_of_its_patients(clinic, database):
    staff, owner = clinic.staff(), clinic.staff("owner")
    (mine, _, of_mine), (_, _, of_another) = completed(clinic), completed(clinic)
    physician = staff_id(clinic, "physician", database)
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.practice SET patient_access = 'care-team' WHERE id = %s", (clinic.id,))
        cursor.execute("DELETE FROM anamnesis.care_team WHERE practice_id = %s AND staff_id = %s AND patient_id <> %s",
                       (clinic.id, physician, mine["id"]))
        cursor.execute("INSERT INTO anamnesis.care_team (practice_id, staff_id, patient_id, added_by) VALUES (%s, %s, %s, %s) ON CONFLICT DO NOTHING",
                       (clinic.id, physician, mine["id"], staff_id(clinic, "owner", database)))
    assert [id for id, _ in listed(staff, review="new")] == [of_mine]
    assert [id for id, _ in listed(staff, review="new", limit=1)] == [of_mine]
    assert {id for id, _ in listed(owner, review="new")} == {of_mine, of_another}
    api.problem(review(staff, of_another, "reviewed", 0), 404, "not-found")
    api.problem(staff.get(f"/admin/responses/{of_another}/reviews"), 404, "not-found")
    api.problem(review(owner, of_another, "in-review", 0, assignee=physician), 404, "not-found")
    api.good(review(owner, of_mine, "in-review", 0, assignee=physician), 201)
    assert [id for id, _ in listed(staff, review="in-review", assignee=physician)] == [of_mine]


def test_the_notes_go_with_the_patient(ward, fresh):
    patient, _, response = completed(ward)
    api.good(review(ward.staff(), response, "reviewed", 0, note=TEXT), 201)
    revision = api.good(ward.staff().get(f"/admin/patients/{patient['id']}"))["revision"]
    api.good(fresh(ward.staff("owner")).post(f"/admin/patients/{patient['id']}/erase", headers=api.if_match(revision)))
    api.problem(ward.staff().get(f"/admin/responses/{response}/reviews"), 404, "not-found")
    api.problem(review(ward.staff(), response, "in-review", 1), 404, "not-found")
