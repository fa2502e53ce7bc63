"""Declaring a file, sending its parts, completing it, taking it back: what a patient's device does, and what is refused."""

import concurrent.futures

import pytest
from support import client as api
from support import sending

SMALL = sending.noise(5000)
LARGE = sending.noise(sending.PART + 12345)


@pytest.fixture
def begun(practice):
    return practice.begun(sending.FORM)


def test_a_small_file_has_its_url_at_once_and_is_complete_when_it_was_sent(begun):
    """[5.3.2]"""
    _, me, response = begun
    made = me.post("/patient/uploads", sending.declaration(response, SMALL, filename="../Urlaub\u202egpj.exe"))
    upload = api.good(made, 201)
    assert made.headers["Location"] == f"/patient/uploads/{upload['id']}"
    assert (upload["status"], upload["received"], upload["part_size"]) == ("awaiting-upload", [], sending.PART)
    assert "/" not in upload["filename"] and "\u202e" not in upload["filename"]
    part, = upload["parts"]
    assert (part["number"], part["size"], part["method"]) == (1, len(SMALL), "PUT")
    assert part["headers"] == {"if-none-match": "*", "x-amz-checksum-sha256": sending.checksum(SMALL)}
    early = api.problem(me.post(f"/patient/uploads/{upload['id']}/complete"), 409, "upload-incomplete")
    assert [it["pointer"] for it in early["errors"]] == ["/parts/1"]
    assert sending.put(me, part, SMALL).status_code == 200
    assert sending.put(me, part, SMALL).status_code == 412, "it is there: as good as sent"
    assert api.good(me.get(f"/patient/uploads/{upload['id']}"))["received"] == [1]
    done = api.good(me.post(f"/patient/uploads/{upload['id']}/complete"), 202)
    assert done["status"] in ("scanning", "rejected") and done["parts"] == [] and done["expires_at"] is None
    assert api.good(me.post(f"/patient/uploads/{upload['id']}/complete"), 202)["id"] == upload["id"]
    api.problem(me.post(f"/patient/uploads/{upload['id']}/parts", {"parts": [{"number": 1, "sha256": sending.digest(SMALL)}]}),
                409, "upload-state")


def test_a_large_file_goes_on_after_a_lost_connection(begun):
    _, me, response = begun
    upload = sending.declare(me, response, LARGE)
    assert [(part["size"], part["url"]) for part in upload["parts"]] == [(sending.PART, None), (12345, None)]
    first, second = sending.cut(LARGE)
    told = api.good(me.post(f"/patient/uploads/{upload['id']}/parts", {"parts": [{"number": 2, "sha256": sending.digest(second)}]}))
    assert [part["url"] is None for part in told["parts"]] == [True, False]
    assert sending.put(me, told["parts"][1], second).status_code == 200
    assert api.good(me.get(f"/patient/uploads/{upload['id']}"))["received"] == [2]
    again = api.good(me.post(f"/patient/uploads/{upload['id']}/parts", {"parts": [{"number": 1, "sha256": sending.digest(first)}]}))
    assert again["received"] == [2]
    assert sending.put(me, again["parts"][0], first).status_code == 200
    assert api.good(me.post(f"/patient/uploads/{upload['id']}/complete"), 202)["status"] != "awaiting-upload"


@pytest.mark.parametrize(("changed", "pointer"), [
    ({"content_type": "application/x-sh"}, "/content_type"), ({"content_type": "IMAGE/JPEG"}, "/content_type"),
    ({"content_type": "application/msword"}, "/content_type"),
    ({"link_id": "comment"}, "/link_id"), ({"link_id": "nowhere"}, "/link_id"), ({"link_id": "areas"}, "/link_id"),
    ({"link_id": "small", "size": 1001}, "/size"), ({"link_id": "small", "size": 900, "content_type": "image/png"}, "/content_type")])
def test_the_question_says_what_it_takes(begun, changed, pointer):
    _, me, response = begun
    refused = me.post("/patient/uploads", sending.declaration(response, SMALL) | changed)
    problem = api.problem(refused, 422, "upload-refused")
    assert [it["pointer"] for it in problem["errors"]] == [pointer]


@pytest.mark.parametrize("changed", [
    {"size": 0}, {"size": -1}, {"size": 50_000_001}, {"size": "5"}, {"size": None}, {"sha256": "0" * 63}, {"sha256": "G" * 64},
    {"sha256": "A" * 64}, {"filename": ""}, {"filename": "x" * 256}, {"filename": None}, {"response_id": "x"}, {"link_id": ""}, {"more": 1}])
def test_what_is_no_declaration(begun, changed):
    """[5.2.1]"""
    _, me, response = begun
    api.problem(me.post("/patient/uploads", sending.declaration(response, SMALL) | changed), 400, "invalid-request")


def test_parts_that_the_file_has_not(begun):
    _, me, response = begun
    upload = sending.declare(me, response, SMALL)
    path = f"/patient/uploads/{upload['id']}/parts"
    other = sending.digest(b"another file")
    for told, pointer in (([(2, other)], "/parts/0/number"), ([(1, other)], "/parts/0/number"),
                          ([(1, sending.digest(SMALL)), (1, other)], "/parts/1/number")):
        body = {"parts": [{"number": number, "sha256": sha256} for number, sha256 in told]}
        assert api.problem(me.post(path, body), 422, "upload-refused")["errors"][0]["pointer"] == pointer
    for body in ({}, {"parts": []}, {"parts": [{"number": 8, "sha256": other}]}, {"parts": [{"number": 1}]}, {"parts": None}):
        api.problem(me.post(path, body), 400, "invalid-request")


def test_others_uploads_are_not_there(practice, begun):
    _, me, response = begun
    upload = sending.declare(me, response, SMALL)
    _, other, theirs = practice.begun(sending.FORM)
    path = f"/patient/uploads/{upload['id']}"
    for answer in (other.get(path), other.delete(path), other.post(f"{path}/complete"),
                   other.post(f"{path}/parts", {"parts": [{"number": 1, "sha256": sending.digest(SMALL)}]})):
        api.problem(answer, 404, "not-found")
    api.problem(other.post("/patient/uploads", sending.declaration(response, SMALL)), 404, "not-found")
    assert api.good(other.get("/patient/uploads"))["items"] == []
    assert api.good(other.get(f"/patient/uploads?response_id={response['id']}"))["items"] == []
    assert theirs["id"] != response["id"]


def test_only_a_response_in_progress_takes_files(begun):
    _, me, response = begun
    api.good(me.submit(response["id"], response["revision"]))
    api.problem(me.post("/patient/uploads", sending.declaration(response, SMALL)), 409, "already-completed")
    amendment = api.good(me.post(f"/patient/responses/{response['id']}/amend"), 201)
    sending.declare(me, amendment, SMALL)
    api.good(me.delete(f"/patient/responses/{amendment['id']}", headers={"If-Match": '"1"'}), 204)
    api.problem(me.post("/patient/uploads", sending.declaration(amendment, SMALL)), 409, "not-active")


def test_twenty_may_be_open_and_one_taken_back_makes_room(begun):
    _, me, response = begun

    def one(number):
        return me.post("/patient/uploads", sending.declaration(response, sending.noise(100, number)))
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(one, range(24)))
    made = [answer.json() for answer in answers if answer.status_code == 201]
    assert len(made) == 20
    for answer in answers:
        if answer.status_code != 201:
            api.problem(answer, 409, "upload-limit")
    api.good(me.delete(f"/patient/uploads/{made[0]['id']}"), 204)
    api.good(one(99), 201)
    api.good(me.delete(f"/patient/uploads/{made[0]['id']}"), 204)
    assert api.good(me.get(f"/patient/uploads/{made[0]['id']}"))["status"] == "withdrawn"


def test_what_has_expired_is_not_taken_back(begun, database):
    _, me, response = begun
    upload = sending.declare(me, response, SMALL)
    sending.put_state(database, upload, "expired")
    api.problem(me.delete(f"/patient/uploads/{upload['id']}"), 409, "upload-state")
    api.problem(me.post(f"/patient/uploads/{upload['id']}/complete"), 409, "upload-state")


def test_files_wait_while_the_signatures_are_older_than_the_practice_takes(new_practice, database):
    patient, me, response = new_practice().begun(sending.FORM)
    with database.cursor() as cursor:  # other practices take signatures of a week
        cursor.execute("UPDATE anamnesis.practice SET upload_days_signatures = 1 WHERE id = "
                       "(SELECT practice_id FROM anamnesis.patient WHERE id = %s)", (patient["id"],))

    def refused():
        with database.cursor() as cursor:  # the scanner says once a minute what it has
            cursor.execute("SELECT anamnesis.scanner_note('test:1', now() - interval '2 days')")
        answer = me.post("/patient/uploads", sending.declaration(response, SMALL))
        return answer if answer.status_code != 201 else None
    api.problem(refused() or refused(), 503, "uploads-wait")


def test_bytes_are_limited_for_a_patient(new_practice, database):
    """[5.2.4]"""
    patient, me, response = new_practice().begun(sending.FORM)
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.practice SET upload_bytes_patient = 10000 WHERE id = "
                       "(SELECT practice_id FROM anamnesis.patient WHERE id = %s)", (patient["id"],))
    sending.declare(me, response, SMALL)
    problem = api.problem(me.post("/patient/uploads", sending.declaration(response, SMALL + b"x")), 409, "upload-limit")
    assert problem["errors"][0]["pointer"] == "/size"
    sending.declare(me, response, SMALL)


def test_what_is_taken_back_counts_while_its_address_is_good(new_practice, database):
    """Otherwise a patient could have as many parts on the disk as five minutes give addresses for."""
    patient, me, response = new_practice().begun(sending.FORM)
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.practice SET upload_bytes_patient = 10000 WHERE id = "
                       "(SELECT practice_id FROM anamnesis.patient WHERE id = %s)", (patient["id"],))
    addressed = sending.declare(me, response, sending.noise(9000))
    api.good(me.delete(f"/patient/uploads/{addressed['id']}"), 204)
    problem = api.problem(me.post("/patient/uploads", sending.declaration(response, sending.noise(2000))), 409, "upload-limit")
    assert problem["errors"][0]["pointer"] == "/size"
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.upload SET urls_until = now() - interval '1 minute' WHERE id = %s", (addressed["id"],))
    sending.declare(me, response, sending.noise(2000))


def test_a_day_has_its_limit(new_practice, database):
    patient, me, response = new_practice().begun(sending.FORM)
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.practice SET upload_bytes_patient = 10000 WHERE id = "
                       "(SELECT practice_id FROM anamnesis.patient WHERE id = %s)", (patient["id"],))
    for _ in range(5):
        made = sending.declare(me, response, sending.noise(9990))
        api.good(me.delete(f"/patient/uploads/{made['id']}"), 204)
        with database.cursor() as cursor:
            cursor.execute("UPDATE anamnesis.upload SET urls_until = now() - interval '1 minute' WHERE id = %s", (made["id"],))
    problem = api.problem(me.post("/patient/uploads", sending.declaration(response, sending.noise(51))), 409, "upload-limit")
    assert problem["errors"][0]["code"] == "day"
    sending.declare(me, response, sending.noise(50))


def test_the_list_is_newest_first_and_in_pages(practice):
    first = practice.questionnaire(sending.FORM)
    second = practice.questionnaire(sending.FORM)
    _, me = practice.signed_in_patient([first, second])
    responses = [api.good(me.post("/patient/responses", {"assignment_id": it["assignment_id"]}), 201)
                 for it in api.good(me.get("/patient/questionnaires"))["items"]]
    made = [sending.declare(me, responses[at % 2], sending.noise(10, at))["id"] for at in range(5)]
    page = api.good(me.get("/patient/uploads?limit=3"))
    rest = api.good(me.get(f"/patient/uploads?limit=3&cursor={page['next_cursor']}"))
    assert [it["id"] for it in page["items"] + rest["items"]] == made[::-1] and rest["next_cursor"] is None
    of_one = api.good(me.get(f"/patient/uploads?response_id={responses[1]['id']}&limit=1"))
    after = api.good(me.get(f"/patient/uploads?response_id={responses[1]['id']}&cursor={of_one['next_cursor']}"))
    assert [it["id"] for it in of_one["items"] + after["items"]] == made[1::2][::-1]


def test_a_repeated_declaration_is_one(begun):
    _, me, response = begun
    key = {"Idempotency-Key": "photo 1"}
    one = api.good(me.post("/patient/uploads", sending.declaration(response, SMALL), headers=key), 201)
    again = api.good(me.post("/patient/uploads", sending.declaration(response, SMALL), headers=key), 201)
    assert again == one and len(api.good(me.get("/patient/uploads"))["items"]) == 1
    other = me.post("/patient/uploads", sending.declaration(response, SMALL + b"x"), headers=key)
    api.problem(other, 422, "idempotency-key-reused")
