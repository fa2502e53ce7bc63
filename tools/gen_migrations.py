#!/usr/bin/python3
"""Makes build/gen/migrations.h and migrations.c from sql/migrations/: the program carries its migrations along.

Files are named NNNN_what_it_does.sql, in ascending numbers from 0001, and never change once they are released. Numbers may
be left out: each is given to a topic before its file is written.
"""
import argparse
import hashlib
import re
import sys
from pathlib import Path

NAME = re.compile(r"^(\d{4})_([a-z0-9_]+)\.sql$")


def c_text(text):
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
    return "\n".join(f'    "{line}\\n"' for line in quoted.split("\n"))


def write(path, text):
    """Only when it changed, so that nothing is compiled again for nothing."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--migrations", type=Path, default=Path("sql/migrations"))
    parser.add_argument("--out", type=Path, default=Path("build/gen"))
    options = parser.parse_args()
    rows, newest = [], 0
    for path in sorted(options.migrations.glob("*.sql")):
        match = NAME.match(path.name)
        number = int(match[1]) if match else 0
        if number <= newest:
            sys.exit(f"{path}: expected NNNN_what_it_does.sql with a number of its own")
        newest = number
        data = path.read_bytes()
        rows.append(f'    {{{number}, "{match[2]}", "{hashlib.sha256(data).hexdigest()}",\n{c_text(data.decode())}}},')
    options.out.mkdir(parents=True, exist_ok=True)
    note = "/* Made by tools/gen_migrations.py from sql/migrations/; do not edit. */\n"
    write(options.out / "migrations.h", note + "#ifndef ANAMNESIS_GEN_MIGRATIONS_H\n#define ANAMNESIS_GEN_MIGRATIONS_H\n\n"
          "struct migration {\n    int version;\n    const char *name;\n    const char *sha256; /* of the file, hexadecimal */\n"
          f"    const char *text;\n}};\n\nenum {{ MIGRATION_COUNT = {len(rows)}, MIGRATION_NEWEST = {newest} }};\n"
          "extern const struct migration migrations[MIGRATION_COUNT];\n\n#endif\n")
    write(options.out / "migrations.c", note + '#include "build/gen/migrations.h"\n\n'
          '#pragma GCC diagnostic ignored "-Woverlength-strings" /* a migration is one text */\n\n'
          "const struct migration migrations[MIGRATION_COUNT] = {\n" + "\n".join(rows) + "\n};\n")


if __name__ == "__main__":
    main()
