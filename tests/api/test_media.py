"""Photos and documents as the practice and their patients see them: who sees what, downloads, removal, and the rows that tell of it."""

import concurrent.futures
import datetime
import os
import re
import subprocess
import uuid

import psycopg2
import pytest
from conftest import unique
from support import client as api
from support import contract, sending, sessions
from support import lambda_runtime as aws
from support.clean_files import File, Objects
from support.tokens import token_hash
from test_address_change import recovered, shown_link
from test_care_team import REASON, Clinic
from test_lambda_journey import DEMO_DEFAULT

LOOKING = ("owner", "physician", "assistant")
WHY = "is of somebody else"


@pytest.fixture
def store(demo, database):
    return Objects(demo, database)


@pytest.fixture(scope="module")
def answered(practice):
    return practice.begun(sending.FORM)


@pytest.fixture
def photo(store, answered):
    return File(store, answered[1], answered[2], filename="arm.jpg")


def is_file(answer, content, content_type, disposition="inline"):
    """The bytes as they were sealed, and what keeps them from being anything but looked at."""
    assert answer.status_code == 200, answer.text
    assert answer.content == content
    assert answer.headers["Content-Type"] == content_type
    assert answer.headers["Content-Disposition"] == disposition
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert answer.headers["X-Content-Type-Options"] == "nosniff" and answer.headers["Cache-Control"] == "no-store"
    assert uuid.UUID(answer.headers["X-Request-Id"]) and "X-Accel-Redirect" not in answer.headers
    return True


def grant(client, file, what="download", **kwargs):
    """The path and query of the address that a download gets."""
    made = api.good(client.post(file.path(what=f"/{what}"), **kwargs), 200)
    return made["url"].split("/admin/", 1)[1].join(("/admin/", ""))


def log_of(practice, operation, patient):
    items = api.good(practice.staff("owner").get(f"/admin/audit?limit=200&operation={operation}&patient_id={patient['id']}"))["items"]
    return [item["outcome"] for item in items]


@pytest.mark.parametrize("role", LOOKING)
def test_staff_looks_at_what_was_made_of_a_photo(practice, photo, role):
    staff = practice.staff(role)
    assert is_file(staff.get(photo.path(what="/thumbnail")), photo.objects["thumbnail"], "image/jpeg")
    assert is_file(staff.get(photo.path(what="/view")), photo.objects["view"], "image/jpeg")
    told = api.good(staff.get(photo.path()))
    assert (told["filename"], told["status"], told["pages"]) == ("arm.jpg", "clean", 0)
    assert (told["thumbnail"], told["view"]) == (photo.path(what="/thumbnail"), photo.path(what="/view"))
    assert told["has_original"] == (role != "assistant")
    head = staff.call("HEAD", photo.path(what="/view"))
    assert head.status_code == 200 and head.content == b"" and head.headers["Content-Length"] == str(len(photo.objects["view"]))


def test_an_auditor_sees_that_there_is_a_file_and_no_picture(practice, photo):
    auditor = practice.staff("auditor")
    told = api.good(auditor.get(photo.path()))
    assert (told["status"], told["thumbnail"], told["view"], told["has_original"]) == ("clean", None, None, False)
    listed = {item["id"]: item for item in api.good(auditor.get("/admin/media"))["items"]}
    assert listed[photo.id]["thumbnail"] is None
    for what in ("/thumbnail", "/view", f"/file?grant={contract.TOKEN}"):
        api.problem(auditor.get(photo.path(what=what)), 403, "forbidden")
    for what in ("/download", "/original"):
        api.problem(auditor.post(photo.path(what=what)), 403, "forbidden")


def test_a_patient_sees_their_own_and_takes_the_original_along(practice, answered, photo):
    _, me, _ = answered
    for what in ("thumbnail", "view"):
        assert is_file(me.get(photo.path("patient", f"/{what}")), photo.objects[what], "image/jpeg")
    assert is_file(me.get(photo.path("patient", "/original")), photo.objects["original"], "image/jpeg", 'attachment; filename="arm.jpg"')
    _, other = practice.signed_in_patient()
    for what in ("thumbnail", "view", "original"):
        api.problem(other.get(photo.path("patient", f"/{what}")), 404, "not-found")


def test_a_document_is_looked_at_page_by_page(practice, store, answered):
    staff, made = practice.staff(), File(store, answered[1], answered[2], "application/pdf", filename="letter.pdf")
    assert api.good(staff.get(made.path()))["pages"] == 2
    for query, page in (("", "page-1"), ("?page=1", "page-1"), ("?page=2", "page-2")):
        assert is_file(staff.get(made.path(what=f"/view{query}")), made.objects[page], "image/jpeg")
        assert is_file(answered[1].get(made.path("patient", f"/view{query}")), made.objects[page], "image/jpeg")
    address = grant(staff, made, "download?page=2")
    assert is_file(staff.get(address), made.objects["page-2"], "image/jpeg", 'attachment; filename="letter.jpg"')
    assert is_file(staff.get(made.path(what="/thumbnail")), made.objects["thumbnail"], "image/jpeg")
    api.problem(staff.get(made.path(what="/view?page=3")), 404, "not-found")
    api.problem(answered[1].get(made.path("patient", "/view?page=3")), 404, "not-found")
    api.problem(staff.post(made.path(what="/download?page=3")), 404, "not-found")
    for page in ("0", "51", "x", "1.5", "-1", ""):
        api.problem(staff.get(made.path(what=f"/view?page={page}")), 400, "invalid-request")


def test_a_photo_has_no_pages(practice, answered, photo):
    for query in ("?page=1", "?page=2"):
        api.problem(practice.staff().get(photo.path(what=f"/view{query}")), 404, "not-found")
        api.problem(practice.staff().post(photo.path(what=f"/download{query}")), 404, "not-found")
        api.problem(answered[1].get(photo.path("patient", f"/view{query}")), 404, "not-found")
    for page in ("0", "51", "x", "1.5", "-1", ""):
        api.problem(practice.staff().get(photo.path(what=f"/view?page={page}")), 400, "invalid-request")


@pytest.mark.parametrize("content_type", ["text/plain", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"])
def test_of_a_text_there_is_the_original_alone(practice, store, answered, content_type):
    staff, made = practice.staff(), File(store, answered[1], answered[2], content_type, filename="diary.bat")
    told = api.good(staff.get(made.path()))
    assert (told["thumbnail"], told["view"], told["has_original"]) == (None, None, True)
    api.problem(staff.get(made.path(what="/view")), 404, "not-found")
    api.problem(staff.post(made.path(what="/download")), 404, "not-found")
    extension = "txt" if content_type == "text/plain" else "docx"
    assert is_file(staff.get(grant(staff, made, "original")), made.objects["original"], content_type,
                   f'attachment; filename="diary.bat.{extension}"')


@pytest.mark.parametrize("content_type", ["video/mp4", "video/quicktime", "audio/mp4"])
def test_a_film_is_played_in_parts_and_downloaded_whole(practice, store, answered, content_type):
    """Each part is a row of the log: it is a look of its own."""
    patient, me, response = answered
    staff, made = practice.staff(), File(store, me, response, content_type, size=200_000, filename="walk.mp4")
    plain, before = made.objects["view"], len(log_of(practice, "media_view", patient))
    for client, side in ((staff, "admin"), (me, "patient")):
        whole = client.get(made.path(side, "/view"))
        assert is_file(whole, plain, content_type) and whole.headers["Accept-Ranges"] == "bytes"
        part = client.get(made.path(side, "/view"), headers={"Range": "bytes=65530-65545"})
        assert part.status_code == 206 and part.content == plain[65530:65546]
        assert part.headers["Content-Range"] == f"bytes 65530-65545/{len(plain)}"
        assert client.get(made.path(side, "/view"), headers={"Range": f"bytes={len(plain)}-"}).status_code == 416
    assert len(log_of(practice, "media_view", patient)) == before + 3
    whole = staff.get(grant(staff, made), headers={"Range": "bytes=0-9"})
    assert whole.status_code == 200 and whole.content == plain and whole.headers["Accept-Ranges"] == "none"


@pytest.mark.parametrize(("content_type", "filename", "view", "original"), [
    ("image/heic", "Übung \u4e2d.heic", "attachment; filename=\"_bung _.jpg\"; filename*=UTF-8''%C3%9Cbung%20%E4%B8%AD.jpg",
     "attachment; filename=\"_bung _.heic\"; filename*=UTF-8''%C3%9Cbung%20%E4%B8%AD.heic"),
    ("image/jpeg", 'a"b\r\nSet-Cookie: x=1;\\.exe', None, None), ("image/png", "../../etc/passwd", None, None),
    ("image/jpeg", "\u202egpj.exe", None, None), ("image/jpeg", "%2e%2e%2f.html", None, None)])
def test_a_name_stays_within_its_header(practice, store, answered, content_type, filename, view, original):
    """[5.4.1, 5.4.2]"""
    staff, made = practice.staff(), File(store, answered[1], answered[2], content_type, filename=filename)
    for what, expected, ends in (("download", view, ".jpg"), ("original", original, {"image/heic": ".heic", "image/png": ".png"})):
        answer = staff.get(grant(staff, made, what))
        given = answer.headers["Content-Disposition"]
        assert expected is None or given == expected
        ends = ends if isinstance(ends, str) else ends.get(content_type, ".jpg")
        quoted = re.fullmatch(r'attachment; filename="([^"\\%\x00-\x1f\x7f-\uffff/]+)"(; filename\*=UTF-8\'\'[A-Za-z0-9%!#$&+.^_`|~-]+)?', given)
        assert quoted and quoted[1].endswith(ends), given
        assert "Set-Cookie" not in answer.headers


def test_a_download_is_good_once(practice, photo):
    staff = practice.staff()
    address = grant(staff, photo)
    assert address.startswith(photo.path(what="/file?grant="))
    assert is_file(staff.get(address), photo.objects["view"], "image/jpeg", 'attachment; filename="arm.jpg"')
    api.problem(staff.get(address), 410, "upload-gone")
    address = grant(staff, photo, "original")
    assert is_file(staff.get(address), photo.objects["original"], "image/jpeg", 'attachment; filename="arm.jpg"')
    api.problem(staff.get(address), 410, "upload-gone")
    address = grant(staff, photo)
    assert staff.call("HEAD", address).status_code == 200
    api.problem(staff.get(address), 410, "upload-gone")


def test_of_many_at_once_one_gets_the_file(practice, photo):
    staff = practice.staff()
    address = grant(staff, photo)
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: api.until_served(lambda: staff.again(staff.token).get(address)), range(16)))
    assert sorted(answer.status_code for answer in answers) == [200] + [410] * 15


def test_an_address_is_of_the_session_that_asked(database, practice, photo):
    staff, ids = practice.staff(), sessions.staff_ids(database, practice.id)
    address = grant(staff, photo)
    same_person = practice.anonymous.again(sessions.open_session(database, "staff", ids["physician"], practice.id))
    for other in (same_person, practice.staff("owner"), practice.staff("assistant")):
        api.problem(other.get(address), 410, "upload-gone")
    api.problem(practice.anonymous.get(address), 401, "not-signed-in")
    assert staff.get(address).status_code == 200, "who tried did not use it up"


def test_an_address_ends_after_a_minute(store, practice, photo):
    staff = practice.staff()
    before = datetime.datetime.now(datetime.timezone.utc)
    made = api.good(staff.post(photo.path(what="/download")))
    until = datetime.datetime.fromisoformat(made["expires_at"].replace("Z", "+00:00"))
    assert 55 < (until - before).total_seconds() < 65
    token = made["url"].split("grant=")[1]
    assert store.sql("UPDATE anamnesis.upload_grant SET expires_at = now() WHERE hash = %s", token_hash("download", token)) == 1
    api.problem(staff.get(photo.path(what=f"/file?grant={token}")), 410, "upload-gone")


def test_an_address_is_of_one_file(practice, store, answered, photo):
    staff, other = practice.staff(), File(store, answered[1], answered[2])
    token = grant(staff, photo).split("grant=")[1]
    api.problem(staff.get(other.path(what=f"/file?grant={token}")), 410, "upload-gone")
    for wrong in ("x", "x" * 64, token[:-1], token + "A", contract.TOKEN):
        api.problem(staff.get(photo.path(what=f"/file?grant={wrong}")), 410, "upload-gone")
    for wrong in ("", f"?grant={'x' * 65}", "?grant=", f"?grant={token}&grant={token}"):
        api.problem(staff.get(photo.path(what=f"/file{wrong}")), 400, "invalid-request")
    assert staff.get(photo.path(what=f"/file?grant={token}")).status_code == 200


def test_what_is_not_clean_any_more_is_not_downloaded(practice, store, photo):
    staff = practice.staff()
    address = grant(staff, photo)
    store.move(photo.id, "infected")
    api.problem(staff.get(address), 410, "upload-gone")
    for what in ("/download", "/original"):
        api.problem(staff.post(photo.path(what=what)), 409, "upload-state")


def test_an_assistant_does_not_get_the_original(practice, store, database, photo):
    """Nor by an address that was made for them when they were something else."""
    assistant = practice.staff("assistant")
    api.problem(assistant.post(photo.path(what="/original")), 403, "forbidden")
    token = grant(assistant, photo).split("grant=")[1]
    assert store.sql("UPDATE anamnesis.upload_grant SET kind = 'original' WHERE hash = %s", token_hash("download", token)) == 1
    api.problem(assistant.get(photo.path(what=f"/file?grant={token}")), 410, "upload-gone")


class Gallery:
    """A practice of its own with files of two patients."""

    def __init__(self, store, practice):
        self.practice, self.staff = practice, practice.staff()
        self.one, me, response = practice.begun(sending.FORM)
        self.other, they, answer = practice.begun(sending.FORM)
        self.files = {name: File(store, client, place, content_type, state=state, link_id=link_id)
                      for name, client, place, content_type, state, link_id in (
                          ("photo", me, response, "image/jpeg", "clean", "photo"), ("area", me, response, "image/png", "clean", "area"),
                          ("letter", me, response, "text/plain", "scanning", "photo"),
                          ("virus", me, response, "image/jpeg", "infected", "photo"), ("broken", me, response, "image/jpeg", "rejected", "photo"),
                          ("theirs", they, answer, "image/jpeg", "clean", "photo"), ("waiting", they, answer, "video/mp4", "awaiting-upload", "area"))}
        self.names = {file.id: name for name, file in self.files.items()}
        self.questionnaire = api.good(self.staff.get(self.files["photo"].path()))["questionnaire_id"]

    def listed(self, query="", client=None):
        return [self.names[item["id"]] for item in api.good((client or self.staff).get(f"/admin/media?{query}"))["items"]]


@pytest.fixture(scope="module")
def gallery(demo, new_practice):
    database = psycopg2.connect(demo["database_url"])
    database.autocommit = True
    yield Gallery(Objects(demo, database), new_practice())
    database.close()


def test_a_gallery_is_by_patient_questionnaire_question_type_state_and_time(gallery):
    newest = ["waiting", "theirs", "broken", "virus", "letter", "area", "photo"]
    assert gallery.listed() == newest
    assert gallery.listed(f"patient_id={gallery.other['id']}") == ["waiting", "theirs"]
    assert gallery.listed(f"questionnaire_id={gallery.questionnaire}") == newest[2:]
    assert gallery.listed(f"questionnaire_id={gallery.questionnaire}&link_id=area") == ["area"]
    assert gallery.listed("link_id=area") == ["waiting", "area"]
    assert gallery.listed("type=image/png") == ["area"] and gallery.listed("type=image%2Fpng&state=rejected") == []
    assert gallery.listed("state=clean") == ["theirs", "area", "photo"]
    assert gallery.listed(f"state=clean&patient_id={gallery.one['id']}&type=image/jpeg") == ["photo"]
    moment = api.good(gallery.staff.get(gallery.files["letter"].path()))["created_at"]
    assert gallery.listed(f"from={moment}") == newest[:5] and gallery.listed(f"to={moment}") == newest[5:]
    for wrong in ("patient_id=x", "state=gone", "type=image/gif", "from=yesterday", "link_id=", "limit=201", "cursor=x", "more=1"):
        api.problem(gallery.staff.get(f"/admin/media?{wrong}"), 400, "invalid-request")


@pytest.mark.parametrize("limit", [1, 2, 3, 7])
def test_pages_of_a_gallery(gallery, limit):
    found, cursor = [], ""
    while cursor is not None:
        page = api.good(gallery.staff.get(f"/admin/media?limit={limit}{cursor}"))
        found += [gallery.names[item["id"]] for item in page["items"]]
        cursor = page["next_cursor"] and f"&cursor={page['next_cursor']}"
    assert found == gallery.listed()


def test_owners_alone_are_told_what_is_infected(gallery):
    owner, virus = gallery.practice.staff("owner"), gallery.files["virus"]
    assert gallery.listed("state=infected", owner) == ["virus"] and gallery.listed("state=rejected", owner) == ["broken"]
    told = api.good(owner.get(virus.path()))
    assert (told["status"], told["signature"], told["reason"]) == ("infected", "Eicar-Test", None) and told["decided_at"]
    for role in ("physician", "assistant", "auditor"):
        client = gallery.practice.staff(role)
        assert gallery.listed("state=infected", client) == [] and gallery.listed("state=rejected", client) == ["broken", "virus"]
        told = client.get(virus.path())
        assert api.good(told)["status"] == "rejected" and "Eicar" not in told.text
    broken = api.good(gallery.staff.get(gallery.files["broken"].path()))
    assert (broken["status"], broken["reason"]) == ("rejected", "damaged")


def test_a_thumbnail_is_listed_where_there_is_one(gallery):
    items = {gallery.names[item["id"]]: item for item in api.good(gallery.staff.get("/admin/media"))["items"]}
    assert {name: item["thumbnail"] for name, item in items.items() if item["thumbnail"]} == {
        name: gallery.files[name].path(what="/thumbnail") for name in ("photo", "area", "theirs")}
    assert gallery.staff.get(items["area"]["thumbnail"]).content == gallery.files["area"].objects["thumbnail"]


def test_every_look_is_a_row_of_the_log_and_stands_in_the_patients_access_log(practice, store):
    """In their language. [16.3.2]"""
    patient, me, response = practice.begun(sending.FORM)
    made, staff = File(store, me, response), practice.staff()
    api.good(me.patch("/patient/profile", {"language": "de"}, revision=api.good(me.get("/patient/profile"))["revision"]))
    api.good(staff.get("/admin/media?limit=200"))
    api.good(staff.get(made.path()))
    staff.get(made.path(what="/thumbnail"))
    staff.get(made.path(what="/view"))
    staff.get(grant(staff, made))
    address = grant(staff, made, "original")
    staff.get(address)
    api.problem(staff.get(address), 410, "upload-gone")
    store.move(made.id, "infected")
    api.problem(staff.get(made.path(what="/view")), 409, "upload-state")
    rows = {name: log_of(practice, name, patient) for name in (
        "media_list", "media_get", "media_thumbnail", "media_download", "media_original", "media_file", "media_view")}
    assert rows["media_file"].count("ok") == 2 and rows["media_view"].count("ok") == 1
    assert all("ok" in outcomes for outcomes in rows.values())
    shown = [item["what"] for item in api.good(me.get("/patient/profile/access-log?limit=200"))["items"]]
    for operation in rows:
        words = next(one for one in contract.operations() if one.id == operation).row["x-patient-words"]["de"]
        assert words in shown, operation


def test_a_refused_look_is_a_row_too(practice, store, answered, photo):
    store.move(photo.id, "infected")
    staff = practice.staff()
    api.problem(staff.get(photo.path(what="/view")), 409, "upload-state")
    items = api.good(practice.staff("owner").get("/admin/audit?limit=50&operation=media_view"))["items"]
    assert [item["outcome"] for item in items if item["object_id"] == photo.id] == ["upload-state"]


def test_care_teams_and_a_broken_glass(database, new_practice, store):
    """[8.2.2]"""
    practice = new_practice()
    patient, me, response = practice.begun(sending.FORM)
    made = File(store, me, response)
    clinic = Clinic(database, practice)
    api.good(clinic.remove(patient, "physician"))  # who invited them
    paths = [made.path(what=what) for what in ("", "/thumbnail", "/view", f"/file?grant={contract.TOKEN}")]
    for client in (clinic.physician, clinic.assistant):
        for path in paths:
            api.problem(client.get(path), 404, "not-found")
        for what in ("/download", "/original") if client is clinic.physician else ("/download",):
            api.problem(client.post(made.path(what=what)), 404, "not-found")
        assert api.good(client.get("/admin/media"))["items"] == []
        assert api.good(client.get(f"/admin/media?patient_id={patient['id']}"))["items"] == []
    assert is_file(clinic.owner.get(made.path(what="/view")), made.objects["view"], "image/jpeg")
    api.good(clinic.add(patient, "assistant"))
    assert is_file(clinic.assistant.get(made.path(what="/view")), made.objects["view"], "image/jpeg")
    address = grant(clinic.assistant, made)
    api.good(clinic.remove(patient, "assistant"))
    api.problem(clinic.assistant.get(address), 404, "not-found")
    api.good(clinic.break_glass(patient_id=patient["id"]), 201)
    assert is_file(clinic.physician.get(made.path(what="/view")), made.objects["view"], "image/jpeg")
    assert is_file(clinic.physician.get(grant(clinic.physician, made, "original")), made.objects["original"], "image/jpeg",
                   'attachment; filename="photo.jpg"')
    row = next(item for item in api.good(me.get("/patient/profile/access-log"))["items"] if item["operation"] == "media_view")
    assert row["break_glass"] and row["reason"] == REASON


def test_an_owner_removes_what_must_not_be_there(fresh, practice, store, answered, photo):
    patient, me, _ = answered
    owner, body = fresh(practice.staff("owner")), {"reason": WHY}
    names = [name for name, in store.sql("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", photo.id)]
    address = grant(owner, photo)
    removed = api.good(owner.call("DELETE", photo.path(), json=body))
    assert (removed["status"], removed["removal_reason"], removed["filename"]) == ("removed", WHY, "arm.jpg")
    assert removed["removed_by"] == sessions.staff_ids(store.database, practice.id)["owner"] and removed["removed_at"]
    assert (removed["thumbnail"], removed["view"], removed["has_original"]) == (None, None, False)
    again = api.good(owner.call("DELETE", photo.path(), json={"reason": "another reason"}))
    assert (again["removal_reason"], again["removed_at"]) == (WHY, removed["removed_at"])
    told = api.good(practice.staff().get(photo.path()))
    assert (told["status"], told["removal_reason"]) == ("removed", None)
    api.problem(owner.get(address), 410, "upload-gone")
    for client, side in ((owner, "admin"), (me, "patient")):
        api.problem(client.get(photo.path(side, "/view")), 409, "upload-state")
    assert store.sql("SELECT salt FROM anamnesis.upload WHERE id = %s", photo.id) == [(None,)]
    left = {name for name, in store.sql("SELECT name FROM anamnesis.object_leaving WHERE name = ANY (%s)", names)}
    assert {name for name in names if (store.top / "objects" / name).exists()} <= left
    assert log_of(practice, "media_remove", patient) == ["ok", "ok"]


def test_who_does_not_remove(database, fresh, practice, other_practice, photo):
    ids, body = sessions.staff_ids(database, practice.id), {"reason": WHY}
    stale = practice.anonymous.again(sessions.open_session(database, "staff", ids["owner"], practice.id, fresh=False))
    api.problem(stale.call("DELETE", photo.path(), json=body), 403, "step-up-required")
    for role in ("physician", "assistant", "auditor"):
        api.problem(fresh(practice.staff(role)).call("DELETE", photo.path(), json=body), 403, "forbidden")
    api.problem(fresh(other_practice.staff("owner")).call("DELETE", photo.path(), json=body), 404, "not-found")
    owner = fresh(practice.staff("owner"))
    for wrong in ({}, {"reason": "short"}, {"reason": "x" * 501}, {"reason": WHY, "more": 1}, {"reason": None}):
        api.problem(owner.call("DELETE", photo.path(), json=wrong), 400, "invalid-request")
    api.problem(owner.call("DELETE", photo.path(), data="reason=x", headers={"Content-Type": "text/plain"}), 415, "unsupported-media-type")
    api.problem(owner.call("DELETE", photo.path(), data="{", headers={"Content-Type": "application/json"}), 400, "malformed-json")
    api.problem(owner.call("DELETE", photo.path(), json={"reason": "x" * 9000}), 413, "too-large")
    assert api.good(practice.staff().get(photo.path()))["status"] == "clean"


def test_of_an_erased_patients_file_there_is_a_row(fresh, new_practice, store):
    practice = new_practice()
    patient, me, response = practice.begun(sending.FORM)
    made, owner = File(store, me, response, filename=unique("secret") + ".jpg"), fresh(practice.staff("owner"))
    address = grant(owner, made)
    api.good(owner.post(f"/admin/patients/{patient['id']}/erase", headers=api.if_match(
        api.good(owner.get(f"/admin/patients/{patient['id']}"))["revision"])))
    told = api.good(owner.get(made.path()))
    assert (told["status"], told["filename"], told["size"], told["view"]) == ("erased", None, None, None)
    assert [item["status"] for item in api.good(owner.get("/admin/media"))["items"]] == ["erased"]
    api.problem(owner.get(made.path(what="/view")), 409, "upload-state")
    api.problem(owner.get(address), 410, "upload-gone")
    assert api.good(owner.call("DELETE", made.path(), json={"reason": WHY}))["status"] == "erased"


def test_what_is_held_holds_its_files(new_practice, fresh, store):
    """Who came to the account by a link that was shown does not see what was given before."""
    practice = new_practice()
    patient, me, response = practice.begun(sending.FORM)
    made = File(store, me, response)
    they = recovered(practice, shown_link(practice, fresh, patient), patient)
    for what in ("", "/thumbnail", "/view", "/original"):
        api.problem(they.get(made.path("patient", what)), 404, "not-found")
    assert they.post("/patient/profile/hold/release", {"earlier_password": patient["password"]}).status_code == 204
    assert is_file(they.get(made.path("patient", "/view")), made.objects["view"], "image/jpeg")


def size_of(jpeg):
    drawn = subprocess.run(["djpeg", "-pnm"], input=jpeg, stdout=subprocess.PIPE, check=True).stdout
    return tuple(map(int, drawn.split(b"\n", 2)[1].split()))


def test_a_photo_that_was_sent_is_seen(practice, answered):
    """The whole way: sent by the patient, looked at and made anew by the scanner, seen by the practice."""
    _, me, response = answered
    given, staff = sending.photo(900, 600), practice.staff()
    sent = sending.send(me, response, given, filename="knee.jpg")
    path = f"/admin/media/{sent['id']}"
    told = sending.until(lambda: (lambda now: now if now["status"] != "scanning" else None)(api.good(staff.get(path))), 60)
    assert (told["status"], told["filename"], told["width"], told["height"]) == ("clean", "knee.jpg", 900, 600)
    view, thumbnail = staff.get(told["view"]).content, staff.get(told["thumbnail"]).content
    assert size_of(view) == (900, 600) and size_of(thumbnail) == (320, 213) and given not in (view, thumbnail)
    address = api.good(staff.post(f"{path}/original"))["url"].split("/admin/", 1)[1]
    assert staff.get(f"/admin/{address}").content == given == me.get(f"/patient/uploads/{sent['id']}/original").content


def test_a_type_that_the_operation_does_not_have_is_not_given(practice, store, answered, photo):
    """An object that says to be a page, wherever it came from. [5.4.1]"""
    made = File(store, answered[1], answered[2], state="scanning")
    for kind, content_type in (("original", "text/html"), ("view", "image/svg+xml"), ("thumbnail", "text/html")):
        store.add(made.id, kind, content_type, b"<script>alert(1)</script>")
    store.move(made.id, "clean")
    for what in ("/view", "/thumbnail"):
        api.problem(practice.staff().get(made.path(what=what)), 500, "internal")
    api.problem(answered[1].get(made.path("patient", "/original")), 500, "internal")
    api.problem(practice.staff().get(grant(practice.staff(), made, "original")), 500, "internal")


def test_with_lambda_clients_are_led_to_their_files(demo, tmp_path, database, practice, answered, photo):
    """303, to a ticket that nginx takes from anybody for seconds; an address of a download is used up before that. What it opens
    is shown as a worker would have had it shown, and runs nothing."""
    files = demo["base_url"].replace("//127.0.0.1", "//localhost") + "/files/t"
    front = aws.Front(tmp_path, aws.program(), aws.environment_of(os.environ.get("ANAMNESIS_DEMO", DEMO_DEFAULT)) | {"ANAMNESIS_FILES_URL": files})
    anybody = api.Client(demo["base_url"], demo["ca_file"])
    tickets = []
    try:
        staff, me = (api.Client(front.base_url, front.ca_file, client.token) for client in (practice.staff(), answered[1]))
        address, original = grant(practice.staff(), photo), grant(practice.staff(), photo, "original")
        asked = [(staff, photo.path(what="/thumbnail"), "thumbnail", "inline"), (staff, photo.path(what="/view"), "view", "inline"),
                 (staff, address, "view", "attachment"), (staff, original, "original", "attachment"),
                 (me, photo.path("patient", "/thumbnail"), "thumbnail", "inline"), (me, photo.path("patient", "/view"), "view", "inline"),
                 (me, photo.path("patient", "/original"), "original", "attachment")]
        for client, path, kind, manner in asked:
            led = client.get(path, allow_redirects=False)
            assert led.status_code == 303 and led.content == b"" and led.headers["Cache-Control"] == "no-store"
            assert "X-Accel-Redirect" not in led.headers and led.headers["Location"].startswith(f"{files}/")
            ticket = led.headers["Location"].removeprefix(demo["base_url"].replace("//127.0.0.1", "//localhost"))
            given = anybody.get(ticket)
            assert given.status_code == 200 and given.content == photo.objects[kind]
            assert given.headers["Content-Type"] == "image/jpeg" and given.headers["Content-Disposition"] == f'{manner}; filename="{kind}.jpg"'
            assert given.headers["Content-Security-Policy"].startswith("sandbox; default-src 'none'") and given.headers["Cache-Control"] == "no-store"
            assert given.headers["X-Content-Type-Options"] == "nosniff" and given.headers["Accept-Ranges"] == "none"
            tickets.append(ticket)
        for path in (address, original):
            api.problem(staff.get(path, allow_redirects=False), 410, "upload-gone")
        api.problem(api.Client(front.base_url, front.ca_file).get(photo.path(what="/view"), allow_redirects=False), 401, "not-signed-in")
    finally:
        front.close()
    head, body = tickets[0][:-1], tickets[0][-1]
    for other in (head, head + ("A" if body != "A" else "B"), "/files/t/", "/files/t/x", "/files/t/../t/x", "/files/t/" + "A" * 367):
        assert anybody.get(other).status_code == 404, other
    for method in ("POST", "PUT", "DELETE", "PATCH"):
        assert anybody.call(method, tickets[0]).status_code in (403, 405)


def test_with_lambda_files_wait(demo, tmp_path, database, practice, answered, photo):
    """Nobody is in front who would follow a ticket: none leaves the program, and no address is used up."""
    front = aws.Front(tmp_path, aws.program(), aws.environment_of(os.environ.get("ANAMNESIS_DEMO", DEMO_DEFAULT)))
    try:
        staff, me = (api.Client(front.base_url, front.ca_file, client.token) for client in (practice.staff(), answered[1]))
        address = grant(practice.staff(), photo)
        asked = [staff.get(photo.path(what="/thumbnail")), staff.get(photo.path(what="/view")), staff.get(address),
                 staff.post(photo.path(what="/download")), staff.post(photo.path(what="/original")),
                 *(me.get(photo.path("patient", f"/{what}")) for what in ("thumbnail", "view", "original"))]
        for answer in asked:
            api.problem(answer, 503, "uploads-wait")
            assert "X-Accel-Redirect" not in answer.headers and "Retry-After" in answer.headers
        assert api.good(staff.get(photo.path()))["status"] == "clean"
        api.problem(api.Client(front.base_url, front.ca_file).get(photo.path(what="/view")), 401, "not-signed-in")
    finally:
        front.close()
    assert practice.staff().get(address).status_code == 200
