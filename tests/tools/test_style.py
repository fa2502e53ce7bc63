"""tools/style.py: each rule finds its bad snippet, at its line, and leaves the good one beside it alone."""

import pathlib
import shutil
import subprocess
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools"))

import rooms  # noqa: E402  (the path is set above)
import style  # noqa: E402

LONG_BODY = "    f();\n" * 99
GUARD = "#ifndef ANAMNESIS_FORM_ITEM_H\n#define ANAMNESIS_FORM_ITEM_H\n\n#endif\n"
# Written in two pieces, so that this file passes the rule that it tests.
MACHINE = "/ho" + "me/somebody/x"

BAD = [
    # rule, path, text, line
    ("arrow", "lib/base/a.c", '#include "lib/db/tx.h"\n', 1),
    ("arrow", "lib/base/a.c", '#include "build/gen/api.h"\n', 1),
    ("arrow", "lib/form/a.c", "#include <stdio.h>\n#include <libpq-fe.h>\n", 2),
    ("arrow", "lib/form/a.c", "#include <unistd.h>\n", 1),
    ("arrow", "lib/form/a.c", '#include "lib/crypto/token.h"\n', 1),
    ("arrow", "lib/http/a.c", '#include "lib/db/tx.h"\n', 1),
    ("arrow", "lib/http/a.c", '#include "app/app.h"\n', 1),
    ("arrow", "lib/db/a.c", '#include "lib/http/request.h"\n', 1),
    ("arrow", "lib/mail/a.c", '# include "app/app.h"\n', 1),
    ("arrow", "handlers/a.c", "#include <fcgiapp.h>\n", 1),
    ("arrow", "handlers/a.c", "#include <curl/curl.h>\n", 1),
    ("arrow", "handlers/a.c", "#include <libpq-fe.h>\n", 1),
    ("arrow", "handlers/a.c", '#include "fcgi/pool.h"\n', 1),
    ("arrow", "lambda/a.c", '#include "fcgi/pool.h"\n', 1),
    ("arrow", "odd/a.c", '#include "lib/base/buf.h"\n', 1),
    ("function-length", "lib/base/a.c", f"void\nlong_one(void)\n{{\n{LONG_BODY}}}\n", 3),
    ("function-length", "tools/a.py", "def long_one():\n" + "    pass\n" * 100, 1),
    ("file-length", "lib/base/a.c", "int a;\n" * 801, 801),
    ("file-length", "tools/a.sh", "true\n" * 801, 801),
    ("struct-typedef", "lib/base/a.c", "typedef struct buf buf_t;\n", 1),
    ("struct-typedef", "lib/base/a.c", "int a;\ntypedef struct {\n    int (*f)(void);\n} buf_t;\n", 2),
    ("struct-typedef", "lib/base/a.c", "typedef union u u_t;\n", 1),
    ("assignment", "lib/base/a.c", "void\nf(void)\n{\n    if ((a = b()) != 0) {\n    }\n}\n", 4),
    ("assignment", "lib/base/a.c", "void\nf(void)\n{\n    while (n += 1) {\n    }\n}\n", 4),
    ("assignment", "lib/base/a.c", "void\nf(void)\n{\n    for (i = 0; (c = next()); i++) {\n    }\n}\n", 4),
    ("tab", "lib/base/a.c", "int a;\n\tint b;\n", 2),
    ("tab", "sql/queries/a.sql", "\tselect 1\n", 1),
    ("trailing-blank", "docs/a.md", "text \n", 1),
    ("trailing-blank", "Makefile", "all:\t\n", 1),
    ("last-line", "docs/a.md", "text", 0),
    ("last-line", "docs/a.md", "text\n\n", 2),
    ("guard", "lib/form/item.h", GUARD.replace("FORM_ITEM", "ITEM"), 1),
    ("machine-path", "docs/a.md", f"see {MACHINE}\n", 1),
    ("machine-path", ".ci/run", f"cd {MACHINE}\n", 1),
    ("sql-built", "handlers/a.c", 'void\nf(void)\n{\n    snprintf(q, 9, "SELECT %s", x);\n}\n', 4),
    ("sql-built", "lib/db/a.c", 'void\nf(void)\n{\n    buf_text(q,\n             "insert into t values (");\n}\n', 5),
    ("sql-literal", "handlers/a.c", 'const char *q = "SELECT 1";\n', 1),
    ("sql-literal", "cli/a.c", 'const char *ledger = "SELECT name FROM ledger";\n', 1),
    ("sql-literal", "jobs/a.c", 'const char *q = "delete from outbox";\n', 1),
    ("python", "tools/a.py", "def (:\n", 1),
] + [("banned-call", "lib/base/a.c", f"void\nf(void)\n{{\n    {name}(a, b);\n}}\n", 4) for name in style.BANNED]

GOOD = [
    ("lib/base/a.c", '#include "lib/base/buf.h"\n#include "build/gen/problems.h"\n#include <stdio.h>\n'),
    ("lib/db/a.c", '#include "build/gen/sql.h"\n#include <libpq-fe.h>\n'),
    ("lib/form/a.c", '/* #include <libpq-fe.h> */\n#include <json-c/json.h>\n'),
    ("handlers/a.c", '#include "build/gen/api.h"\n#include "lib/form/check.h"\n#include "lib/db/tx.h"\n'),
    ("fcgi/a.c", "#include <fcgiapp.h>\n#include <unistd.h>\n"),
    ("jobs/a.c", "#include <curl/curl.h>\n"),
    ("tests/unit/a.c", '#include "app/app.h"\n#include <libpq-fe.h>\n'),
    ("lib/base/a.c", f"void\nshort_enough(void)\n{{\n{LONG_BODY[:-9]}}}\n"),
    ("lib/base/a.c", "struct table rows[] = {\n" + "    {1},\n" * 120 + "};\n"),
    ("lib/base/a.c", "int a;\n" * 800),
    ("lib/base/a.c", "typedef void report_fn(struct report *report);\ntypedef struct node *find_fn(int id);\n"),
    ("lib/base/a.c", "typedef enum kind kind_t;\n"),
    ("lib/base/a.c", "void\nf(void)\n{\n    if (a == b && c <= d && e >= f && g != h) {\n    }\n}\n"),
    ("lib/base/a.c", "void\nf(void)\n{\n    for (size_t i = 0; i < n; i += 2) {\n    }\n}\n"),
    ("lib/base/a.c", "void\nf(void)\n{\n    if (same(&(struct s){.a = 1}, \"=\", '=')) {\n    }\n}\n"),
    ("lib/base/a.c", 'void\nf(void)\n{\n    log_line("strcpy(a, b) is banned"); /* sprintf(x) */\n}\n'),
    ("lib/base/a.c", "void\nf(void)\n{\n    snprintf(a, 2, b);\n    randombytes_buf(a);\n    t->rand(1);\n}\n"),
    ("Makefile", "all:\n\ttrue\n"),
    ("problems.tsv", "code\tstatus\n"),
    ("lib/form/item.h", GUARD),
    ("docs/a.md", "the framework/main part, https://example.org/home/main\n"),
    ("handlers/a.c", 'void\nf(void)\n{\n    snprintf(q, 9, "selected %s", x);\n    q_patient_get(tx, &in, &row);\n}\n'),
    ("lib/db/a.c", 'const char *settings = "select set_config($1, $2, true)";\n'),
    ("tools/a.py", "def short():\n" + "    pass\n" * 99),
]


FUNCTION = "void\n{}(void)\n{{\n    {}\n}}\n"
# Files that are fine alone. Planted: what of them is not, together.
HOUSES = [
    # each includes the other's header
    ({"lib/base/a.h": "", "lib/base/a.c": '#include "lib/base/b.h"\n', "lib/base/b.h": '\n#include "lib/base/a.h"\n'},
     [("circle", "lib/base/a.c", 1)]),
    # a header, and a function that is declared elsewhere
    ({"lib/base/a.h": "", "lib/base/a.c": FUNCTION.format("first", "second();"),
      "lib/base/b.c": '#include "lib/base/a.h"\n' + FUNCTION.format("second", "")},
     [("circle", "lib/base/a.c", 4)]),
    # functions alone, one of them by its address, over three files
    ({"lib/base/a.c": FUNCTION.format("first", "second();"), "lib/base/b.c": FUNCTION.format("second", "call(third);"),
      "lib/base/c.c": FUNCTION.format("third", "first();")},
     [("circle", "lib/base/a.c", 4)]),
    # from one room to another, as far as the table lets them: the circle is told, and the arrow that is none
    ({"lib/db/a.h": "", "lib/db/a.c": '#include "lib/base/b.h"\n', "lib/base/b.h": "",
      "lib/base/b.c": '#include "lib/db/a.h"\n'},
     [("arrow", "lib/base/b.c", 1), ("circle", "lib/base/b.c", 1)]),
    # a function of a room that may not be used, without its header
    ({"lib/base/a.c": FUNCTION.format("first", "second();"), "lib/db/b.c": FUNCTION.format("second", "")},
     [("arrow", "lib/base/a.c", 4)]),
    # rooms of handlers: one that may not be used, one that may; app reaches none, by no way
    ({"handlers/auth/a.c": '#include "handlers/people/b.h"\n', "handlers/people/b.h": "", "handlers/people/c.c": '#include "handlers/auth/d.h"\n',
      "handlers/auth/d.h": ""}, [("arrow", "handlers/auth/a.c", 1)]),
    ({"handlers/questionnaires/a.c": '#include "handlers/responses/b.h"\n', "handlers/responses/b.h": ""},
     [("arrow", "handlers/questionnaires/a.c", 1)]),
    ({"app/a.c": '#include "build/gen/api.h"\n' + FUNCTION.format("serve", "h_one();"), "handlers/auth/b.c": FUNCTION.format("h_one", "")},
     [("arrow", "app/a.c", 5)]),
    # rooms of lib/form have an order
    ({"lib/form/value/a.c": '#include "lib/form/review/b.h"\n', "lib/form/review/b.h": "", "lib/form/review/c.c": '#include "lib/form/value/d.h"\n',
      "lib/form/value/d.h": ""}, [("arrow", "lib/form/value/a.c", 1)]),
    # what the command's rooms stand on names none of them
    ({"cli/other.c": FUNCTION.format("other", "command_one();"), "cli/keys/a.c": FUNCTION.format("command_one", "")},
     [("arrow", "cli/other.c", 4)]),
    # a header that is not for others: below its room it is for all, and for tests
    ({"lib/crypto/a.h": "/* Keys. For lib/crypto\n * only. */\n", "lib/crypto/a.c": '#include "lib/crypto/a.h"\n',
      "lib/audit/a.c": '#include "lib/base/b.h"\n#include "lib/crypto/a.h"\n', "tests/unit/a.c": '#include "lib/crypto/a.h"\n'},
     [("arrow", "lib/audit/a.c", 2)]),
    # a way that ends
    ({"lib/base/a.h": "", "lib/base/a.c": '#include "lib/base/b.h"\n' + FUNCTION.format("first", "second();"),
      "lib/base/b.h": "", "lib/base/b.c": FUNCTION.format("second", "")}, []),
    # names that are no functions of the other file: static ones of one's own, members, tags, comments, text
    ({"lib/base/a.c": FUNCTION.format("first", "second();"),
      "lib/base/b.c": "static " + FUNCTION.format("first", "") +
                      FUNCTION.format("second", 'struct first *it = x->first; /* first() */ say("first()"); first();')}, []),
    # tests may use everything
    ({"lib/base/a.c": FUNCTION.format("first", ""), "tests/unit/a.c": FUNCTION.format("second", "first();")}, []),
]


@pytest.mark.parametrize("texts,expected", HOUSES, ids=range(len(HOUSES)))
def test_what_is_wrong_between_files_is_found_at_its_line(texts, expected):
    found = [finding for path, text in texts.items() for finding in style.check_file(path, text)
             if finding.rule == "arrow"] + list(style.check_house(texts))
    assert sorted((finding.rule, finding.path, finding.line) for finding in found) == sorted(expected)


def test_a_circle_is_told_as_the_way_around_it():
    texts = {"lib/base/a.c": FUNCTION.format("first", "second();"), "lib/base/b.c": FUNCTION.format("second", "third();"),
             "lib/base/c.c": FUNCTION.format("third", "first();")}
    assert [finding.text for finding in style.check_house(texts)] == \
           ["lib/base/a -> lib/base/b -> lib/base/c -> lib/base/a (names second)"]


ROW = '[CONFIG_{0}] = {{"ANAMNESIS_{0}", KIND_TEXT, NULL, 0, 0, "{1}"}},\n'
READS = "void\nf(void)\n{{\n    (void)config_text(c, CONFIG_{});\n}}\n"
# The table's rows and the others' names, other files, and the lines that are found.
VARIABLES = [
    (ROW.format("A", "what"), {"app/a.c": READS.format("A")}, []),
    (ROW.format("A", "what"), {"app/a.c": "/* CONFIG_A */\n" + READS.format("A_B")}, [1]),
    (ROW.format("A", "what") + ROW.format("B", "x"), {"app/a.c": READS.format("A"), "cli/doctor/b.c": READS.format("B")}, [2]),
    (ROW.format("A", "for `anamnesis doctor`"), {"cli/doctor/b.c": READS.format("A")}, []),
    (ROW.format("A", "for `anamnesis doctor`"), {}, [1]),
    ('elsewhere[] = {"ANAMNESIS_X",\n"ANAMNESIS_Y"};\n', {"tools/a.py": "ANAMNESIS_X", "docs/a.md": "ANAMNESIS_Y"}, [2]),
]


@pytest.mark.parametrize("table,others,lines", VARIABLES, ids=range(len(VARIABLES)))
def test_a_variable_that_no_program_reads_is_found(table, others, lines):
    found = list(style.check_variables(others | {style.CONFIGURATION: table}))
    assert [(finding.rule, finding.line) for finding in found] == [("variable", line) for line in lines]


def sources():
    paths = [path for path in style.project_files(TOP) if path.endswith((".c", ".h"))]
    return [path for path in paths if not path.startswith(rooms.FREE_ROOMS)]


def test_every_room_of_the_table_is_there_and_every_one_that_is_there_is_in_it():
    assert {rooms.room_of(path) for path in sources()} == set(rooms.ROOMS)


def test_what_a_room_may_use_is_there_or_made():
    named = {name for names in rooms.ROOMS.values() for name in names if not name.startswith("build/gen/")}
    assert named <= set(rooms.ROOMS)


def test_a_handler_stands_in_the_room_of_its_subject():
    assert [path for path in sources() if rooms.room_of(path) == "handlers/"] == ["handlers/system.c"]


def test_a_statement_stands_in_the_room_of_its_subject():
    statements = [path for path in style.project_files(TOP) if path.startswith("sql/queries/") and path.endswith(".sql")]
    assert [path for path in statements if rooms.room_of(path) == "sql/queries/"] == ["sql/queries/schema_version.sql"]
    named = {rooms.room_of(path).split("/")[2] for path in statements} - {""}
    assert named <= {room.split("/")[-2] for room in rooms.ROOMS}


def test_rooms_have_an_order():
    """Each may use only such as may not use it, directly or over others: there are no circles of rooms."""
    left = {room: set(names) & set(rooms.ROOMS) for room, names in rooms.ROOMS.items()}
    while left:
        ready = {room for room, names in left.items() if not names & set(left)}
        assert ready, f"these need each other: {sorted(left)}"
        left = {room: names for room, names in left.items() if room not in ready}


def test_a_room_may_use_no_more_than_it_does():
    """Of the arrows between subjects, and inside lib. What all may use (app, lib) is not asked of each, nor lib/form's order."""
    texts = {path: (TOP / path).read_text(encoding="utf-8") for path in sources()}
    used = {(rooms.room_of(path), rooms.room_of(need.target)) for path, found in rooms.house(texts).items() for need in found}
    allowed = {(room, target) for room, targets in rooms.ROOMS.items() for target in targets
               if target.startswith(("handlers/", "cli/")) or (room.startswith("lib/") and room not in rooms.FORM)}
    allowed = {(room, target) for room, target in allowed if target in rooms.ROOMS}
    assert allowed - used == set()


@pytest.mark.parametrize("place,text,found", [
    ("/srv/build/main", "see /srv/build/main/lib", True), ("/srv/build/main", "`/srv/build/main`", True),
    ("/srv/build/main", "see /srv/build/mainly", False), ("/srv/build/main", "https://example.org/srv/build/main", False),
    ("/app", "GET /app/x", False),
])
def test_where_this_copy_of_the_project_is_stands_nowhere(place, text, found):
    assert bool(style.machine_paths(place).search(text)) == found


@pytest.mark.parametrize("rule,path,text,line", BAD, ids=[f"{n}-{row[0]}" for n, row in enumerate(BAD)])
def test_a_bad_snippet_is_found_by_its_rule_at_its_line(rule, path, text, line):
    findings = list(style.check_file(path, text))
    assert [(f.rule, f.line) for f in findings] == [(rule, line)]


@pytest.mark.parametrize("path,text", GOOD, ids=[f"{n}-{row[0]}" for n, row in enumerate(GOOD)])
def test_a_good_snippet_is_left_alone(path, text):
    assert not list(style.check_file(path, text))


def test_every_rule_has_a_bad_snippet():
    planted = {rule for _, findings in HOUSES for rule, _, _ in findings}
    assert {row[0] for row in BAD} | planted | {"clang-format", "variable"} == set(style.RULES)


def run(root, *arguments):
    return subprocess.run([sys.executable, TOP / "tools" / "style.py", "--root", root, *arguments],
                          capture_output=True, text=True, check=False)


def test_the_program_names_the_place_counts_and_fails(tmp_path):
    (tmp_path / "lib" / "base").mkdir(parents=True)
    (tmp_path / "lib" / "base" / "a.c").write_text("typedef struct a a_t;\n")
    (tmp_path / "build").mkdir()
    (tmp_path / "build" / "generated.c").write_text("typedef struct a a_t;\n")
    done = run(tmp_path, "--no-format")
    assert done.returncode == 1
    assert "lib/base/a.c:1: struct-typedef: write `struct name` instead" in done.stdout
    assert done.stdout.splitlines()[-1] == f"style: 1 files, {len(style.RULES)} rules, 1 findings"


def test_the_program_passes_a_clean_tree(tmp_path):
    (tmp_path / "lib" / "base").mkdir(parents=True)
    (tmp_path / "lib" / "base" / "a.c").write_text("/* One number. */\nint a;\n")
    done = run(tmp_path, "--no-format")
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1].endswith(" 0 findings")


def test_layout_is_decided_by_the_format_file(tmp_path):
    shutil.copy(TOP / ".clang-format", tmp_path)
    (tmp_path / "good.c").write_text("int\nf(void)\n{\n    return 1;\n}\n")
    (tmp_path / "bad.c").write_text("int f(void) {\n  return 1;\n}\n")
    done = run(tmp_path)
    assert done.returncode == 1
    assert "bad.c:1: clang-format:" in done.stdout
    assert "good.c:" not in done.stdout
