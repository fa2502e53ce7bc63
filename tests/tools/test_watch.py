"""tools/watch runs its command at once and after a change; tools/compile-commands knows every C file."""

import contextlib
import itertools
import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
PATIENCE_SECONDS = 30
NOTHING_OF_MAKE = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}


def members(group):
    """The processes of a process group that have not ended."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
            state, _, of = path.read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[:3]
            if int(of) == group and state != "Z":
                found.append(path.parent.name)
    return found


@contextlib.contextmanager
def watching(directory, *command):
    watch = subprocess.Popen([TOP / "tools" / "watch", directory, *command], stdout=subprocess.PIPE, text=True)
    try:
        yield watch
    finally:
        watch.terminate()
        watch.wait(PATIENCE_SECONDS)


def test_the_command_runs_at_once_and_after_each_change(tmp_path):
    place, made = tmp_path / "place", tmp_path / "made"
    (place / "build").mkdir(parents=True)
    with watching(place, "sh", "-c", f"echo x >> {made}; echo own >> {place}/build/own") as watch:
        assert watch.stdout.readline() == "watch: good; waiting for a change\n"
        deadline = time.monotonic() + PATIENCE_SECONDS
        while made.read_text() == "x\n":  # a change before the watcher is ready is none: another one comes
            assert time.monotonic() < deadline
            (place / "source.c").write_text("int a;\n")
            time.sleep(0.05)
        assert watch.stdout.readline() == "watch: good; waiting for a change\n"


def test_a_command_that_fails_is_told_and_does_not_end_it(tmp_path):
    with watching(tmp_path, "false") as watch:
        assert watch.stdout.readline() == "watch: failed; waiting for a change\n"
        assert watch.poll() is None


def test_make_watch_runs_its_targets_until_it_is_ended():
    """WATCH= names others than `build unit`. As a terminal's Ctrl-C does, the signal goes to all of them."""
    with subprocess.Popen(["make", "--no-print-directory", "watch", "WATCH=help"], cwd=TOP, env=NOTHING_OF_MAKE, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True) as watch:
        try:
            lines = list(itertools.takewhile(lambda line: not line.startswith("watch: "), watch.stdout))
            assert any(line.startswith("  make watch ") for line in lines), watch.stderr.read()
            assert watch.poll() is None
        finally:
            os.killpg(watch.pid, signal.SIGINT)
        assert watch.wait(PATIENCE_SECONDS) != 0
    deadline = time.monotonic() + PATIENCE_SECONDS
    while members(watch.pid):
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_make_watch_builds_and_runs_the_unit_tests():
    said = subprocess.run(["make", "-n", "watch"], cwd=TOP, env=NOTHING_OF_MAKE, capture_output=True, text=True, check=True)
    assert "tools/watch . make --no-print-directory build unit\n" in said.stdout


def test_every_file_is_in_the_compile_commands(tmp_path):
    flags = subprocess.run(["make", "-s", "compile_commands", f"COMMANDS={tmp_path / 'commands.json'}"], cwd=TOP, env=NOTHING_OF_MAKE,
                           capture_output=True, text=True, check=True)
    assert flags.stdout.endswith("files\n")
    entries = json.loads((tmp_path / "commands.json").read_text(encoding="utf-8"))
    rooms = ("lib", "app", "handlers", "fcgi", "lambda", "jobs", "cli", "tests")
    there = {str(path.relative_to(TOP)) for room in rooms for path in (TOP / room).rglob("*.c")}
    assert there <= {entry["file"] for entry in entries}
    [entry] = [entry for entry in entries if entry["file"] == "app/app.c"]
    subprocess.run([*entry["arguments"], "-fsyntax-only"], cwd=entry["directory"], check=True)
