"""Packages of others that tests against other programs need, in places of their own below build/."""

import contextlib
import fcntl
import subprocess


@contextlib.contextmanager
def when_changed(place, wanted):
    """Gives True when the place was not made from `wanted` yet; several workers of pytest may ask at the same moment."""
    place.mkdir(parents=True, exist_ok=True)
    note = place / "installed.txt"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        changed = not note.exists() or note.read_text(encoding="utf-8") != wanted
        yield changed
        if changed:
            note.write_text(wanted, encoding="utf-8")


def python(requirements, place):
    """The directory of the programs that the file names, installed when it has changed."""
    wanted = requirements.read_text(encoding="utf-8")
    with when_changed(place, wanted) as changed:
        if changed:
            subprocess.run(["/usr/bin/python3", "-m", "venv", "--clear", place / "venv"], check=True)
            subprocess.run([place / "venv/bin/pip", "install", "-q", "--disable-pip-version-check", "-r", requirements], check=True, timeout=600)
    return place / "venv" / "bin"
