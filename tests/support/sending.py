"""Files as a patient's device sends them: declared, put in parts to their URLs, completed."""

import base64
import hashlib
import pathlib
import random
import struct
import subprocess
import time

from support import client as api

PART = 8 * 1024 * 1024
FORM = {
    "resourceType": "Questionnaire", "status": "active", "title": "Files",
    "item": [{"linkId": "photo", "type": "attachment", "text": "A photo", "repeats": True},
             {"linkId": "small", "type": "attachment", "text": "A small picture", "extension": [
                 {"url": "http://hl7.org/fhir/StructureDefinition/maxSize", "valueDecimal": 1000},
                 {"url": "http://hl7.org/fhir/StructureDefinition/mimeType", "valueCode": "image/jpeg"}]},
             {"linkId": "areas", "type": "group", "repeats": True, "item": [
                 {"linkId": "area", "type": "attachment", "text": "An area"}]},
             {"linkId": "comment", "type": "string", "text": "Anything else"}]}


def digest(content):
    return hashlib.sha256(content).hexdigest()


def declaration(response, content, link_id="photo", **other):
    return {"filename": "photo.jpg", "content_type": "image/jpeg", "size": len(content), "sha256": digest(content),
            "response_id": response["id"], "link_id": link_id} | other


def declare(me, response, content, link_id="photo", **other):
    return api.good(me.post("/patient/uploads", declaration(response, content, link_id, **other)), 201)


def cut(content):
    return [content[at:at + PART] for at in range(0, len(content), PART)]


def put(me, part, content, **kwargs):
    """Sends one part to its URL, as a browser would: without the session."""
    url = part["url"].replace("//localhost:", "//127.0.0.1:")
    session = me.again()
    return session.http.put(url, data=content, headers=part["headers"] | kwargs.pop("headers", {}), timeout=30, **kwargs)


def parts(me, upload, content):
    """The upload with URLs of all parts."""
    told = [{"number": number, "sha256": digest(part)} for number, part in enumerate(cut(content), 1)]
    return api.good(me.post(f"/patient/uploads/{upload['id']}/parts", {"parts": told}))


def send(me, response, content, link_id="photo", **other):
    """Declared, sent and completed; gives the upload as it is then."""
    upload = declare(me, response, content, link_id, **other)
    if upload["parts"][0]["url"] is None:
        upload = parts(me, upload, content)
    for part, piece in zip(upload["parts"], cut(content), strict=True):
        answer = put(me, part, piece)
        assert answer.status_code == 200, answer.text
    return api.good(me.post(f"/patient/uploads/{upload['id']}/complete"), 202)


def answer(upload):
    return {"valueAttachment": {"url": f"urn:uuid:{upload['id']}"}}


def noise(size, seed=1):
    return random.Random(seed).randbytes(size)


def checksum(content):
    return base64.b64encode(hashlib.sha256(content).digest()).decode()


def jpeg_segment(marker, payload):
    return b"\xff" + bytes([marker]) + struct.pack(">H", len(payload) + 2) + payload


def put_state(database, upload, state, reason="wrong-type"):
    """Brings an upload to a state as the owner of the database; no scanner looks at it meanwhile."""
    def change(text, *values):
        with database.cursor() as cursor:
            cursor.execute(f"UPDATE anamnesis.upload SET {text} WHERE id = %s", (*values, upload["id"]))
            assert cursor.rowcount == 1
    if state in ("withdrawn", "expired"):
        change("state = %s", state)
        return
    with database.cursor() as cursor:  # in one transaction: the move makes it due at once
        cursor.execute("UPDATE anamnesis.upload SET state = 'scanning', completed_at = now() WHERE id = %s; "
                       "UPDATE anamnesis.upload SET next_at = now() + interval '1 day' WHERE id = %s", (upload["id"], upload["id"]))
        assert cursor.rowcount == 1
    if state == "rejected":
        change("state = 'rejected', reason = %s, decided_at = now()", reason)
    elif state == "infected":
        change("state = 'infected', signature = 'Test.Sample', scanned_with = 'test', decided_at = now()")
    elif state == "clean":
        with database.cursor() as cursor:
            for kind in ("original", "view", "thumbnail"):
                cursor.execute("INSERT INTO anamnesis.upload_object (upload_id, kind, practice_id, patient_id, name, content_type, plain_size) "
                               "SELECT id, %s, practice_id, patient_id, %s, 'image/jpeg', 100 FROM anamnesis.upload WHERE id = %s",
                               (kind, f"sealed/{random.randbytes(1).hex()}/{random.randbytes(15).hex()}", upload["id"]))
        change("state = 'clean', scanned_with = 'test', decided_at = now()")


def until(condition, seconds):
    """Waits for what the condition gives."""
    end = time.monotonic() + seconds
    while True:
        found = condition()
        if found or time.monotonic() > end:
            assert found, "it did not come about in time"
            return found
        time.sleep(0.05)


def photo(width, height):
    """A JPEG with something on it."""
    rows = b"".join(bytes((x * 255 // width, y * 255 // height, (x ^ y) & 255)) for y in range(height) for x in range(width))
    made = subprocess.run(["cjpeg", "-quality", "85"], input=b"P6 %d %d 255\n" % (width, height) + rows, capture_output=True, check=True)
    return made.stdout


def objects_of(demo):
    """The instance's directory of objects."""
    return pathlib.Path(demo["var"]) / "objects"
