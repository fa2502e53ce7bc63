"""Hostile files as patients would send them, through the whole instance: each is refused with its reason, and none is given to anybody."""

import pytest
from support import client as api
from support import contract, hostile_files, sending

OPERATIONS = [operation for operation in contract.operations() if operation.row.get("x-bytes") not in (None, "granted")]
AT_ONCE = 18  # of twenty that a patient may have under way


def sent(practice, me, response, files):
    """name -> upload, each once it was looked at."""
    uploads, todo = {}, list(files.items())
    for start in range(0, len(todo), AT_ONCE):
        some = {name: sending.send(me, response, content, content_type=declared, filename=f"{start}.bin")
                for name, (declared, content, _) in todo[start:start + AT_ONCE]}
        for name, upload in some.items():
            path = f"/patient/uploads/{upload['id']}"
            uploads[name] = sending.until(
                lambda path=path: (lambda now: now if now["status"] != "scanning" else None)(api.good(me.get(path))), 120)
    return uploads


@pytest.mark.parametrize("kind", hostile_files.KINDS)
def test_none_is_clean_and_each_has_its_reason(practice, kind, tmp_path):
    """[5.2.2] [5.2.3] [5.2.6] [5.4.3]"""
    files = hostile_files.KINDS[kind](tmp_path)
    _, me, response = practice.begun(sending.FORM)
    uploads = sent(practice, me, response, files)
    became = {name: upload["reason"] or upload["status"] for name, upload in uploads.items()}
    expected = {name: end for name, (_, _, end) in files.items()}
    assert {name: end for name, end in became.items() if end != expected[name]} == {}
    clients = {"patient": me, **{role: practice.staff(role) for role in ("owner", "physician")}}
    for name, upload in uploads.items():
        for operation in OPERATIONS:
            client = me if operation.realm == "patient" else clients["owner"]
            answer = client.get(operation.url(id=upload["id"]).split("?")[0])
            assert answer.status_code in (404, 409) and files[name][1][:40] not in answer.content, (name, operation)
        for what in ("original", "download"):
            api.problem(clients["physician"].post(f"/admin/media/{upload['id']}/{what}", json={} if what == "original" else None), 409, "upload-state")


def test_there_are_sixty_of_them_and_more(tmp_path):
    files = {name: content for make in hostile_files.KINDS.values() for name, (_, content, _) in make(tmp_path).items()}
    assert len(set(files.values())) >= 90
