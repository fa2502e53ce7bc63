"""anamnesis-store: what it takes and what it refuses, bit by bit; connections that are cut, processes that are killed, a disk
that is full."""

import base64
import contextlib
import os
import pathlib
import random
import select
import signal
import subprocess
import tempfile
import threading
import time

import pytest
from conftest import Store, receive, running, wait_for
from support.parts import Part

SEED = 20261130
MOST = 8 * 1024 * 1024
PLACES_OF_KIND = 192  # of one process


@pytest.fixture
def chance():
    return random.Random(SEED)


def refused(answer, status, code):
    assert (answer.status, answer.code) == (status, code), answer.body
    assert answer.headers["content-type"] == "application/problem+json" and answer.headers["cache-control"] == "no-store"
    return True


def test_the_signature_bit_by_bit(store, chance):
    part = Part(store.signer, chance.randbytes(1000))
    start, _, signature = part.query.rpartition("=")
    for bit in range(256):
        changed = f"{int(signature, 16) ^ (1 << bit):064x}"
        part.query = f"{start}={changed}"
        assert refused(store.put(part), 403, "url-refused"), bit
    part.query = f"{start}={signature}"
    assert store.kept(part) is None and store.put(part).status == 200


def test_every_byte_of_the_query(store, chance):
    """Another one in its place, and none: nothing of it is left unsigned."""
    part = Part(store.signer, b"a")
    query = part.query
    for at, old in enumerate(query):
        for new in ("" if at % 2 else "x", chance.choice("0aZ%&=-")):
            if new != old:
                part.query = query[:at] + new + query[at + 1:]
                assert store.put(part).status == 403, (at, new)
    for extra in ("&", "&a=b", "&X-Amz-Expires=300", "#"):
        part.query = query + extra
        assert store.put(part).status in (400, 403), extra
    assert store.kept(part) is None


def test_the_digest_bit_by_bit(store, chance):
    part = Part(store.signer, chance.randbytes(100))
    digest = base64.b64decode(part.headers["x-amz-checksum-sha256"])
    for bit in range(256):
        changed = (int.from_bytes(digest, "big") ^ (1 << bit)).to_bytes(32, "big")
        answer = store.put(part, **{"x-amz-checksum-sha256": base64.b64encode(changed).decode()})
        assert refused(answer, 403, "url-refused"), bit
    assert store.kept(part) is None


def test_a_body_with_one_bit_changed(store, chance):
    part = Part(store.signer, chance.randbytes(70000))
    for bit in [0, 8 * 70000 - 1, *(chance.randrange(8 * 70000) for _ in range(20))]:
        content = bytearray(part.content)
        content[bit // 8] ^= 1 << bit % 8
        assert refused(store.put(part, bytes(content)), 400, "wrong-digest")
    assert store.kept(part) is None


@pytest.mark.parametrize("by", [-100, -1, 1, 100])
def test_a_length_that_was_not_signed(store, chance, by):
    part = Part(store.signer, chance.randbytes(1000))
    assert refused(store.put(part, **{"Content-Length": str(1000 + by)}), 403, "url-refused")


def test_lengths_that_are_none(store):
    part = Part(store.signer, b"a")
    assert refused(store.put(part, **{"Content-Length": None}), 411, "length-required")
    assert refused(store.put(part, **{"Transfer-Encoding": "chunked"}), 411, "length-required")
    assert refused(store.put(part, **{"Content-Length": str(MOST + 1)}), 413, "too-large")
    assert refused(store.put(part, **{"Content-Length": "01"}), 400, "invalid-request")


@pytest.mark.parametrize("offset", [-400, -299, 0, 299, 400])
def test_the_time(store, offset):
    """Good for 300 s from when it was signed, and by a clock that is up to 300 s ahead."""
    part = Part(store.signer, os.urandom(10), at=time.time() + offset)
    assert store.put(part).status == (200 if abs(offset) < 300 else 403)


def test_heads_that_nginx_would_not_write(store, chance):
    """Bytes by chance, and good requests that were changed by chance: an answer or an end, and it goes on serving."""
    workers = store.workers()
    part = Part(store.signer, b"a")
    for _ in range(300):
        head = bytearray(part.head())
        for _ in range(chance.randrange(1, 6)):
            head[chance.randrange(len(head))] = chance.randrange(256)
        text = bytes(head) if chance.random() < 0.7 else chance.randbytes(chance.randrange(300)) + b"\r\n\r\n"
        assert store.ask(text + b"\r\n\r\n").status in (400, 403, 404, 405, 411, 413, 431)
    assert refused(store.ask(b"GET / HTTP/1.1\r\n" + b"A: b\r\n" * 33 + b"\r\n"), 431, "headers-too-large")
    assert refused(store.ask(b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\n\r\n"), 431, "headers-too-large")
    assert store.workers() == workers and store.kept(part) is None


def test_a_head_in_pieces(store, chance):
    part = Part(store.signer, chance.randbytes(5000))
    text = part.head() + part.content
    with store.connect() as connection:
        while text:
            size = chance.randrange(1, 100)
            connection.sendall(text[:size])
            text = text[size:]
        assert receive(connection).status == 200
    assert store.kept(part) == part.content


def test_what_comes_behind_the_body_is_nobody_s(store, chance):
    part, other = (Part(store.signer, chance.randbytes(100)) for _ in range(2))
    assert store.put(part, part.content + other.head() + other.content).status == 200
    assert store.kept(part) == part.content and store.kept(other) is None


def test_a_connection_that_is_cut_leaves_nothing(store, chance):
    part = Part(store.signer, chance.randbytes(300000))
    text = part.head() + part.content
    before = store.names()
    for offset in [0, 1, len(text) - 1, *(chance.randrange(len(text)) for _ in range(100))]:
        with store.connect() as connection:
            connection.sendall(text[:offset])
    assert store.put(part).status == 200
    assert store.names() == sorted([*before, f"incoming/{part.upload}/1"]) and store.kept(part) == part.content


def test_two_at_once_for_one_place(store, chance):
    """Whoever is whole first has it; the other one is told that it is there."""
    for _ in range(20):
        content = chance.randbytes(200000)
        parts = [Part(store.signer, content) for _ in range(4)]
        for part in parts[1:]:
            part.upload, part.path, part.query = parts[0].upload, parts[0].path, parts[0].query
        answers = []
        threads = [threading.Thread(target=lambda part=part: answers.append(store.put(part).status)) for part in parts]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [200, 412, 412, 412]
        assert store.kept(parts[0]) == content


def answered(connections):
    """Those of them that were told something."""
    return select.select(connections, [], [], 0)[0]


@contextlib.contextmanager
def all_places_taken(store, body_of):
    """Uploads under way that have every place of both processes."""
    held, opened, told = [], 0, 0

    def are_judged():
        """Each was told to wait, or has a directory by now."""
        nonlocal told
        for connection in answered(held):
            answer = receive(connection)
            assert refused(answer, 503, "unavailable") and int(answer.headers["retry-after"]) >= 1
            held.remove(connection)
            connection.close()
            told += 1
        return told + len(list((store.objects / "incoming").iterdir())) == opened
    try:
        while len(held) < 2 * PLACES_OF_KIND:
            for _ in range(2 * PLACES_OF_KIND - len(held) + 2):
                head, body = body_of(opened)
                held.append(store.connect())
                held[-1].sendall(head + body)
                opened += 1
            wait_for("a verdict for each", are_judged)
        yield held
    finally:
        for connection in held:
            connection.close()


def test_when_uploads_have_all_places_files_are_still_given(own, chance):
    """384 are under way at most; one more is told to wait, and a request for a file is answered."""
    with all_places_taken(own, lambda at: (Part(own.signer, bytes(100)).head(), b"")):
        assert refused(own.put(Part(own.signer, b"a")), 503, "unavailable")
        assert refused(own.get("/.files/AAAA"), 404, "not-found")
    wait_for("a place", lambda: own.put(Part(own.signer, b"a")).status == 200)


def test_when_all_places_are_taken_the_slowest_gives_way(own, chance):
    """A crowd that sends just enough keeps nobody out for longer than half a minute; who is faster than it stays."""
    content = bytes(1_000_000)
    with all_places_taken(own, lambda at: (Part(own.signer, content).head(), content[:300_000 if at % 2 else 31_000])) as held:
        newcomer = Part(own.signer, chance.randbytes(1000))
        assert refused(own.put(newcomer), 503, "unavailable")
        wait_for("a place for one more", lambda: own.put(newcomer).status == 200, seconds=60)
        gave_way = answered(held)
        assert gave_way and {receive(connection).code for connection in gave_way} == {"too-slow"}
        assert len(gave_way) < len(held) / 2


# --- Killed, stopped, started again

def test_kill_9_while_parts_arrive(own, chance):
    """Each part that was acknowledged is there; of the others there is all or nothing. A client that tries again is done."""
    parts = [Part(own.signer, chance.randbytes(chance.randrange(1, 2_000_000)), number=1 + at % 7) for at in range(60)]
    left, taken, done = list(parts), [], threading.Event()

    def send():
        while left:
            part = left.pop()
            answer = None
            with contextlib.suppress(OSError):
                answer = own.put(part)
            if answer is not None and answer.status == 200:
                assert own.kept(part) == part.content
                taken.append(part)
            elif answer is not None and answer.status == 412:
                taken.append(part)  # it was killed after it had linked it
            else:
                assert own.kept(part) in (None, part.content)
                left.append(part)

    def kill():
        pauses = random.Random(SEED)
        while not done.wait(pauses.uniform(0.01, 0.2)):
            for pid in own.workers()[:1]:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    senders = [threading.Thread(target=send) for _ in range(6)]
    for thread in (killer, *senders):
        thread.start()
    for thread in senders:
        thread.join()
    done.set()
    killer.join()
    assert {part.upload for part in taken} == {part.upload for part in parts}
    assert all(own.kept(part) == part.content for part in parts)
    assert own.names() == sorted(f"incoming/{part.upload}/{part.number}" for part in parts)
    wait_for("both processes", lambda: len(own.workers()) == 2)
    assert {line["signal"] for line in own.log("process-died")} == {signal.SIGKILL}


def test_told_to_end_it_finishes_what_it_has_begun(own, chance):
    part = Part(own.signer, chance.randbytes(100000))
    with own.connect() as connection:
        connection.sendall(part.head() + part.content[:50000])
        wait_for("the part", lambda: (own.objects / "incoming" / part.upload).exists())
        own.process.send_signal(signal.SIGTERM)
        wait_for("the end of the socket", lambda: not (own.top / "run" / "store.sock").exists())
        connection.sendall(part.content[50000:])
        assert receive(connection).status == 200
    assert own.process.wait(10) == 0 and own.kept(part) == part.content


def test_its_processes_end_with_it(own):
    workers = own.workers()
    own.process.kill()
    own.process.wait()
    wait_for("their end", lambda: not any(pathlib.Path(f"/proc/{pid}").exists() for pid in workers))


def test_a_new_keyring_is_used_without_a_gap(own, chance):
    """A version that is added is known soon, the one before stays good, and no request is refused meanwhile."""
    old, statuses, done = own.signer, [], threading.Event()

    def send():
        while not done.is_set():
            statuses.append(own.put(Part(old, os.urandom(1000))).status)

    sender = threading.Thread(target=send)
    sender.start()
    before = own.workers()
    own.write_keys(2)
    new = own.signer
    assert new.version == 2
    wait_for("the new version", lambda: own.put(Part(new, chance.randbytes(100))).status == 200)
    wait_for("both processes anew", lambda: len(own.workers()) == 2 and not set(own.workers()) & set(before))
    done.set()
    sender.join()
    assert set(statuses) == {200} and not own.log("process-died")
    for signer in (old, new):
        assert own.put(Part(signer, chance.randbytes(100))).status == 200


def test_slow_uploads_hold_up_no_change_of_keys(own, chance):
    """They are under way in both processes: whoever comes meets the new keys all the same, and they are finished beside it."""
    before, slow = own.workers(), [Part(own.signer, chance.randbytes(100_000)) for _ in range(40)]
    with contextlib.ExitStack() as stack:
        connections = [stack.enter_context(own.connect()) for _ in slow]
        for connection, part in zip(connections, slow):
            connection.sendall(part.head() + part.content[:50_000])
        wait_for("all of them", lambda: all((own.objects / "incoming" / part.upload).exists() for part in slow))
        own.write_keys(2)
        wait_for("both processes anew", lambda: len(own.log("store-ready")) == 4)
        assert set(before) < set(own.workers()) and len(own.workers()) == 4
        for _ in range(50):
            assert own.put(Part(own.signer, chance.randbytes(100))).status == 200
        for connection, part in zip(connections, slow):
            connection.sendall(part.content[50_000:])
        assert {receive(connection).status for connection in connections} == {200}
    assert all(own.kept(part) == part.content for part in slow)
    wait_for("the end of the old ones", lambda: not set(own.workers()) & set(before))
    assert not own.log("process-died")


def test_keys_that_change_often_leave_few_processes(own, chance):
    """Each change has its upload that does not end; of old processes eight are left, and the first of those uploads were cut."""
    with contextlib.ExitStack() as stack:
        held = []
        for version in range(2, 9):
            for _ in range(20):
                part = Part(own.signer, chance.randbytes(1000))
                held.append(stack.enter_context(own.connect()))
                held[-1].sendall(part.head())
                wait_for("the upload", lambda part=part: (own.objects / "incoming" / part.upload).exists())
            own.write_keys(version)
            wait_for("both processes anew", lambda ready=2 * version: len(own.log("store-ready")) == ready)
        wait_for("few processes", lambda: len(own.workers()) <= 2 + 8)
        wait_for("the end of the oldest", lambda: answered(held[:20]))
        assert not answered(held[-20:]) and {receive(connection).status for connection in answered(held[:20])} == {None}
        assert own.put(Part(own.signer, chance.randbytes(100))).status == 200


def test_a_keyring_that_is_none_stops_nothing(own, chance):
    spoilt = own.top / "spoilt"
    spoilt.write_text("{}", encoding="utf-8")
    own.own(spoilt)
    spoilt.chmod(0o400)
    signer = own.signer
    spoilt.rename(own.keyring)
    wait_for("a process that ended", lambda: own.log("process-died") or own.log("store-not-started"))
    assert own.put(Part(signer, chance.randbytes(100))).status == 200


# --- A directory that is not as it must be

@pytest.mark.parametrize("spoil, said", [
    (lambda made: (made.objects / "incoming").rmdir(), "incoming (No such file"),
    (lambda made: (made.objects / "sealed").rmdir(), "sealed (No such file"),
    (lambda made: made.keyring.unlink(), "keyring"),
    (lambda made: made.environment.update(ANAMNESIS_STORE_DIR=""), "ANAMNESIS_STORE_DIR is not set"),
    (lambda made: made.environment.update(ANAMNESIS_STORE_SOCKET_DIR="/nonexistent"), "cannot listen"),
], ids=["no place for parts", "no place for objects", "no keyring", "no directory", "no place for the socket"])
def test_what_keeps_it_from_starting_is_said(spoil, said):
    made = Store()
    try:
        spoil(made)
        made.start()
        assert made.process.wait(20) in (1, 78)
        assert any(said in line.get("why", "") for line in made.log("store-not-started")), made.log()
    finally:
        made.end()


@pytest.mark.skipif(os.getuid() != 0, reason="root alone takes a directory away")
def test_a_directory_that_is_not_its_own():
    made = Store()
    try:
        os.chown(made.objects / "incoming", 0, 0)
        (made.objects / "incoming").chmod(0o755)
        assert made.start().process.wait(20) == 78
        assert "cannot write to" in made.log("store-not-started")[0]["why"]
    finally:
        made.end()


@contextlib.contextmanager
def small_disk(size):
    place = pathlib.Path(tempfile.mkdtemp(prefix="anamnesis-disk-"))
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", place], check=False, capture_output=True)
    if mounted.returncode != 0:
        place.rmdir()
        pytest.skip("this machine does not let root mount a tmpfs")
    try:
        yield place
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)
        place.rmdir()


@pytest.mark.skipif(os.getuid() != 0, reason="root alone mounts a small disk")
def test_a_full_disk_is_told_and_spoils_nothing(chance):
    with small_disk("20m") as place, running(place / "objects") as made:
        parts = [Part(made.signer, chance.randbytes(MOST)) for _ in range(3)]
        assert [made.put(part).status for part in parts[:2]] == [200, 200]
        before = made.names()
        # Before a byte of it is sent: the head alone is answered.
        answer = made.ask(parts[2].head())
        assert refused(answer, 503, "store-full") and int(answer.headers["retry-after"]) >= 1
        assert made.names() == before and all(made.kept(part) == part.content for part in parts[:2])
        small = Part(made.signer, chance.randbytes(1000))
        assert made.put(small).status == 200
        (made.objects / "incoming" / parts[0].upload / "1").unlink()
        assert made.put(parts[2]).status == 200 and made.kept(parts[2]) == parts[2].content
