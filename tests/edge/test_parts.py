"""Parts of uploads, from a client through nginx to the directory of objects: what is taken, what is refused and as what, what
a portal on an origin of its own may do, and how slowly a part may come."""

import json
import random
import socket
import stat
import subprocess
import threading
import time
import uuid

import pytest
from support import client as api
from support.parts import Part, Signer
from test_edge import ALWAYS, is_problem, raw

SEED = 20261130
MOST = 8 * 1024 * 1024
OURS, STRANGER = "https://portal.example", "https://elsewhere.example"  # tools/testlib/suites.py
WINDOW_SECONDS, WINDOW_BYTES = 30, 30000


@pytest.fixture(scope="session")
def objects(demo):
    return demo["var"] / "objects"


@pytest.fixture(scope="session")
def signer(demo):
    return Signer(demo["var"] / "keys" / "keyring-files.json", demo["base_url"])


@pytest.fixture
def chance():
    return random.Random(SEED)


def kept(objects, part):
    """The bytes under the part's name, or None."""
    path = objects / "incoming" / part.upload / str(part.number)
    return path.read_bytes() if path.exists() else None


def is_taken(answer):
    assert answer.status_code == 200, answer.text
    assert answer.content == b"" and answer.headers["Cache-Control"] == "no-store"
    for name, value in ALWAYS.items():
        assert answer.headers[name] == value
    uuid.UUID(answer.headers["X-Request-Id"])
    return True


@pytest.mark.parametrize("size", [1, 16384, 65537, MOST])
def test_a_part_is_kept_as_it_was_sent(client, signer, objects, chance, size):
    part = Part(signer, chance.randbytes(size))
    assert is_taken(part.send(client))
    assert kept(objects, part) == part.content
    place = objects / "incoming" / part.upload
    assert stat.S_IMODE(place.stat().st_mode) == 0o2771
    assert stat.S_IMODE((place / "1").stat().st_mode) == 0o640
    assert (place / "1").stat().st_gid == objects.stat().st_gid


def test_the_second_time_it_is_there_already(client, signer, objects, chance):
    part = Part(signer, chance.randbytes(1000), number=7)
    assert is_taken(part.send(client))
    other = Part(signer, chance.randbytes(1000), upload=part.upload, number=7)
    assert is_problem(part.send(client), 412, "part-there")
    assert is_problem(other.send(client), 412, "part-there")
    assert kept(objects, part) == part.content


def test_every_part_of_an_upload_has_its_place(client, signer, objects, chance):
    upload = str(uuid.uuid4())
    parts = [Part(signer, chance.randbytes(100 * number), upload=upload, number=number) for number in range(1, 8)]
    for part in chance.sample(parts, len(parts)):
        assert is_taken(part.send(client))
    assert [kept(objects, part) for part in parts] == [part.content for part in parts]


def test_bytes_that_were_not_signed_for(client, signer, objects, chance):
    content = chance.randbytes(5000)
    part = Part(signer, content)
    changed = bytes([content[0] ^ 1]) + content[1:]
    assert is_problem(part.send(client, content=changed), 400, "wrong-digest")
    assert kept(objects, part) is None
    assert is_taken(part.send(client))  # the address is still good


CHANGES = {
    "signed by nobody": {"secret": "0" * 64},
    "a key that there is not": {"key_id": "local-99"},
    "no version": {"key_id": "local-"},
    "somebody else's key id": {"key_id": "AKIAIOSFODNN7EXAMPLE"},
    "for another region": {"region": "eu-central-1"},
    "for another service": {"service": "ses"},
    "for another method": {"method": "GET"},
    "for another host": {"host": "elsewhere.example"},
    "over": {"at": time.time() - 301},
    "from the future": {"at": time.time() + 3600},
    "for longer than a week": {"seconds": 604801},
    "without the length": {"signed": ("host", "if-none-match", "x-amz-checksum-sha256")},
    "without the digest": {"signed": ("content-length", "host", "if-none-match")},
    "without the condition": {"signed": ("content-length", "host", "x-amz-checksum-sha256")},
}


@pytest.mark.parametrize("change", CHANGES)
def test_an_address_that_was_signed_for_something_else(client, signer, objects, chance, change):
    part = Part(signer, chance.randbytes(100), **CHANGES[change])
    assert is_problem(part.send(client), 403, "url-refused")
    assert kept(objects, part) is None


def test_an_address_is_for_one_part_of_one_upload(client, tls, signer, objects, chance):
    part = Part(signer, chance.randbytes(100), number=2)
    elsewhere = str(uuid.uuid4())
    for path in (part.path[:-1] + "3", part.path.replace(part.upload, elsewhere), part.path + "/", part.path + "0",
                 part.path.replace(part.upload, part.upload.upper())):
        assert is_problem(part.send(client, target=f"{path}?{part.query}"), 403, "url-refused"), path
    with tls() as connection:  # written otherwise, it is another address
        line, _, _ = raw(connection, part.head().replace(b"-", b"%2D", 1) + part.content)
    assert line.startswith("HTTP/1.1 403")
    assert kept(objects, part) is None and not (objects / "incoming" / elsewhere).exists()


def test_no_part_has_another_number(client, signer, chance):
    for number in (0, 8, 10, "a", "-1", ""):
        assert is_problem(Part(signer, chance.randbytes(10), number=number).send(client), 403, "url-refused")


@pytest.mark.parametrize("header, value", [
    ("If-None-Match", None), ("If-None-Match", '"a"'), ("x-amz-checksum-sha256", None), ("x-amz-checksum-sha256", "AAAA"),
    ("x-amz-checksum-sha256", "A" * 43 + "=")])
def test_what_was_signed_must_be_sent(client, signer, chance, header, value):
    part = Part(signer, chance.randbytes(100))
    assert is_problem(part.send(client, **{header: value}), 403, "url-refused")


@pytest.mark.parametrize("by", [-1, 1])
def test_a_byte_more_or_less_than_was_signed_for(client, signer, chance, by):
    part = Part(signer, chance.randbytes(100))
    content = part.content[:by] if by < 0 else part.content + b"x"
    assert is_problem(part.send(client, content=content), 403, "url-refused")


def test_a_part_that_is_too_large(client, signer, objects, chance):
    part = Part(signer, bytes(MOST + 1))
    assert is_problem(part.send(client), 413, "too-large")
    assert kept(objects, part) is None


def test_a_body_in_chunks_has_no_length(client, signer, chance):
    part = Part(signer, chance.randbytes(1_000_000))  # of one that has come whole with its head, nginx knows the length
    del part.headers["Content-Length"]
    pieces = (part.content[at:at + 100_000] for at in range(0, len(part.content), 100_000))
    assert is_problem(part.send(client, content=pieces), 411, "length-required")


def test_an_early_refusal_arrives_although_the_body_is_large(client, signer, objects):
    """The body is not waited for, and the client still gets the answer."""
    part = Part(signer, bytes(MOST), secret="0" * 64)
    for _ in range(5):
        assert is_problem(part.send(client), 403, "url-refused")
    assert kept(objects, part) is None


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST", "DELETE", "PATCH", "OPTIONS"])
def test_other_methods(client, signer, chance, method):
    part = Part(signer, chance.randbytes(10))
    answer = client.call(method, part.target)
    assert answer.status_code == 405 and answer.headers["Allow"] == "PUT"
    assert method == "HEAD" or answer.json()["code"] == "method-not-allowed"


def test_over_http_2(demo, signer, objects, chance, tmp_path):
    part = Part(signer, chance.randbytes(300000))
    (tmp_path / "part").write_bytes(part.content)
    headers = [word for name, value in part.headers.items() if name != "Content-Length" for word in ("-H", f"{name}: {value}")]
    done = subprocess.run(["curl", "-sS", "--http2", "--cacert", demo["ca_file"], "-T", tmp_path / "part", *headers, "-w",
                           "%{http_version} %{http_code}", demo["base_url"] + part.target], capture_output=True, text=True,
                          check=True)
    assert done.stdout == "2 200" and kept(objects, part) == part.content


# --- Cut off

def test_a_connection_that_is_cut_leaves_nothing(tls, signer, objects, chance):
    """At offsets by chance, the last byte among them: the same address is good afterwards."""
    content = chance.randbytes(200000)
    part = Part(signer, content)
    for offset in [0, len(content) - 1, *(chance.randrange(len(content)) for _ in range(10))]:
        with tls() as connection:
            connection.sendall(part.head() + content[:offset])
        assert kept(objects, part) is None
    with tls() as connection:
        line, _, _ = raw(connection, part.head() + content)
    assert line.startswith("HTTP/1.1 200")
    assert kept(objects, part) == content
    assert sorted(path.name for path in (objects / "incoming" / part.upload).iterdir()) == ["1"]


class Trickle(threading.Thread):
    """Sends a part at so many bytes a second until it is answered."""

    def __init__(self, connection, part, rate):
        super().__init__()
        self.connection, self.part, self.rate, self.answer = connection, part, rate, b""
        self.start()

    def run(self):
        began = time.monotonic()
        self.connection.sendall(self.part.head())
        self.connection.settimeout(0.2)
        sent = 0
        while not self.answer:
            due = min(int((time.monotonic() - began) * self.rate), len(self.part.content))
            if due > sent:
                self.connection.sendall(self.part.content[sent:due])
                sent = due
            try:
                self.answer = self.connection.recv(65536)
                if not self.answer:
                    break
            except (TimeoutError, socket.timeout):
                pass
        self.seconds = time.monotonic() - began


def test_how_slowly_a_part_may_come(tls, signer, objects, chance):
    """1 kB/s over 30 s is the least: a client of 2 kB/s is served in its own time, one of 500 B/s is told 408."""
    fast = Part(signer, chance.randbytes(2000 * (WINDOW_SECONDS + 5)))
    slow = Part(signer, chance.randbytes(WINDOW_BYTES))
    runs = [Trickle(tls(), fast, 2000), Trickle(tls(), slow, 500)]
    for run in runs:
        run.join(4 * WINDOW_SECONDS)
    assert runs[0].answer.startswith(b"HTTP/1.1 200") and kept(objects, fast) == fast.content
    assert runs[0].seconds > WINDOW_SECONDS
    assert runs[1].answer.startswith(b"HTTP/1.1 408") and b'"code":"too-slow"' in runs[1].answer
    assert kept(objects, slow) is None


# --- Portals on origins of their own

def preflight(client, part, origin):
    asked = {"Origin": origin, "Access-Control-Request-Method": "PUT",
             "Access-Control-Request-Headers": "if-none-match,x-amz-checksum-sha256"}
    return client.call("OPTIONS", part.target, headers=asked)


def test_a_portal_may_send_parts(client, signer, chance):
    part = Part(signer, chance.randbytes(100))
    answer = preflight(client, part, OURS)
    assert answer.status_code == 204 and answer.headers["Access-Control-Allow-Origin"] == OURS
    assert answer.headers["Access-Control-Allow-Methods"] == "PUT" and int(answer.headers["Access-Control-Max-Age"]) > 0
    allowed = {word.strip() for word in answer.headers["Access-Control-Allow-Headers"].split(",")}
    assert {name.lower() for name in part.headers} - {"content-length"} <= allowed
    assert "Access-Control-Allow-Credentials" not in answer.headers
    for sent, status in ((part, 200), (part, 412), (Part(signer, b"a", secret=""), 403)):
        answer = sent.send(client, Origin=OURS)
        assert answer.status_code == status and answer.headers["Access-Control-Allow-Origin"] == OURS
        assert answer.headers["Vary"] == "Origin" and "Access-Control-Allow-Credentials" not in answer.headers


def test_nobody_else_s_scripts_do(client, signer, chance):
    part = Part(signer, chance.randbytes(100))
    answer = preflight(client, part, STRANGER)
    assert answer.status_code == 405
    for answer in (answer, part.send(client, Origin=STRANGER)):
        assert not [name for name in answer.headers if name.lower().startswith("access-control-")]


# --- Limits of its own

def test_uploads_do_not_use_up_what_the_rest_has(demo, signer, chance):
    """As many as one network may send at once, and a few more; the same address goes on with everything else."""
    address = api.random_address()
    client = api.Client(demo["base_url"], demo["ca_file"], address=address)
    answers = [Part(signer, chance.randbytes(1)).send(client).status_code for _ in range(70)]
    assert answers.count(200) >= 40 and answers.count(429) > 0 and set(answers) == {200, 429}
    refused = Part(signer, chance.randbytes(1)).send(client)
    assert refused.status_code == 200 or is_problem(refused, 429, "throttled")
    assert client.get("/livez").status_code == 200


def test_parts_under_way_of_one_network(tls, signer, chance):
    address = api.random_address()
    held = []
    try:
        for _ in range(16):
            held.append(tls(address))
            held[-1].sendall(Part(signer, chance.randbytes(100)).head())
        with tls(address) as one_more:
            line, headers, _ = raw(one_more, Part(signer, chance.randbytes(100)).head())
        assert line.startswith("HTTP/1.1 429") and int(headers["retry-after"]) >= 1
        with tls() as another:
            part = Part(signer, chance.randbytes(100))
            line, _, _ = raw(another, part.head() + part.content)
        assert line.startswith("HTTP/1.1 200")
    finally:
        for connection in held:
            connection.close()


# --- What is not reached from outside

@pytest.mark.parametrize("path", ["/.files/", "/.files/AAAA", "/.files/../.files/a", "/files/", "/files/sealed/00/0",
                                  "/files/incoming", "/.files", "/%2efiles/a", "//.files/a"])
def test_nobody_comes_to_the_files_by_a_path(client, path):
    answer = client.get(path)
    assert answer.status_code == 404 and answer.json()["code"] == "not-found"


@pytest.mark.parametrize("path", ["/files/incoming/../../sealed/1", "/files/incoming/%2e%2e/%2e%2e/etc/passwd"])
def test_no_path_leads_out_of_the_directory(client, signer, objects, path):
    before = sorted(objects.rglob("*"))
    answer = client.call("PUT", path, data=b"a", headers=Part(signer, b"a").headers)
    assert answer.status_code in (403, 404, 405)
    assert sorted(objects.rglob("*")) == before


def test_nothing_of_an_address_is_written_down(demo, client, signer, chance):
    """Who has a signature can send the part: neither nginx nor the store logs it, nor the upload's id."""
    part = Part(signer, chance.randbytes(100))
    answer = part.send(client)
    signature = part.query.rpartition("=")[2]
    logs = [demo["var"] / "log" / name for name in ("access.log", "store.log")]
    named = [line for line in wait_for_lines(logs[1], answer.headers["X-Request-Id"])]
    assert [json.loads(line)["status"] for line in named] == [200]
    for log in logs:
        text = log.read_text(encoding="utf-8")
        assert signature not in text and part.upload not in text


def wait_for_lines(log, word):
    deadline = time.monotonic() + 10
    while True:
        found = [line for line in log.read_text(encoding="utf-8").splitlines() if word in line]
        if found or time.monotonic() > deadline:
            return found
        time.sleep(0.05)
