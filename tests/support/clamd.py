"""A real clamd with signatures of our own, which tells of official ones."""

import hashlib
import io
import shutil
import socket
import subprocess
import tarfile
import time

from support import scan_engine

CLAMD = shutil.which("clamd") or "/usr/sbin/clamd"
PATIENCE_SECONDS = 60
MADE_AT = 1764490000
STRICT = {"AlertEncrypted": "yes", "AlertExceedsMax": "yes", "MaxRecursion": "10", "MaxScanTime": "20000", "LocalSocketMode": "666"}


def tell(directory, version, made_at):
    """What clamd tells of its official signatures is the header of its `daily` database: here one that nobody signed."""
    body = f"Nothing-That-Anybody-Sends:0:*:{b'nothing that anybody sends'.hex()}\n".encode()
    header = f"ClamAV-VDB:30 Nov 2026 09-30 +0000:{version}:1:90:{'0' * 32}:0:nobody:{made_at}"
    info = f"{header}\ndaily.ndb:{len(body)}:{hashlib.sha256(body).hexdigest()}\n".encode()
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w:gz", format=tarfile.USTAR_FORMAT) as archive:
        for name, content in (("daily.info", info), ("daily.ndb", body)):
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    (directory / "daily.cud").write_bytes(header.encode().ljust(512) + packed.getvalue())


class Clamd:
    def __init__(self, place, signatures=None, version=27800, made_at=MADE_AT, **settings):
        self.place, self.path = place, place / "clamd.ctl"
        self.version, self.made_at = version, made_at
        self.directory = directory = scan_engine.signatures(place / "signatures")
        if signatures:
            (directory / "test.ndb").write_text(signatures, encoding="ascii")
        lines = {"Foreground": "yes", "LocalSocket": self.path, "DatabaseDirectory": directory, "TemporaryDirectory": place,
                 "LogFile": place / "clamd.log", **STRICT, **settings}
        (place / "clamd.conf").write_text("".join(f"{name} {value}\n" for name, value in lines.items() if value is not None), encoding="ascii")
        self.process = None
        self.start()

    def start(self):
        if self.version:
            tell(self.directory, self.version, self.made_at)
        self.process = subprocess.Popen([CLAMD, "-c", self.place / "clamd.conf"], stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
        until = time.monotonic() + PATIENCE_SECONDS
        while not self.answers():
            assert self.process.poll() is None and time.monotonic() < until, (self.place / "clamd.log").read_text()
            time.sleep(0.05)

    def answers(self):
        try:
            with socket.socket(socket.AF_UNIX) as asked:
                asked.connect(str(self.path))
                asked.sendall(b"zPING\0")
                return asked.recv(16) == b"PONG\0"
        except OSError:
            return False

    def stop(self):
        self.process.kill()
        self.process.wait()
        self.path.unlink(missing_ok=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
