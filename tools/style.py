#!/usr/bin/python3
"""Style: what the compiler does not check. `make style` runs it over every file of the project.

Prints one line a finding - file:line: rule: what is wrong - then the comment share and a closing count.
Exits 0 when there is nothing to mend, 1 when there is, 2 when it could not do its work.

usage: tools/style.py [--root DIR] [--no-format] [--list-rules]
"""

import argparse
import ast
import collections
import os
import re
import shutil
import subprocess
import sys

import rooms
from csource import TOKEN, balanced_end, code_only, functions_of, line_of, without_comments

FILE_LINES = 800
FUNCTION_LINES = 100
SKIP_DIRECTORIES = {".git", "build", "node_modules", "__pycache__", ".pytest_cache"}
SKIP_FILES = re.compile(r"(^|/)(package-lock\.json|.*\.(png|svg|ico|woff2?|bin|gz))$")
TEXT_WITHOUT_TABS = {".c", ".h", ".py", ".sh", ".sql", ".yaml", ".yml", ".md", ".json", ".js", ".mjs", ".lua",
                     ".conf", ".html", ".css", ".toml", ".txt"}
TEXT_WITH_TABS = {".tsv", ".mk", ""}  # "": Makefile, Dockerfile, scripts without a suffix

RULES = {
    "arrow": "an include, or a function of another room, against the arrows of docs/architecture.md",
    "circle": "files that need each other",
    "function-length": f"a function of more than {FUNCTION_LINES} lines",
    "file-length": f"a file of more than {FILE_LINES} lines",
    "banned-call": "a call that cannot be used safely",
    "struct-typedef": "a typedef that hides a struct or union",
    "assignment": "an assignment inside a condition",
    "tab": "a tab in a file that is indented by spaces",
    "trailing-blank": "a blank at the end of a line",
    "last-line": "a file that does not end in exactly one newline",
    "guard": "a header whose guard is not its path",
    "machine-path": "a path that exists on one machine only: a home, or where this copy of the project is",
    "sql-built": "SQL put together at run time",
    "sql-literal": "SQL outside sql/",
    "python": "a Python file that does not parse",
    "variable": "a configuration variable that no program reads",
    "clang-format": "layout that clang-format would change",
}

BANNED = ("strcpy", "strcat", "sprintf", "vsprintf", "strtok", "atoi", "atol", "system", "rand", "gets", "alloca",
          "strncpy")
BANNED_CALL = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
HOMES = r"/home/\w+/|/Users/\w+/|/roo[t]/"
SQL_START = re.compile(
    r'^\s*(select\s|insert\s+into\s|update\s+\S+\s+set\s|delete\s+from\s|with\s+\w+\s+as\s*\(|create\s+(table|role)\s|'
    r'alter\s+\w+\s|drop\s+\w+\s|grant\s|truncate\s)', re.IGNORECASE)
FORMATTER = re.compile(r"\b(v?snprintf|v?asprintf|buf_\w+|arena_\w*print\w*|arena_format\w*|strlcat|stpcpy)\s*\(")
CONFIGURATION = "lib/base/config.c"
VARIABLE_ROW = re.compile(r'\[(CONFIG_\w+)\]\s*=\s*\{\s*"(ANAMNESIS_\w+)",(.*?)\}', re.DOTALL)
JUDGES = "cli/doctor/"  # reads every variable to judge it, which makes nothing of what it says come true
SQL_ROOMS = ("app/", "handlers/", "lib/", "fcgi/", "lambda/", "jobs/", "scan/", "cli/")
SQL_LITERAL_FREE = ("lib/db/",)

Finding = collections.namedtuple("Finding", "path line rule text")


def project_files(root):
    """Every file that is tracked or could be added, as paths relative to the root."""
    listing = subprocess.run(["git", "-C", root, "ls-files", "-z", "-c", "-o", "--exclude-standard"],
                             capture_output=True, check=False)
    if listing.returncode == 0 and os.path.exists(os.path.join(root, ".git")):
        names = {name for name in listing.stdout.decode().split("\0") if name}
    else:
        names = {os.path.relpath(os.path.join(where, name), root)
                 for where, _, files in os.walk(root) for name in files}
    return sorted(name for name in names
                  if not SKIP_DIRECTORIES.intersection(name.split("/")) and not SKIP_FILES.search(name)
                  and os.path.isfile(os.path.join(root, name)))


def check_arrows(path, text):
    if not path.startswith(rooms.FREE_ROOMS):
        for line, fault in rooms.check_includes(path, text):
            yield Finding(path, line, "arrow", fault)


def check_house(texts):
    """All findings between files."""
    needs = rooms.house(texts)
    for path, line, fault in (*rooms.check_names(needs), *rooms.check_private(texts, needs)):
        yield Finding(path, line, "arrow", fault)
    for path, line, fault in rooms.check_circles(needs):
        yield Finding(path, line, "circle", fault)


def check_variables(texts):
    """A variable of the configuration's table is read outside it, and by more than doctor unless its text says that it is for that;
    one of other programs stands in one of those."""
    table = without_comments(texts.get(CONFIGURATION, ""))
    readers = {path: code_only(text) for path, text in texts.items()
               if path.endswith(".c") and path != CONFIGURATION and not path.startswith(rooms.FREE_ROOMS)}
    for row in VARIABLE_ROW.finditer(table):
        key, name, rest = row.groups()
        named = [path for path, code in readers.items() if re.search(rf"\b{key}\b", code)]
        if all(path.startswith(JUDGES) for path in named) and not (named and "`anamnesis doctor`" in rest):
            yield Finding(CONFIGURATION, line_of(table, row.start()), "variable",
                          f"{name} is read by {'doctor alone' if named else 'no program'}")
    for found in re.finditer(r'"(ANAMNESIS_\w+)"', table.partition("elsewhere[]")[2].partition("}")[0]):
        if not any(found.group(1) in text for path, text in texts.items() if path != CONFIGURATION and not path.endswith(".md")):
            line = line_of(table, table.index(found.group(0)))
            yield Finding(CONFIGURATION, line, "variable", f"{found.group(1)} is read by nothing")


def check_functions(path, code):
    for start, end in functions_of(code):
        lines = code.count("\n", start, end) + 1
        if lines > FUNCTION_LINES:
            names = re.findall(r"(\w+)\s*\(", code[:start].rsplit("\n\n", 1)[-1])
            yield Finding(path, line_of(code, start), "function-length",
                          f"{names[0] if names else 'a function'} has {lines} lines, {FUNCTION_LINES} are allowed")


def check_python(path, text):
    try:
        tree = ast.parse(text)
    except SyntaxError as fault:
        yield Finding(path, fault.lineno or 1, "python", str(fault.msg))
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            lines = node.end_lineno - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield Finding(path, node.lineno, "function-length",
                              f"{node.name} has {lines} lines, {FUNCTION_LINES} are allowed")


def check_calls(path, code):
    for found in BANNED_CALL.finditer(code):
        yield Finding(path, line_of(code, found.start()), "banned-call", found.group(1))


def check_typedefs(path, code):
    for found in re.finditer(r"\btypedef\s+(?:const\s+)?(struct|union)\b", code):
        rest = code[found.start():]
        declaration = rest[:rest.find(";") + 1]
        if "(" in declaration and "{" not in declaration:
            continue  # a function type that returns a struct
        yield Finding(path, line_of(code, found.start()), "struct-typedef", f"write `{found.group(1)} name` instead")


def assigns(condition):
    """Whether the text holds an assignment outside a compound literal's braces."""
    plain = re.sub(r"\{[^{}]*\}", "", condition)
    return any(token == "=" or (token.endswith("=") and token not in ("==", "!=", "<=", ">="))
               for token in re.findall(r"<<=|>>=|[=!<>]=|[-+*/%&|^]=|=", plain))


def check_conditions(path, code):
    for found in re.finditer(r"\b(if|while|for|switch)\s*\(", code):
        start = found.end() - 1
        inside = code[start + 1:balanced_end(code, start, "(", ")") - 1]
        if found.group(1) == "for":
            parts = inside.split(";")
            inside = parts[1] if len(parts) == 3 else ""
        if assigns(inside):
            yield Finding(path, line_of(code, found.start()), "assignment", f"inside the condition of `{found.group(1)}`")


def check_guard(path, code):
    stem = re.sub(r"^lib/", "", path)
    guard = "ANAMNESIS_" + re.sub(r"\W", "_", stem).upper()
    if not re.search(rf"^#ifndef {guard}\n#define {guard}$", code, re.MULTILINE):
        yield Finding(path, 1, "guard", f"expected #ifndef {guard}")


def check_sql(path, text):
    if not path.startswith(SQL_ROOMS):
        return
    plain = without_comments(text)
    code = code_only(text)
    built = set()
    for call in FORMATTER.finditer(code):
        start = call.end() - 1
        end = balanced_end(code, start, "(", ")")
        for literal in re.finditer(r'"((?:\\.|[^"\\\n])*)"', plain[start:end]):
            if SQL_START.match(literal.group(1)):
                number = line_of(plain, start + literal.start())
                built.add(number)
                yield Finding(path, number, "sql-built", f"{call.group(1)} makes a statement; use sql/queries/ or sql/cli/")
    if path.startswith(SQL_LITERAL_FREE):
        return
    for literal in re.finditer(r'"((?:\\.|[^"\\\n])*)"', plain):
        number = line_of(plain, literal.start())
        if SQL_START.match(literal.group(1)) and number not in built:
            yield Finding(path, number, "sql-literal", "a statement belongs into sql/queries/ or sql/cli/")


def machine_paths(*places):
    """Finds homes, and these places, of which one that is right below / may be a path of a URL."""
    known = [re.escape(place) + r"(?=[/\s\"'`]|$)" for place in places if place.count("/") > 1]
    return re.compile(r"(?<![\w.$}~-])(" + "|".join([HOMES, *known]) + ")")


def check_text(path, text, machine_path=machine_paths()):
    suffix = os.path.splitext(path)[1]
    if suffix not in TEXT_WITHOUT_TABS and suffix not in TEXT_WITH_TABS:
        return
    for number, line in enumerate(text.split("\n"), 1):
        if suffix in TEXT_WITHOUT_TABS and "\t" in line:
            yield Finding(path, number, "tab", "use spaces")
        if line != line.rstrip(" \t\r") and suffix != ".tsv":
            yield Finding(path, number, "trailing-blank", "remove it")
        for found in machine_path.finditer(line):
            yield Finding(path, number, "machine-path", found.group(0))
    if text and (not text.endswith("\n") or text.endswith("\n\n")):
        yield Finding(path, text.count("\n"), "last-line", "end the file with one newline")


def check_length(path, text):
    lines = text.count("\n")
    if lines > FILE_LINES:
        yield Finding(path, FILE_LINES + 1, "file-length", f"{lines} lines, {FILE_LINES} are allowed")


def check_c(path, text):
    code = code_only(text)
    yield from check_arrows(path, text)
    yield from check_functions(path, code)
    yield from check_calls(path, code)
    yield from check_typedefs(path, code)
    yield from check_conditions(path, code)
    yield from check_sql(path, text)
    if path.endswith(".h"):
        yield from check_guard(path, code)


def check_file(path, text, machine_path=machine_paths()):
    """All findings of one file but clang-format's."""
    yield from check_text(path, text, machine_path)
    if path.endswith((".c", ".h", ".py", ".sh")):
        yield from check_length(path, text)
    if path.endswith((".c", ".h")):
        yield from check_c(path, text)
    elif path.endswith(".py"):
        yield from check_python(path, text)


def check_format(root, paths):
    """clang-format's opinion, one finding a file: the first line it would change."""
    tool = shutil.which("clang-format")
    if tool is None:
        sys.exit("style: clang-format is missing; install it (apt-get install clang-format) or give --no-format")
    if not paths:
        return
    run = subprocess.run([tool, "--dry-run", "--style=file", *paths], cwd=root, capture_output=True, text=True,
                         check=False)
    seen = set()
    for found in re.finditer(r"^(.+?):(\d+):\d+: (?:warning|error): (.*?)(?: \[.*)?$", run.stderr, re.MULTILINE):
        path, line, text = found.groups()
        if path not in seen:
            seen.add(path)
            yield Finding(path, int(line), "clang-format", f"{text}; run clang-format -i {path}")
    if run.returncode != 0 and not seen:
        sys.exit(f"style: clang-format failed: {run.stderr.strip()}")


def comment_share(text):
    """(lines with a comment, lines that are not blank)."""
    marked = set()
    for found in TOKEN.finditer(text):
        if found.group("comment"):
            first = line_of(text, found.start())
            marked.update(range(first, first + found.group(0).count("\n") + 1))
    return len(marked), sum(1 for line in text.split("\n") if line.strip())


def report(sources):
    """The share of comments and the usual sizes, room by room: for people, it fails nothing."""
    grouped = collections.defaultdict(list)
    for path, text in sources.items():
        grouped[rooms.room_of(path)].append(text)
    print("comments (12-20 % is usual), lines a file (median), lines a function (median / p90):")
    for room, texts in sorted(grouped.items()):
        marked, filled = map(sum, zip(*map(comment_share, texts)))
        files = sorted(text.count("\n") for text in texts)
        codes = [code_only(text) for text in texts]
        functions = sorted(code.count("\n", start, end) + 1 for code in codes for start, end in functions_of(code))
        sizes = f"{functions[len(functions) // 2]} / {functions[len(functions) * 9 // 10]}" if functions else "-"
        print(f"  {room:24} {100 * marked // max(filled, 1):3} %   {files[len(files) // 2]:4}   {sizes}")


def read_text(root, path):
    with open(os.path.join(root, path), "rb") as file:
        data = file.read()
    try:
        return None if b"\0" in data else data.decode("utf-8")
    except UnicodeDecodeError:
        return None


def main():
    parser = argparse.ArgumentParser(description="checks what the compiler does not")
    parser.add_argument("--root", default=os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
    parser.add_argument("--no-format", action="store_true", help="leave clang-format out")
    parser.add_argument("--list-rules", action="store_true")
    options = parser.parse_args()
    if options.list_rules:
        for name, meaning in RULES.items():
            print(f"{name:16} {meaning}")
        return 0
    texts = {path: read_text(options.root, path) for path in project_files(options.root)}
    texts = {path: text for path, text in texts.items() if text is not None}
    machine_path = machine_paths(os.path.realpath(options.root), os.path.expanduser("~"))
    findings = [finding for path, text in texts.items() for finding in check_file(path, text, machine_path)]
    findings += check_house(texts)
    findings += check_variables(texts)
    sources = {path: text for path, text in texts.items() if path.endswith((".c", ".h"))}
    if not options.no_format:
        findings += check_format(options.root, sorted(sources))
    for finding in sorted(findings):
        print(f"{finding.path}:{finding.line}: {finding.rule}: {finding.text}")
    if sources:
        report(sources)
    print(f"style: {len(texts)} files, {len(RULES)} rules, {len(findings)} findings")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
