#!/usr/bin/python3
"""Makes build/gen/cli.h and cli.c, and the manual page build/man/anamnesis.1, from cli/help/*.txt; and build/gen/cli_sql.h and
cli_sql.c from the files below sql/cli/.

cli/help/staff-invite.txt is the command `anamnesis staff invite`: its help, and at once the declaration of what it takes.
The first line is its summary. After paragraphs come, where there are any, the parts `Operands:`, `Options:`, `Needs:` (the
configuration) and `Exit status:`. A term is indented by two blanks, what it means by six:

    Operands:                           Options:
      FILE                                --practice NAME|ID (needed)
          Needed.                         --staff ROLE:EMAIL (needed, repeated)
      [FILE]                              -o, --output FILE
          May be left out.                --role owner|physician
      FILE...                                 One of these words, and no other.
          One or more.                    --json

Each command gets a structure with a member for everything that it takes (struct args_staff_invite), which one parser
(cli/arguments.c) fills, and a function command_staff_invite that has to exist. cli/help/anamnesis.txt is the program's own.

The statements are written as those of sql/queries/ (tools/gen_sql.py); `cli/database.h` runs them. Beside :one, :many and :exec
there is `:cursor (parameters)`, which declares a cursor of the statement's name. What a statement returns is read as text; with
a column of bytea, as bytes, and its other columns have to be texts then.
"""
import argparse
import re
import sys
import textwrap
from pathlib import Path

from gen_sql import Statement, c_string, find, write

WIDTH = 100
ROFF_WIDTH = 78
HEADINGS = ("Operands", "Options", "Needs", "Environment", "Exit status")
OPTION = re.compile(r"(?:-(?P<letter>\w), )?--(?P<name>[a-z][a-z-]*)(?: (?P<value>[^\s(]\S*))?(?: \((?P<notes>[a-z, ]+)\))?")
OPERAND = re.compile(r"(?P<open>\[)?(?P<name>[A-Z][A-Z_]*(?:\.json)?)(?(open)\])(?P<several>\.\.\.)?")
CHOICES = re.compile(r"[a-z]+(?:\|[a-z]+)+")


class Option:
    def __init__(self, term, where):
        match = OPTION.fullmatch(term)
        notes = set((match["notes"] or "").split(", ")) - {""} if match else {"?"}
        if notes - {"needed", "repeated"} or (notes and match["value"] is None):
            sys.exit(f"{where}: {term!r} is no option: `[-o, ]--name [VALUE] [(needed, repeated)]`")
        self.name, self.value, self.letter = match["name"], match["value"], match["letter"] or ""
        self.needed, self.repeated = "needed" in notes, "repeated" in notes
        self.member = self.name.replace("-", "_")

    def usage(self):
        shown = (f"-{self.letter}" if self.letter else f"--{self.name}") + (f" {self.value}" if self.value else "")
        shown += " ..." if self.repeated else ""
        return shown if self.needed else f"[{shown}]"

    def declaration(self):
        if self.value is None:
            return f"    bool {self.member};"
        return f"    struct command_list {self.member};" if self.repeated else f"    const char *{self.member};"

    def row(self, struct):
        value = c_string(self.value) if self.value else "NULL"
        letter = f", .letter = '{self.letter}'" if self.letter else ""
        marks = "".join(f", .{mark} = true" for mark in ("needed", "repeated") if getattr(self, mark))
        choices = ", .is_choice = true" if self.value and CHOICES.fullmatch(self.value) else ""
        return (f"    {{.name = {c_string(self.name)}, .value = {value}{letter}{marks}{choices}, "
                f".offset = offsetof(struct {struct}, {self.member})}},")


class Operand:
    def __init__(self, term, where):
        match = OPERAND.fullmatch(term)
        if not match:
            sys.exit(f"{where}: {term!r} is no operand: `FILE`, `[FILE]` or `FILE...`")
        self.name, self.needed, self.repeated = match["name"], not match["open"], bool(match["several"])
        self.member = self.name.split(".")[0].lower()
        self.shown = term

    def usage(self):
        return self.shown

    def declaration(self):
        return f"    struct command_list {self.member};" if self.repeated else f"    const char *{self.member};"

    def row(self, struct):
        marks = "".join(f", .{mark} = true" for mark in ("needed", "repeated") if getattr(self, mark))
        return f"    {{.name = {c_string(self.name)}{marks}, .offset = offsetof(struct {struct}, {self.member})}},"


class Help:
    """One file: `parts` is a list of (heading or None, [paragraph or (term, text)])."""

    def __init__(self, path):
        self.path = path
        self.words = path.stem.replace("-", " ")
        self.name = path.stem.replace("-", "_")
        self.summary, _, self.text = path.read_text(encoding="utf-8").partition("\n\n")
        if "\n" in self.summary or not self.text:
            sys.exit(f"{path}:1: expected a summary on one line, an empty line, and what the command does")
        self.parts = self.read_parts()
        terms = {heading: [entry[0] for entry in entries] for heading, entries in self.parts if heading not in (None, "Needs")}
        self.operands = [Operand(term, path) for term in terms.get("Operands", [])]
        self.options = [Option(term, path) for term in terms.get("Options", [])]
        self.needs = any(heading == "Needs" for heading, _ in self.parts)
        members = [one.member for one in (*self.operands, *self.options)]
        if len(members) != len(set(members)):
            sys.exit(f"{path}: two things have one name")

    def read_parts(self):
        parts = [(None, [])]
        for number, line in enumerate(self.text.rstrip("\n").split("\n"), 3):
            heading, entries = parts[-1]
            if len(line) > WIDTH or line != line.rstrip():
                sys.exit(f"{self.path}:{number}: at most {WIDTH} characters, and no blank at the end")
            if line.endswith(":") and line[:-1] in HEADINGS:
                parts.append((line[:-1], []))
            elif line == "":
                entries.append("")
            elif heading in (None, "Needs"):
                add_line(entries, line.strip())
            elif re.match(r"  \S", line):
                entries.append((line.strip(), ""))
            elif line.startswith("      ") and entries:
                term, text = entries[-1]
                entries[-1] = (term, f"{text} {line.strip()}".strip())
            else:
                sys.exit(f"{self.path}:{number}: belongs to no term")
        parts = [(heading, [entry for entry in entries if entry != ""]) for heading, entries in parts]
        for _, entries in parts:
            for entry in entries:
                if isinstance(entry, tuple) and not entry[1]:
                    sys.exit(f"{self.path}: {entry[0]!r} says nothing of itself")
        return parts

    def usage(self):
        """One line, or several where it is long."""
        lines = [f"anamnesis {self.words}"]
        for part in (*self.operands, *self.options):
            if len(lines[-1]) + 1 + len(part.usage()) > WIDTH - len("usage: "):
                lines.append("      ")
            lines[-1] += f" {part.usage()}"
        return "\n".join(lines)

    def structure(self):
        members = [part.declaration() for part in (*self.operands, *self.options)] or ["    char none;"]
        return "\n".join([f"struct args_{self.name} {{", *members, "};"])

    def source(self):
        struct = f"args_{self.name}"
        lines = []
        for kind, parts in (("options", self.options), ("operands", self.operands)):
            if parts:
                kind_of = "command_option" if kind == "options" else "command_operand"
                lines += [f"static const struct {kind_of} {self.name}_{kind}[] = {{", *(part.row(struct) for part in parts), "};"]
        lines += [f"static int run_{self.name}(const struct config *config, const void *given)", "{",
                  f"    return command_{self.name}(config, given);", "}", ""]
        return "\n".join(lines)

    def row(self):
        tables = "".join(f", .{kind} = {self.name}_{kind}, .{kind[:-1]}_count = {len(parts)}"
                         for kind, parts in (("options", self.options), ("operands", self.operands)) if parts)
        configured = ", .needs_configuration = true" if self.needs else ""
        return (f"    {{.words = {c_string(self.words)}, .usage = {c_string(self.usage())}, .summary = {c_string(self.summary)},\n"
                f"     .help = {c_text(self.text)}{tables}{configured}, .run = run_{self.name}}},")


def add_line(entries, line):
    if entries and entries[-1] != "":
        entries[-1] += f" {line}"
    else:
        entries.append(line)


def c_text(text):
    return "\n        ".join(c_string(line + "\n") for line in text.rstrip("\n").split("\n"))


def roff(text):
    """Text in roman, with `what is typed` in bold."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    text = re.sub(r"`([^`]*)`", r"\\fB\1\\fR", text)
    return "\n".join(textwrap.wrap(text, ROFF_WIDTH, break_long_words=False, break_on_hyphens=False))


def roff_term(term):
    return " ".join(f"\\fB{roff(word)}\\fR" if word.startswith("-") else f"\\fI{roff(word)}\\fR" if re.match(r"[A-Z\[]", word)
                    else roff(word) for word in re.sub(r" \((needed|repeated|needed, repeated)\)$", "", term).split(" "))


def roff_parts(parts, level):
    lines = []
    for heading, entries in parts:
        if heading:
            lines += [".SH " + heading.upper()] if level == "SH" else [".PP", f"\\fI{heading}:\\fR"]
        for number, entry in enumerate(entries):
            if isinstance(entry, tuple):
                lines += [".TP", roff_term(entry[0]), roff(entry[1])]
            else:
                lines += [*([".PP"] if number or (heading and level != "SH") else []), roff(entry)]
    return lines


def manual(program, commands):
    description, rest = program.parts[0], program.parts[1:]
    lines = ['.\\" Made by tools/gen_cli.py from cli/help/.', '.TH ANAMNESIS 1 "" "Anamnesis" "User Commands"', ".SH NAME",
             f"anamnesis \\- {roff(program.summary)}", ".SH SYNOPSIS",
             "\\fBanamnesis\\fR [\\fB\\-\\-instance\\fR \\fIDIR\\fR] \\fICOMMAND\\fR [\\fIOPTION\\fR ...]",
             ".br", "\\fBanamnesis help\\fR [\\fICOMMAND\\fR]", ".SH DESCRIPTION", *roff_parts([description], "SH")]
    options = [part for part in rest if part[0] == "Options"]
    lines += roff_parts(options, "SH") + [".SH COMMANDS"]
    for command in commands:
        shown = [roff(line.strip()) for line in command.usage().split("\n")]
        lines += [f".SS \\fBanamnesis {roff(command.words)}\\fR", f"{roff(command.summary)}", ".PP", *shown,
                  ".PP", *roff_parts(command.parts, "SS")]
    return "\n".join(lines + roff_parts([part for part in rest if part[0] != "Options"], "SH")) + "\n"


class Cursor:
    """The file of a cursor as gen_sql.Statement reads one: it has no result of its own, its rows come by FETCH."""

    def __init__(self, path):
        self.path, self.stem = path, path.stem

    def __str__(self):
        return str(self.path)

    def read_text(self, encoding):
        return self.path.read_text(encoding=encoding).replace(f"-- {self.stem} :cursor (", f"-- {self.stem} :exec (", 1)


class CommandStatement(Statement):
    def __init__(self, path):
        self.is_cursor = path.read_text(encoding="utf-8").startswith(f"-- {path.stem} :cursor (")
        super().__init__(Cursor(path) if self.is_cursor else path)
        types = {column.enum for column in self.columns}
        if "DB_BYTEA" in types and types - {"DB_BYTEA", "DB_TEXT"}:
            sys.exit(f"{path}: beside a column of bytea all others have to be texts (id::text)")

    def header(self):
        lines = [f"/* {' '.join(self.comment)} */"] if self.comment else []
        if self.params:
            lines += [f"struct sql_{self.name}_in {{", *(member for field in self.params for member in field.members()), "};"]
        return "\n".join([*lines, f"extern const struct statement sql_{self.name};", ""])

    def source(self):
        lines = []
        if self.params:
            rows = [field.row(f"sql_{self.name}_in") for field in self.params]
            lines += [f"static const struct db_field {self.name}_in[] = {{", *rows, "};"]
        if self.columns:
            rows = [f'    {{.name = "{field.name}", .type = {field.enum}, .nullable = {str(field.nullable).lower()}}},'
                    for field in self.columns]
            lines += [f"static const struct db_field {self.name}_out[] = {{", *rows, "};"]
        start = f"DECLARE {self.name} NO SCROLL CURSOR FOR\n" if self.is_cursor else ""
        params = f", .params = {self.name}_in, .param_count = {len(self.params)}" if self.params else ""
        columns = f", .columns = {self.name}_out, .column_count = {len(self.columns)}" if self.columns else ""
        return "\n".join([*lines, f"const struct statement sql_{self.name} = {{.name = \"{self.name}\"{params}{columns}, .text =",
                          f"        {c_text(start + self.text.strip())}}};", ""])


def write_statements(queries, out):
    statements = [CommandStatement(path) for path in find(queries)]
    note = "/* Made by tools/gen_cli.py from sql/cli/; do not edit. */\n"
    write(out / "cli_sql.h", note + "#ifndef ANAMNESIS_GEN_CLI_SQL_H\n#define ANAMNESIS_GEN_CLI_SQL_H\n\n"
          '#include "lib/base/span.h"\n#include "lib/db/statement.h"\n\n#include <stdbool.h>\n#include <stdint.h>\n\n'
          + "\n".join(statement.header() for statement in statements) + "\n#endif\n")
    write(out / "cli_sql.c", note + '#include "build/gen/cli_sql.h"\n\n#include <stddef.h>\n\n'
          + "\n".join(statement.source() for statement in statements))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--help-texts", type=Path, default=Path("cli/help"))
    parser.add_argument("--queries", type=Path, default=Path("sql/cli"))
    parser.add_argument("--out", type=Path, default=Path("build/gen"))
    parser.add_argument("--man", type=Path, default=Path("build/man"))
    given = parser.parse_args()
    texts = [Help(path) for path in sorted(given.help_texts.glob("*.txt"))]
    program = next(text for text in texts if text.words == "anamnesis")
    commands = [text for text in texts if text is not program]
    given.out.mkdir(parents=True, exist_ok=True)
    given.man.mkdir(parents=True, exist_ok=True)
    note = "/* Made by tools/gen_cli.py from cli/help/; do not edit. */\n"
    unions = "\n".join(f"    struct args_{command.name} {command.name};" for command in commands)
    functions = "\n".join(f"int command_{command.name}(const struct config *config, const struct args_{command.name} *given);"
                          for command in commands)
    write(given.out / "cli.h", note + "#ifndef ANAMNESIS_GEN_CLI_H\n#define ANAMNESIS_GEN_CLI_H\n\n"
          '#include "cli/arguments.h"\n#include "lib/base/config.h"\n\n#include <stdbool.h>\n\n'
          "/* What each command was given; NULL and false where it was not. */\n"
          + "\n\n".join(command.structure() for command in commands)
          + f"\n\nunion command_given {{\n{unions}\n}};\n\n/* Each returns an exit status. */\n{functions}\n\n"
          f"enum {{ COMMANDS = {len(commands)} }};\nextern const struct command commands[COMMANDS];\n\n"
          "/* The program's own help: what is the same for all commands. */\nextern const char command_help[];\n\n#endif\n")
    write(given.out / "cli.c", note + '#include "build/gen/cli.h"\n\n#include <stddef.h>\n\n'
          '#pragma GCC diagnostic ignored "-Woverlength-strings" /* a help is one text */\n\n'
          + "\n".join(command.source() for command in commands)
          + "\nconst struct command commands[COMMANDS] = {\n" + "\n".join(command.row() for command in commands) + "\n};\n\n"
          f"const char command_help[] =\n        {c_text(program.text)};\n")
    write(given.man / "anamnesis.1", manual(program, commands))
    write_statements(given.queries, given.out)


if __name__ == "__main__":
    main()
