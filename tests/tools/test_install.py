"""`make install DESTDIR= PREFIX=`: what deployment.md says is there, and works from there."""

import os
import pathlib
import re
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
PREFIX = "/opt/clinic"
EXPECTED = {  # below the prefix, with their modes
    "bin/anamnesis": 0o755, "lib/anamnesis/anamnesis-fcgi": 0o755, "lib/anamnesis/anamnesis-jobs": 0o755,
    "lib/anamnesis/anamnesis-lambda": 0o755, "lib/anamnesis/anamnesis-store": 0o755, "lib/anamnesis/anamnesis-store-fetch": 0o755, "lib/systemd/system/anamnesis-store.service": 0o644,
    "lib/anamnesis/anamnesis-scan": 0o755, "lib/anamnesis/anamnesis-scan-engine": 0o755, "lib/anamnesis/anamnesis-scan-picture": 0o755,
    "lib/anamnesis/anamnesis-scan-clamd": 0o755,
    "lib/anamnesis/anamnesis-scan-document": 0o755,
    "lib/systemd/system/anamnesis-scan.service": 0o644,
    "lib/systemd/system/anamnesis.service": 0o644,
    "lib/systemd/system/anamnesis-jobs.service": 0o644, "share/man/man1/anamnesis.1": 0o644,
    "share/doc/anamnesis/deployment.md": 0o644, "share/doc/anamnesis/operations.md": 0o644,
    "share/anamnesis/tools/nginx-conf": 0o755, "share/anamnesis/lanes.conf": 0o644, "share/anamnesis/problems.conf": 0o644,
    "share/anamnesis/bootstrap.sql": 0o644,
    "share/anamnesis/nginx/nginx.conf.in": 0o644, "share/anamnesis/nginx/headers.conf": 0o644,
    "share/anamnesis/nginx/errors.conf": 0o644, "share/anamnesis/nginx/docs-headers.conf": 0o644,
    "share/anamnesis/nginx/www/index.html": 0o644, "share/anamnesis/docs/index.html": 0o644,
    "share/anamnesis/docs/swagger-ui-bundle.js": 0o644, "share/anamnesis/forms/phq-9.json": 0o644}


@pytest.fixture(scope="module")
def tree(tmp_path_factory):
    """The installed tree's prefix."""
    destination = tmp_path_factory.mktemp("install")
    environment = {name: value for name, value in os.environ.items() if name not in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL")}
    done = subprocess.run(["make", "--no-print-directory", "install", f"DESTDIR={destination}", f"PREFIX={PREFIX}"],
                          cwd=TOP, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert [path.name for path in destination.iterdir()] == ["opt"]  # nothing beside the prefix
    return destination / PREFIX.lstrip("/")


def test_everything_is_there_with_its_mode(tree):
    there = {str(path.relative_to(tree)): path.stat().st_mode & 0o7777 for path in tree.rglob("*") if path.is_file()}
    assert {name: there.get(name) for name in EXPECTED} == EXPECTED
    assert set(there.values()) <= {0o644, 0o755}
    assert {path.stat().st_mode & 0o7777 for path in tree.rglob("*") if path.is_dir()} == {0o755}
    assert not [path for path in tree.rglob("*") if path.is_symlink() or "__pycache__" in path.parts]


def test_the_command_runs_from_there_with_the_databases_sql_in_it(tree, tmp_path):
    program = tree / "bin" / "anamnesis"
    done = subprocess.run([program, "--version"], cwd=tmp_path, env={}, capture_output=True, text=True, check=False)
    assert done.returncode == 0 and re.match(r"anamnesis \d+\.\d+\.\d+, for databases of version \d+$", done.stdout)
    assert b"CREATE OR REPLACE FUNCTION auth.prove(" in program.read_bytes()


def test_the_manual_is_shown_from_there(tree):
    done = subprocess.run(["man", "-M", tree / "share" / "man", "anamnesis"], capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "MANPAGER": "cat", "MANWIDTH": "120"})
    assert done.returncode == 0 and "anamnesis staff invite" in done.stdout, done.stderr


def test_the_pages_that_the_manual_and_other_pages_name_are_there(tree):
    pages = tree / "share" / "doc" / "anamnesis"
    manual = (tree / "share" / "man" / "man1" / "anamnesis.1").read_text(encoding="utf-8")
    named = set(re.findall(r"\bdocs/([\w/-]+\.md)", manual))
    for page in pages.rglob("*.md"):
        links = re.findall(r"\]\(((?!\.\./|https?:)[\w/.-]+\.md)", page.read_text(encoding="utf-8"))
        named |= {str((page.parent / link).relative_to(pages)) for link in links}
    assert "operations.md" in named and sum(name.startswith("adr/") for name in named) > 40
    assert all((pages / name).exists() for name in named), named


def test_units_and_nginx_name_the_prefix(tree):
    for unit in (tree / "lib" / "systemd" / "system").iterdir():
        text = unit.read_text(encoding="utf-8")
        assert f"ExecStart={PREFIX}/lib/anamnesis/anamnesis-" in text and "/usr/local" not in text
        documented = re.search(r"^Documentation=file://(\S+)$", text, re.MULTILINE)[1]
        assert (tree / documented.removeprefix(f"{PREFIX}/")).exists()
    done = subprocess.run([tree / "share/anamnesis/tools/nginx-conf", "--certificate", "/a.pem", "--key", "/a.key"],
                          cwd="/", env={"PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    named = set(re.findall(rf"{PREFIX}/(share/anamnesis/[\w./-]+\.conf)\b", done.stdout))
    assert named and all((tree / name).exists() for name in named)
    assert f"alias {PREFIX}/share/anamnesis/docs/;" in done.stdout and "/usr/local/share" not in done.stdout


def test_the_page_names_what_is_installed(tree):
    page = (TOP / "docs" / "deployment.md").read_text(encoding="utf-8")
    named = set(re.findall(r"/usr/local/((?:bin|lib|share)/[\w./-]*\w)", page))
    assert len(named) >= 4
    assert all((tree / name).exists() for name in named), named
