#!/usr/bin/python3
"""Makes build/gen/sql.h and sql.c from the files below sql/queries/. Their rooms are for people: names stay unique.

The first line of each file declares its interface; the file's name is the statement's name:

    -- response_read :one (id uuid, data_key bytea) -> (revision int, answers text?, updated_at timestamptz)

Kinds are :one (no row or one), :one! (no row is PROBLEM_NOT_FOUND), :many and :exec. `:one!internal`, and any other
code of problems.tsv, says what no row is instead; `internal` is for what always gives one. A `?` marks what may be NULL.
The rest is SQL, unchanged. A column that is one of a few words is `outcome enum(done|stale)`: it becomes
`enum q_NAME_outcome` with NAME_DONE and NAME_STALE, and NAME_NULL when it is followed by `?`. Another word is an internal
fault.

Words and rows that statements share are in sql/queries/types.txt, one a line: `patient_status enum(active|archived)` is the
type of columns (`enum patient_status`, whose text patient_status_word() gives); `created row(revision int, ...)` is what a
statement gives that ends in `-> created`, so that one function may take the rows of several (`struct created_row`).

Whether a statement writes is found in its text and in the functions below sql/functions that it calls (sql_writes.py).

Each statement becomes three functions: q_NAME makes a trip and gives what came; q_NAME_last is the same as the last one
of its transaction, with which COMMIT travels; q_NAME_later is queued, travels with the next one, and nobody looks at its
rows.
"""
import argparse
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from sql_writes import Functions  # noqa: E402  (the path is set above)

TYPES = {  # SQL name -> (enum, C declaration, nullable is told by a has_ member)
    "uuid": ("DB_UUID", "const char *", False),
    "text": ("DB_TEXT", "const char *", False),
    "json": ("DB_JSON", "const char *", False),
    "int": ("DB_INT4", "int64_t ", True),
    "bigint": ("DB_INT8", "int64_t ", True),
    "bool": ("DB_BOOL", "bool ", True),
    "bytea": ("DB_BYTEA", "struct span ", False),
    "timestamptz": ("DB_TIMESTAMPTZ", "int64_t ", True),
    "uuid[]": ("DB_UUID_ARRAY", "struct db_array ", False),
    "text[]": ("DB_TEXT_ARRAY", "struct db_array ", False),
    "bytea[]": ("DB_BYTEA_ARRAY", "struct db_array ", False),
}
INTERFACE = re.compile(r"^-- (\w+) :(one|many|exec)(?:(!)([a-z-]*))? \(([^)]*)\)(?: -> (?:\(((?:[^()]|\([^()]*\))*)\)|(\w+)))?$")
FIELD = re.compile(r"^(\w+) (?:([a-z_]+(?:\[\])?)|enum\(([a-z|-]+)\))(\?)?$")
SHARED = re.compile(r"^(\w+) (?:enum\(([a-z|-]+)\)|row\(([^()]+)\))$")
PARAMS_MAX = 24


class Words:
    """An enum that columns of several statements have."""

    def __init__(self, name, words):
        self.name, self.words = name, words

    def header(self):
        names = [f"{self.name}_{word}".upper().replace("-", "_") for word in ["null", *self.words]]
        return (f"enum {self.name} {{ {', '.join(f'{name} = {i}' for i, name in enumerate(names))} }};\n"
                f"const char *{self.name}_word(enum {self.name} word);\n")

    def source(self):
        words = ", ".join(f'"{word}"' for word in self.words)
        return (f"static const char *const {self.name}_words[] = {{{words}, NULL}};\n"
                f'_Static_assert(sizeof(enum {self.name}) == sizeof(unsigned), "read_word stores an unsigned");\n\n'
                f"const char *\n{self.name}_word(enum {self.name} word)\n{{\n"
                f"    return word == {self.name.upper()}_NULL ? NULL : {self.name}_words[word - 1];\n}}\n")


class Row:
    """What several statements give."""

    def __init__(self, name, fields):
        self.name, self.fields = name, fields

    def header(self):
        members = "\n".join(member for field in self.fields for member in field.members())
        return f"struct {self.name}_row {{\n{members}\n}};\n"

    def source(self):
        return field_table(f"{self.name}_row", f"{self.name}_row", self.fields) + "\n"


class Types:
    """What sql/queries/types.txt says; used: the names that a statement has asked for."""

    def __init__(self, path=None):
        self.all, self.used = {}, set()
        lines = path.read_text(encoding="utf-8").splitlines() if path and path.exists() else []
        for number, line in enumerate(lines, 1):
            if line.strip() and not line.startswith("#"):
                self.add(line, f"{path}:{number}")

    def add(self, line, where):
        match = SHARED.match(line)
        if not match or match[1] in self.all or match[1] in TYPES:
            sys.exit(f"{where}: a line is `name enum(word|word)` or `name row(column type, ...)`, each name once")
        words = match[2].split("|") if match[2] else []
        if len(words) != len(set(words)) or "null" in words:
            sys.exit(f"{where}: each word once, and `null` is none")
        self.all[match[1]] = Words(match[1], words) if words else Row(
            match[1], [Field(part, where, None, self) for part in match[3].split(",")])

    def get(self, name, kind):
        found = self.all.get(name)
        if isinstance(found, kind):
            self.used.add(name)
            return found
        return None

    def refuse_unused(self):
        unused = sorted(set(self.all) - self.used)
        if unused:
            sys.exit(f"types.txt: no statement uses {', '.join(unused)}")


class Field:
    """owner: the statement, whose name its enums have; None: a shared row, whose enums are shared ones."""

    def __init__(self, text, where, owner, types):
        match = FIELD.match(text.strip())
        shared = types.get(match[2], Words) if match and match[2] else None
        if not match or (not shared and (match[2] or "text") not in TYPES) or (match[3] and not owner):
            sys.exit(f"{where}: '{text.strip()}' is not `name type` with one of: {', '.join(TYPES)}, enum(word|word), "
                     "or an enum of types.txt")
        self.name, self.nullable = match[1], bool(match[4])
        self.enum, self.c_type, counted = TYPES["text" if shared else match[2] or "text"]
        self.has = self.nullable and counted
        self.owner, self.words = owner, match[3].split("|") if match[3] else []
        self.word_table = f"{owner}_{self.name}_words" if self.words else f"{shared.name}_words" if shared else "NULL"
        if self.words or shared:
            self.enum, self.c_type = "DB_ENUM", f"enum {shared.name if shared else f'q_{owner}_{self.name}'} "

    def constants(self):
        """The enumerators' names in the order of their values; 0 is no word, and only for what may be NULL."""
        words = (["null"] if self.nullable else []) + self.words
        return [f"{self.owner}_{word}".upper().replace("-", "_") for word in words]

    def declared(self):
        names = self.constants()
        first = 0 if self.nullable else 1
        return f"{self.c_type}{{ {', '.join(f'{name} = {first + i}' for i, name in enumerate(names))} }};"

    def word_list(self):
        words = ", ".join(f'"{word}"' for word in self.words)
        return (f"static const char *const {self.word_table}[] = {{{words}, NULL}};\n"
                f'_Static_assert(sizeof({self.c_type.strip()}) == sizeof(unsigned), "read_word stores an unsigned");')

    def members(self):
        yield f"    {self.c_type}{self.name};"
        if self.has:
            yield f"    bool has_{self.name};"

    def row(self, struct):
        has = f"offsetof(struct {struct}, has_{self.name})" if self.has else "0"
        return (f'    {{"{self.name}", {self.enum}, {str(self.nullable).lower()}, '
                f"offsetof(struct {struct}, {self.name}), {has}, {self.word_table}}},")


def field_table(name, struct, fields):
    return "\n".join([f"static const struct db_field {name}[] = {{", *(field.row(struct) for field in fields), "};"])


class Statement:
    def __init__(self, path, types=None):
        types = types or Types()
        first, _, self.text = path.read_text(encoding="utf-8").partition("\n")
        match = INTERFACE.match(first)
        if not match:
            sys.exit(f"{path}:1: the first line must read `-- {path.stem} :one|:one!|:many|:exec (...) -> (...)`")
        self.name, self.kind = match[1], match[2]
        if self.name != path.stem:
            sys.exit(f"{path}:1: declares {self.name}, but the file's name is the statement's name")
        self.comment = [line[3:] for line in self.text.splitlines() if line.startswith("-- ")]
        self.missing = match[3] and problem_name(match[4] or "not-found")
        if self.missing and self.kind != "one":
            sys.exit(f"{path}:1: only :one can insist on a row")
        self.params = self.fields(match[5], path, types)
        self.shared = types.get(match[7], Row) if match[7] else None
        if match[7] and not self.shared:
            sys.exit(f"{path}:1: {match[7]} is no row of types.txt")
        self.columns = self.shared.fields if self.shared else self.fields(match[6] or "", path, types)
        self.row = f"{self.shared.name}_row" if self.shared else f"q_{self.name}_row"
        constants = [name for field in self.columns if field.words for name in field.constants()]
        if len(constants) != len(set(constants)) or any(field.enum == "DB_ENUM" for field in self.params):
            sys.exit(f"{path}:1: the words of enums are those of columns, each of them once")
        if len(self.params) > PARAMS_MAX:
            sys.exit(f"{path}:1: more than {PARAMS_MAX} parameters")
        if (self.kind == "exec") != (not self.columns):
            sys.exit(f"{path}:1: :exec has no result, :one and :many have one")
        used = {int(n) for n in re.findall(r"\$(\d+)", self.text)}
        if used != set(range(1, len(self.params) + 1)):
            sys.exit(f"{path}: declares {len(self.params)} parameters, but uses {sorted(used)}")

    def fields(self, text, path, types):
        return [Field(part, path, self.name, types) for part in text.split(",")] if text.strip() else []

    def refuse_forgotten_result(self, path):
        """What is selected by an :exec has nowhere to go: the reader would refuse the row."""
        if self.kind == "exec" and re.match(r"(--[^\n]*\n|\s)*SELECT\s+(?!FROM\b)", self.text):
            sys.exit(f"{path}: an :exec selects nothing (SELECT FROM ...)")

    def prototype(self, last):
        arguments = ["struct tx *tx"]
        if self.params:
            arguments.append(f"const struct q_{self.name}_in *in")
        if self.kind == "one":
            arguments.append(f"const struct {self.row} **row")
        elif self.kind == "many":
            arguments += [f"const struct {self.row} **rows", "size_t *count"]
        else:
            arguments.append("int64_t *affected")
        return f"enum problem q_{self.name}{'_last' if last else ''}({', '.join(arguments)})"

    def later(self):
        argument = f", const struct q_{self.name}_in *in" if self.params else ""
        return f"void q_{self.name}_later(struct tx *tx{argument})"

    def header(self):
        lines = [f"/* {' '.join(self.comment)} */"] if self.comment else []
        lines += [field.declared() for field in self.columns if field.words]
        for suffix, fields in (("in", self.params), ("row", [] if self.shared else self.columns)):
            if fields:
                lines.append(f"struct q_{self.name}_{suffix} {{")
                lines += [member for field in fields for member in field.members()]
                lines.append("};")
        lines += [f"extern const struct statement statement_{self.name};", f"{self.prototype(last=False)};",
                  f"{self.prototype(last=True)};", f"{self.later()};"]
        return "\n".join(lines) + "\n"

    def source(self, index, functions):
        lines = [field.word_list() for field in self.columns if field.words]
        for suffix, fields in (("in", self.params), ("row", [] if self.shared else self.columns)):
            if fields:
                lines.append(field_table(f"{self.name}_{suffix}", f"q_{self.name}_{suffix}", fields))
        text = "\n".join("    " + c_string(line + "\n") for line in self.text.strip().splitlines())
        params = f"{self.name}_in, {len(self.params)}" if self.params else "NULL, 0"
        table = f"{self.shared.name if self.shared else self.name}_row"
        columns = f"{table}, {len(self.columns)}, sizeof(struct {self.row})" if self.columns else "NULL, 0, 0"
        writes = str(functions.statement_writes(self.name, self.text)).lower()
        given = "in" if self.params else "NULL"
        lines += [f"const struct statement statement_{self.name} = {{", f'    "{self.name}",', f"{text},",
                  f"    {index}, {params}, {columns}, {writes}}};", ""]
        for last in (False, True):
            lines += [self.prototype(last), "{", *self.body(given, last), "}", ""]
        lines += [self.later(), "{", f"    tx_later(tx, &statement_{self.name}, {given}, NULL, NULL);", "}", ""]
        return "\n".join(lines)

    def body(self, given, last):
        run = f"tx_run(tx, &statement_{self.name}, {given}, {str(last).lower()}"
        if self.kind == "exec":
            return [f"    return {run}, NULL, NULL, affected);"]
        rows, count = ("rows", "count") if self.kind == "many" else ("row", "NULL")
        return ["    const void *found = NULL;", f"    enum problem problem = {run}, &found, {count}, NULL);",
                f"    *{rows} = found;",
                f"    return tx_must(&statement_{self.name}, problem, found, {self.missing});" if self.missing
                else "    return problem;"]


def problem_name(code):
    return "PROBLEM_" + code.upper().replace("-", "_")


def c_string(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


def find(top):
    """The statements' files in the order of their names."""
    paths = {}
    for path in sorted(top.rglob("*.sql")):
        if path.stem in paths:
            sys.exit(f"{path}: {paths[path.stem]} has that name already")
        paths[path.stem] = path
    return [paths[name] for name in sorted(paths)]


def load(top, types):
    """The statements in the order of their names."""
    return [Statement(path, types) for path in find(top)]


def write(path, text):
    """Only when it changed, so that nothing is compiled again for nothing."""
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--queries", type=Path, default=Path("sql/queries"))
    parser.add_argument("--functions", type=Path, default=Path("sql/functions"))
    parser.add_argument("--out", type=Path, default=Path("build/gen"))
    options = parser.parse_args()
    types = Types(options.queries / "types.txt")
    statements = load(options.queries, types)
    types.refuse_unused()
    for statement, path in zip(statements, find(options.queries)):
        statement.refuse_forgotten_result(path)
    functions = Functions(options.functions)
    options.out.mkdir(parents=True, exist_ok=True)
    note = "/* Made by tools/gen_sql.py from sql/queries/; do not edit. */\n"
    write(options.out / "sql.h", note + "#ifndef ANAMNESIS_GEN_SQL_H\n#define ANAMNESIS_GEN_SQL_H\n\n"
          '#include "lib/base/span.h"\n#include "lib/db/statement.h"\n#include "lib/db/tx.h"\n\n'
          "#include <stdbool.h>\n#include <stdint.h>\n\n"
          + "\n".join(part.header() for part in (*types.all.values(), *statements))
          + f"\nenum {{ STATEMENT_COUNT = {len(statements)} }};\n"
          + "extern const struct statement *const statements[STATEMENT_COUNT];\n\n#endif\n")
    table = ",\n".join(f"    &statement_{s.name}" for s in statements)
    write(options.out / "sql.c", note + '#include "build/gen/sql.h"\n\n#include <stddef.h>\n\n'
          + "\n".join([*(shared.source() for shared in types.all.values()),
                       *(s.source(i, functions) for i, s in enumerate(statements))])
          + f"\nconst struct statement *const statements[STATEMENT_COUNT] = {{\n{table}}};\n"
          + "const size_t statement_count = STATEMENT_COUNT;\n")


if __name__ == "__main__":
    main()
