"""`tools/test-all --start` gives single tests an instance, and says how to run one and how to stop it (tests/README.md)."""

import json
import os
import pathlib
import shlex
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
VAR = "var-test-single"
NOTHING_OF_MAKE = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "ANAMNESIS_DEMO")}
PATIENCE_SECONDS = 300


def call(words, **environment):
    return subprocess.run(words, cwd=TOP, env=NOTHING_OF_MAKE | environment, capture_output=True, text=True, timeout=PATIENCE_SECONDS,
                          check=False)


@pytest.fixture
def said():
    """The two lines that it prints; what it started is taken away afterwards, whatever became of it."""
    call(["tools/instance", "--var", VAR, "remove"])
    try:
        done = call(["tools/test-all", "--start", VAR])
        assert done.returncode == 0, done.stdout + done.stderr
        yield done.stdout.splitlines()
    finally:
        call(["tools/instance", "--var", VAR, "remove"])


def test_an_instance_is_started_a_test_runs_there_and_it_is_stopped(said):
    run, stop = said
    demo, *command = shlex.split(run.replace("test_...py -k ...", "test_system.py -k health"))
    done = call(command, ANAMNESIS_DEMO=demo.removeprefix("ANAMNESIS_DEMO="))
    assert done.returncode == 0 and " passed" in done.stdout, done.stdout
    assert json.loads((TOP / VAR / "demo.json").read_text(encoding="utf-8"))["base_url"].startswith("https://")
    assert call(["tools/instance", "--var", VAR, "status"]).returncode == 0
    assert call(shlex.split(stop)).returncode == 0
    assert call(["tools/instance", "--var", VAR, "status"]).returncode == 3
