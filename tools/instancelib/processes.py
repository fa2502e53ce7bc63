"""The processes of an instance: started in sessions of their own, found again by a file with pid and start time (a
number that was used again is then not taken for ours), stopped by signal."""
import hashlib
import json
import os
import signal
import subprocess
import time
from pathlib import Path

from . import Trouble

TAIL_LINES = 15


def start_time(pid):
    """Clock ticks since boot when the process began, or None when there is none (a zombie counts as none)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return None if fields[0] in "ZX" else int(fields[19])


def digest(environment):
    """What a note says of an environment, which may hold secrets."""
    return hashlib.sha256(json.dumps(environment, sort_keys=True).encode()).hexdigest()


class Process:
    """One program of an instance."""

    def __init__(self, layout, name, stop_signal=signal.SIGTERM, patience=30):
        self.name = name
        self.file = layout.pids / f"{name}.json"
        self.log = layout.log / f"{name}.log"
        self.stop_signal = stop_signal
        self.patience = patience
        self.child = None

    def pid(self):
        """Of the running process, or None."""
        try:
            noted = json.loads(self.file.read_text(encoding="utf-8"))
        except (FileNotFoundError, ValueError):
            return None
        if self.child is not None:
            self.child.poll()
        return noted["pid"] if start_time(noted["pid"]) == noted["start"] else None

    def started_at(self):
        """Seconds since 1970 when it was started by us."""
        return self.file.stat().st_mtime

    def renew(self, command, account, environment, parts=(), gently=False):
        """Starts it, unless it runs already as it would be started now. One whose program, or one of its parts, was built anew is
        started again, or told to replace its processes (SIGHUP) when it does that without a gap; one that was started with another
        environment, by an older version of this or with other settings, is started again in any case."""
        if self.pid() is not None:
            newer = max(part.stat().st_mtime for part in (command[0], *parts)) > self.started_at()
            if not self._began_with(environment):
                self.stop()
            elif newer and gently:
                self.signal(signal.SIGHUP)
                self.file.touch()
            elif newer:
                self.stop()
        if self.pid() is None:
            self.start(command, account, environment)

    def _began_with(self, environment):
        """False, too, when nothing was noted of it."""
        return json.loads(self.file.read_text(encoding="utf-8")).get("environment") == digest(environment)

    def start(self, command, account, environment):
        descriptor = os.open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW, 0o640)
        with os.fdopen(descriptor, "ab") as log:
            try:
                self.child = subprocess.Popen([str(word) for word in command], stdin=subprocess.DEVNULL, stdout=log,
                                              stderr=log, cwd="/", env=environment, start_new_session=True,
                                              **account.popen)
            except OSError as fault:
                raise Trouble(f"Cannot start {command[0]}: {fault.strerror}. `make build` makes it.") from None
        self.file.write_text(json.dumps({"pid": self.child.pid, "start": start_time(self.child.pid),
                                         "environment": digest(environment)}), encoding="utf-8")

    def signal(self, number):
        pid = self.pid()
        if pid is not None:
            os.kill(pid, number)

    def stop(self):
        """True when it ran. Ends it by force when it does not leave in time."""
        pid = self.pid()
        if pid is None:
            self.file.unlink(missing_ok=True)
            return False
        os.kill(pid, self.stop_signal)
        deadline = time.monotonic() + self.patience
        while self.pid() is not None:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
                deadline = time.monotonic() + self.patience
            time.sleep(0.02)
        self.file.unlink(missing_ok=True)
        return True

    def last_words(self):
        try:
            lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
        except FileNotFoundError:
            lines = []
        return "\n".join([f"The end of {self.log}:", *("  " + line for line in lines)])
