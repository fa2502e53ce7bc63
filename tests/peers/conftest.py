"""Fixtures of the tests against other people's programs: those of the API's tests, and PyPI's packages in a place of their own."""

import importlib.util
import pathlib
import subprocess
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
PLACE = TOP / "build" / "peers"
sys.dont_write_bytecode = True  # the tree may belong to somebody else
sys.path.insert(0, str(TOP / "tests"))

# Under a name of its own: pytest knows this file as `conftest` already.
_found = importlib.util.spec_from_file_location("api_fixtures", TOP / "tests" / "api" / "conftest.py")
api_fixtures = importlib.util.module_from_spec(_found)
_found.loader.exec_module(api_fixtures)
anonymous, command, demo = api_fixtures.anonymous, api_fixtures.command, api_fixtures.demo
new_practice, practice = api_fixtures.new_practice, api_fixtures.practice


@pytest.fixture(scope="session")
def python_programs():
    """The directory of the programs that requirements.txt names, installed when it has changed."""
    wanted = (HERE / "requirements.txt").read_text(encoding="utf-8")
    note = PLACE / "installed.txt"
    if not note.exists() or note.read_text(encoding="utf-8") != wanted:
        subprocess.run(["/usr/bin/python3", "-m", "venv", "--clear", PLACE], check=True)
        subprocess.run([PLACE / "bin/pip", "install", "-q", "--disable-pip-version-check", "-r", HERE / "requirements.txt"],
                       check=True, timeout=600)
        note.write_text(wanted, encoding="utf-8")
    return PLACE / "bin"
