"""anamnesis-scan-engine as its conductor sees it: scan/wire.h spoken by a test, and signatures of our own."""

import array
import collections
import fcntl
import os
import socket
import struct
import subprocess

from support import postgres

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-" + b"ANTIVIRUS-TEST-FILE!$H+H*"

REQUEST, REPLY, HELLO = 0x414E7101, 0x414E7201, 0x414E6801
REQUEST_FORM, REPLY_FORM, HELLO_FORM = "<IIQQQII96s", "<IIQIIIIIIQIII196s", "<IIq1024s"
VERDICTS = ("failed", "clean", "infected", "rejected")
REASONS = (None, "not-scanned", "encrypted", "too-deep", "damaged", "wrong-type", "too-large-picture", "not-understood", "active-content")
ENDS = (None, "answered", "killed", "overtime", "no-answer")
LOOK = 0
SEALS = fcntl.F_SEAL_WRITE | fcntl.F_SEAL_GROW | fcntl.F_SEAL_SHRINK
ANSWER_MAX = 8192
PATIENCE_SECONDS = 120

Verdict = collections.namedtuple("Verdict", "verdict reason signature end milliseconds")
Hello = collections.namedtuple("Hello", "held signatures_at signatures")


def text(field):
    return field.partition(b"\0")[0].decode()


def signatures(directory, bodies=None):
    """A directory of our own: the EICAR test file wherever it stands, and more by name -> bytes. Returns it."""
    directory.mkdir(exist_ok=True)
    bodies = {"Eicar-Test-Signature": EICAR} | (bodies or {})
    lines = [f"{name}:0:*:{body.hex()}\n" for name, body in sorted(bodies.items())]
    (directory / "test.ndb").write_text("".join(lines), encoding="ascii")
    return directory


def sealed(content):
    """A descriptor of a memfd with the content, which nobody can change."""
    file = os.memfd_create("test", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    with open(file, "wb", closefd=False) as out:
        out.write(content)
    fcntl.fcntl(file, fcntl.F_ADD_SEALS, SEALS)
    return file


class Engine:
    """A running one. `wrap` is a command to run it under."""

    def __init__(self, directory, log, wrap=(), program="anamnesis-scan-engine", **environment):
        self.log = log
        self.socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.socket.settimeout(PATIENCE_SECONDS)
        with open(log, "ab") as out, theirs:
            self.process = subprocess.Popen([*map(str, wrap), postgres.program(program).resolve()], stdin=theirs, stderr=out, cwd="/",
                                            env={"PATH": os.environ["PATH"], "ANAMNESIS_SIGNATURES": str(directory)} | environment)
        said = self.socket.recv(ANSWER_MAX)
        self.hello = None
        if said:
            magic, held, at, names = struct.unpack(HELLO_FORM, said)
            assert magic == HELLO
            self.hello = Hello(held, at, text(names))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()
        try:
            self.process.wait(PATIENCE_SECONDS)
        finally:
            self.process.kill()
            self.process.wait()

    def ask(self, content, number=1, milliseconds=30000, content_type="application/octet-stream"):
        file = sealed(content)
        request = struct.pack(REQUEST_FORM, REQUEST, LOOK, number, len(content), 0, milliseconds, 0,
                              content_type.encode())
        self.socket.sendmsg([request], [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", [file]))])
        os.close(file)

    def answer(self):
        """(number, Verdict); None when it is gone."""
        got = self.socket.recv(ANSWER_MAX)
        if not got:
            return None
        magic, verdict, number, reason, end, _, _, _, took, _, _, _, _, signature = struct.unpack_from(REPLY_FORM, got)
        assert magic == REPLY
        return number, Verdict(VERDICTS[verdict], REASONS[reason], text(signature), ENDS[end], took)

    def look(self, content, milliseconds=30000, **more):
        self.ask(content, milliseconds=milliseconds, **more)
        return self.answer()[1]

    def children(self):
        with open(f"/proc/{self.process.pid}/task/{self.process.pid}/children", encoding="ascii") as file:
            return [int(word) for word in file.read().split()]
