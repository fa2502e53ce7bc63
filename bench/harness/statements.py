"""The project's statements with their parameters written in, for pgbench."""

import pathlib
import re

QUERIES = pathlib.Path(__file__).resolve().parents[2] / "sql" / "queries"


class Variable(str):
    """A value that pgbench fills in: the name of one of its variables."""


def literal(value, kind):
    """A constant of this type. Its colons are escaped: pgbench takes :name for a variable even inside quotes."""
    if value is None:
        text = "NULL"
    elif isinstance(value, Variable):
        text = f":{value}"
    elif isinstance(value, bytes):
        text = f"'\\x{value.hex()}'"
    else:
        text = "E'" + str(value).replace("\\", "\\\\").replace("'", "''").replace(":", "\\x3a") + "'"
    return f"{text}::{kind}"


def statement(name, *values):
    """The statement NAME of sql/queries/ as one line without comments, each $n replaced by its value, cast to the declared type."""
    text = next(QUERIES.rglob(f"{name}.sql")).read_text(encoding="utf-8")
    declared = re.search(r":\w+(?:![\w-]*)? \(([^)]*)\)", text.split("\n", 1)[0]).group(1)
    kinds = [part.split()[1].rstrip("?") for part in declared.split(",") if part.strip()]
    if len(kinds) != len(values):
        raise ValueError(f"{name} takes {len(kinds)} values, {len(values)} were given")
    body = " ".join(line.split("--")[0].strip() for line in text.splitlines()).strip()
    return re.sub(r"\$(\d+)", lambda found: literal(values[int(found.group(1)) - 1], kinds[int(found.group(1)) - 1]),
                  body) + ";"
