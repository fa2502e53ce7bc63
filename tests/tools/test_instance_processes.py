"""tools/instancelib: what runs already, when an instance is started again, stays as it is or is renewed."""

import json
import os
import pathlib
import pwd
import sys
import time
import types

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools"))

from instancelib.layout import Account  # noqa: E402  (the path is set above)
from instancelib.processes import Process  # noqa: E402

PATIENCE_SECONDS = 30
# Says with what it runs, and again when it is told to begin anew.
PROGRAM = """#!/bin/sh
say() { echo "$$ $1 [$ANAMNESIS_STORE_DIR]" >> "$SAID"; }
trap 'say reloaded' HUP
trap 'exit 0' TERM
say started
while :; do sleep 0.05; done
"""


class Place:
    def __init__(self, top):
        self.layout = types.SimpleNamespace(pids=top, log=top)
        self.program, self.said, self.part = top / "program", top / "said", top / "part"
        self.program.write_text(PROGRAM)
        self.program.chmod(0o755)
        self.part.touch()
        self.environment = {"PATH": "/usr/bin:/bin", "SAID": str(self.said)}
        self.expected = []
        for path in (self.program, self.part):
            os.utime(path, (1, 1))

    def renew(self, said, gently=False, **more):
        """As another start of the instance does it, which knows nothing but what is noted; what the program says then."""
        process = Process(self.layout, "program")
        process.renew([self.program], Account(pwd.getpwuid(os.getuid()).pw_name), self.environment | more, [self.part], gently)
        self.expected += said
        deadline = time.monotonic() + PATIENCE_SECONDS
        while self.words() != self.expected:
            assert time.monotonic() < deadline, (self.words(), self.expected)
            time.sleep(0.02)
        return process

    def words(self):
        return [line.split(" ", 1)[1] for line in self.said.read_text().splitlines()] if self.said.exists() else []

    def built(self, path):
        """Anew: later than the program was started."""
        after = Process(self.layout, "program").started_at() + 0.01
        os.utime(path, (after, after))
        while time.time() <= after:
            time.sleep(0.01)


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    Process(made.layout, "program").stop()


def test_what_runs_as_it_would_be_started_stays(place):
    first = place.renew(["started []"]).pid()
    assert place.renew([]).pid() == first


@pytest.mark.parametrize("which", ["program", "part"])
@pytest.mark.parametrize("gently, said", [(True, ["reloaded []"]), (False, ["started []"])])
def test_a_program_that_was_built_anew_is_replaced_once(place, which, gently, said):
    first = place.renew(["started []"], gently).pid()
    place.built(getattr(place, which))
    assert (place.renew(said, gently).pid() == first) == gently
    place.renew([], gently)


@pytest.mark.parametrize("gently", [True, False])
def test_other_settings_are_used(place, gently):
    """A supervisor that replaces its processes gives them its own environment: an update that brings a setting would not be whole."""
    first = place.renew(["started []"], gently).pid()
    place.built(place.program)
    second = place.renew(["started [/objects]"], gently, ANAMNESIS_STORE_DIR="/objects").pid()
    assert second != first and place.renew([], gently, ANAMNESIS_STORE_DIR="/objects").pid() == second


@pytest.mark.parametrize("gently", [True, False])
def test_what_an_older_version_started_is_started_again(place, gently):
    """It noted pid and start alone."""
    first = place.renew(["started []"], gently)
    noted = json.loads(first.file.read_text())
    first.file.write_text(json.dumps({name: noted[name] for name in ("pid", "start")}))
    assert place.renew(["started []"], gently).pid() != noted["pid"]


def test_nothing_of_the_environment_is_noted_in_clear(place):
    process = place.renew(["started [a-secret-value]"], ANAMNESIS_STORE_DIR="a-secret-value")
    assert "secret" not in process.file.read_text()
