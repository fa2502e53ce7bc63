"""The packages of HL7 that the tests read, fetched by npm once."""

import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent


@pytest.fixture(scope="session")
def packages():
    """The directory with one directory a package."""
    subprocess.run([HERE.parents[1] / "tools" / "npm-packages", HERE], check=True)
    return HERE / "node_modules"
