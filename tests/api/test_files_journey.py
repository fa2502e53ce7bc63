"""Photos and documents from a telephone with a bad connection to the physician's eyes, and gone with their patient: one patient, all kinds of
files, connections that are cut at chance places, by the real store and the real scanner."""

import json
import random
import socket
import ssl
import struct
import subprocess
import urllib.parse

import pytest
from support import client as api
from support import contract, hostile, pictures, sending

SEED = 20261130
FILMS = pictures.TOP / "tests/fuzz/seeds/fuzz_media_boxes"
CUTS = 3


class Given:
    """A file that the patient gives, with a word in it that is nowhere else."""

    def __init__(self, chance, content_type, make, tmp_path):
        self.word = f"Zaunkoenig{chance.randbytes(12).hex()}"
        self.type, self.name = content_type, f"{content_type.replace('/', '.')} von mir"
        self.content = make(self.word.encode(), chance, tmp_path)
        assert self.word.encode() in self.content


def jpeg(word, chance, tmp_path):
    """Of a camera that was held on its side: 12 MB of noise, Exif's orientation 6, and a comment."""
    noise = chance.randbytes(3000 * 2000 * 3)
    made = subprocess.run(["cjpeg", "-quality", "95"], input=b"P6 3000 2000 255\n" + noise, capture_output=True, check=True)
    exif = b"Exif\0\0MM\0*\0\0\0\x08\0\1" + struct.pack(">HHIHH", 0x0112, 3, 1, 6, 0) + bytes(4)
    return made.stdout[:2] + sending.jpeg_segment(0xE1, exif) + sending.jpeg_segment(0xFE, word) + made.stdout[2:]


def heic(word, chance, tmp_path):
    path = tmp_path / "turned.heic"
    pictures.write_heic(path, 6)
    subprocess.run(["exiftool", "-q", "-overwrite_original", f"-XMP-dc:Description={word.decode()}", path], check=True, timeout=60)
    return path.read_bytes()


def film(word, chance, tmp_path):
    """A short film with a box of 17 MB that players pass over."""
    padding = word + chance.randbytes(17_000_000)
    return (FILMS / "0.bin").read_bytes() + struct.pack(">I", 8 + len(padding)) + b"free" + padding


def pdf(word, chance, tmp_path):
    return hostile.pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                       b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 100 200] /Word (" + word + b") >>")


def text(word, chance, tmp_path):
    return b"The itching began on Monday. " + word + b"\n"


KINDS = {"image/jpeg": jpeg, "image/heic": heic, "video/mp4": film, "application/pdf": pdf}
TAKEN = [name for name in KINDS if name in contract.words_of("UploadType")]


class Telephone:
    """The patient's device: it loses its connection, its page is closed, and somebody opens it again."""

    def __init__(self, anonymous, patient):
        self.anonymous, self.patient = anonymous, patient
        self.open()

    def open(self):
        """A new page, which knows nothing but what the server says."""
        self.me = api.sign_in_patient(self.anonymous.again(), self.patient["email"], self.patient["password"])

    def cut_off(self, part, content):
        """Sends so much of a part that was to be longer, and is gone."""
        where = urllib.parse.urlsplit(part["url"])
        lines = "".join(f"{name}: {value}\r\n" for name, value in part["headers"].items())
        head = f"PUT {where.path}?{where.query} HTTP/1.1\r\nHost: {where.netloc}\r\nContent-Length: {part['size']}\r\n{lines}\r\n"
        with socket.create_connection(("127.0.0.1", where.port), timeout=30) as plain:
            if where.scheme == "http":  # a store beside the instance
                plain.sendall(head.encode() + content)
                return
            with ssl.create_default_context(cafile=self.me.ca_file).wrap_socket(plain, server_hostname="localhost") as connection:
                connection.sendall(head.encode() + content)

    def go_on(self, response, given, cut=None):
        """What is missing is sent, in order, up to the byte at which the connection is lost. Gives the upload as it was found."""
        listed = api.good(self.me.get(f"/patient/uploads?response_id={response['id']}"))["items"]
        upload = api.good(self.me.get(f"/patient/uploads/{next(it['id'] for it in listed if it['filename'] == given.name)}"))
        pieces = sending.cut(given.content)
        missing = [{"number": part["number"], "sha256": sending.digest(pieces[part["number"] - 1])}
                   for part in upload["parts"] if part["number"] not in upload["received"]]
        asked = api.good(self.me.post(f"/patient/uploads/{upload['id']}/parts", {"parts": missing})) if missing else upload
        for part in (part for part in asked["parts"] if part["url"]):
            start = (part["number"] - 1) * sending.PART
            if cut is not None and cut < start + part["size"]:
                self.cut_off(part, pieces[part["number"] - 1][:cut - start])
                return upload
            assert sending.put(self.me, part, pieces[part["number"] - 1]).status_code == 200
        return upload

    def send(self, response, given, chance):
        """Declared, sent with connections that are cut, completed."""
        sending.declare(self.me, response, given.content, content_type=given.type, filename=given.name)
        cuts = sorted(chance.randrange(len(given.content)) for _ in range(CUTS))
        for before, cut in zip([0, *cuts], [*cuts, None]):
            self.open()
            upload = self.go_on(response, given, cut)
            assert upload["received"] == list(range(1, before // sending.PART + 1)), "whole parts stay, and no half of one"
        return api.good(self.me.post(f"/patient/uploads/{upload['id']}/complete"), 202)


def wait(client, path, *states):
    def look():
        now = api.good(client.get(path))
        return now if now["status"] not in ("awaiting-upload", "scanning") else None
    now = sending.until(look, 120)
    assert now["status"] in states, now
    return now


def let_scanner_have(database, upload):
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.upload SET next_at = now() WHERE id = %s", (upload["id"],))


def found(demo, words):
    """Which files below the instance have one of the words in them."""
    patterns = "\n".join(words)
    done = subprocess.run(["grep", "-R", "-a", "-l", "-F", "-s", "-D", "skip", "-f", "-", demo["var"]], input=patterns.encode(), capture_output=True,
                          check=False, timeout=300)
    assert done.returncode in (0, 1, 2)  # 2: a file of another test went away meanwhile
    return done.stdout.decode().split()


def exiftool(picture):
    done = subprocess.run(["exiftool", "-j", "-G0", "-"], input=picture, capture_output=True, check=True, timeout=60)
    return {name.split(":")[0] for name in json.loads(done.stdout)[0]}


def looks(staff, upload, given, words):
    """Thumbnail, view and original, as the physician gets them."""
    told = wait(staff, f"/admin/media/{upload['id']}", "clean")
    assert (told["filename"], told["content_type"], told["size"]) == (given.name, given.type, len(given.content))
    pictured = given.type.startswith("image/")
    assert not pictured or told["thumbnail"]
    view = staff.get(told["view"])
    assert view.status_code == 200 and not any(word.encode() in view.content for word in words)
    assert view.headers["Content-Type"] == ("video/mp4" if given.type == "video/mp4" else "image/jpeg")
    if told["thumbnail"]:
        thumbnail = staff.get(told["thumbnail"]).content
        assert max(pictures.pixels_of(thumbnail)[:2]) <= 320
        assert all(exiftool(picture) <= {"SourceFile", "ExifTool", "File", "JFIF", "Composite"} for picture in (thumbnail, view.content))
    if given.type == "image/heic":
        pictures.assert_upright(view.content)
    if given.type == "image/jpeg":
        assert pictures.pixels_of(view.content)[:2] == (1365, 2048)
    address = urllib.parse.urlsplit(api.good(staff.post(f"/admin/media/{upload['id']}/original"))["url"])
    original = staff.get(f"{address.path}?{address.query}")
    assert original.content == given.content and original.headers["Content-Disposition"].startswith("attachment")


@pytest.fixture
def chance():
    return random.Random(SEED)


def test_files_reach_the_physician_whatever_the_connection_does_and_go_with_their_patient(
        new_practice, anonymous, database, demo, fresh, chance, tmp_path):
    run_files_journey(new_practice(), anonymous, database, demo, fresh, chance, tmp_path)


def run_files_journey(practice, anonymous, database, demo, fresh, chance, tmp_path):
    patient, _, response = practice.begun(sending.FORM)
    patient = api.good(practice.staff().get(f"/admin/patients/{patient['id']}")) | {"password": patient["password"]}
    phone, staff, owner = Telephone(anonymous, patient), practice.staff(), fresh(practice.staff("owner"))
    files = {name: Given(chance, name, KINDS[name], tmp_path) for name in TAKEN}
    late = Given(chance, "text/plain", text, tmp_path)
    words = [given.word for given in (*files.values(), late)]

    sent = {name: phone.send(response, given, chance) for name, given in files.items()}
    waiting = sending.declare(phone.me, response, late.content, content_type=late.type, filename=late.name)
    assert sending.put(phone.me, waiting["parts"][0], late.content).status_code == 200
    sending.put_state(database, waiting, "scanning")  # and no scanner takes it until it may

    # Answered with, and submitted while one is still looked at.
    answers = [sending.answer(upload) for upload in (*sent.values(), waiting)]
    api.good(phone.me.save(response["id"], 1, {"photo": answers, "comment": [{"valueString": "since Monday"}]}))
    done = api.good(phone.me.submit(response["id"], 2))
    assert [it["status"] for it in done["uploads"] if it["id"] == waiting["id"]] == ["scanning"]
    assert {it["id"] for it in done["uploads"]} == {upload["id"] for upload in (*sent.values(), waiting)}
    api.problem(staff.post(f"/admin/media/{waiting['id']}/original"), 409, "upload-state")
    assert found(demo, [late.word]) == [str(sending.objects_of(demo) / "incoming" / waiting["id"] / "1")], "the search finds what is there"
    let_scanner_have(database, waiting)

    # Seen: in the answer, one by one, in the gallery; by their patient too; and each look stands in the patient's log.
    for name, given in files.items():
        looks(staff, sent[name], given, words)
    wait(staff, f"/admin/media/{waiting['id']}", "clean")
    answered = api.good(staff.get(f"/admin/responses/{response['id']}"))
    named = [it["valueAttachment"] for item in answered["response"]["item"] if item["linkId"] == "photo" for it in item["answer"]]
    assert [(it["url"], it["contentType"]) for it in named] == [
        (f"urn:uuid:{upload['id']}", upload["content_type"]) for upload in (*sent.values(), waiting)]
    assert {it["status"] for it in answered["uploads"]} == {"clean"}
    gallery = api.good(staff.get(f"/admin/media?patient_id={patient['id']}"))["items"]
    assert [it["id"] for it in gallery] == [upload["id"] for upload in reversed((*sent.values(), waiting))]
    for item in gallery:
        assert item["thumbnail"] is None or staff.get(item["thumbnail"]).status_code == 200
    photo = sent["image/jpeg"]["id"]
    assert phone.me.get(f"/patient/uploads/{photo}/view").content == staff.get(f"/admin/media/{photo}/view").content
    log = [it["what"] for it in api.good(phone.me.get("/patient/profile/access-log?limit=200"))["items"]]
    for operation in ("media_list", "media_get", "media_thumbnail", "media_view", "media_original", "media_file"):
        told = next(one for one in contract.operations() if one.id == operation).row["x-patient-words"]
        assert set(told.values()) & set(log), operation
    sending.until(lambda: found(demo, words) == [], 60)  # what is kept is sealed

    another_one_after_one_that_harms(phone, staff, response, waiting, sent)
    gone_with_their_patient(owner, database, demo, patient, words)


def another_one_after_one_that_harms(phone, staff, response, kept, sent):
    """By an amendment: the rest of it stays, and what the first response showed stays with it."""
    amendment = api.good(phone.me.post(f"/patient/responses/{response['id']}/amend"), 201)
    shown = {it["id"] for it in amendment["uploads"]}
    assert shown == {upload["id"] for upload in (*sent.values(), kept)}
    bad = sending.send(phone.me, amendment, hostile.zipped(("eicar.com", hostile.EICAR)) + bytes(50), content_type="text/plain", filename="a.txt")
    wait(phone.me, f"/patient/uploads/{bad['id']}", "rejected")  # no text
    worse = sending.declare(phone.me, amendment, hostile.EICAR, content_type="text/plain", filename="b.txt")
    api.good(phone.me.save(amendment["id"], 1, {"photo": [sending.answer(kept), sending.answer(worse)]}))
    assert sending.put(phone.me, worse["parts"][0], hostile.EICAR).status_code == 200
    api.good(phone.me.post(f"/patient/uploads/{worse['id']}/complete"), 202)
    wait(phone.me, f"/patient/uploads/{worse['id']}", "infected")
    refused = api.problem(phone.me.submit(amendment["id"], 2), 422, "invalid-form")
    assert [(it["pointer"], it["code"]) for it in refused["errors"]] == [("photo", "upload-infected")]
    good = sending.send(phone.me, amendment, sending.photo(64, 48), filename="another.jpg")
    revision = api.good(phone.me.save(amendment["id"], 2, {"photo": [sending.answer(kept), sending.answer(good)]}))["revision"]
    done = api.good(phone.me.submit(amendment["id"], revision))
    assert {it["id"] for it in done["uploads"]} == {kept["id"], good["id"]}
    items = {item["linkId"]: item["answer"] for item in api.good(staff.get(f"/admin/responses/{amendment['id']}"))["response"]["item"]}
    assert items["comment"] == [{"valueString": "since Monday"}]
    assert {it["id"] for it in api.good(staff.get(f"/admin/responses/{response['id']}"))["uploads"]} == shown
    wait(staff, f"/admin/media/{good['id']}", "clean")
    assert staff.get(f"/admin/media/{sent['image/jpeg']['id']}/view").status_code == 200
    api.problem(phone.me.delete(f"/patient/uploads/{sent['image/jpeg']['id']}"), 409, "upload-shown")


def gone_with_their_patient(owner, database, demo, patient, words):
    """No object, no part, no temporary file; nothing opens."""
    with database.cursor() as cursor:
        cursor.execute("SELECT name FROM anamnesis.upload_object WHERE patient_id = %s", (patient["id"],))
        objects = [sending.objects_of(demo) / name for name, in cursor.fetchall()]
        cursor.execute("SELECT id::text FROM anamnesis.upload WHERE patient_id = %s", (patient["id"],))
        uploads = [identifier for identifier, in cursor.fetchall()]
    assert len(objects) > len(uploads) and all(path.exists() for path in objects)
    revision = api.good(owner.get(f"/admin/patients/{patient['id']}"))["revision"]
    api.good(owner.post(f"/admin/patients/{patient['id']}/erase", headers=api.if_match(revision)))
    for identifier in uploads:
        api.problem(owner.get(f"/admin/media/{identifier}/view"), 409, "upload-state")
        api.problem(owner.post(f"/admin/media/{identifier}/original"), 409, "upload-state")
    sending.until(lambda: not any(path.exists() for path in objects), 60)
    incoming = sending.objects_of(demo) / "incoming"
    sending.until(lambda: not any((incoming / identifier).exists() for identifier in uploads), 60)
    assert found(demo, words) == []
