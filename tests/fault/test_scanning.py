"""The programs that look at files, killed while files arrive: each file ends as it must, and nothing of it stays where it should not."""

import base64
import collections
import itertools
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import tempfile
import threading
import time
import urllib.parse

import pytest
from faults.canary import Canaries
from faults.stack import children, wait_for
from support import client as api
from support import clamd, hostile, sending

SEED = 20261201
TEXT = "text/plain"
WAIT_SECONDS = 120
ROUNDS = 2
AS_ROOT = pytest.mark.skipif(os.getuid() != 0, reason="root alone mounts a small disk")
PROCESSES = {"engine": b"anamnesis-scan-engine", "picture": b"anamnesis-scan-picture", "document": b"anamnesis-scan-document",
             "conductor": b"anamnesis-scan"}


class Scanner:
    """The scanner of the instance, its processes by name, and the files that wait for it."""

    def __init__(self, whole, database):
        self.whole, self.database = whole, database
        self.process = whole.instance.scan

    def crew(self):
        """The four processes by name; while one is being started, not all of them are there."""
        found = {}
        for pid in children(self.process.pid() or 0):
            try:
                program = os.path.basename(pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")[0])
            except (FileNotFoundError, ProcessLookupError):
                continue
            found |= {name: pid for name, known in PROCESSES.items() if known == program}
        return found

    def start(self):
        self.whole.start_scan()
        self.wait_whole()

    def wait_whole(self):
        wait_for("the scanner's processes", lambda: len(self.crew()) == len(PROCESSES), WAIT_SECONDS)

    def stop(self):
        os.kill(self.process.pid(), signal.SIGTERM)
        wait_for("the scanner's end", lambda: self.process.pid() is None)

    def sql(self, text, *values):
        with self.database.cursor() as cursor:
            cursor.execute(text, values)
            return cursor.fetchall() if cursor.description else []

    def shorten(self):
        """What a file that was in hand has to wait for is over."""
        self.sql("UPDATE anamnesis.upload SET claimed_until = least(claimed_until, now() - interval '1 second'), next_at = now() "
                 "WHERE state = 'scanning'")

    def in_hand(self):
        return self.sql("SELECT id FROM anamnesis.upload WHERE state = 'scanning' AND claimed_until > now()")

    def state(self, upload):
        return self.sql("SELECT state, reason, attempts FROM anamnesis.upload WHERE id = %s", upload["id"])[0]

    def wait_decided(self, uploads, patience=WAIT_SECONDS):
        """Until the scanner has said of each what it is."""
        names = [upload["id"] for upload in uploads]

        def none_waits():
            self.shorten()
            return not self.sql("SELECT id FROM anamnesis.upload WHERE id = ANY(%s::uuid[]) AND state = 'scanning'", names)
        wait_for("a verdict on each file", none_waits, patience, 0.5)

    def said(self, event, since=0):
        return [line for line in self.whole.log_lines("scan")[since:] if line["event"] == event]


@pytest.fixture
def scanner(whole, database):
    made = Scanner(whole, database)
    made.wait_whole()
    yield made
    if made.process.pid() is None:
        made.start()
    made.wait_whole()


def kinds(chance, canaries):
    """Files without end: (content, how it is declared, the state that it must come to)."""
    for number in itertools.count():
        mark = canaries.add("a text of a file", f"harmless{chance.randrange(10**12):012}{number}")
        yield sending.photo(160 + number % 50, 120 + chance.randrange(50)), {}, "clean"
        yield hostile.EICAR, {"content_type": TEXT, "filename": "eicar.txt"}, "infected"
        yield (mark + "\n").encode() * chance.randrange(1, 2000), {"content_type": TEXT, "filename": "notes.txt"}, "clean"
        yield mark.encode(), {}, "rejected"
        yield b"\xff\xd8\xff\xe0" + mark.encode(), {}, "rejected"
        yield hostile.docx(("word/eicar.bin", hostile.EICAR)), {"content_type": "application/vnd.openxmlformats-officedocument."
                                                                "wordprocessingml.document", "filename": "letter.docx"}, None


def kill_one(scanner, who, chance):
    """At a moment by chance after a file was taken in hand."""
    wait_for("a file in hand", lambda: scanner.in_hand() or scanner.shorten(), WAIT_SECONDS, 0.005)
    time.sleep(chance.uniform(0, 0.06))
    if who in PROCESSES:
        os.kill(scanner.crew()[who], signal.SIGKILL)
        wait_for("the end of the crew", lambda: len(scanner.crew()) < len(PROCESSES), pause=0.001)
        scanner.wait_whole()
        return
    process = scanner.process if who == "supervisor" else scanner.whole.instance.jobs
    former = scanner.crew().values()
    os.kill(process.pid(), signal.SIGKILL)
    wait_for("its end", lambda: process.pid() is None)
    if who == "jobs":
        scanner.whole.start_jobs()
        return
    wait_for("the end of its processes", lambda: not any(os.path.exists(f"/proc/{pid}") for pid in former))
    scanner.start()


def names_in(directory):
    """Of the sealed objects."""
    return {str(path.relative_to(directory)) for path in (directory / "sealed").rglob("*") if path.is_file()}


def nothing_stays(scanner, uploads, canaries):
    """No part, no text of a file and no temporary file, and no object that the database or `store check` does not know."""
    layout, database = scanner.whole.layout, scanner.sql
    wait_for("the parts' end", lambda: not any((layout.objects / "incoming" / upload["id"]).exists() for upload in uploads), WAIT_SECONDS)
    assert list(layout.scan_room.iterdir()) == []
    assert canaries.search([layout.objects, layout.scan_room, layout.log, layout.data]) == []
    rows = {name for name, in database("SELECT name FROM anamnesis.upload_object")}
    leaving = {name for name, in database("SELECT name FROM anamnesis.object_leaving")}
    there = names_in(layout.objects)
    mine = {name for name, in database("SELECT name FROM anamnesis.upload_object WHERE upload_id = ANY(%s::uuid[])",
                                       [upload["id"] for upload in uploads])}
    assert mine <= there
    orphans = there - rows - leaving
    for name in orphans:
        os.utime(layout.objects / name, (time.time() - 7200,) * 2)
    done = subprocess.run([layout.programs / "anamnesis", "store", "check", "--json"], capture_output=True, text=True, check=False,
                          env=scanner.whole.instance.command_environment())
    found = [line for line in json.loads(done.stdout)["items"] if line["name"].startswith("sealed/")]
    named = {line["name"] for line in found if line["found"] == "object-unknown"}
    assert named == orphans and mine & {line["name"] for line in found} == set()


def test_each_file_ends_as_it_must_whoever_is_killed(scanner, practice):
    chance, canaries, done = random.Random(SEED), Canaries(), threading.Event()
    sent, failures = [], []
    patients = [practice.begun(sending.FORM)[1:] for _ in range(3)]

    def send(me, response, seed):
        files, waiting = kinds(random.Random(seed), canaries), collections.deque()
        try:
            while not done.is_set():
                while len(waiting) > 4 and not done.is_set():  # more than a few at a time are not taken
                    if api.good(me.get(f"/patient/uploads/{waiting[0]}"))["status"] == "scanning":
                        done.wait(0.05)
                    else:
                        waiting.popleft()
                content, declared, must = next(files)
                sent.append((sending.send(me, response, content, **declared), must))
                waiting.append(sent[-1][0]["id"])
        except BaseException as failure:
            failures.append(failure)

    senders = [threading.Thread(target=send, args=(*patient, SEED + number)) for number, patient in enumerate(patients)]
    for sender in senders:
        sender.start()
    try:
        for _ in range(ROUNDS):
            for who in (*chance.sample(["conductor", "engine", "picture", "jobs"], 4), "supervisor"):
                kill_one(scanner, who, chance)
                since = len(scanner.whole.log_lines("scan"))
                wait_for("that it goes on", lambda: len(scanner.said("upload-looked-at", since)) > 2 or scanner.shorten(), WAIT_SECONDS)
    finally:
        done.set()
        for sender in senders:
            sender.join()
    assert failures == [] and len(sent) > 30
    uploads = [upload for upload, _ in sent]
    scanner.wait_decided(uploads)
    for upload, must in sent:
        state, reason, _ = scanner.state(upload)
        assert state == must or (must is None and state in ("infected", "rejected")), (upload, state, reason, must)
        assert reason != "not-scanned"
    nothing_stays(scanner, uploads, canaries)


@AS_ROOT
def test_a_full_disk_for_sealed_objects(scanner, practice):
    """What could not be kept is not looked at, which costs no file an attempt; it is looked at once there is room."""
    _, me, response = practice.begun(sending.FORM)
    place = scanner.whole.layout.objects / "sealed"
    owner = place.stat()
    since = len(scanner.whole.log_lines("scan"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size=64k,mode=2770,uid={owner.st_uid},gid={owner.st_gid}", "small", place],
                             check=False, capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        wait_for("that it is said", lambda: scanner.said("store-full", since), WAIT_SECONDS)
        uploads = [sending.send(me, response, sending.photo(80 + number, 60)) for number in range(3)]
        uploads += [sending.send(me, response, hostile.EICAR, content_type=TEXT, filename="eicar.txt")]
        scanner.stop()
        scanner.start()
        wait_for("that it is said again", lambda: len(scanner.said("store-full", since)) == 2, WAIT_SECONDS)
        assert [scanner.state(upload) for upload in uploads] == [("scanning", None, 0)] * len(uploads)
        assert list(place.rglob("*/*")) == []
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)
    scanner.wait_decided(uploads)
    assert [scanner.state(upload)[0] for upload in uploads] == ["clean"] * 3 + ["infected"]
    assert len(scanner.said("store-has-room", since)) == 1
    nothing_stays(scanner, uploads, Canaries())


def tries(scanner, upload):
    """How many of its five it has lost."""
    return scanner.sql("SELECT attempts - faults FROM anamnesis.upload WHERE id = %s", upload["id"])[0][0]


def put_off(scanner, upload, times, since):
    """Until the scanner has put it off so often, which costs it nothing."""
    def done():
        due(scanner, upload)
        return len([line for line in scanner.said("upload-put-off", since) if line["upload"] == upload["id"]]) >= times
    wait_for("that it is put off", done, WAIT_SECONDS, 0.2)
    wait_for("that it is given back", lambda: scanner.in_hand() == [])
    assert scanner.state(upload)[0] == "scanning" and tries(scanner, upload) == 0


def limit(pid, what):
    """Sets a limit of its, for good. Done as its own account: root of a container may not."""
    lines = pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines()
    uid, gid = (int(line.split()[1]) for line in lines if line.startswith(("Uid:", "Gid:")))
    subprocess.run(["prlimit", f"--pid={pid}", f"--{what}"], user=uid, group=gid, check=True)


def due(scanner, upload):
    """It need not wait any longer, unless it is in hand."""
    scanner.sql("UPDATE anamnesis.upload SET next_at = now() WHERE id = %s AND (claimed_until IS NULL OR claimed_until < now())", upload["id"])


def test_parts_that_cannot_be_read_cost_no_try(scanner, practice):
    scanner.stop()
    upload, other = (sending.send(*practice.begun(sending.FORM)[1:], sending.photo(80, 60)) for _ in range(2))
    part = scanner.whole.layout.objects / "incoming" / upload["id"] / "1"
    since = len(scanner.whole.log_lines("scan"))
    part.rename(part.with_name("kept"))
    part.mkdir()
    try:
        scanner.start()
        put_off(scanner, upload, 6, since)
        assert {line["upload"] for line in scanner.said("upload-not-read", since)} == {upload["id"]}
        assert scanner.state(other)[0] == "clean"  # waits for nobody
    finally:
        part.rmdir()
        part.with_name("kept").rename(part)
    scanner.wait_decided([upload])
    assert scanner.state(upload)[0] == "clean"


@pytest.mark.parametrize("program, what", [("engine", "as=16777216"), ("picture", "nproc=1")])
def test_a_program_that_cannot_work_costs_no_file_a_try(scanner, practice, program, what):
    """No memory, or no process, for any file."""
    _, me, response = practice.begun(sending.FORM)
    since, broken = len(scanner.whole.log_lines("scan")), scanner.crew()[program]
    limit(broken, what)
    upload = sending.send(me, response, sending.photo(80, 60))
    put_off(scanner, upload, 6, since)
    assert {line["hindered"] for line in scanner.said("upload-not-scanned", since)} == {"by us"}
    os.kill(broken, signal.SIGKILL)
    scanner.wait_decided([upload])
    assert scanner.state(upload)[0] == "clean"


def test_a_file_that_ends_its_process_is_refused_after_five_tries(scanner, practice):
    _, me, response = practice.begun(sending.FORM)
    since, engine = len(scanner.whole.log_lines("scan")), scanner.crew()["engine"]
    upload = sending.send(me, response, b"harmless words " * 3000000, content_type=TEXT, filename="long.txt")
    for count in range(1, 6):
        wait_for("its process", lambda: children(engine) or due(scanner, upload), WAIT_SECONDS, 0.005)
        os.kill(children(engine)[0], signal.SIGKILL)
        wait_for("that it is said", lambda: len(scanner.said("upload-not-scanned", since)) == count, WAIT_SECONDS)
        wait_for("that it is given back", lambda: scanner.in_hand() == [])
        assert tries(scanner, upload) == count
    scanner.wait_decided([upload])
    assert scanner.state(upload)[:2] == ("rejected", "not-scanned")
    assert [line["hindered"] for line in scanner.said("upload-not-scanned", since)] == ["by the file"] * 5
    assert scanner.said("scan-begins-anew", since) == []


def test_a_file_that_breaks_the_engine_does_not_hold_up_the_others(scanner, practice):
    (_, me, response), (_, other, others) = (practice.begun(sending.FORM) for _ in range(2))
    poison = harmless = None
    for count in range(1, 6):
        engine, since = scanner.crew()["engine"], len(scanner.whole.log_lines("scan"))
        os.kill(engine, signal.SIGSTOP)
        poison = poison or sending.send(me, response, sending.photo(80, 60))
        wait_for("the file in hand", lambda: scanner.in_hand() or due(scanner, poison), WAIT_SECONDS)
        harmless = harmless or sending.send(other, others, sending.photo(90, 60))
        os.kill(engine, signal.SIGKILL)
        wait_for("that all begin anew", lambda: scanner.said("scan-begins-anew", since), WAIT_SECONDS)
        assert scanner.state(poison)[0] == "scanning" and tries(scanner, poison) == count
        scanner.stop()  # which has longer and longer pauses
        scanner.start()
        wait_for("that it is ready", lambda: scanner.said("scan-ready", since), WAIT_SECONDS)
        wait_for("the other one's verdict", lambda: scanner.state(harmless)[0] == "clean", WAIT_SECONDS)
    scanner.wait_decided([poison])
    assert scanner.state(poison)[:2] == ("rejected", "not-scanned")


def test_a_keyring_that_does_not_fit_costs_no_file_an_attempt(scanner, practice):
    _, me, response = practice.begun(sending.FORM)
    keyring = scanner.whole.layout.keys / "keyring-files.json"
    former, status = keyring.read_bytes(), keyring.stat()
    scanner.stop()
    uploads = [sending.send(me, response, sending.photo(80, 60)) for _ in range(3)]

    def put(content):
        fresh = keyring.with_suffix(".new")
        fresh.write_bytes(content)
        os.chown(fresh, status.st_uid, status.st_gid)
        fresh.chmod(status.st_mode & 0o777)
        fresh.rename(keyring)
    other = json.loads(former)
    for key in other["files"]:
        key["key"] = base64.urlsafe_b64encode(os.urandom(32)).rstrip(b"=").decode()
    since = len(scanner.whole.log_lines("scan"))
    put(json.dumps(other).encode())
    try:
        scanner.start()
        wait_for("that it is said", lambda: scanner.said("keyring-does-not-fit", since), WAIT_SECONDS)
        scanner.shorten()
        wait_for("that it is said again", lambda: len(scanner.said("keyring-does-not-fit", since)) > 1, WAIT_SECONDS)
        assert [scanner.state(upload) for upload in uploads] == [("scanning", None, 0)] * 3
    finally:
        put(former)
    scanner.wait_decided(uploads)
    assert [scanner.state(upload)[0] for upload in uploads] == ["clean"] * 3


def test_new_signatures_while_files_wait(scanner, practice):
    """The program finds them by itself, and begins anew with them; no file is lost by that."""
    directory = scanner.whole.layout.signatures
    if directory != scanner.whole.layout.state / "signatures":
        pytest.skip("the signatures of this machine are not ours to change")
    _, me, response = practice.begun(sending.FORM)
    bad = f"known from today on {random.randrange(10**12)}".encode()

    def send():
        return sending.send(me, response, bad, content_type=TEXT, filename="letter.txt")
    before, added = send(), directory / "added.ndb"
    scanner.wait_decided([before])
    since, former = len(scanner.whole.log_lines("scan")), scanner.crew()
    sent = [before]
    added.write_text(f"Known-From-Today:0:*:{bad.hex()}\n", encoding="ascii")
    try:
        while not scanner.said("signatures-changed", since):
            sent.append(send())
            scanner.wait_decided(sent)
            assert time.time() - added.stat().st_mtime < WAIT_SECONDS
            time.sleep(1)
        after = [send() for _ in range(3)]
        wait_for("others", lambda: not set(scanner.crew().values()) & set(former.values()))
        scanner.wait_whole()
        after.append(send())
        scanner.wait_decided([*sent, *after])
        assert scanner.state(after[-1])[0] == "infected" and {scanner.state(upload)[0] for upload in after} <= {"clean", "infected"}
        assert len(scanner.said("scan-ready", since)) == 1 and scanner.said("scan-begins-anew", since) == []
    finally:
        added.unlink()
        scanner.stop()
    scanner.start()


def test_signatures_for_development_grow_no_older(scanner, practice):
    """An instance that was started weeks ago still takes files: practices believe other signatures for a week."""
    directory = scanner.whole.layout.signatures
    if directory != scanner.whole.layout.state / "signatures":
        pytest.skip("the signatures of this machine are not ours to change")
    _, me, response = practice.begun(sending.FORM)
    scanner.stop()
    os.utime(directory / "development.ndb", (time.time() - 30 * 24 * 3600,) * 2)
    scanner.start()
    try:
        upload = sending.send(me, response, b"taken by old signatures", content_type=TEXT, filename="letter.txt")
        scanner.wait_decided([upload])
        assert scanner.state(upload)[0] == "clean"
        assert scanner.sql("SELECT now() - signatures_at < interval '10 minutes' FROM anamnesis.scanner") == [(True,)]
    finally:
        os.utime(directory / "development.ndb")


def change_signatures(scanner, file, text):
    """Writes or removes a file of signatures, and waits until the scanner works with the others: at once, not in a minute."""
    if text is None:
        file.unlink(missing_ok=True)
    else:
        file.write_text(text, encoding="ascii")
    since = len(scanner.whole.log_lines("scan"))
    scanner.stop()
    scanner.start()
    wait_for("that it is ready", lambda: scanner.said("scan-ready", since), WAIT_SECONDS)


def wait_states(scanner, uploads, state):
    def all_are():
        scanner.sql("UPDATE anamnesis.upload SET next_at = now(), claimed_until = least(claimed_until, now()) WHERE id = ANY(%s::uuid[]) "
                    "AND attempts > 0 AND claimed_until < now() + interval '595 seconds'", [upload["id"] for upload in uploads])
        return {scanner.state(upload)[0] for upload in uploads} == {state}
    wait_for(f"that they are {state}", all_are, WAIT_SECONDS, 0.3)


@pytest.fixture
def own_signatures(scanner):
    """A file of signatures that a test may write."""
    directory = scanner.whole.layout.signatures
    if directory != scanner.whole.layout.state / "signatures":
        pytest.skip("the signatures of this machine are not ours to change")
    yield directory / "added.ndb"
    if (directory / "added.ndb").exists():
        change_signatures(scanner, directory / "added.ndb", None)


def test_what_newer_signatures_find_is_out_of_reach_until_they_take_it_back(scanner, practice, own_signatures):
    _, me, response = practice.begun(sending.FORM)
    bad = f"known from tomorrow on {random.randrange(10**12)}".encode()
    uploads = [sending.send(me, response, bad + str(number).encode(), content_type=TEXT, filename="letter.txt") for number in range(2)]
    other = sending.send(me, response, sending.photo(120, 90))
    scanner.wait_decided([*uploads, other])
    api.good(me.save(response["id"], 1, {"photo": [sending.answer(uploads[0])]}))
    api.good(me.submit(response["id"], 2))
    owner = practice.staff("owner")
    doctor = practice.staff("physician")
    address = urllib.parse.urlsplit(api.good(doctor.post(f"/admin/media/{uploads[0]['id']}/original", {}))["url"])
    objects = scanner.sql("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", uploads[0]["id"])

    def reach():
        return [me.get(f"/patient/uploads/{uploads[0]['id']}/original").status_code,
                doctor.post(f"/admin/media/{uploads[0]['id']}/original", {}).status_code]
    assert reach() == [200, 200]
    change_signatures(scanner, own_signatures, f"Known-From-Tomorrow:0:*:{bad.hex()}\n")
    wait_states(scanner, uploads, "infected")
    assert reach() == [409, 409]
    assert doctor.get(f"{address.path}?{address.query}").status_code in (409, 410)  # allowed before
    assert api.good(owner.get(f"/admin/media/{uploads[0]['id']}"))["signature"].startswith("Known-From-Tomorrow")
    assert api.good(me.get(f"/patient/responses/{response['id']}"))["uploads"][0]["status"] == "infected"
    assert api.good(doctor.get(f"/admin/responses/{response['id']}"))["uploads"][0]["status"] == "rejected"
    change_signatures(scanner, own_signatures, f"Another-One:0:*:{bad[::-1].hex()}\n")  # newer ones, which do not know it
    wait_states(scanner, uploads, "clean")
    assert reach() == [200, 200] and me.get(f"/patient/uploads/{uploads[0]['id']}/original").content.startswith(bad)
    assert scanner.sql("SELECT name FROM anamnesis.upload_object WHERE upload_id = %s", uploads[0]["id"]) == objects
    assert scanner.state(other)[0] == "clean"
    assert scanner.sql("SELECT operation, realm, detail FROM audit.event WHERE object_id = %s AND realm = 'system' ORDER BY at, id",
                       uploads[0]["id"]) == [("upload_scanned", "system", "clean"), ("upload_rescanned", "system", "rejected"),
                                             ("upload_rescanned", "system", "clean")]


def test_an_object_that_cannot_be_read_changes_nothing(scanner, practice, own_signatures):
    """What newer signatures would find in it is found once it can be read; nothing that is not known is noted."""
    _, me, response = practice.begun(sending.FORM)
    bad = f"known from next week on {random.randrange(10**12)}".encode()
    upload = sending.send(me, response, bad, content_type=TEXT, filename="letter.txt")
    scanner.wait_decided([upload])
    [(name, with_which)] = scanner.sql("SELECT o.name, u.scanned_with FROM anamnesis.upload_object o JOIN anamnesis.upload u "
                                       "ON u.id = o.upload_id WHERE u.id = %s AND o.kind = 'original'", upload["id"])
    file = scanner.whole.layout.objects / name
    former, status = file.read_bytes(), file.stat()
    since = len(scanner.whole.log_lines("scan"))
    broken = bytearray(former)
    broken[-1] ^= 1
    file.write_bytes(bytes(broken))
    change_signatures(scanner, own_signatures, f"Known-From-Next-Week:0:*:{bad.hex()}\n")
    wait_for("that it is said", lambda: [line for line in scanner.said("upload-not-read", since) if line["upload"] == upload["id"]],
             WAIT_SECONDS)
    assert scanner.state(upload)[0] == "clean"
    assert scanner.sql("SELECT scanned_with FROM anamnesis.upload WHERE id = %s", upload["id"]) == [(with_which,)]
    file.write_bytes(former)
    assert file.stat().st_uid == status.st_uid
    wait_states(scanner, [upload], "infected")


def test_each_file_is_looked_at_again_whoever_is_killed(scanner, practice, own_signatures):
    chance = random.Random(SEED)
    _, me, response = practice.begun(sending.FORM)
    bad = f"known from next year on {random.randrange(10**12)}".encode()
    uploads = []
    for number in range(12):
        content = {"content_type": TEXT, "filename": "letter.txt"}
        uploads.append(sending.send(me, response, (bad if number % 2 else b"") + str(number).encode() * 99, **content))
    scanner.wait_decided(uploads)
    change_signatures(scanner, own_signatures, f"Known-From-Next-Year:0:*:{bad.hex()}\n")
    for who in chance.sample(["conductor", "engine", "picture"] * 2, 5):
        since = len(scanner.whole.log_lines("scan"))
        wait_for("one that is looked at again", lambda: scanner.said("upload-looked-at-again", since), WAIT_SECONDS, 0.005)
        time.sleep(chance.uniform(0, 1.05))
        os.kill(scanner.crew()[who], signal.SIGKILL)
        wait_for("the end of the crew", lambda: len(scanner.crew()) < len(PROCESSES), pause=0.001)
        scanner.stop()
        scanner.start()
    wait_states(scanner, uploads[1::2], "infected")
    assert {scanner.state(upload)[0] for upload in uploads[::2]} == {"clean"}


def test_clamd_in_place_of_the_engine(scanner, practice):
    """The same programs, and a daemon that says whether a file is infected; without it files wait, and lose nothing."""
    place = pathlib.Path(tempfile.mkdtemp(prefix="anamnesis-clamd-"))
    place.chmod(0o755)
    whole, (_, me, response) = scanner.whole, practice.begun(sending.FORM)
    scanner.stop()
    try:
        with clamd.Clamd(place, made_at=int(time.time()) - 3600) as daemon:
            since = len(whole.log_lines("scan"))
            scanner.process.start([whole.layout.programs / "anamnesis-scan"], whole.layout.scan_account,
                                  whole.instance.scan_environment() | {"ANAMNESIS_SCANNER": "clamd", "ANAMNESIS_CLAMD": str(daemon.path)})
            wait_for("that it is ready", lambda: scanner.said("scan-ready", since), WAIT_SECONDS)
            sent = [sending.send(me, response, sending.photo(90, 60)),
                    sending.send(me, response, hostile.EICAR, content_type=TEXT, filename="eicar.txt"),
                    sending.send(me, response, b"words", content_type=TEXT, filename="words.txt")]
            scanner.wait_decided(sent)
            assert [scanner.state(upload)[0] for upload in sent] == ["clean", "infected", "clean"]
            assert {name.split("/")[0].split()[0] for name, in scanner.sql("SELECT scanned_with FROM anamnesis.upload WHERE id = ANY(%s::uuid[])",
                                                                [upload["id"] for upload in sent])} == {"clamd"}
            daemon.stop()
            upload = sending.send(me, response, sending.photo(80, 60))
            put_off(scanner, upload, 2, since)
            daemon.start()
            scanner.wait_decided([upload])
            assert scanner.state(upload)[0] == "clean"
    finally:
        scanner.stop()
        shutil.rmtree(place)
        scanner.start()


def test_sigterm_ends_it_after_the_file_in_hand(scanner, practice):
    chance, sent = random.Random(SEED), []
    _, me, response = practice.begun(sending.FORM)
    for _ in range(4):
        since = len(scanner.whole.log_lines("scan"))
        uploads = [sending.send(me, response, sending.photo(200 + number, 150)) for number in range(4)]
        wait_for("a file in hand or all done", lambda: scanner.in_hand() or scanner.state(uploads[-1])[0] != "scanning", pause=0.002)
        time.sleep(chance.uniform(0, 0.03))
        scanner.stop()
        assert scanner.in_hand() == []
        assert [line["status"] for line in scanner.said("scan-ended", since)] == [0]
        assert all(scanner.state(upload) in (("clean", None, 0), ("scanning", None, 0)) for upload in uploads)
        scanner.start()
        scanner.wait_decided(uploads)
        assert [scanner.state(upload)[0] for upload in uploads] == ["clean"] * 4
        sent += uploads
    nothing_stays(scanner, sent, Canaries())
