"""tools/join_api.py: the contract's files make openapi.yaml, and what is committed is what they make."""
import io
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "tools" / "join_api.py"


def join(directory, *options):
    return subprocess.run([sys.executable, PROGRAM, "--api", directory / "api", "--openapi", directory / "openapi.yaml", *options],
                          capture_output=True, text=True, check=False)


@pytest.fixture
def copy(tmp_path):
    shutil.copytree(ROOT / "api", tmp_path / "api")
    shutil.copy(ROOT / "openapi.yaml", tmp_path)
    return tmp_path


def change(path, old, new):
    text = path.read_text()
    assert text.count(old) >= 1
    path.write_text(text.replace(old, new, 1))


def test_the_joined_file_is_not_stale():
    assert join(ROOT, "--check").stderr == ""


def test_what_is_committed_is_joined(tmp_path):
    """`make build` mends a stale file in the tree, so that the tree alone does not show what was forgotten in a commit."""
    if not (ROOT / ".git").exists():
        pytest.skip("not a checkout: there is no commit to look at")
    packed = subprocess.run(["git", "archive", "HEAD", "api", "openapi.yaml"], cwd=ROOT, capture_output=True, check=True).stdout
    tarfile.open(fileobj=io.BytesIO(packed)).extractall(tmp_path)
    assert join(tmp_path, "--check").stderr == ""


def test_joined_it_is_all_of_the_files_and_nothing_else():
    joined, members = yaml.safe_load((ROOT / "openapi.yaml").read_text()), {}
    for path in (ROOT / "api").glob("*.yaml"):
        for name, value in yaml.safe_load(path.read_text()).items():
            if name == "components":
                for kind, named in value.items():
                    members.setdefault(name, {}).setdefault(kind, {}).update(named)
            elif name == "paths":
                members.setdefault(name, {}).update(value)
            else:
                members[name] = value
    assert joined == members


def test_a_change_of_a_file_is_stale_until_it_is_joined_and_is_written_once(copy):
    change(copy / "api" / "system.yaml", "Is the process alive?", "Is the process alive still?")
    done = join(copy, "--check")
    assert done.returncode == 1 and "is not what" in done.stderr
    assert join(copy).returncode == 0 and "Is the process alive still?" in (copy / "openapi.yaml").read_text()
    before = (copy / "openapi.yaml").stat().st_mtime_ns
    assert join(copy).returncode == 0 and join(copy, "--check").returncode == 0
    assert (copy / "openapi.yaml").stat().st_mtime_ns == before


def test_a_line_written_into_the_joined_file_is_stale(copy):
    change(copy / "openapi.yaml", "Is the process alive?", "Is it?")
    assert join(copy, "--check").returncode == 1


MISTAKES = {
    "a tag without a file": (lambda api: (api / "audit.yaml").unlink(), "audit.yaml: is not there, for the tag `Audit`"),
    "paths in a file of no tag": (lambda api: (api / "audit.yaml").rename(api / "log.yaml") and (api / "audit.yaml").write_text(""),
                                  "log.yaml: has paths, and no tag"),
    "an operation in another subject's file": (lambda api: change(api / "audit.yaml", "tags: [Audit]", "tags: [Staff]"),
                                               "its tags must be [Audit]"),
    "a schema in two files": (lambda api: change(api / "audit.yaml", "    AuditItem:", "    Problem: {}\n    AuditItem:"),
                              "`schemas/Problem` is in "),
    "a path in two files": (lambda api: change(api / "audit.yaml", "  /admin/audit:", "  /livez: {}\n  /admin/audit:"),
                            "`/livez` is in "),
    "a member twice": (lambda api: change(api / "audit.yaml", "tags: [Audit]", "tags: [Audit]\n      tags: [Audit]"), "given twice"),
    "a member of the head": (lambda api: change(api / "audit.yaml", "paths:", "servers: []\npaths:"), "`servers` belongs to info.yaml"),
    "a kind of component that is not known": (lambda api: change(api / "audit.yaml", "  schemas:", "  links: {}\n  schemas:"),
                                              "`links` is not known"),
    "another layout": (lambda api: (api / "audit.yaml").write_text('{"components": {"schemas": {"A": {"type": "object"}}}}'),
                       "`schemas:` must stand on a line of its own"),
    "no YAML": (lambda api: (api / "audit.yaml").write_text("a: [b"), "audit.yaml"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_what_cannot_be_joined_is_refused_and_named_and_nothing_is_written(copy, mistake):
    spoil, said = MISTAKES[mistake]
    before = (copy / "openapi.yaml").read_bytes()
    spoil(copy / "api")
    done = join(copy)
    assert done.returncode == 1 and said in done.stderr and "Traceback" not in done.stderr
    assert (copy / "openapi.yaml").read_bytes() == before
