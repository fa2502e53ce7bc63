#!/usr/bin/python3
"""Makes what is served from openapi.yaml and problems.tsv.

Writes into the output directory (build/gen): problems.[ch], api.h (input structures, handlers), api_table.c
(rows), api_schema.c (schema nodes), reply.[ch] (replies and their writers), openapi.json and openapi_json.[ch],
lanes.conf and problems.conf (nginx). A file whose content is the same is left alone. The tables of access are compared
with tests/golden/routes.tsv and access.tsv beside it;
--write-golden replaces them.
Exits 1, saying everything that is wrong, when the contract cannot be used.
"""
import argparse
import difflib
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from contract import emit, emit_reply, source  # noqa: E402
from contract.emit_schema import schema_source  # noqa: E402
from contract.schema import Compiler, SchemaError  # noqa: E402

PROBLEM_SCHEMA = "#/components/schemas/Problem"


def write(path, text):
    """Leaves a file with the same content alone, so that make does not rebuild what depends on it."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def check_golden(path, text, rewrite):
    old = path.read_text(encoding="utf-8") if path.exists() else ""
    if rewrite:
        path.parent.mkdir(parents=True, exist_ok=True)
        write(path, text)
    elif old != text:
        sys.stderr.writelines(difflib.unified_diff(old.splitlines(True), text.splitlines(True), str(path), "openapi.yaml"))
        sys.exit(f"{path}: access has changed. If that is wanted: tools/gen_api.py --write-golden")


def generate(arguments):
    contract = source.Contract(arguments.openapi)
    problems = source.read_problems(arguments.problems)
    contract.raise_errors()
    compiler = Compiler(lambda ref: contract.pointer(ref, "schema"))
    rows = []
    for operation in contract.routed:
        try:
            rows.append(emit.Row(contract, compiler, operation))
        except SchemaError as error:
            contract.fail(error)
    lanes = emit.lanes(contract)
    problem_node = compiler.reference(PROBLEM_SCHEMA, "components")
    contract.raise_errors()
    ours = [one for one in problems if one.by_worker]
    openapi_text, openapi_source, openapi_header = emit.openapi_files(contract)
    writers = emit_reply.Writers(contract)
    files = {"reply.h": emit_reply.reply_header(writers), "reply.c": emit_reply.reply_source(writers),
             "problems.h": emit.problems_header(ours), "problems.c": emit.problems_source(ours),
             "api.h": emit.api_header(rows), "api_table.c": emit.table_source(contract, rows),
             "api_schema.c": schema_source(compiler, problem_node), "openapi.json": openapi_text,
             "openapi_json.c": openapi_source, "openapi_json.h": openapi_header, "lanes.conf": lanes,
             "problems.conf": emit.problems_nginx(problems)}
    check_golden(arguments.golden, emit.golden(contract), arguments.write_golden)
    check_golden(arguments.golden.with_name("access.tsv"), emit.golden_access(contract), arguments.write_golden)
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        made = f"/* Made by tools/gen_api.py: do not edit. */\n{text}" if name.endswith((".c", ".h")) else text
        write(arguments.out / name, made)


def main():
    root = Path(__file__).resolve().parent.parent
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--openapi", type=Path, default=root / "openapi.yaml")
    parser.add_argument("--problems", type=Path, default=root / "problems.tsv")
    parser.add_argument("--out", type=Path, default=root / "build" / "gen")
    parser.add_argument("--golden", type=Path, default=root / "tests" / "golden" / "routes.tsv")
    parser.add_argument("--write-golden", action="store_true", help="accept the present table of access")
    try:
        generate(parser.parse_args())
    except (source.ContractError, SchemaError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
