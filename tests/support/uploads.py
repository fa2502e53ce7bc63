"""Patients' files in whichever state, put into the database by the superuser's SQL: by the moves that the tables allow."""

import os
import uuid

TYPES = ["image/jpeg", "image/png", "image/webp", "image/heic", "application/pdf",
         "application/vnd.openxmlformats-officedocument.wordprocessingml.document", "video/mp4", "video/quicktime", "audio/mp4", "text/plain"]
STATES = ["awaiting-upload", "scanning", "clean", "infected", "rejected", "withdrawn", "expired", "removed", "erased"]
# By which states a file comes to one.
WAYS = {"awaiting-upload": [], "scanning": ["scanning"], "clean": ["scanning", "clean"], "infected": ["scanning", "infected"],
        "rejected": ["scanning", "rejected"], "withdrawn": ["withdrawn"], "expired": ["expired"], "removed": ["removed"],
        "erased": ["erased"], "quarantined": ["scanning", "clean", "infected"]}
SET = {"scanning": "completed_at = now()", "clean": "decided_at = now(), scanned_with = 'daily:1', signature = NULL",
       "infected": "decided_at = now(), scanned_with = 'daily:2', signature = 'Eicar-Test'",
       "rejected": "decided_at = now(), reason = 'damaged'",
       "removed": "removed_by = gen_random_uuid(), removed_at = now(), removal_reason = name"}
MADE = {"image": ["original", "view", "thumbnail"], "video": ["original", "view"], "audio": ["original", "view"]}


def kinds(content_type):
    """The objects that a clean file of this type has."""
    return ["original", "thumbnail", "page-1", "page-2"] if content_type == "application/pdf" else MADE.get(content_type.split("/")[0], ["original"])


def object_name():
    digits = os.urandom(16).hex()
    return f"sealed/{digits[:2]}/{digits[2:]}"


def move(sql, upload, state):
    """One move, with what the state needs."""
    sql(f"UPDATE anamnesis.upload SET state = %s{', ' + SET[state] if state in SET else ''} WHERE id = %s", state, upload)


def add_objects(sql, upload):
    """Rows for what is made of a clean file; their names by kind."""
    practice, patient, content_type = sql("SELECT practice_id, patient_id, type FROM anamnesis.upload WHERE id = %s", upload)[0]
    names = {kind: object_name() for kind in kinds(content_type)}
    for kind, name in names.items():
        sql("INSERT INTO anamnesis.upload_object (upload_id, kind, practice_id, patient_id, name, content_type, plain_size) "
            "VALUES (%s, %s, %s, %s, %s, %s, 1000)", upload, kind, practice, patient, name, content_type)
    return names


def add(sql, patient, response, state="clean", content_type="image/jpeg", size=1000, **columns):
    """A file of a response in this state ('quarantined': infected after it was clean); its identifier."""
    upload = columns.pop("id", None) or uuid.uuid4()
    values = {"id": upload, "type": content_type, "size": size, "parts": 1 + (size - 1) // 8388608, "link_id": "photo",
              "declared": os.urandom(80), "salt": os.urandom(32), **columns}
    names = list(values)
    sql(f"INSERT INTO anamnesis.upload (practice_id, patient_id, assignment_id, response_id, questionnaire_id, name, {', '.join(names)}) "
        f"SELECT practice_id, patient_id, assignment_id, id, questionnaire_id, phi.seal(%s, 'upload.name:' || %s, 'arm.jpg'), "
        f"{', '.join('%s' for _ in names)} FROM anamnesis.response WHERE id = %s",
        patient.key, str(upload), *values.values(), response)
    for step in WAYS[state]:
        if step == "clean":
            add_objects(sql, upload)
        move(sql, upload, step)
    return upload
