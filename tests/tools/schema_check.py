#!/usr/bin/python3
"""Checks a JSON file against a JSON Schema with the server's own interpreter.

usage: tests/tools/schema_check.py SCHEMA INSTANCE

Prints one line a violation. Exits 0 (valid), 1 (not valid), 2 (cannot be read, or a keyword is not implemented).
Needs build/tests/programs/schema_check (`make unit-programs`); ANAMNESIS_SCHEMA_CHECK names another.
"""
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tools"))
from contract.schema import Compiler, SchemaError, UnknownKeyword  # noqa: E402

PROGRAM = Path(os.environ.get("ANAMNESIS_SCHEMA_CHECK", ROOT / "build" / "tests" / "programs" / "schema_check"))


def resolver(document):
    """Follows `#`, `#/a/b` inside the document; anything else is a keyword use that is not implemented."""
    def resolve(ref):
        if ref != "#" and not ref.startswith("#/"):
            raise UnknownKeyword(f"$ref to {ref}, outside the document, is not implemented")
        value = document
        for token in ref[1:].split("/")[1:]:
            token = token.replace("~1", "/").replace("~0", "~")
            value = value[int(token)] if isinstance(value, list) else value[token]
        return value
    return resolve


def compiled(schema, extra, document=None):
    """Tables of one schema, which may be part of a document; `extra` gets the node's index and returns more members."""
    compiler = Compiler(resolver(document or schema), house_rules=False)
    node = compiler.compile(schema, "#")
    return {**compiler.tables(), **extra(node)}


def run(tables, *arguments):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(tables, file)
        file.flush()
        return subprocess.run([PROGRAM, file.name, *arguments], capture_output=True, text=True, check=False)


def check_all(schema, instances):
    """True or False for each instance."""
    tables = compiled(schema, lambda node: {"cases": [{"node": node, "data": data} for data in instances]})
    done = run(tables)
    verdicts = [line == "valid" for line in done.stdout.split()]
    if done.returncode != 0 or len(verdicts) != len(instances):
        raise RuntimeError(f"{PROGRAM}: {done.stderr.strip() or done.returncode}")
    return verdicts


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    try:
        schema = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
        tables = compiled(schema, lambda node: {"node": node})
    except (OSError, ValueError, LookupError, SchemaError) as error:
        print(f"{sys.argv[1]}: {error}", file=sys.stderr)
        sys.exit(2)
    done = run(tables, sys.argv[2])
    sys.stdout.write(done.stdout)
    sys.stderr.write(done.stderr)
    sys.exit(done.returncode)


if __name__ == "__main__":
    main()
