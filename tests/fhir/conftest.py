"""The packages of HL7 that the tests read, fetched by npm once."""

import fcntl
import subprocess
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent
PACKAGES = ("hl7.fhir.r4.examples", "hl7.fhir.uv.sdc")


@pytest.fixture(scope="session")
def packages():
    """The directory with one directory a package."""
    found = HERE / "node_modules"
    (HERE.parents[1] / "build").mkdir(exist_ok=True)
    with open(HERE.parents[1] / "build" / "fhir-packages.lock", "w", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # several of us may begin at once
        if not all((found / package / "package.json").exists() for package in PACKAGES):
            subprocess.run(["npm", "ci", "--prefix", HERE], check=True, capture_output=True)
    return found
