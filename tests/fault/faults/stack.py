"""The processes of the instance under test: found, signalled, and started again as tools/instance started them."""

import json
import os
import pathlib
import signal
import time

from instancelib.control import Instance
from instancelib.layout import Layout

PATIENCE_SECONDS = 30
RECONNECT_SECONDS = 0.25


def wait_for(what, condition, seconds=PATIENCE_SECONDS, pause=0.02):
    """Until `condition()` gives something true; gives that."""
    deadline = time.monotonic() + seconds
    while True:
        found = condition()
        if found:
            return found
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(pause)


def children(pid):
    """Process ids of a process's children; those that have ended and wait to be noticed are none."""
    found = []
    for entry in pathlib.Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            fields = (entry / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(fields[1]) == pid and fields[0] not in "ZX":
            found.append(int(entry.name))
    return found


class Stack:
    def __init__(self, demo):
        self.var = pathlib.Path(demo["var"])
        port = json.loads((self.var / "instance.json").read_text(encoding="utf-8"))["port"]
        self.instance = Instance(Layout(self.var).prepare(), port)
        self.layout = self.instance.layout
        supervisor = pathlib.Path(f"/proc/{self.supervisor()}")
        # As the runner configured it: this process may have been told something else.
        self.environment = dict(pair.split("=", 1) for pair in (supervisor / "environ").read_text().split("\0") if pair)
        self.size = len(self.workers())

    def supervisor(self):
        return self.instance.workers.pid()

    def workers(self, lane=None):
        """Process ids of the workers, of one lane or of all. One that still is a copy of the supervisor is none yet."""
        found = []
        for pid in children(self.supervisor()):
            try:
                words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if words[1:2] == [b"worker"] and (lane is None or words[2] == lane.encode()):
                found.append(pid)
        return found

    def stores(self):
        """Process ids of the store's processes, without their supervisor."""
        return children(self.instance.store.pid())

    def is_whole(self):
        return len(self.workers()) == self.size

    def start_store(self):
        self.instance.store.start([self.layout.programs / "anamnesis-store"], self.layout.store_account,
                                  self.instance.store_environment())

    def start_scan(self):
        self.instance.scan.start([self.layout.programs / "anamnesis-scan"], self.layout.scan_account, self.instance.scan_environment())

    def start_jobs(self):
        self.instance.jobs.start([self.layout.programs / "anamnesis-jobs"], self.layout.jobs_account, self.instance.jobs_environment())

    def start_workers(self, without=()):
        program = self.layout.programs / "anamnesis-fcgi"
        environment = {name: value for name, value in self.environment.items() if name not in without}
        self.instance.workers.start([program], self.layout.program_account, environment)
        wait_for("a whole pool", self.is_whole)

    def stop_database(self, how):
        """As `pg_ctl stop -m fast|immediate` does: the same signals."""
        pid = self.instance.database.pid()
        os.kill(pid, {"fast": signal.SIGINT, "immediate": signal.SIGQUIT}[how])
        wait_for("the end of PostgreSQL", lambda: self.instance.database.pid() is None)

    def start_database(self):
        self.instance.postgres.start()

    def bring_back(self, anonymous):
        if self.instance.database.pid() is None:
            self.start_database()
            # Workers that have just tried in vain try again after DB_RETRY_PAUSE (lib/db/connection.h); until then they say 503.
            time.sleep(2 * RECONNECT_SECONDS)
        if self.supervisor() is None:
            self.start_workers()
        wait_for("a whole pool", self.is_whole)
        wait_for("readiness", lambda: anonymous.get("/readyz").status_code == 200)

    def log_lines(self, name="fcgi"):
        """The JSON lines of one program's log."""
        lines = (self.layout.log / f"{name}.log").read_text(encoding="utf-8", errors="replace").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{") and line.endswith("}")]
