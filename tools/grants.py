#!/usr/bin/python3
"""Compares who may do what in a migrated database with tests/golden/grants.tsv, so that a change of access is seen.

Without a URL, a private server is started, and what build/anamnesis migrates there is looked at.

usage: tools/grants.py [DATABASE_URL] [--write-golden]
"""
import argparse
import contextlib
import difflib
import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parent.parent
GOLDEN = TOP / "tests" / "golden" / "grants.tsv"
HEAD = "kind\tobject\twho\twhat\n"


def grants(url):
    """Roles, grants, policies, functions and triggers as a table."""
    done = subprocess.run(["psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", url, "-f", TOP / "tools" / "grants.sql"],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return HEAD + done.stdout


def difference(url):
    """A unified diff from the golden file to the database; "" when they agree."""
    golden = GOLDEN.read_text(encoding="utf-8") if GOLDEN.exists() else ""
    return "".join(difflib.unified_diff(golden.splitlines(True), grants(url).splitlines(True), str(GOLDEN.relative_to(TOP)),
                                        "the database"))


@contextlib.contextmanager
def migrated():
    """The URL of a database that build/anamnesis has migrated from nothing."""
    sys.path.insert(0, str(TOP / "tests"))
    from support import postgres  # here: it needs a package of the tests
    server = postgres.server()
    try:
        server.start()
        database = postgres.Database(server)
        done = database.command("migrate", programs=TOP / "build" / "anamnesis")
        if done.returncode != 0:
            raise RuntimeError(done.stderr)
        yield database.url("postgres")
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url", metavar="DATABASE_URL", nargs="?")
    parser.add_argument("--write-golden", action="store_true", help="take the database as it is")
    options = parser.parse_args()
    with migrated() if options.url is None else contextlib.nullcontext(options.url) as url:
        if options.write_golden:
            GOLDEN.write_text(grants(url), encoding="utf-8")
            return 0
        found = difference(url)
        sys.stdout.write(found)
        return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
