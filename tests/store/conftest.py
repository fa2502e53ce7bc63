"""The store alone: the program itself on a directory of its own, spoken to by its socket as nginx speaks to it."""

import base64
import contextlib
import json
import os
import pathlib
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True  # the tree may belong to somebody else
for directory in (TOP / "tests", TOP / "tools"):
    sys.path.insert(0, str(directory))

from instancelib.layout import OBJECTS_GROUP, Account, can_reach  # noqa: E402  (the path is set above)
from support.parts import Signer  # noqa: E402

BUILD = pathlib.Path(os.environ.get("ANAMNESIS_BUILD", TOP / "build"))
BASE_URL = "https://store.example"
PATIENCE_SECONDS = 30


def wait_for(what, condition, seconds=PATIENCE_SECONDS):
    """Until `condition()` gives something true; gives that."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.02)


class Answer:
    def __init__(self, received):
        head, _, self.body = received.partition(b"\r\n\r\n")
        lines = head.decode().split("\r\n")
        self.status = int(lines[0].split()[1]) if lines[0] else None  # None: closed without a word
        self.headers = {line.split(": ", 1)[0].lower(): line.split(": ", 1)[1] for line in lines[1:]}

    @property
    def code(self):
        return json.loads(self.body)["code"]


class Store:
    """One program, its directories and its keyring."""

    def __init__(self, objects=None, **environment):
        self.top = pathlib.Path(tempfile.mkdtemp(prefix="anamnesis-store-"))
        self.top.chmod(0o755)
        self.account = Account("anamnesis-store", [OBJECTS_GROUP]) if os.getuid() == 0 else None
        self.objects = objects or self.top / "objects"
        self.keyring = self.top / "keyring.json"
        self.log_file = self.top / "store.log"
        self.environment = environment
        self.process = None
        (self.top / "run").mkdir()
        self.own(self.top / "run")
        self.make_objects()
        self.write_keys(1)

    def own(self, path):
        if self.account is not None:
            self.account.own(path)

    def make_objects(self):
        for path, mode in ((self.objects, 0o2751), (self.objects / "incoming", 0o2771), (self.objects / "sealed", 0o2770)):
            path.mkdir(exist_ok=True)
            if self.account is not None:
                self.account.own(path, OBJECTS_GROUP)
            path.chmod(mode)

    def write_keys(self, versions):
        """A keyring with so many versions; those that are there stay."""
        there = json.loads(self.keyring.read_text(encoding="utf-8"))["files"] if self.keyring.exists() else []
        there += [{"version": version, "key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")}
                  for version in range(len(there) + 1, versions + 1)]
        fresh = self.top / "keyring.new"
        fresh.write_text(json.dumps({"files": there}), encoding="utf-8")
        self.own(fresh)
        fresh.chmod(0o400)
        fresh.rename(self.keyring)

    @property
    def signer(self):
        return Signer(self.keyring, BASE_URL)

    def program(self):
        """Where the account reaches it: a copy, when the tree is somebody's home."""
        built = BUILD / "anamnesis-store"
        if self.account is None or can_reach(self.account, built):
            return built
        copy = self.top / "anamnesis-store"
        if not copy.exists():
            shutil.copy2(built, copy)
        return copy

    def start(self):
        variables = {"PATH": "/usr/bin:/bin", "ANAMNESIS_STORE_DIR": str(self.objects), "ANAMNESIS_BASE_URL": BASE_URL,
                     "ANAMNESIS_STORE_SOCKET_DIR": str(self.top / "run"), "ANAMNESIS_FILES_KEYRING_FILE": str(self.keyring)}
        variables |= {name: os.environ[name] for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS") if name in os.environ}
        with self.log_file.open("ab") as log:
            self.process = subprocess.Popen([self.program()], env=variables | self.environment, stdout=subprocess.DEVNULL, stderr=log, cwd="/",
                                            stdin=subprocess.DEVNULL, **(self.account.popen if self.account else {}))
        return self

    def is_ready(self):
        assert self.process.poll() is None, self.log_file.read_text(encoding="utf-8")
        return len(self.workers()) == 2 and [line["event"] for line in self.log()].count("store-ready") >= 2

    def workers(self):
        """The processes that serve."""
        path = pathlib.Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(pid) for pid in path.read_text(encoding="utf-8").split()]

    def log(self, event=None):
        lines = [json.loads(line) for line in self.log_file.read_text(encoding="utf-8").splitlines() if line.startswith("{")]
        return [line for line in lines if event in (None, line["event"])]

    def connect(self):
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(PATIENCE_SECONDS)
        connection.connect(str(self.top / "run" / "store.sock"))
        return connection

    def ask(self, text):
        """Sends bytes as they are; what comes back until the end."""
        with self.connect() as connection:
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                connection.sendall(text)
            return receive(connection)

    def put(self, part, content=None, **headers):
        return self.ask(part.head(**headers) + (part.content if content is None else content))

    def get(self, path, **headers):
        lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
        return self.ask(f"GET {path} HTTP/1.1\r\nHost: store\r\n{lines}\r\n".encode())

    def names(self):
        """Every file below the directory."""
        return sorted(str(path.relative_to(self.objects)) for path in self.objects.rglob("*") if not path.is_dir())

    def kept(self, part):
        path = self.objects / "incoming" / part.upload / str(part.number)
        return path.read_bytes() if path.exists() else None

    def stop(self):
        """The exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE_SECONDS)

    def end(self):
        if self.process is not None and self.process.poll() is None:
            self.process.kill()  # its processes end with it
            self.process.wait()
        shutil.rmtree(self.top, ignore_errors=True)


def receive_bytes(connection):
    """All until the end."""
    received = []
    with contextlib.suppress(ConnectionResetError):
        while more := connection.recv(1 << 20):
            received.append(more)
    return b"".join(received)


def receive(connection):
    return Answer(receive_bytes(connection))


@contextlib.contextmanager
def running(objects=None, **environment):
    made = Store(objects, **environment)
    try:
        made.start()
        wait_for("both processes", made.is_ready)
        yield made
    finally:
        made.end()


@pytest.fixture(scope="module")
def store():
    with running() as made:
        yield made


@pytest.fixture
def own():
    """One that the test may break."""
    with running() as made:
        yield made
