"""What becomes of a patient's file, by the functions of those who may: the patient, the scanner, the owner, jobs."""

import json
import os
import uuid

import pytest
from support import uploads
from support.world import Practice, Session

REFUSED, FORBIDDEN, NO_PRIVILEGE, VIOLATION = "AN409", "AN403", "42501", "23514"


@pytest.fixture
def place(database):
    """A practice of its own, committed; `sql` is the superuser's, each statement on its own."""
    connection = database.connect("postgres")
    connection.autocommit = True
    sql = Session(connection)
    made = Practice(sql, "Practice of files")
    made.sql, made.draft = sql, made.patients[1]
    sql("UPDATE anamnesis.upload SET next_at = now() + interval '1 day' WHERE state = 'scanning'")  # other files' tests left these
    yield made
    # What waits for the scanner would be claimed by the next test.
    for (upload,) in sql("SELECT id FROM anamnesis.upload WHERE practice_id = %s AND state <> 'erased'", made.id):
        uploads.move(sql, upload, "erased")
    sql("DELETE FROM anamnesis.scanner")
    connection.close()


@pytest.fixture
def patient(connect, place):
    """The patient with a draft, in a transaction."""
    session = connect("anamnesis_api")
    session.prove(place.draft)
    return session


@pytest.fixture
def scan(connect):
    session = connect("anamnesis_scan")
    session.connection.autocommit = True
    return session


def create(session, place, size=1000, response=None, upload=None, files_key=b"\x01" * 60, content_type="image/jpeg"):
    """(what the function says, the identifier)"""
    upload = upload or uuid.uuid4()
    return session.one("SELECT anamnesis.upload_create(%s, %s, 'photo', %s, %s, %s, %s, 'arm.jpg', %s, %s, %s)", upload,
                       response or place.started, content_type, size, 1 + (size - 1) // 8388608, place.draft.key, os.urandom(80),
                       os.urandom(32), files_key), upload


def made_of(content_type="image/jpeg"):
    return json.dumps([{"kind": kind, "name": uploads.object_name(), "content_type": "image/jpeg", "plain_size": 99, "width": 3, "height": 2}
                       for kind in uploads.kinds(content_type)])


def decide(scan, upload, attempt, state="clean", objects=None, reason=None, signature=None):
    return scan.one("SELECT anamnesis.upload_decide(%s, %s, %s, %s, %s, 'daily:1', 3, 2, NULL, %s)", upload, attempt, state, reason,
                    signature, objects)


def claim(scan):
    return scan("SELECT id, attempts, files_key, octet_length(salt) FROM anamnesis.upload_claim(120, now())")


def state(place, upload):
    return place.sql.one("SELECT state FROM anamnesis.upload WHERE id = %s", upload)


def leaving(place, upload):
    """The directory of its parts, when it is to be removed: until when, and whether it is urgent."""
    return place.sql("SELECT until, urgent FROM anamnesis.object_leaving WHERE name = 'incoming/' || %s", str(upload))


def made(place, state, response=None, **columns):
    return uploads.add(place.sql, place.draft, response or place.started, state, **columns)


EVERY = [*uploads.STATES, "quarantined"]
OPEN = ["awaiting-upload", "scanning", "clean", "infected", "quarantined", "rejected"]
# Whose function moves a file from which states to which; in every other state it changes nothing.
WAYS = {("patient", "upload_urls(%s, 60)"): {}, ("patient", "upload_complete(%s)"): {"awaiting-upload": "scanning"},
        ("patient", "upload_withdraw(%s)"): dict.fromkeys(OPEN, "withdrawn"),
        ("owner", "upload_remove(%s, sha512('') || sha256(''), 'x')"): dict.fromkeys([*OPEN, "withdrawn", "expired"], "removed"),
        ("anamnesis_jobs", "upload_expire(1000 + length(%s::text))"): {"awaiting-upload": "expired", "clean": "expired"},
        ("anamnesis_scan", "upload_decide(%s, 1, 'infected', NULL, 'x', 'y', NULL, NULL, NULL, NULL)"): {},
        ("anamnesis_scan", "upload_note_again(%s, 1, 'infected', 'x', 'y', now())"): {}}


@pytest.mark.parametrize("name", EVERY)
@pytest.mark.parametrize("way", WAYS, ids=lambda way: f"{way[0]} {way[1].split('(')[0]}")
def test_each_way_moves_a_file_from_its_states_alone(connect, place, way, name):
    """As time has passed for all of them, and nothing shows them; by the scanner nothing that it did not claim."""
    upload = made(place, name)
    place.sql("UPDATE anamnesis.upload SET expires_at = now(), retain_until = now() WHERE id = %s", upload)
    place.sql("UPDATE anamnesis.assignment SET status = 'cancelled' WHERE id = %s", place.assignments[place.draft.id])
    place.sql("UPDATE anamnesis.response SET updated_at = now() - interval '31 days' WHERE id = %s", place.started)
    before = state(place, upload)
    if way[0] == "owner":
        session = owner(connect, place)
    else:
        session = connect(way[0] if way[0].startswith("anamnesis") else "anamnesis_api")
        if way[0] == "patient":
            session.prove(place.draft)
    session(f"SELECT anamnesis.{way[1]}", upload)
    session.commit()
    assert state(place, upload) == WAYS[way].get(name, before)


def test_a_file_is_given_judged_shown_and_taken_back(place, patient, connect, scan):
    said, upload = create(patient, place)
    assert said == "created"
    assert patient.one("SELECT phi.open(%s, 'upload.name:' || id, name) FROM anamnesis.upload WHERE id = %s", place.draft.key,
                       upload) == "arm.jpg"
    until = patient.one("SELECT anamnesis.upload_urls(%s, 300)", upload)
    assert patient.one("SELECT %s = now() + interval '5 minutes'", until)
    assert patient.one("SELECT anamnesis.upload_urls(%s, 10)", upload) == until  # the later one counts
    assert [patient.one("SELECT anamnesis.upload_complete(%s)", upload) for _ in range(2)] == ["scanning"] * 2
    assert patient.one("SELECT anamnesis.upload_urls(%s, 300)", upload) is None
    assert patient("SELECT audit.named()") == [([place.draft.id],)]
    patient.commit()
    [(claimed, attempt, files_key, salt)] = claim(scan)
    assert (claimed, attempt, bytes(files_key), salt) == (upload, 1, b"\x01" * 60, 32) and claim(scan) == []
    patient.prove(place.draft)
    assert patient("SELECT kind FROM anamnesis.upload_object WHERE upload_id = %s", upload) == []
    patient.rollback()
    assert decide(scan, upload, attempt, objects=made_of()) is True
    assert decide(scan, upload, attempt, objects=made_of()) is False  # it was judged
    patient.prove(place.draft)
    assert {kind for (kind,) in patient("SELECT kind FROM anamnesis.upload_object WHERE upload_id = %s", upload)} == {
        "original", "view", "thumbnail"}
    assert place.sql("SELECT operation, detail, outcome, patient_id FROM audit.event WHERE object_id = %s AND realm = 'system'",
                     upload) == [("upload_scanned", "clean", "ok", place.draft.id)]
    assert patient.one("SELECT anamnesis.upload_withdraw(%s)", upload) == "withdrawn"
    assert patient.one("SELECT anamnesis.upload_withdraw(%s)", upload) == "withdrawn"
    patient.commit()
    assert len(leaving(place, upload)) == 1 and place.sql.one(
        "SELECT count(*) FROM anamnesis.object_leaving WHERE practice_id = %s AND name LIKE 'sealed/%%'", place.id) == 3


def test_what_a_response_shows_is_not_taken_back(place, patient):
    """Those of the assignment that are clean or about to be looked at; the others are given back, and not noted."""
    own = {state: made(place, state) for state in [*uploads.STATES, "quarantined"]}
    foreign = place.uploads[place.patient.id]
    refused = patient.one("SELECT anamnesis.upload_show(%s, %s)", place.started, [*own.values(), foreign])
    assert set(refused) == {foreign, *own.values()} - {own["clean"], own["scanning"]}
    assert patient.one("SELECT anamnesis.upload_show(%s, %s)", place.started, [own["clean"]]) == []  # once more
    assert patient.one("SELECT anamnesis.upload_show(%s, %s)", place.completed, [own["clean"]]) is None  # another's
    for name in ("clean", "scanning"):
        assert patient.one("SELECT anamnesis.upload_withdraw(%s)", own[name]) == "shown"
    assert patient("SELECT upload_id FROM anamnesis.upload_shown WHERE response_id = %s ORDER BY 1", place.started) == [
        (upload,) for upload in sorted([own["clean"], own["scanning"], place.uploads[place.draft.id]], key=str)]
    patient.commit()
    for wanted in ("withdrawn", "expired"):
        place.sql.connection.autocommit = False
        with pytest.raises(Exception) as fault:
            uploads.move(place.sql, own["clean"], wanted)
        assert fault.value.pgcode == REFUSED
        place.sql.rollback()
        place.sql.connection.autocommit = True


def owner(connect, place, fresh=True):
    place.sql("UPDATE auth.session SET stepped_up_at = CASE WHEN %s THEN now() END WHERE account_id = %s", fresh, place.staff["owner"].id)
    session = connect("anamnesis_api")
    session.prove(place.staff["owner"])
    return session


@pytest.mark.parametrize("name", [*uploads.STATES, "quarantined"])
def test_an_owner_removes_what_must_not_be_there(connect, place, name):
    upload = made(place, name)
    statement = "SELECT anamnesis.upload_remove(%s, %s, 'not a rash')"
    owner(connect, place, fresh=False).refused(FORBIDDEN, statement, upload, place.draft.key)
    session = owner(connect, place)
    assert session.one(statement, upload, place.draft.key) == ("erased" if name == "erased" else "removed")
    assert session.one("SELECT audit.named()") == [place.draft.id]
    if name not in ("erased", "removed"):
        assert session("SELECT state, removed_by, phi.open(%s, 'upload.removal_reason:' || id, removal_reason), salt FROM anamnesis.upload "
                       "WHERE id = %s", place.draft.key, upload) == [("removed", place.staff["owner"].id, "not a rash", None)]
    session.rollback()
    assert session.prove(place.staff["owner"]) and session.one(statement, uuid.uuid4(), place.draft.key) is None
    for role in ("physician", "assistant", "auditor"):
        place.sql("UPDATE auth.session SET stepped_up_at = now() WHERE account_id = %s", place.staff[role].id)
        session.rollback()
        session.prove(place.staff[role])
        session.refused(FORBIDDEN, statement, upload, place.draft.key)


def grant(session, upload, kind="view"):
    token = os.urandom(32)
    return session.one("SELECT anamnesis.upload_grant_make(%s, %s, %s)", token, upload, kind), token


def use(session, upload, token):
    return session.one("SELECT anamnesis.upload_grant_use(%s, %s)", token, upload)


def test_a_download_is_for_one_session_once_and_within_a_minute(connect, place):
    upload, other = made(place, "clean"), made(place, "clean")
    api = connect("anamnesis_api")
    api.prove(place.staff["physician"])
    until, token = grant(api, upload)
    assert api.one("SELECT %s = now() + interval '60 seconds'", until) and api.one("SELECT audit.named()") == [place.draft.id]
    _, late = grant(api, upload, "original")
    assert grant(api, upload, "page-1")[0] is None and grant(api, uuid.uuid4())[0] is None
    api.commit()
    place.sql("UPDATE anamnesis.upload_grant SET expires_at = now() WHERE hash = %s", late)
    for who in (place.staff["owner"], place.staff["assistant"], place.draft):
        api.prove(who)
        assert use(api, upload, token) is None
        api.rollback()
    api.prove(place.staff["physician"])
    assert use(api, other, token) is None and use(api, upload, late) is None and use(api, upload, os.urandom(32)) is None
    assert use(api, upload, token) == "view" and use(api, upload, token) is None
    api.commit()
    api.prove(place.staff["physician"])
    assert use(api, upload, token) is None


@pytest.mark.parametrize("name", [name for name in [*uploads.STATES, "quarantined"] if name != "clean"])
def test_no_download_is_allowed_of_what_is_not_clean(connect, place, name):
    upload, moved = made(place, name), made(place, "clean")
    api = connect("anamnesis_api")
    for role in ("owner", "physician", "assistant"):
        api.prove(place.staff[role])
        assert [grant(api, upload, kind)[0] for kind in ("original", "view", "thumbnail")] == [None] * 3
        _, token = grant(api, moved)
        api.commit()
    if name not in ("awaiting-upload", "scanning", "rejected"):  # to which a clean one comes: what was allowed is over
        uploads.move(place.sql, moved, "infected" if name == "quarantined" else name)
        api.prove(place.staff["assistant"])
        assert use(api, moved, token) is None
        assert place.sql.one("SELECT count(*) FROM anamnesis.upload_grant WHERE upload_id = %s", moved) == 0


def test_who_may_have_which_object(connect, place):
    upload = made(place, "clean")
    api = connect("anamnesis_api")
    seen = {}
    for role in ("owner", "physician", "assistant", "auditor"):
        api.prove(place.staff[role])
        seen[role] = {kind for (kind,) in api("SELECT kind FROM anamnesis.upload_object WHERE upload_id = %s", upload)}
        assert {kind for kind in ("original", "view", "thumbnail") if grant(api, upload, kind)[0]} == seen[role]
        api.rollback()
    everything = {"original", "view", "thumbnail"}
    assert seen == {"owner": everything, "physician": everything, "assistant": everything - {"original"}, "auditor": set()}
    api.prove(place.draft)
    assert len(api("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", upload)) == 3
    api.rollback()
    api.prove(place.patient)
    assert api("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", upload) == []


@pytest.mark.parametrize("state, signature, told", [("infected", "Eicar-Test", "rejected"), ("rejected", None, "rejected"), ("clean", None, "clean")])
def test_the_log_tells_auditors_no_more_of_a_verdict_than_lists_do(scan, place, state, signature, told):
    """That a file was found infected is told to owners alone; who reads the log, by the API or by SQL, may be an auditor."""
    upload = uploads.add(place.sql, place.draft, place.started, "scanning")
    [(claimed, attempt, _, _)] = claim(scan)
    assert str(claimed) == str(upload)
    assert decide(scan, upload, attempt, state, reason="damaged" if state == "rejected" else None, signature=signature,
                  objects=made_of() if state == "clean" else None)
    rows = place.sql("SELECT operation, detail, outcome FROM audit.event WHERE object_id = %s AND realm = 'system'", upload)
    assert rows == [("upload_scanned", told, "ok")]
    assert place.sql.one("SELECT state FROM anamnesis.upload WHERE id = %s", upload) == state
