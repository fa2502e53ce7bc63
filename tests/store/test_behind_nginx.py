"""A download's way through nginx: what stays of the worker's reply (X-Accel-Redirect), and what the store says. What answers
in the worker's place is a FastCGI responder of this file, which says what the tests want."""

import contextlib
import random
import socket
import struct
import subprocess
import sys
import threading

import pytest
from conftest import TOP, running
from test_files import Object

sys.path.insert(0, str(TOP / "tests" / "tools"))

import test_nginx_conf  # noqa: E402  (the path is set above)

REQUEST = "01234567-89ab-4cde-8f01-23456789abcd"
STDIN, STDOUT, END = 5, 6, 3
CURL_PARTIAL = 18


def record(kind, content=b""):
    return struct.pack(">BBHHBB", 1, kind, 1, len(content), 0, 0) + content


def is_complete(received):
    """The empty STDIN ends a request."""
    while len(received) >= 8:
        _, kind, _, size, padding, _ = struct.unpack(">BBHHBB", received[:8])
        if kind == STDIN and size == 0:
            return True
        received = received[8 + size + padding:]
    return False


class Worker(threading.Thread):
    """Answers every request with this head."""

    def __init__(self, path):
        super().__init__(daemon=True)
        self.head = ""
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        path.chmod(0o666)
        self.listener.listen(16)
        self.start()

    def run(self):
        while True:
            with contextlib.suppress(ConnectionError), self.listener.accept()[0] as connection:
                received = b""
                while not is_complete(received):
                    received += connection.recv(65536)
                connection.sendall(record(STDOUT, self.head.encode()) + record(STDOUT) + record(END, bytes(8)))


class Site:
    def __init__(self, host, store, worker):
        self.host, self.store, self.worker = host, store, worker

    def command(self, made, *words, ticket=None):
        """What asks for it, once the worker's reply is set."""
        self.worker.head = (f"Status: 200 OK\r\nContent-Type: {made.content_type}\r\nX-File-Disposition: attachment; filename=\"a\"\r\n"
                            f"Cache-Control: no-store\r\nX-Request-Id: {REQUEST}\r\nX-Accel-Redirect: "
                            f"/.files/{ticket or made.ticket()}\r\n\r\n")
        return ["curl", "-sS", "-i", "--cacert", self.host.top / "site.pem", *words, f"https://127.0.0.1:{self.host.port}/admin/media/1/file"]

    def ask(self, made, *words, ticket=None):
        """(status, [(name, value)], body)"""
        done = subprocess.run(self.command(made, *words, ticket=ticket), capture_output=True, check=True)
        head, _, body = done.stdout.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        return int(lines[0].split()[1]), [tuple(line.lower().split(": ", 1)) for line in lines[1:]], body


@pytest.fixture(scope="module")
def site():
    with running() as store:
        (store.top / "run").chmod(0o755)  # here nginx is in no group of the store's
        (store.top / "run" / "store.sock").chmod(0o666)
        printed = test_nginx_conf.printed
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(test_nginx_conf, "printed", lambda *words, **more: printed(*words, "--store", store.top / "run", **more))
            host = test_nginx_conf.Host()
        with test_nginx_conf.running(host):
            yield Site(host, store, Worker(host.top / "sockets" / "api.sock"))


class Made(Object):
    @contextlib.contextmanager
    def store_away(self):
        """The socket under another name."""
        there = self.store.top / "run" / "store.sock"
        away = there.rename(there.with_suffix(".away"))
        try:
            yield
        finally:
            away.rename(there)


@pytest.fixture
def made(site):
    return Made(site.store, random.Random(1).randbytes(300_000), content_type="image/jpeg")


def values(headers, name):
    return [value for found, value in headers if found == name]


def of_worker(headers, disposition=('attachment; filename="a"',)):
    """What the worker said is there once, and so is what stands on every answer."""
    wanted = {"content-disposition": list(disposition), "cache-control": ["no-store"], "x-request-id": [REQUEST],
              "x-content-type-options": ["nosniff"], "content-security-policy": ["sandbox; default-src 'none'; frame-ancestors 'none'"]}
    return {name: values(headers, name) for name in wanted} == wanted and not values(headers, "x-file-disposition")


def is_problem(headers):
    """Nothing of the file's is said of it: neither its type nor that it is to be saved, and under which name."""
    return values(headers, "content-type") == ["application/problem+json"] and not values(headers, "content-disposition")


@pytest.mark.parametrize("version", ["--http1.1", "--http2"])
def test_a_file_arrives_with_the_workers_headers(site, made, version):
    status, headers, body = site.ask(made, version)
    assert status == 200 and body == made.plain and of_worker(headers)
    assert [value for name, value in headers if name == "content-type"] == ["image/jpeg"]


def test_a_range(site, made):
    status, headers, body = site.ask(made, "-H", "Range: bytes=65530-65545")
    assert status == 206 and body == made.plain[65530:65546] and of_worker(headers)
    assert ("content-range", "bytes 65530-65545/300000") in headers


def test_head_and_post(site, made):
    status, headers, body = site.ask(made, "-I")
    assert status == 200 and body == b"" and ("content-length", "300000") in headers and of_worker(headers)
    status, headers, body = site.ask(made, "-d", "{}")
    assert status == 200 and body == made.plain and of_worker(headers)


@pytest.mark.parametrize("words, ticket, status, code", [
    ((), "AAAA", 404, b'"code":"not-found"'), (("-H", "Range: bytes=300000-"), None, 416, b'"code":"no-such-range"')])
def test_what_the_store_refuses(site, made, words, ticket, status, code):
    told, headers, body = site.ask(made, *words, ticket=ticket)
    assert told == status and code in body and REQUEST.encode() in body and of_worker(headers, disposition=())
    assert is_problem(headers)


def test_a_file_that_is_removed_while_somebody_reads_it_slowly(site):
    """They get what was on its way, and see that it was cut."""
    large = Made(site.store, random.Random(2).randbytes(40_000_000), content_type="image/jpeg")
    with subprocess.Popen(site.command(large, "--http1.1"), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL) as reader:
        begun = reader.stdout.read(1000)
        assert begun.startswith(b"HTTP/1.1 200")
        large.path.unlink()
        rest = reader.stdout.read()
        assert reader.wait() == CURL_PARTIAL
    assert len(begun) + len(rest) < len(large.plain)
    assert site.store.log("gone")


def test_an_object_that_is_damaged(site, made):
    made.path.write_bytes(b"x" + made.path.read_bytes()[1:])
    told, headers, body = site.ask(made)
    assert told == 503 and b'"code":"unavailable"' in body and of_worker(headers, disposition=()) and is_problem(headers)


def test_a_store_that_is_not_there(site, made):
    """nginx answers by itself: it knows no more of the file than who asks."""
    with made.store_away():
        told, headers, body = site.ask(made)
    assert told == 503 and b'"code":"unavailable"' in body and is_problem(headers)
    assert len(values(headers, "x-request-id")) == 1 and values(headers, "retry-after")
    assert site.ask(made)[0] == 200
