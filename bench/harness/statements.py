"""The project's statements as the worker sends them: their texts, and each value in the form in which it travels."""

import collections
import datetime
import pathlib
import re

QUERIES = pathlib.Path(__file__).resolve().parents[2] / "sql" / "queries"
EPOCH = datetime.datetime(2000, 1, 1, tzinfo=datetime.timezone.utc)  # from which PostgreSQL counts microseconds

# PostgreSQL's number for each type, and whether the worker sends it in binary (lib/db/bind.c).
TYPES = {"uuid": (2950, 0), "text": (25, 0), "json": (114, 0), "int": (23, 1), "bigint": (20, 1), "bool": (16, 1),
         "bytea": (17, 1), "timestamptz": (1184, 1), "uuid[]": (2951, 1), "text[]": (1009, 1), "bytea[]": (1001, 1)}

Parameter = collections.namedtuple("Parameter", "name kind nullable")
Statement = collections.namedtuple("Statement", "name text parameters")


def statement(name):
    """The statement NAME of sql/queries/, as one line without comments."""
    text = next(QUERIES.rglob(f"{name}.sql")).read_text(encoding="utf-8")
    declared = re.search(r":\w+(?:![\w-]*)? \(([^)]*)\)", text.split("\n", 1)[0]).group(1)
    words = [part.split() for part in declared.split(",") if part.strip()]
    body = " ".join(line.split("--")[0].strip() for line in text.splitlines()).strip()
    return Statement(name, body, [Parameter(name, kind.rstrip("?"), kind.endswith("?")) for name, kind in words])


def travelling(value, kind):
    """The bytes of a value of this type, as hexadecimal digits; - for NULL."""
    if value is None:
        return "-"
    if kind == "bytea":
        return value.hex()
    if kind in ("int", "bigint"):
        return value.to_bytes(4 if kind == "int" else 8, "big", signed=True).hex()
    if kind == "bool":
        return "01" if value else "00"
    if kind == "timestamptz":
        return ((value - EPOCH) // datetime.timedelta(microseconds=1)).to_bytes(8, "big", signed=True).hex()
    return str(value).encode().hex()
