"""
Files in S3, with versitygw in its place: a whole instance, whose programs and patients reach it by a relay that can lose requests. Nothing
is lost when S3 does not answer, and nothing plain stays in the bucket.
"""

import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import time
import urllib.parse
import uuid

import psycopg2
import pytest

TOP = pathlib.Path(__file__).resolve().parents[3]
sys.path[:0] = [str(TOP / "tests" / "api"), str(TOP / "tests"), str(TOP / "tools")]

from support import client as api  # noqa: E402  (the path is set above)
from support import lambda_runtime as aws  # noqa: E402
from support import hostile, s3_peers, sending, tokens  # noqa: E402
from support.faulty_relay import LOST, MENDED, FaultyRelay  # noqa: E402
from support.s3_client import Client as S3Client
from support.s3_client import KEY, REGION, SECRET  # noqa: E402
from testlib import runner  # noqa: E402

SEED = 20260131
PATIENCE_SECONDS = 120
HOUR = 3600


class Site:
    """An instance with its bucket, which is the directory `objects`, too."""

    def __init__(self, relay, bucket, name="var-test-s3", **more):
        self.relay, self.objects, self.var = relay, bucket, TOP / name
        self.environment = {"ANAMNESIS_STORE_URL": relay.url, "ANAMNESIS_STORE_REGION": REGION, "AWS_ACCESS_KEY_ID": KEY,
                            "AWS_SECRET_ACCESS_KEY": SECRET} | more
        self.own_objects()
        runner.must("tools/instance", "--var", self.var, "remove")
        runner.start(self.var, runner.NO_LIMITS | self.environment)
        # Tests look at objects where an instance has them.
        (self.var / "objects").rename(self.var / "objects-unused")
        (self.var / "objects").symlink_to(bucket)
        self.demo_file = self.var / "demo.json"
        self.demo = json.loads(self.demo_file.read_text(encoding="utf-8"))

    def lose(self, one_in, faults=MENDED):
        self.relay.faults, self.relay.one_in = faults, one_in

    def command(self, *words):
        return subprocess.run([TOP / "build" / "anamnesis", "--instance", self.var, *words], capture_output=True, text=True, check=False,
                              env=os.environ | {name: value for name, value in self.environment.items() if name.startswith("AWS_")})

    def check(self, *options):
        done = self.command("store", "check", "--json", *options)
        assert done.returncode in (0, 1), done.stderr
        return {(item["found"], item["name"]) for item in json.loads(done.stdout)["items"]}

    def own_objects(self):
        """The instance's own directory in place of the link, also of a run that was ended."""
        if (self.var / "objects").is_symlink():
            (self.var / "objects").unlink()
            (self.var / "objects-unused").rename(self.var / "objects")

    def stop(self):
        self.own_objects()
        runner.must("tools/instance", "--var", self.var, "stop")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    directory = tmp_path_factory.mktemp("versitygw")
    gateway = s3_peers.start_versitygw(directory)
    try:
        with FaultyRelay(gateway, SEED) as relay:
            relay.one_in = sys.maxsize  # until a test says otherwise
            made = Site(relay, directory / "data" / "files")
            try:
                yield made
            finally:
                made.stop()
    finally:
        gateway.stop()


def practice_of(site, anonymous):
    from conftest import Practice  # of tests/api: what every test of the API begins with
    name = f"Practice {uuid.uuid4()}"
    done = site.command("practice", "create", "--json", "--name", name, "--patient-mfa", "optional",
                        *(part for role in ("owner", "physician") for part in ("--staff", f"{role}:{uuid.uuid4()}@example.org:Test")))
    assert done.returncode == 0, done.stderr
    return Practice(anonymous, json.loads(done.stdout))


@pytest.fixture
def me(site):
    """(client, response) of a patient with a questionnaire that takes files."""
    site.lose(sys.maxsize)
    anonymous = api.Client(site.demo["base_url"].replace("127.0.0.1", "localhost"), site.demo["ca_file"])
    _, client, response = practice_of(site, anonymous).begun(sending.FORM)
    return client, response


@pytest.fixture(params=["nginx", "Lambda"])
def anonymous(request, site, tmp_path):
    """A caller of the same instance by nginx and its workers, or by the function."""
    site.lose(sys.maxsize)
    if request.param == "nginx":
        yield api.Client(site.demo["base_url"].replace("127.0.0.1", "localhost"), site.demo["ca_file"])
        return
    files = site.demo["base_url"].replace("//127.0.0.1", "//localhost") + "/files/t"
    front = aws.Front(tmp_path, aws.program(), aws.environment_of(site.demo_file) | site.environment | {"ANAMNESIS_FILES_URL": files})
    both = tmp_path / "both.crt"
    both.write_bytes(b"".join(pathlib.Path(path).read_bytes() for path in (front.ca_file, site.demo["ca_file"])))
    try:
        yield api.Client(front.base_url, both)
    finally:
        front.close()


def fresh_by(database):
    def make(client):
        with database.cursor() as cursor:
            cursor.execute("UPDATE auth.session SET stepped_up_at = now() WHERE token_hash = %s", (tokens.token_hash("session", client.token),))
        return client
    return make


def test_files_of_all_kinds_reach_the_physician_and_go_with_their_patient(site, anonymous, tmp_path, monkeypatch):
    """As on a disk; by Lambda no byte of a file goes through the function."""
    monkeypatch.setenv("ANAMNESIS_DEMO", str(site.demo_file))
    from test_files_journey import SEED as CHANCE
    from test_files_journey import run_files_journey
    database = psycopg2.connect(site.demo["database_url"])
    database.autocommit = True
    run_files_journey(practice_of(site, anonymous), anonymous, database, site.demo | {"var": str(site.var)}, fresh_by(database), random.Random(CHANCE), tmp_path)
    database.close()
    sending.until(lambda: site.check() == set(), PATIENCE_SECONDS)


def again(ask, good):
    """Asks until S3 has let it pass; everything else than its silence is an error."""
    end = time.monotonic() + PATIENCE_SECONDS
    while True:
        answer = ask()
        if answer is not None and answer.status_code in good:
            return answer
        assert answer is None or answer.status_code >= 500, (answer.status_code, answer.text)
        assert time.monotonic() < end


def put(client, part, piece):
    """None for a connection that was lost."""
    try:
        answer = sending.put(client, part, piece)
    except OSError:
        return None
    return answer if answer.status_code in (200, 412) else None


def decided(client, upload):
    def look():
        answer = client.get(f"/patient/uploads/{upload['id']}")
        return answer.json() if answer.status_code == 200 and answer.json()["status"] not in ("scanning", "awaiting-upload") else None
    return sending.until(look, PATIENCE_SECONDS)


def test_no_plain_byte_is_in_the_bucket_once_a_file_was_looked_at(site, me):
    client, response = me
    canary = b"a word that nobody else would write: " + uuid.uuid4().hex.encode()
    upload = sending.send(client, response, canary * 3, content_type="text/plain", filename="note.txt")
    assert decided(client, upload)["status"] == "clean"
    assert client.get(f"/patient/uploads/{upload['id']}/original").content == canary * 3
    sending.until(lambda: not (site.objects / "incoming" / upload["id"]).exists(), PATIENCE_SECONDS)
    assert not any(canary[:40] in path.read_bytes() for path in site.objects.rglob("*") if path.is_file())


def test_a_connection_that_is_cut_three_times_leaves_nothing_and_is_resumed(site, me):
    """Two parts; the first one is cut at three places, then what is missing is sent."""
    client, response = me
    content = b"\n".join(b"line %d of a long text" % number for number in range(420_000))[:sending.PART + 70_000]
    upload = sending.declare(client, response, content, content_type="text/plain", filename="long.txt")
    upload = sending.parts(client, upload, content)
    first, second = sending.cut(content)
    place = urllib.parse.urlsplit(upload["parts"][0]["url"])
    for size in (0, 1000, len(first) - 1):
        head = f"PUT {place.path}?{place.query} HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Length: {len(first)}\r\n"
        head += "".join(f"{name}: {value}\r\n" for name, value in upload["parts"][0]["headers"].items())
        with socket.create_connection(("127.0.0.1", site.relay.port)) as connection:  # versitygw itself, as what was signed says
            connection.sendall(head.encode() + b"\r\n" + first[:size])
        assert api.good(client.get(f"/patient/uploads/{upload['id']}"))["received"] == []
    assert sending.put(client, upload["parts"][1], second).status_code == 200
    assert api.good(client.get(f"/patient/uploads/{upload['id']}"))["received"] == [2]
    api.problem(client.post(f"/patient/uploads/{upload['id']}/complete"), 409, "upload-incomplete")
    assert sending.put(client, upload["parts"][0], first).status_code == 200
    assert sending.put(client, upload["parts"][1], second).status_code == 412
    api.good(client.post(f"/patient/uploads/{upload['id']}/complete"), 202)
    assert decided(client, upload)["status"] == "clean"
    assert client.get(f"/patient/uploads/{upload['id']}/original").content == content


def test_nothing_is_lost_while_every_tenth_request_is(site, me):
    client, response = me
    rand = random.Random(SEED)
    site.lose(10)
    contents = [sending.photo(rand.randrange(40, 400), rand.randrange(40, 400)) for _ in range(8)]
    uploads = []
    for content in contents:
        upload = sending.declare(client, response, content)
        again(lambda upload=upload, content=content: put(client, upload["parts"][0], content), (200, 412))
        again(lambda upload=upload: client.post(f"/patient/uploads/{upload['id']}/complete"), (202,))
        uploads.append(upload)
    for upload, content in zip(uploads, contents, strict=True):
        assert decided(client, upload)["status"] == "clean"
        assert again(lambda upload=upload: client.get(f"/patient/uploads/{upload['id']}/original"), (200,)).content == content
    assert site.relay.met
    for upload in uploads:
        assert client.delete(f"/patient/uploads/{upload['id']}").status_code == 204
    site.lose(sys.maxsize)
    sending.until(lambda: not any((site.objects / "incoming" / upload["id"]).exists() for upload in uploads) and site.check() == set(), PATIENCE_SECONDS)


def test_while_s3_does_not_answer_files_wait_and_go_on_by_themselves(site, me):
    client, response = me
    content = sending.photo(300, 200)
    first, second = (sending.declare(client, response, content) for _ in range(2))
    for upload in (first, second):
        assert sending.put(client, upload["parts"][0], content).status_code == 200
    site.lose(1, (LOST,))
    api.problem(client.get(f"/patient/uploads/{first['id']}"), 503, "unavailable")
    api.problem(client.post(f"/patient/uploads/{first['id']}/complete"), 503, "unavailable")
    assert sending.declare(client, response, content)["parts"][0]["url"]  # S3 is not asked for that
    site.lose(sys.maxsize)
    api.good(client.post(f"/patient/uploads/{first['id']}/complete"), 202)
    site.lose(1, (LOST,))
    assert api.good(client.get(f"/patient/uploads/{first['id']}"))["status"] in ("scanning", "clean")
    site.lose(sys.maxsize)
    api.good(client.post(f"/patient/uploads/{second['id']}/complete"), 202)
    for upload in (first, second):
        assert decided(client, upload)["status"] == "clean"
    site.lose(1, (LOST,))
    api.problem(client.get(f"/patient/uploads/{first['id']}/view"), 503, "unavailable")
    site.lose(sys.maxsize)
    assert client.get(f"/patient/uploads/{first['id']}/view").status_code == 200


def test_check_finds_what_differs_and_removes_what_nobody_knows(site, me, tmp_path):
    client, response = me
    upload = sending.send(client, response, sending.photo(300, 200))
    assert decided(client, upload)["status"] == "clean"
    sending.until(lambda: site.check() == set(), PATIENCE_SECONDS)
    view, thumbnail, *_ = (path for path in sorted(site.objects.glob("sealed/*/*"), key=lambda path: path.stat().st_mtime)[::-1])
    shorter = thumbnail.read_bytes()
    names = {path: str(path.relative_to(site.objects)) for path in (view, thumbnail)}
    made = [site.objects / name for name in ("sealed/00/" + uuid.uuid4().hex[:30], f"incoming/{uuid.uuid4()}/1", "sealed/readme")]
    for path in made:
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(view, path)  # with what the gateway notes of it
        os.utime(path, (time.time() - 2 * HOUR,) * 2)
    unknown, part, strange = (str(path.relative_to(site.objects)) for path in made)
    shutil.move(view, tmp_path / "kept")
    os.truncate(thumbnail, len(shorter) - 1)
    wrong = {("object-missing", names[view]), ("size-differs", names[thumbnail]), ("strange", strange)}
    assert site.check() == wrong | {("object-unknown", unknown), ("part-unknown", part.rsplit("/", 1)[0])}
    assert client.get(f"/patient/uploads/{upload['id']}/view").status_code >= 400
    site.check("--repair")
    assert site.check() == wrong and [path.exists() for path in made] == [False, False, True]
    shutil.move(tmp_path / "kept", view)
    thumbnail.write_bytes(shorter)
    made[2].unlink()
    assert site.check() == set()


@pytest.fixture(scope="module")
def tagged(site):
    """An instance that believes what another party writes at objects, in the same bucket."""
    made = Site(site.relay, site.objects, "var-test-s3-tagged", ANAMNESIS_SCANNER="tag")
    yield made
    made.stop()


def write_tags(site, upload, **tags):
    """What GuardDuty does; the gateway keeps tags beside the file."""
    os.setxattr(site.objects / "incoming" / upload["id"] / "1", "user.X-Amz-Tagging", json.dumps(tags).encode())


def soon(site, upload):
    connection = psycopg2.connect(site.demo["database_url"])
    with connection, connection.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.upload SET next_at = now() WHERE id = %s AND state = 'scanning'", (upload["id"],))
    connection.close()


def tagged_upload(client, response, content, **more):
    """Sent and complete, and looked at while it has no tag."""
    upload = sending.send(client, response, content, **more)
    time.sleep(1)
    assert api.good(client.get(f"/patient/uploads/{upload['id']}"))["status"] == "scanning"
    return upload


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
STATUSES = {"NO_THREATS_FOUND": ("clean", None), "THREATS_FOUND": ("infected", None), "UNSUPPORTED": ("rejected", "not-scanned"),
            "ACCESS_DENIED": ("rejected", "not-scanned"), "FAILED": ("rejected", "not-scanned"), "no_threats_found": ("rejected", "not-scanned"),
            "NO_THREATS_FOUND ": ("rejected", "not-scanned")}


def test_what_another_party_says_is_believed_and_nothing_else(tagged):
    site = tagged
    site.lose(sys.maxsize)
    anonymous = api.Client(site.demo["base_url"].replace("127.0.0.1", "localhost"), site.demo["ca_file"])
    practice = practice_of(site, anonymous)
    _, client, response = practice.begun(sending.FORM)
    sent = {status: tagged_upload(client, response, sending.photo(300, 200)) for status in STATUSES}
    other = tagged_upload(client, response, sending.photo(200, 300))
    write_tags(site, other, Another="NO_THREATS_FOUND")
    for status, upload in sent.items():
        write_tags(site, upload, GuardDutyMalwareScanStatus=status)
    for status, upload in sent.items():
        soon(site, upload)
        found = decided(client, upload)
        assert (found["status"], found["reason"]) == STATUSES[status], status
    soon(site, other)
    time.sleep(2)
    assert api.good(client.get(f"/patient/uploads/{other['id']}"))["status"] == "scanning"
    assert client.get(f"/patient/uploads/{sent['NO_THREATS_FOUND']['id']}/view").status_code == 200
    for status in ("THREATS_FOUND", "FAILED"):
        api.problem(client.get(f"/patient/uploads/{sent[status]['id']}/view"), 409, "upload-state")
    # What holds other files, and what would be judged in pieces, waits for no tag: it is clean by nobody's word alone.
    page = hostile.pdf(b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                       b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>")
    for content, content_type in ((page, "application/pdf"), (hostile.docx(), DOCX), (b"a word\n" * 1_300_000, "text/plain")):
        found = decided(client, sending.send(client, response, content, content_type=content_type))
        assert (found["status"], found["reason"]) == ("rejected", "not-understood")


def test_nobody_tags_their_own_file(tagged):
    """What was not signed is not taken along; without it, there is no tag."""
    anonymous = api.Client(tagged.demo["base_url"].replace("127.0.0.1", "localhost"), tagged.demo["ca_file"])
    _, client, response = practice_of(tagged, anonymous).begun(sending.FORM)
    content = sending.photo(100, 80)
    upload = sending.declare(client, response, content)
    answer = sending.put(client, upload["parts"][0], content, headers={"x-amz-tagging": "GuardDutyMalwareScanStatus=NO_THREATS_FOUND"})
    if answer.status_code == 200:
        with S3Client(tagged.environment["ANAMNESIS_STORE_URL"]) as store:
            found = store.ask("tag", key=f"incoming/{upload['id']}/1", name="GuardDutyMalwareScanStatus")
        assert (found["result"], found["value"]) == ("done", "")
    else:
        assert answer.status_code == 403
