"""Between nginx and a worker: whatever the size of what is sent and answered, each request has its whole answer."""

import pytest

from support import client as api

# Around what libfcgi, nginx and a record of FastCGI hold at once.
EDGES = [size + more for size in (0, 4096, 8192, 16384, 32768, 65528, 65536, 131072) for more in (-9, -8, -1, 0, 1, 8) if size + more > 40]


@pytest.mark.parametrize("size", EDGES)
def test_a_request_of_any_size_has_a_whole_answer(practice, size):
    """A worker hangs up as soon as it has read everything: nothing of its answer is lost. No patient has such a name."""
    client = practice.staff()
    start, end = b'{"given_name": "', b'"}'
    for _ in range(5):
        answer = client.post("/admin/patients", data=start + b"x" * (size - len(start) - len(end)) + end,
                             headers={"Content-Type": "application/json"})
        assert answer.status_code in (400, 413) and int(answer.headers["Content-Length"]) == len(answer.content)
        assert answer.json()["status"] == answer.status_code


def test_large_answers_are_whole(practice):
    client = practice.staff()
    definition = {"resourceType": "Questionnaire", "status": "active", "item": [
        {"linkId": str(number), "type": "string", "text": "x" * 900} for number in range(200)]}
    made = api.good(client.post("/admin/questionnaires", {"definition": definition}), 201)
    for _ in range(20):
        answer = client.get(f"/admin/questionnaires/{made['id']}")
        assert len(answer.content) == int(answer.headers["Content-Length"]) > 180000 and answer.json()["id"] == made["id"]
