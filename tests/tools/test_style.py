"""tools/style.py: each rule finds its bad snippet, at its line, and leaves the good one beside it alone."""

import importlib.util
import pathlib
import shutil
import subprocess
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("style", TOP / "tools" / "style.py")
style = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(style)

LONG_BODY = "    f();\n" * 99
GUARD = "#ifndef ANAMNESIS_FORM_ITEM_H\n#define ANAMNESIS_FORM_ITEM_H\n\n#endif\n"
# Written in two pieces, so that this file passes the rule that it tests.
MACHINE = "/wor" + "k/main/x"

BAD = [
    # rule, path, text, line
    ("arrow", "lib/base/a.c", '#include "lib/db/tx.h"\n', 1),
    ("arrow", "lib/base/a.c", '#include "build/gen/api.h"\n', 1),
    ("arrow", "lib/form/a.c", "#include <stdio.h>\n#include <libpq-fe.h>\n", 2),
    ("arrow", "lib/form/a.c", "#include <unistd.h>\n", 1),
    ("arrow", "lib/form/a.c", '#include "lib/crypto/token.h"\n', 1),
    ("arrow", "lib/http/a.c", '#include "lib/db/tx.h"\n', 1),
    ("arrow", "lib/http/a.c", '#include "handlers/app.h"\n', 1),
    ("arrow", "lib/db/a.c", '#include "lib/http/request.h"\n', 1),
    ("arrow", "lib/mail/a.c", '# include "handlers/app.h"\n', 1),
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
    ("tests/unit/a.c", '#include "handlers/app.h"\n#include <libpq-fe.h>\n'),
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
    ("docs/a.md", "the framework/main part, https://example.org/work/main\n"),
    ("handlers/a.c", 'void\nf(void)\n{\n    snprintf(q, 9, "selected %s", x);\n    q_patient_get(tx, &in, &row);\n}\n'),
    ("lib/db/a.c", 'const char *settings = "select set_config($1, $2, true)";\n'),
    ("cli/a.c", 'const char *ledger = "SELECT name FROM ledger";\n'),
    ("tools/a.py", "def short():\n" + "    pass\n" * 99),
]


@pytest.mark.parametrize("rule,path,text,line", BAD, ids=[f"{n}-{row[0]}" for n, row in enumerate(BAD)])
def test_a_bad_snippet_is_found_by_its_rule_at_its_line(rule, path, text, line):
    findings = list(style.check_file(path, text))
    assert [(f.rule, f.line) for f in findings] == [(rule, line)]


@pytest.mark.parametrize("path,text", GOOD, ids=[f"{n}-{row[0]}" for n, row in enumerate(GOOD)])
def test_a_good_snippet_is_left_alone(path, text):
    assert not list(style.check_file(path, text))


def test_every_rule_has_a_bad_snippet():
    assert {row[0] for row in BAD} | {"clang-format"} == set(style.RULES)


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
