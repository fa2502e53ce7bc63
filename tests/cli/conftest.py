"""The operator's command: what it takes, its help, its instance, its SQL. Databases are those of tests/sql."""

import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))

from sql.conftest import api, bare, connect, database, keyring, server, superuser, world  # noqa: E402, F401  (fixtures)
from support import postgres  # noqa: E402  (the path is set above)


@pytest.fixture
def call(tmp_path):
    """call(ARGUMENTS, NAME=VALUE ...) runs `anamnesis` with nothing in its environment, in a directory of its own."""
    def run(*arguments, cwd=tmp_path, **environment):
        return subprocess.run([postgres.program().resolve(), *map(str, arguments)], cwd=cwd, text=True, capture_output=True,
                              env={"PATH": os.environ["PATH"]} | environment, timeout=60, check=False)
    return run
