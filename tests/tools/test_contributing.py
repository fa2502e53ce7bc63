"""CONTRIBUTING.md, "Add an operation": followed on a copy of the project, it gives an operation that is served and passes its test.

The programs of the copy are compiled without optimisation, and only what the new operation changes.
"""

import contextlib
import hashlib
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tests"))

from support import lambda_runtime as aws  # noqa: E402  (the path is set above)
from support import postgres  # noqa: E402

GUIDE = (TOP / "CONTRIBUTING.md").read_text(encoding="utf-8").partition("## Add an operation")[2].partition("\n## ")[0]
STEP = re.compile(r"(?:`(?P<path>[\w/.]+)`\*\*|In the same file) \((?:new\b[^)]*|(?P<how>above|in place of) `(?P<anchor>[^`]+)`)\)"
                  r"[^`]*?(?:`[^`\n]+`[^`]*?)*?```\w+\n(?P<text>.*?)```", re.DOTALL)
MADE_BY_TOOLS = {"openapi.yaml", "tests/golden/routes.tsv", "tests/golden/access.tsv", "tests/golden/grants.tsv"}
MOST_BY_HAND = 6
NOTHING_OF_MAKE = {name: value for name, value in os.environ.items()
                   if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL", "ANAMNESIS_BUILD")}


def run(place, *words, **environment):
    done = subprocess.run([str(word) for word in words], cwd=place, env=NOTHING_OF_MAKE | environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
    assert done.returncode == 0, f"{words}:\n{done.stdout}"
    return done.stdout


def files():
    listed = subprocess.run(["git", "ls-files", "-z", "-c", "-o", "--exclude-standard"], cwd=TOP, capture_output=True, check=True)
    return [name for name in listed.stdout.decode().split("\0") if name and (TOP / name).is_file()]


def copy(place):
    """The sources, and what was made of them: times stay, so that make compiles only what changes."""
    for name in files():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(TOP / name, place / name, follow_symlinks=False)
    for name in ("gen", "obj", "libanamnesis.a"):
        run(TOP, "cp", "-a", TOP / "build" / name, place / "build")


def next_number(place):
    return max(int(path.name[:4]) for path in (place / "sql/schema").glob("[0-9]*.sql")) + 1


def follow(place):
    """Does what the steps say; gives the files that they name."""
    named, path = [], None
    for step in STEP.finditer(GUIDE):
        path = (step["path"] or path).replace("NNNN", f"{next_number(place):04d}")
        target, text = place / path, step["text"]
        if step["how"]:
            before = target.read_text(encoding="utf-8")
            assert before.count("\n" + step["anchor"]) == 1, f"{path}: {step['anchor']} is not there once"
            text = before.replace("\n" + step["anchor"], "\n" + text + step["anchor"] if step["how"] == "above" else
                                  "\n" + text.rstrip("\n"))
        else:
            assert not target.exists(), f"{path} is there already"
        target.write_text(text, encoding="utf-8")
        named.append(path)
    return named


def contents(place):
    """{name: digest} of all that is no build."""
    there = (path for path in place.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {str(path.relative_to(place)): hashlib.sha256(path.read_bytes()).digest() for path in there
            if path.relative_to(place).parts[0] != "build"}


@contextlib.contextmanager
def served(place):
    """The copy's demo.json: its own database, and its workers' code behind HTTPS."""
    keys = place / "var" / "keys"
    keys.mkdir(parents=True)
    programs, server = place / "build", postgres.server()
    with contextlib.ExitStack() as stack:
        stack.callback(server.stop)
        server.start()
        database = postgres.Database(server)
        stack.callback(database.drop)
        run(place, programs / "anamnesis", "keys", "create", keys / "keyring.json")
        run(place, programs / "anamnesis", "keys", "split", "--files", keys / "keyring-files.json", keys / "keyring.json",
            keys / "keyring-jobs.json")
        ring = {"ANAMNESIS_KEYRING_FILE": str(keys / "keyring.json"),
                "ANAMNESIS_JOBS_KEYRING_FILE": str(keys / "keyring-jobs.json"),
                "ANAMNESIS_FILES_KEYRING_FILE": str(keys / "keyring-files.json")}
        done = database.command("migrate", programs=programs / "anamnesis", **ring)
        assert done.returncode == 0, done.stderr
        worker = {"PATH": "/usr/bin:/bin", "ANAMNESIS_DATABASE_URL": database.url("anamnesis_api"),
                  "ANAMNESIS_KEYRING_FILE": str(keys / "keyring.json")}
        front = stack.enter_context(contextlib.closing(aws.Front(place / "var", programs / "anamnesis-lambda", worker)))
        demo = place / "var" / "demo.json"
        demo.write_text(json.dumps({"base_url": front.base_url, "ca_file": front.ca_file, "database_url": database.url("postgres"),
                                    "database_urls": {"owner": database.url("anamnesis_owner")}}), encoding="utf-8")
        yield demo


@pytest.fixture(scope="module")
def guided(tmp_path_factory):
    place = tmp_path_factory.mktemp("contributing")
    place.chmod(0o755)
    (place / "build").mkdir()
    copy(place)
    before = contents(place)
    named = follow(place)
    commands = GUIDE.rpartition("```sh\n")[2].partition("```")[0]
    assert [line.split("#")[0].split() for line in commands.splitlines()][:4] == [
        ["tools/join_api.py"], ["tools/gen_api.py", "--write-golden"], ["make", "build"], ["tools/grants.py", "--write-golden"]]
    run(place, "tools/join_api.py")
    run(place, "tools/gen_api.py", "--write-golden")
    run(place, "make", "--no-print-directory", "programs", "MODE=-O0")
    run(place, "tools/grants.py", "--write-golden")
    run(place, "make", "--no-print-directory", "programs", "MODE=-O0")
    after = contents(place)
    return place, named, {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}


def test_an_operation_with_a_new_column_is_at_most_six_files_by_hand(guided):
    _, named, changed = guided
    by_hand = {name for name in named if not name.startswith("tests/")}
    assert changed == set(named) | MADE_BY_TOOLS
    assert len(by_hand) <= MOST_BY_HAND
    assert {name.split("/")[0] for name in by_hand} == {"sql", "api", "handlers"}


def test_it_is_in_the_house_style(guided):
    place, named, _ = guided
    assert " 0 findings" in run(place, "/usr/bin/python3", "tools/style.py", "--root", place, "--no-format")
    run(place, "clang-format", "--dry-run", "--Werror", *(name for name in named if name.endswith(".c")))


def test_its_test_passes(guided):
    place, named, _ = guided
    [test] = [name for name in named if name.startswith("tests/")]
    with served(place) as demo:
        said = run(place, "/usr/bin/python3", "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:xdist", test,
                   ANAMNESIS_DEMO=str(demo), ANAMNESIS_BUILD=str(place / "build"))
    assert re.search(r"^2 passed", said, re.MULTILINE), said
