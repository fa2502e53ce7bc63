"""The README's tour where something is missing: it stops at once, and says what."""

import os
import pathlib
import re
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
TOOLS = ("curl", "jq", "oathtool")


def run_tour(path, demo):
    """All blocks as one script, with the programs of one directory and a shell that goes on after errors, as a reader's."""
    text = (TOP / "README.md").read_text(encoding="utf-8")
    section = text.split("## The journey in five minutes", 1)[1].split("\n## ", 1)[0]
    blocks = re.findall(r"^```bash\n(.*?)^```$", section, re.MULTILINE | re.DOTALL)
    bash = shutil.which("bash")
    strict = subprocess.run([bash, "-eu", "-c", "\n".join(blocks)], cwd=TOP, capture_output=True, text=True, timeout=60,
                            check=False, env={"PATH": str(path), "ANAMNESIS_DEMO": str(demo)})
    first = subprocess.run([bash, "-c", blocks[0] + "echo end-of-block; type api"], cwd=TOP, capture_output=True, text=True,
                           timeout=60, check=False, env={"PATH": str(path), "ANAMNESIS_DEMO": str(demo)})
    return strict, first


@pytest.fixture
def path(tmp_path):
    """Every tool of the tour, as far as it is installed, and what a shell needs."""
    made = tmp_path / "bin"
    made.mkdir()
    for tool in TOOLS:
        (made / tool).write_text("#!/bin/sh\necho reached >&2\n", encoding="utf-8")
        (made / tool).chmod(0o755)
    return made


@pytest.mark.parametrize("without", [*((tool,) for tool in TOOLS), TOOLS])
def test_a_missing_tool_is_named_and_nothing_is_called(path, tmp_path, without):
    demo = tmp_path / "demo.json"
    demo.write_text("{}", encoding="utf-8")
    for tool in without:
        os.unlink(path / tool)
    strict, first = run_tour(path, demo)
    assert strict.returncode == 1 and strict.stderr.strip().endswith("apt-get install " + " ".join(without))
    assert "reached" not in strict.stderr and not strict.stdout
    assert "end-of-block" in first.stdout and first.returncode != 0  # and `api` is not there for what follows


def test_without_an_instance(path, tmp_path):
    strict, _ = run_tour(path, tmp_path / "none.json")
    assert strict.returncode == 1 and "First: make start" in strict.stderr and "reached" not in strict.stderr
