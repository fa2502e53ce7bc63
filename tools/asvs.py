#!/usr/bin/python3
"""Makes the table of OWASP ASVS items in docs/security.md of tests/asvs.tsv and of the tests that name the items.

A test names items in brackets in its docstring, or in C in the comment above it: [6.3.8, 6.5.1].

usage: tools/asvs.py           fails when the page is not up to date, an item has neither a test nor a reason, or a test
                               names an item that is not listed
       tools/asvs.py --write   writes the page
"""

import pathlib
import re
import sys

TOP = pathlib.Path(__file__).resolve().parents[1]
ITEMS, PAGE = TOP / "tests/asvs.tsv", TOP / "docs/security.md"
BEGIN, END = "<!-- asvs: made by tools/asvs.py -->\n", "<!-- asvs: end -->\n"
UNREAD = re.compile(r"\bASVS \d+\.\d+\.|\[ASVS ")  # meant as a name, and in no table
NAMED = re.compile(r"\[(\d+\.\d+\.\d+(?:, \d+\.\d+\.\d+)*)\]")
PYTHON_TEST = re.compile(r"^def (test_\w+)", re.MULTILINE)
C_TEST = re.compile(r"^static void\n(\w+)\(void \*\*state\)", re.MULTILINE)


def items():
    found = {}
    for line in ITEMS.read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            fields = line.split("\t")
            if fields[0] in found:
                raise SystemExit(f"tests/asvs.tsv: {fields[0]} is listed twice")
            found[fields[0]] = (fields[1], fields[2], fields[3] if len(fields) > 3 else None)
    return found


def tests_that_name(paths):
    """{item: [(path, test), ...]}; a test's brackets are below its name in Python, above it in C; at the top of a file, they are of all in it."""
    found = {}
    for path in paths:
        text = path.read_text(encoding="utf-8")
        pattern, above = (C_TEST, False) if path.suffix == ".c" else (PYTHON_TEST, True)
        tests = [(match.start(), match.group(1)) for match in pattern.finditer(text)]
        for match in NAMED.finditer(text):
            place = match.start()
            near = [name for start, name in tests if start < place][-1:] if above else \
                   [name for start, name in tests if start > place][:1]
            for item in match.group(1).split(", "):
                found.setdefault(item, []).append((path.relative_to(TOP), near[0] if near else path.stem))
    return found


def sources():
    for pattern in ("*.py", "*.c"):
        yield from sorted(path for path in (TOP / "tests").rglob(pattern)
                          if "node_modules" not in path.parts and path.name != "test_asvs.py")


def unread(paths):
    """What looks like the name of an item, and is not written as one."""
    for path in paths:
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if UNREAD.search(line):
                yield f"{path.relative_to(TOP)}:{number}: items are named in brackets alone, like [6.3.8]"


def table(listed, named):
    rows = ["| item | level | asks that | shown by |", "| --- | --- | --- | --- |"]
    for item, (level, asks, reason) in listed.items():
        tests = [f"`{test}` ({path.parts[1]})" for path, test in named.get(item, [])]
        rows.append(f"| {item} | {level} | {asks} | {', '.join(tests) or f'*{reason}*'} |")
    return "\n".join(rows) + "\n"


def faults(listed, named):
    for item in sorted(set(named) - set(listed)):
        yield f"tests/asvs.tsv: {item} is not listed, and {named[item][0][1]} names it"
    for item, (_, _, reason) in listed.items():
        if item not in named and not reason:
            yield f"tests/asvs.tsv: no test names {item}, and there is no reason"
        if item in named and reason:
            yield f"tests/asvs.tsv: {item} has a reason to have no test, and {named[item][0][1]} names it"


def main():
    listed, named = items(), tests_that_name(sources())
    found = [*faults(listed, named), *unread(sources())]
    text = PAGE.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    made = before + BEGIN + table(listed, named) + END + after
    if sys.argv[1:] == ["--write"]:
        PAGE.write_text(made, encoding="utf-8")
    elif made != text:
        found.append("docs/security.md: the table of ASVS items is not up to date: tools/asvs.py --write")
    print("\n".join(found), file=sys.stderr, end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
