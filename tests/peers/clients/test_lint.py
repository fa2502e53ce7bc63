"""Other people's linters find nothing in the contract. What they are told to leave alone is in redocly.yaml, .spectral.yaml and
.redocly.lint-ignore.yaml, each with its reason."""

import os
import subprocess

from conftest import TOP

# It would tell its makers that it was used, and ask them for a newer version.
QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}


def lint(program, *arguments):
    done = subprocess.run([program, "lint", *arguments, TOP / "openapi.yaml"], cwd=TOP, env=os.environ | QUIET, capture_output=True,
                          text=True, timeout=300, check=False)
    assert done.returncode == 0, (done.stdout + done.stderr)[-8000:]
    return done.stdout + done.stderr


def test_redocly(node_programs):
    said = lint(node_programs / "redocly")
    assert "Your API description is valid" in said and "You have" not in said, said


def test_spectral(node_programs):
    assert "No results" in lint(node_programs / "spectral", "--fail-severity", "hint")
