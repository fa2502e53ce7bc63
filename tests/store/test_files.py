"""anamnesis-store: the files that a ticket opens, whole and in ranges; tickets and objects that are not what they were."""

import os
import pathlib
import random
import secrets
import shutil
import subprocess
import threading
import uuid

import pytest
from conftest import BUILD, receive, receive_bytes, running, wait_for

SEED = 20261130
CHUNK = 65536
ON_ITS_WAY = 4_000_000  # of what a socket and the chunk in hand hold there is less
PROGRAM = BUILD / "tests" / "programs" / "store_object"


@pytest.fixture
def chance():
    return random.Random(SEED)


class Object:
    """One sealed object, made by what makes them, and the tickets for it."""

    def __init__(self, store, plain, kind="view", content_type="video/mp4"):
        self.store, self.plain, self.kind, self.content_type = store, plain, kind, content_type
        self.upload, self.files_key, self.salt = str(uuid.uuid4()), secrets.token_hex(32), secrets.token_hex(32)
        self.name = self.run("seal", store.objects, *self.keys(), input=plain)

    def keys(self, **changes):
        found = {"upload": self.upload, "kind": self.kind, "files_key": self.files_key, "salt": self.salt} | changes
        return found["upload"], found["kind"], found["files_key"], found["salt"]

    def run(self, *words, **more):
        done = subprocess.run([PROGRAM, *map(str, words)], env={"ANAMNESIS_FILES_KEYRING_FILE": str(self.store.keyring)}, check=True,
                              stdout=subprocess.PIPE, **more)
        return done.stdout.decode().strip()

    def ticket(self, name=None, size=None, ranges=True, seconds=0, **changes):
        return self.run("ticket", name or self.name, *self.keys(**changes), self.content_type,
                        len(self.plain) if size is None else size, int(ranges), seconds)

    def get(self, ticket=None, **headers):
        return self.store.get(f"/.files/{ticket or self.ticket()}", **headers)

    @property
    def path(self):
        return self.store.objects / self.name


def is_whole(answer, made):
    assert answer.status == 200 and answer.body == made.plain
    assert int(answer.headers["content-length"]) == len(made.plain) and answer.headers["content-type"] == made.content_type
    return True


def is_gone(answer):
    assert (answer.status, answer.code) == (404, "not-found")
    return True


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 7, 5_000_000])
def test_a_whole_file(store, chance, size):
    made = Object(store, chance.randbytes(size))
    assert len(made.plain) < 16 or made.plain not in made.path.read_bytes()
    assert is_whole(made.get(), made)
    with store.connect() as connection:
        connection.sendall(f"HEAD /.files/{made.ticket()} HTTP/1.1\r\n\r\n".encode())
        answer = receive(connection)
    assert answer.status == 200 and answer.body == b"" and int(answer.headers["content-length"]) == size


def borders(size):
    """Every place where something begins or ends, and its neighbours."""
    places = {0, size - 1} | {chunk * CHUNK + by for chunk in range(size // CHUNK + 1) for by in (-1, 0, 1)}
    return sorted(place for place in places if 0 <= place < size)


def test_ranges_at_every_border(store, chance):
    made = Object(store, chance.randbytes(3 * CHUNK + 100))
    ticket, size = made.ticket(), len(made.plain)
    for first in borders(size):
        for last in borders(size):
            if first <= last:
                answer = made.get(ticket, Range=f"bytes={first}-{last}")
                assert answer.status == 206 and answer.body == made.plain[first:last + 1], (first, last)
                assert answer.headers["content-range"] == f"bytes {first}-{last}/{size}"
                assert int(answer.headers["content-length"]) == last - first + 1
        assert made.get(ticket, Range=f"bytes={first}-").body == made.plain[first:]
        assert made.get(ticket, Range=f"bytes=-{first + 1}").body == made.plain[-first - 1:]


def test_ranges_that_are_not_there_and_that_are_none(store, chance):
    made = Object(store, chance.randbytes(1000))
    ticket = made.ticket()
    for text in ("bytes=1000-", "bytes=1000-1001", "bytes=-0"):
        answer = made.get(ticket, Range=text)
        assert (answer.status, answer.code) == (416, "no-such-range") and answer.headers["content-range"] == "bytes */1000"
    for text in ("bytes=0-1,3-4", "bytes=5-3", "bytes=", "items=0-1", "bytes=a-b"):
        assert is_whole(made.get(ticket, Range=text), made)


def test_a_file_that_is_given_whole_alone(store, chance):
    made = Object(store, chance.randbytes(1000))
    assert is_whole(made.get(made.ticket(ranges=False), Range="bytes=0-1"), made)


def test_a_ticket_is_good_for_a_minute(store, chance):
    made = Object(store, chance.randbytes(1000))
    for seconds, good in ((-50, True), (-61, False), (-3600, False)):
        answer = made.get(made.ticket(seconds=seconds))
        assert is_whole(answer, made) if good else is_gone(answer)


def test_a_ticket_that_was_changed(store, chance):
    """Every character of it, and its length."""
    made = Object(store, chance.randbytes(1000))
    ticket = made.ticket()
    for at, old in enumerate(ticket):
        new = chance.choice([letter for letter in "ABCabc019-_" if letter != old])
        assert is_gone(made.get(ticket[:at] + new + ticket[at + 1:])), at
    for text in (ticket[:-1], ticket + "A", ticket + "=", ticket + "/", ticket[1:], "A", "A" * len(ticket), "A" * 5000):
        assert is_gone(made.get(text))
    assert is_whole(made.get(ticket), made)


def test_a_ticket_of_another_keyring(store, chance):
    with running() as other:
        made, elsewhere = Object(store, chance.randbytes(1000)), Object(other, chance.randbytes(1000))
        shutil.copy(made.path, elsewhere.path)
        elsewhere.path.chmod(0o640)
        assert is_gone(store.get(f"/.files/{elsewhere.ticket()}")) and is_gone(other.get(f"/.files/{made.ticket()}"))


@pytest.mark.parametrize("changes", [{"files_key": "11" * 32}, {"salt": "22" * 32}, {"kind": "original"}, {"upload": str(uuid.uuid4())}],
                         ids=["key of another patient", "another salt", "another kind", "another upload"])
def test_a_ticket_for_something_else(store, chance, changes):
    """It names this object, and what it says of it is another one's: nothing opens, and not a byte is given."""
    made = Object(store, chance.randbytes(1000))
    answer = made.get(made.ticket(**changes))
    assert (answer.status, answer.code) == (503, "unavailable")


def test_objects_that_were_exchanged(store, chance):
    """Somebody who can write to the disk puts one in the place of another."""
    one, other = (Object(store, chance.randbytes(1000)) for _ in range(2))
    answer = one.get(one.ticket(name=other.name))
    assert (answer.status, answer.code) == (503, "unavailable")


@pytest.mark.parametrize("size", [999, 1001, 0, 1000 + CHUNK])
def test_a_size_that_is_another_one(store, chance, size):
    made = Object(store, chance.randbytes(1000))
    assert made.get(made.ticket(size=size)).status == 503


def test_an_object_that_is_gone(store, chance):
    made = Object(store, chance.randbytes(1000))
    ticket = made.ticket()
    made.path.unlink()
    assert is_gone(made.get(ticket))


def test_an_object_that_was_changed_bit_by_bit(store, chance):
    made = Object(store, chance.randbytes(40))
    sealed, ticket = made.path.read_bytes(), made.ticket()
    assert len(sealed) == 32 + 40 + 16
    for bit in range(8 * len(sealed)):
        changed = bytearray(sealed)
        changed[bit // 8] ^= 1 << bit % 8
        made.path.write_bytes(changed)
        assert made.get(ticket).status == 503, bit
    made.path.write_bytes(sealed)
    assert is_whole(made.get(ticket), made)
    assert store.log("object-damaged")


def test_a_chunk_that_was_changed_ends_the_reply_before_it(store, chance):
    made = Object(store, chance.randbytes(3 * CHUNK))
    sealed = bytearray(made.path.read_bytes())
    sealed[32 + CHUNK + 16 + 5] ^= 1  # in the second chunk
    made.path.write_bytes(sealed)
    answer = made.get()
    assert answer.status == 200 and int(answer.headers["content-length"]) == 3 * CHUNK
    assert answer.body == made.plain[:CHUNK]
    assert made.get(Range=f"bytes=0-{CHUNK - 1}").body == made.plain[:CHUNK]
    assert made.get(Range=f"bytes={2 * CHUNK}-").body == made.plain[2 * CHUNK:]
    assert made.get(Range=f"bytes={CHUNK}-").status == 503


def test_chunks_that_change_places(store, chance):
    made = Object(store, chance.randbytes(3 * CHUNK))
    sealed, step = made.path.read_bytes(), CHUNK + 16
    first, second = sealed[32:32 + step], sealed[32 + step:32 + 2 * step]
    made.path.write_bytes(sealed[:32] + second + first + sealed[32 + 2 * step:])
    assert made.get().status == 503


def test_an_object_that_was_cut(store, chance):
    made = Object(store, chance.randbytes(2 * CHUNK))
    sealed = made.path.read_bytes()
    for size in (0, 31, 32, 32 + CHUNK + 16, len(sealed) - 1):
        made.path.write_bytes(sealed[:size])
        assert made.get().status == 503


def test_a_link_is_not_followed(store, chance):
    made = Object(store, chance.randbytes(100))
    elsewhere = store.top / "elsewhere"
    made.path.rename(elsewhere)
    made.path.symlink_to(elsewhere)
    assert made.get().status in (404, 503)


def test_parts_are_not_given(store, chance):
    """Neither by a path nor by a ticket: what the scanner has not judged leaves the store to nobody."""
    for path in ("/files/incoming/", "/.files/", "/.files/incoming/a/1", "/", "/sealed/00/0", "/.files/../incoming/a/1"):
        assert store.get(path).status in (404, 405)
    made = Object(store, chance.randbytes(100))
    upload = str(uuid.uuid4())
    with pytest.raises(subprocess.CalledProcessError):  # no worker can make such a ticket
        made.ticket(name=f"incoming/{upload}/1")


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_on_files(store, chance, method):
    made = Object(store, chance.randbytes(100))
    answer = store.ask(f"{method} /.files/{made.ticket()} HTTP/1.1\r\nContent-Length: 0\r\n\r\n".encode())
    assert answer.status == 404


def test_a_get_with_a_body(store, chance):
    made = Object(store, chance.randbytes(100))
    assert store.ask(f"GET /.files/{made.ticket()} HTTP/1.1\r\nContent-Length: 1\r\n\r\na".encode()).status == 404


def test_many_at_once(store, chance):
    objects = [Object(store, chance.randbytes(300_000 + at)) for at in range(5)]
    tickets = [made.ticket() for made in objects]
    answers = []

    def read(at):
        for _ in range(10):
            answers.append(is_whole(objects[at].get(tickets[at]), objects[at]))
    threads = [threading.Thread(target=read, args=(at,)) for at in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 50


def test_what_is_removed_is_not_read_on(own, chance):
    """The object of a file that was removed, or of an erased patient, is unlinked: what was opened before ends."""
    made = Object(own, chance.randbytes(10_000_000))
    with own.connect() as connection:
        connection.sendall(f"GET /.files/{made.ticket()} HTTP/1.1\r\n\r\n".encode())
        begun = connection.recv(100_000)
        assert begun.startswith(b"HTTP/1.1 200")
        made.path.unlink()
        rest = receive_bytes(connection)
    assert len(begun) + len(rest) < ON_ITS_WAY < len(made.plain)
    assert wait_for("its line in the log", lambda: [line for line in own.log("gone") if line["kind"] == "get"])
    assert not own.log("object-failed") and not own.log("object-damaged")


def test_a_reader_that_goes_away_holds_nothing(own, chance):
    made = Object(own, chance.randbytes(10_000_000))
    ticket = made.ticket()
    for _ in range(20):
        with own.connect() as connection:
            connection.sendall(f"GET /.files/{ticket} HTTP/1.1\r\n\r\n".encode())
            assert connection.recv(1000).startswith(b"HTTP/1.1 200")
    assert is_whole(made.get(), made)

    def open_files():
        return [os.readlink(entry) for pid in own.workers() for entry in pathlib.Path(f"/proc/{pid}/fd").iterdir()]
    if os.getuid() == 0:
        wait_for("closed files", lambda: str(made.path) not in open_files())
