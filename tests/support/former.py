"""Databases of before sql/schema/ was written anew, from dumps in tests/sql/former/."""

import subprocess

from support import postgres

ROOM = postgres.TOP / "tests" / "sql" / "former"
NEWEST = 55
# (version, name, SHA-256, the file of sql/schema/ up to which such a database has everything, or None)
HISTORY = [(int(version), name, digest, None if upto == "-" else int(upto)) for version, name, digest, upto in (
    line.split("\t") for line in (postgres.TOP / "sql" / "schema" / "former.tsv").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#"))]


def restore(database, version=NEWEST):
    """Into a database that has nothing yet."""
    subprocess.run(["psql", "-X", "-q", "-1", "-v", "ON_ERROR_STOP=1", "-d", database.url("postgres"), "-f",
                    ROOM / f"{version:04}.sql"], check=True, capture_output=True, text=True)
