"""The fault tests have an instance of their own: they kill its workers and stop its database."""

import importlib.util
import json
import os
import pathlib
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.dont_write_bytecode = True  # the tree may belong to somebody else
for directory in (TOP / "tests", TOP / "tools", TOP / "tests" / "fault"):
    sys.path.insert(0, str(directory))

from faults.load import Load  # noqa: E402  (the path is set above)
from faults.stack import Stack  # noqa: E402

# Under a name of its own: pytest knows this file as `conftest` already.
_found = importlib.util.spec_from_file_location("api_fixtures", TOP / "tests" / "api" / "conftest.py")
api_fixtures = importlib.util.module_from_spec(_found)
_found.loader.exec_module(api_fixtures)
anonymous, command, database = api_fixtures.anonymous, api_fixtures.command, api_fixtures.database
new_practice, practice = api_fixtures.new_practice, api_fixtures.practice


@pytest.fixture(scope="session")
def demo():
    """The instance that the runner of `make test` started for these tests."""
    path = os.environ.get("ANAMNESIS_FAULT_DEMO")
    if not path:
        pytest.exit("ANAMNESIS_FAULT_DEMO must name the demo.json of an instance that may be broken", 2)
    found = json.loads(pathlib.Path(path).read_text(encoding="utf-8"))
    found["var"] = str(pathlib.Path(path).parent)
    return found


@pytest.fixture(scope="session")
def stack(demo):
    return Stack(demo)


@pytest.fixture
def whole(stack, anonymous):
    """Each test begins with everything running, and leaves it so."""
    stack.bring_back(anonymous)
    yield stack
    stack.bring_back(anonymous)


@pytest.fixture
def load(practice):
    """Eight savers on four responses, and two readers; the test starts them."""
    made = Load(practice, responses=4, savers=8)
    yield made
    made.stop()
