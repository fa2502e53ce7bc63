#!/usr/bin/python3
"""Makes build/gen/migrations.h and migrations.c from sql/schema/, sql/functions/ and sql/policies/: the program carries its
database along.

The files of sql/schema/ are named NNNN_subject.sql, in ascending numbers from 0101, and never change once they have landed. Numbers
may be left out: each is given to a topic before its file is written. They hold no function: each of these has a file.
sql/schema/former.tsv has the history that older databases know.

sql/functions/<schema>/<name>.sql and sql/policies/<schema>.<table>.sql are the current texts: each is edited in place, and
`anamnesis migrate` applies those that differ from what the database has.
"""
import argparse
import hashlib
import re
import sys
from pathlib import Path

NAME = re.compile(r"^(\d{4})_([a-z0-9_]+)\.sql$")
FUNCTION = re.compile(r"^CREATE OR REPLACE FUNCTION ([a-z0-9_.]+)\(", re.MULTILINE)
ANY_FUNCTION = re.compile(r"CREATE\s+(OR\s+REPLACE\s+)?(FUNCTION|PROCEDURE)", re.IGNORECASE)
FIRST = 101  # the numbers below are those of the former history
ONCE = "-- Made once, and not applied again"


def c_text(text):
    quoted = text.replace("\\", "\\\\").replace('"', '\\"').replace("?", "\\?")
    return "\n".join(f'    "{line}\\n"' for line in quoted.split("\n"))


def write(path, text):
    """Only when it changed, so that nothing is compiled again for nothing."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def read_schema(room):
    """(rows, the newest number)"""
    rows, newest = [], FIRST - 1
    for path in sorted(room.glob("*.sql")):
        match = NAME.match(path.name)
        number = int(match[1]) if match else 0
        if number <= newest:
            sys.exit(f"{path}: expected NNNN_subject.sql with a number of its own, from {FIRST:04} on")
        newest = number
        data = path.read_bytes()
        if ANY_FUNCTION.search(data.decode()):
            sys.exit(f"{path}: a function's one text is sql/functions/<schema>/<name>.sql")
        rows.append(f'    {{{number}, "{match[2]}", "{hashlib.sha256(data).hexdigest()}",\n{c_text(data.decode())}}},')
    return rows, newest


def read_former(path):
    lines = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    return [f'    {{{version}, "{name}", "{digest}", {0 if upto == "-" else int(upto)}}},' for version, name, digest, upto in lines]


def read_texts(sql):
    """(rows, one digest of all): functions first, because policies call them."""
    rows, state = [], hashlib.sha256()
    for path in [*sorted((sql / "functions").glob("*/*.sql")), *sorted((sql / "policies").glob("*.sql"))]:
        text = path.read_text(encoding="utf-8")
        function = path.parent.parent.name == "functions"
        name = f"{path.parent.name}.{path.stem}" if function else path.stem
        if function and FUNCTION.findall(text) != [name]:
            sys.exit(f"{path}: expected one CREATE OR REPLACE FUNCTION {name}(")
        digest = hashlib.sha256(text.encode()).hexdigest()
        place = path.relative_to(sql).as_posix()
        state.update(f"{place} {digest}\n".encode())
        kind = ("TEXT_FUNCTION_ONCE" if text.startswith(ONCE) else "TEXT_FUNCTION") if function else "TEXT_POLICIES"
        rows.append(f'    {{{kind}, "{place}", "{name}", "{digest}",\n{c_text(text)}}},')
    return rows, state.hexdigest()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sql", type=Path, default=Path("sql"))
    parser.add_argument("--out", type=Path, default=Path("build/gen"))
    options = parser.parse_args()
    if (options.sql / "migrations").exists():
        sys.exit(f"{options.sql / 'migrations'}: a change of the schema is the next file of {options.sql / 'schema'}")
    migrations, newest = read_schema(options.sql / "schema")
    former = read_former(options.sql / "schema" / "former.tsv")
    texts, state = read_texts(options.sql)
    options.out.mkdir(parents=True, exist_ok=True)
    note = "/* Made by tools/gen_migrations.py from sql/; do not edit. */\n"
    write(options.out / "migrations.h", note + "#ifndef ANAMNESIS_GEN_MIGRATIONS_H\n#define ANAMNESIS_GEN_MIGRATIONS_H\n\n"
          "struct migration {\n    int version;\n    const char *name;\n    const char *sha256; /* of the file, hexadecimal */\n"
          f"    const char *text;\n}};\n\nenum {{ MIGRATION_COUNT = {len(migrations)}, MIGRATION_NEWEST = {newest} }};\n"
          "extern const struct migration migrations[MIGRATION_COUNT];\n\n"
          "/* What a database of before has, and up to which of the above that is everything; 0: it is not enough. */\n"
          "struct former_migration {\n    int version;\n    const char *name;\n    const char *sha256;\n    int upto;\n};\n\n"
          f"enum {{ FORMER_COUNT = {len(former)} }};\n"
          "extern const struct former_migration former_migrations[FORMER_COUNT];\n\n"
          "enum sql_text_kind {\n    TEXT_FUNCTION,\n    TEXT_FUNCTION_ONCE, /* made when it is not there, and then left alone */\n"
          "    TEXT_POLICIES\n};\n\n"
          "struct sql_text {\n    enum sql_text_kind kind;\n    const char *path; /* below sql/ */\n"
          "    const char *name; /* schema.function or schema.table */\n"
          "    const char *sha256; /* of the file, hexadecimal */\n    const char *text;\n};\n\n"
          f"enum {{ SQL_TEXT_COUNT = {len(texts)} }};\nextern const struct sql_text sql_texts[SQL_TEXT_COUNT];\n\n"
          "/* One digest of the names and digests of all of them: what the database as a whole is to have. */\n"
          f'#define SQL_TEXTS_STATE "{state}"\n\n#endif\n')
    write(options.out / "migrations.c", note + '#include "build/gen/migrations.h"\n\n'
          '#pragma GCC diagnostic ignored "-Woverlength-strings" /* a migration is one text */\n\n'
          "const struct migration migrations[MIGRATION_COUNT] = {\n" + "\n".join(migrations) + "\n};\n\n"
          "const struct former_migration former_migrations[FORMER_COUNT] = {\n" + "\n".join(former) + "\n};\n\n"
          "const struct sql_text sql_texts[SQL_TEXT_COUNT] = {\n" + "\n".join(texts) + "\n};\n")


if __name__ == "__main__":
    main()
