"""Answers of type attachment: they name an upload of the same assignment, and nothing else."""

import pytest
from support import client as api
from support import sending

SMALL = sending.noise(800)
OTHERS = [
    {"url": "https://elsewhere.example/photo.jpg"}, {"url": "urn:uuid:not-one"}, {"url": "urn:uuid:"}, {"title": "photo"},
    {"data": "aGVsbG8=", "contentType": "text/plain"}, {"url": "urn:uuid:01900000-0000-7000-8000-000000000000"},
    {"url": "data:text/plain,hello"}, {"url": "/patient/uploads/01900000-0000-7000-8000-000000000000"}]


@pytest.fixture
def begun(practice):
    return practice.begun(sending.FORM)


def saved(me, response, revision, answers):
    return api.good(me.save(response["id"], revision, answers))


def test_an_upload_is_an_answer_and_says_what_it_is(begun):
    _, me, response = begun
    upload = sending.declare(me, response, SMALL)
    lie = {"valueAttachment": {"url": f"urn:uuid:{upload['id'].upper()}", "contentType": "image/png", "size": 5, "title": "My arm"}}
    saved(me, response, 1, {"photo": [lie]})
    shown = api.good(me.get(f"/patient/responses/{response['id']}"))
    value = shown["response"]["item"][0]["answer"][0]["valueAttachment"]
    assert (value["contentType"], value["size"], value["title"]) == ("image/jpeg", len(SMALL), "My arm")
    assert shown["uploads"] == [{"id": upload["id"], "link_id": "photo", "status": "awaiting-upload", "reason": None}]
    again = saved(me, response, 1, {"photo": [lie]})  # the same from an older page is no conflict
    assert again["revision"] == 3


@pytest.mark.parametrize("value", OTHERS)
def test_nothing_else_is_a_file(begun, value):
    _, me, response = begun
    sending.declare(me, response, SMALL)
    refused = me.save(response["id"], 1, {"photo": [{"valueAttachment": value}], "comment": [{"valueString": "x"}]})
    problem = api.problem(refused, 422, "invalid-form")
    assert [(it["pointer"], it["code"]) for it in problem["errors"]] == [("photo", "upload-needed")]
    assert api.good(me.get(f"/patient/responses/{response['id']}"))["revision"] == 1


def test_data_beside_an_upload_is_refused(begun):
    _, me, response = begun
    value = sending.answer(sending.declare(me, response, SMALL))["valueAttachment"] | {"data": "aGVsbG8="}
    api.problem(me.save(response["id"], 1, {"photo": [{"valueAttachment": value}]}), 422, "invalid-form")


def test_files_of_others_and_of_other_questions_are_refused(practice, begun):
    _, me, response = begun
    _, other, theirs = practice.begun(sending.FORM)
    foreign = sending.declare(other, theirs, SMALL)
    of_another = sending.declare(me, response, SMALL, "small")
    for link_id, upload in (("photo", foreign), ("photo", of_another), ("areas[0]/area", of_another)):
        refused = me.save(response["id"], 1, {link_id: [sending.answer(upload)]})
        assert api.problem(refused, 422, "invalid-form")["errors"][0]["code"] == "upload-needed"
    saved(me, response, 1, {"small": [sending.answer(of_another)]})


def test_files_in_groups_and_repeats(begun):
    _, me, response = begun
    first, second, third = (sending.declare(me, response, sending.noise(50, n), "photo" if n < 2 else "area") for n in range(3))
    saved(me, response, 1, {"photo": [sending.answer(first), sending.answer(second)], "areas[0]/area": [sending.answer(third)]})
    refused = api.problem(me.submit(response["id"], 2), 422, "invalid-form")
    assert sorted((it["pointer"], it["code"]) for it in refused["errors"]) == [
        ("areas[0]/area", "upload-incomplete"), ("photo", "upload-incomplete"), ("photo", "upload-incomplete")]


def test_what_was_refused_is_told_and_another_one_can_be_given(begun, database):
    _, me, response = begun
    bad, good = (sending.declare(me, response, sending.noise(50, n)) for n in range(2))
    saved(me, response, 1, {"photo": [sending.answer(bad)], "comment": [{"valueString": "kept"}]})
    sending.put_state(database, bad, "rejected", reason="wrong-type")
    shown = api.good(me.get(f"/patient/responses/{response['id']}"))
    assert {"id": bad["id"], "link_id": "photo", "status": "rejected", "reason": "wrong-type"} in shown["uploads"]
    refused = api.problem(me.submit(response["id"], 2), 422, "invalid-form")
    assert [(it["pointer"], it["code"]) for it in refused["errors"]] == [("photo", "upload-rejected")]
    api.problem(me.save(response["id"], 2, {"photo": [sending.answer(bad)]}), 422, "invalid-form")
    saved(me, response, 2, {"photo": [sending.answer(good)]})
    sending.put_state(database, good, "scanning")
    done = api.good(me.submit(response["id"], 3))
    assert done["uploads"] == [{"id": good["id"], "link_id": "photo", "status": "scanning", "reason": None}]
    shown = api.good(me.get(f"/patient/responses/{response['id']}"))
    assert [it["id"] for it in shown["uploads"]] == [good["id"]], "a completed response lists what it shows"


@pytest.mark.parametrize(("state", "code"), [("infected", "upload-infected"), ("withdrawn", "upload-gone"), ("expired", "upload-gone")])
def test_files_that_are_gone_are_no_answers(begun, database, state, code):
    _, me, response = begun
    upload = sending.declare(me, response, SMALL)
    saved(me, response, 1, {"photo": [sending.answer(upload)]})
    sending.put_state(database, upload, state)
    assert api.problem(me.submit(response["id"], 2), 422, "invalid-form")["errors"][0]["code"] == code
    assert api.problem(me.save(response["id"], 2, {"photo": [sending.answer(upload)]}), 422, "invalid-form")["errors"][0]["code"] == code


def test_what_a_completed_response_shows_stays_and_an_amendment_keeps_it(practice, begun, database):
    _, me, response = begun
    upload = sending.declare(me, response, SMALL)
    saved(me, response, 1, {"photo": [sending.answer(upload)]})
    sending.put_state(database, upload, "clean")
    api.good(me.submit(response["id"], 2))
    api.problem(me.delete(f"/patient/uploads/{upload['id']}"), 409, "upload-shown")
    amendment = api.good(me.post(f"/patient/responses/{response['id']}/amend"), 201)
    assert [it["id"] for it in amendment["uploads"]] == [upload["id"]]
    saved(me, amendment, 1, {"photo": [sending.answer(upload)], "comment": [{"valueString": "corrected"}]})
    done = api.good(me.submit(amendment["id"], 2))
    assert done["uploads"][0]["status"] == "clean"
    staff = api.good(practice.staff().get(f"/admin/responses/{response['id']}"))
    assert [it["id"] for it in staff["uploads"]] == [upload["id"]]


def test_the_proof_has_the_hashes_of_what_was_shown(practice, begun, database):
    """Of these files and no other; whatever became of them since, as long as their patient is not erased."""
    _, me, response = begun
    first, second = (sending.declare(me, response, sending.noise(500 + n, n), filename=f"{n}.jpg") for n in range(2))
    sending.declare(me, response, sending.noise(10, 9))  # no answer names it
    saved(me, response, 1, {"photo": [sending.answer(first)], "comment": [{"valueString": "one"}]})
    sending.put_state(database, first, "scanning")
    api.good(me.submit(response["id"], 2))
    amendment = api.good(me.post(f"/patient/responses/{response['id']}/amend"), 201)
    saved(me, amendment, 1, {"photo": [sending.answer(first), sending.answer(second)]})
    sending.put_state(database, second, "scanning")
    api.good(me.submit(amendment["id"], 2))

    def files(one):
        return api.good(practice.staff().get(f"/admin/responses/{one['id']}/proof"))["files"]
    told = [{"id": it["id"], "link_id": "photo", "filename": f"{n}.jpg", "content_type": "image/jpeg", "size": 500 + n,
             "sha256": sending.digest(sending.noise(500 + n, n))} for n, it in enumerate((first, second))]
    assert files(response) == told[:1]
    assert files(amendment) == told
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.upload SET state = 'rejected', reason = 'not-scanned', decided_at = now() WHERE id = %s", (first["id"],))
    assert files(response) == told[:1]


def test_what_is_infected_is_told_to_the_patient_and_to_owners(practice, begun, database):
    _, me, response = begun
    upload = sending.declare(me, response, SMALL)
    sending.put_state(database, upload, "infected")
    path = f"/admin/responses/{response['id']}"
    told = {role: api.good(practice.staff(role).get(path))["uploads"][0]["status"] for role in ("owner", "physician")}
    assert told == {"owner": "infected", "physician": "rejected"}
    assert api.good(me.get(f"/patient/responses/{response['id']}"))["uploads"][0]["status"] == "infected"
