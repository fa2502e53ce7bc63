"""What becomes of a file that was sent: looked at by the real scanner, and made anew; by the journey that a patient's device makes."""

import pytest
from support import client as api
from support import hostile, sending

TEXT = "text/plain"


@pytest.fixture
def begun(practice):
    return practice.begun(sending.FORM)


def decided(me, upload):
    """The upload once it was looked at."""
    def look():
        now = api.good(me.get(f"/patient/uploads/{upload['id']}"))
        return now if now["status"] not in ("awaiting-upload", "scanning") else None
    return sending.until(look, 60)


def objects(database, upload):
    with database.cursor() as cursor:
        cursor.execute("SELECT kind, content_type, plain_size, width, height, name FROM anamnesis.upload_object WHERE upload_id = %s "
                       "ORDER BY kind", (upload["id"],))
        return {row[0]: row[1:] for row in cursor.fetchall()}


def test_a_photo_becomes_clean_with_a_view_and_a_thumbnail(begun, database, demo):
    _, me, response = begun
    photo = sending.photo(900, 600)
    upload = sending.send(me, response, photo)
    assert decided(me, upload)["status"] == "clean"
    made = objects(database, upload)
    assert set(made) == {"original", "view", "thumbnail"}
    assert made["original"][:4] == ("image/jpeg", len(photo), 900, 600)
    assert made["view"][2:4] == (900, 600) and max(made["thumbnail"][2:4]) == 320
    for *_, name in made.values():
        sealed = (sending.objects_of(demo) / name).read_bytes()
        assert sealed.startswith(b"AnaF") and photo[:64] not in sealed
    sending.until(lambda: not (sending.objects_of(demo) / "incoming" / upload["id"]).exists(), 60)


def test_what_harms_is_told_and_its_bytes_go(begun, database, demo):
    """[5.4.3]"""
    _, me, response = begun
    upload = sending.send(me, response, hostile.EICAR, content_type=TEXT, filename="harmless.txt")
    now = decided(me, upload)
    assert (now["status"], now["reason"]) == ("infected", None)
    assert objects(database, upload) == {}
    sending.until(lambda: not (sending.objects_of(demo) / "incoming" / upload["id"]).exists(), 60)


@pytest.mark.parametrize(("content", "content_type", "reason"), [
    (b"not a picture at all", "image/jpeg", "wrong-type"), (b"\xff\xd8\xff\xe0 and no more", "image/jpeg", "damaged"),
    (b"plain\0text", TEXT, "wrong-type"), (b"PK\x03\x04 a zip", TEXT, "wrong-type")])
def test_what_is_not_what_was_declared_is_refused(begun, content, content_type, reason):
    """[5.2.2]"""
    _, me, response = begun
    now = decided(me, sending.send(me, response, content, content_type=content_type))
    assert now["status"] == "rejected" and now["reason"] in (reason, "not-understood", "damaged")


def test_another_digest_of_the_whole_is_refused(begun):
    """Each part has its own digest, told when its address was asked for; the file's was told before."""
    _, me, response = begun
    content = sending.noise(sending.PART + 10)
    upload = sending.declare(me, response, content, sha256="0" * 64)
    for part, piece in zip(sending.parts(me, upload, content)["parts"], sending.cut(content), strict=True):
        assert sending.put(me, part, piece).status_code == 200
    api.good(me.post(f"/patient/uploads/{upload['id']}/complete"), 202)
    assert decided(me, upload)["reason"] == "wrong-digest"


def test_a_text_is_kept_as_it_is(begun, database):
    _, me, response = begun
    content = "Grüße\n".encode() * 100
    upload = sending.send(me, response, content, content_type=TEXT, filename="notes.txt")
    assert decided(me, upload)["status"] == "clean"
    assert set(objects(database, upload)) == {"original"}


def test_an_answer_is_submitted_while_its_file_is_looked_at(begun):
    _, me, response = begun
    upload = sending.send(me, response, sending.photo(64, 64))
    api.good(me.save(response["id"], 1, {"photo": [sending.answer(upload)]}))
    done = api.good(me.submit(response["id"], 2))
    assert done["uploads"][0]["status"] in ("scanning", "clean")
    assert decided(me, upload)["status"] == "clean"
    assert api.good(me.get(f"/patient/responses/{response['id']}"))["uploads"][0]["status"] == "clean"
