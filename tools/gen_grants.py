#!/usr/bin/python3
"""Makes build/gen/grants.h and grants.c: the statements of tools/grants.sql and what they must answer, for `anamnesis doctor`.

Each statement answers lines of text; tests/golden/grants.tsv is all of them, below its head.
"""
import argparse
import re
from pathlib import Path


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n").replace("\t", "\\t").replace("?", "\\?") + '"'


def write(path, text):
    """Only when it changed, so that nothing is compiled again for nothing."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--statements", type=Path, default=Path("tools/grants.sql"))
    parser.add_argument("--golden", type=Path, default=Path("tests/golden/grants.tsv"))
    parser.add_argument("--out", type=Path, default=Path("build/gen"))
    options = parser.parse_args()
    script = "\n".join(line for line in options.statements.read_text(encoding="utf-8").splitlines()
                       if not line.startswith(("\\pset", "--")))
    statements = [part.strip() for part in re.split(r";[ \t]*(?:\n|$)", script) if part.strip()]
    lines = options.golden.read_text(encoding="utf-8").splitlines()[1:]
    options.out.mkdir(parents=True, exist_ok=True)
    note = "/* Made by tools/gen_grants.py from tools/grants.sql and tests/golden/grants.tsv; do not edit. */\n"
    write(options.out / "grants.h", note + "#ifndef ANAMNESIS_GEN_GRANTS_H\n#define ANAMNESIS_GEN_GRANTS_H\n\n"
          f"enum {{ GRANTS_STATEMENTS = {len(statements)}, GRANTS_LINES = {len(lines)} }};\n"
          "extern const char *const grants_statements[GRANTS_STATEMENTS];\n"
          "extern const char *const grants_lines[GRANTS_LINES];\n\n#endif\n")
    write(options.out / "grants.c", note + '#include "build/gen/grants.h"\n\n'
          '#pragma GCC diagnostic ignored "-Woverlength-strings"\n\n'
          "const char *const grants_statements[GRANTS_STATEMENTS] = {\n"
          + ",\n".join("    " + c_string(statement) for statement in statements) + "};\n\n"
          "const char *const grants_lines[GRANTS_LINES] = {\n"
          + ",\n".join("    " + c_string(line) for line in lines) + "};\n")


if __name__ == "__main__":
    main()
