"""tools/gen_sql.py: statements are found in every room of sql/queries, and one name means one statement."""

import pathlib
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def queries(tmp_path):
    for path in ("queries/people/b_one.sql", "queries/a_one.sql", "queries/auth/deep/c_one.sql"):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"-- {file.stem} :one () -> (n int)\nSELECT 1 AS n;\n")
    return tmp_path / "queries"


def generate(queries):
    out = queries.parent / "out"
    done = subprocess.run(["/usr/bin/python3", TOP / "tools" / "gen_sql.py", "--queries", queries, "--out", out],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stderr, (out / "sql.h").read_text() if done.returncode == 0 else ""


def test_statements_of_all_rooms_stand_in_the_order_of_their_names(queries):
    status, said, header = generate(queries)
    assert (status, said) == (0, "")
    assert [header.index(f"q_{name}(") for name in ("a_one", "b_one", "c_one")] == \
           sorted(header.index(f"q_{name}(") for name in ("a_one", "b_one", "c_one"))


def test_a_name_that_is_in_two_rooms_is_refused(queries):
    (queries / "records").mkdir()
    (queries / "records" / "b_one.sql").write_text("-- b_one :one () -> (n int)\nSELECT 2 AS n;\n")
    status, said, _ = generate(queries)
    assert status == 1 and "b_one.sql" in said and "people" in said and "records" in said


def one_statement(queries, first, text="SELECT 1 AS n;\n"):
    """What is generated from this one statement: status, what was said, sql.h and sql.c."""
    (queries / "x.sql").write_text(first + "\n" + text)
    status, said, header = generate(queries)
    return status, said, header, (queries.parent / "out" / "sql.c").read_text() if status == 0 else ""


@pytest.mark.parametrize("kind, problem", [(":one!", "PROBLEM_NOT_FOUND"), (":one!internal", "PROBLEM_INTERNAL"),
                                           (":one!not-signed-in", "PROBLEM_NOT_SIGNED_IN")])
def test_a_row_that_must_be_there_is_a_problem_when_it_is_not(queries, kind, problem):
    status, said, _, source = one_statement(queries, f"-- x {kind} () -> (n int)")
    assert (status, said) == (0, "")
    assert source.count(f"return tx_must(&statement_x, problem, found, {problem});") == 2  # q_x and q_x_last


@pytest.mark.parametrize("kind", [":many!", ":exec!", ":one !"])
def test_only_a_read_of_one_row_insists_on_it(queries, kind):
    status, said, _, _ = one_statement(queries, f"-- x {kind} () -> (n int)")
    assert status == 1 and "x.sql:1" in said


@pytest.mark.parametrize("text", ["SELECT f()", "-- Why.\nSELECT 1"])
def test_an_exec_that_selects_something_is_refused(queries, text):
    status, said, _, _ = one_statement(queries, "-- x :exec ()", text)
    assert status == 1 and "SELECT FROM" in said


@pytest.mark.parametrize("kind, result", [(":one", "(n int)"), (":one!", "(n int)"), (":many", "(n int)"), (":exec", "")])
def test_each_statement_has_a_form_that_travels_with_commit(queries, kind, result):
    text = "SELECT 1 AS n;\n" if result else "SELECT FROM f();\n"
    status, said, header, source = one_statement(queries, f"-- x {kind} ()" + (f" -> {result}" if result else ""), text)
    assert (status, said) == (0, "")
    assert header.count("enum problem q_x(struct tx *tx,") == header.count("enum problem q_x_last(struct tx *tx,") == 1
    assert source.count("tx_run(tx, &statement_x, NULL, false, ") == source.count("tx_run(tx, &statement_x, NULL, true, ") == 1


def test_the_words_of_a_column_are_an_enum(queries):
    status, said, header, source = one_statement(queries, "-- x :one () -> (outcome enum(done|not-found)?, n int)")
    assert (status, said) == (0, "")
    assert "enum q_x_outcome { X_NULL = 0, X_DONE = 1, X_NOT_FOUND = 2 };" in header
    assert "    enum q_x_outcome outcome;" in header
    assert 'x_outcome_words[] = {"done", "not-found", NULL};' in source


def test_what_is_never_null_has_no_name_for_it(queries):
    _, _, header, _ = one_statement(queries, "-- x :one () -> (outcome enum(done))")
    assert "enum q_x_outcome { X_DONE = 1 };" in header


@pytest.mark.parametrize("first", ["-- x :one () -> (outcome enum(done|done))", "-- x :one () -> (outcome enum(null)?)",
                                   "-- x :one () -> (outcome enum())", "-- x :one () -> (outcome enum(a b))",
                                   "-- x :one () -> (a enum(done), b enum(done))", "-- x :one (a enum(done)) -> (n int)"])
def test_an_enum_that_cannot_be_one_is_refused(queries, first):
    status, said, _, _ = one_statement(queries, first)
    assert status == 1 and "x.sql:" in said


def shared(queries, types, **firsts):
    """What is generated from these statements, NAME=its first line without `-- NAME`, with such types."""
    (queries / "types.txt").write_text(types)
    for name, first in firsts.items():
        (queries / f"{name}.sql").write_text(f"-- {name} {first}\nSELECT 1 AS n;\n")
    status, said, header = generate(queries)
    return status, said, header, (queries.parent / "out" / "sql.c").read_text() if status == 0 else ""


def test_statements_share_words_and_rows(queries):
    status, said, header, source = shared(
        queries, "# Why.\nlife enum(on|laid-off)\nmade row(n int?, life life)\n",
        x=":one! () -> made", y=":many () -> made", z=":one () -> (was life?, outcome enum(on))")
    assert (status, said) == (0, "")
    assert "enum life { LIFE_NULL = 0, LIFE_ON = 1, LIFE_LAID_OFF = 2 };\nconst char *life_word(enum life word);" in header
    assert header.count("struct made_row {\n    int64_t n;\n    bool has_n;\n    enum life life;\n};") == 1
    assert "q_x(struct tx *tx, const struct made_row **row);" in header
    assert "q_y(struct tx *tx, const struct made_row **rows, size_t *count);" in header
    assert "struct q_x_row" not in header and "    enum life was;\n    enum q_z_outcome outcome;" in header
    assert source.count("made_row, 2, sizeof(struct made_row)") == 2 and source.count("struct db_field made_row[]") == 1
    assert 'life_words[] = {"on", "laid-off", NULL};' in source
    assert '{"was", DB_ENUM, true, offsetof(struct q_z_row, was), 0, life_words},' in source


@pytest.mark.parametrize("types, first, wrong", [
    ("", ":one () -> made", "made is no row"), ("made enum(a)\n", ":one () -> made", "made is no row"),
    ("made row(n int)\n", ":one () -> (n made)", "enum of types.txt"), ("life enum(a)\n", ":one (n life) -> (n int)", "of columns"),
    ("life enum(a)\n", ":one () -> (n int)", "no statement uses life"), ("life enum(a|a)\n", ":one () -> (n life)", "once"),
    ("life enum(null)\n", ":one () -> (n life)", "null"), ("life enum(a)\nlife enum(b)\n", ":one () -> (n life)", "once"),
    ("text enum(a)\n", ":one () -> (n text)", "once"), ("life\n", ":one () -> (n int)", "a line is"),
    ("made row(n enum(a))\n", ":one () -> made", "a line is"), ("made row(n what)\n", ":one () -> made", "'n what'")])
def test_types_that_cannot_be_shared_are_refused(queries, types, first, wrong):
    status, said, _, _ = shared(queries, types, x=first)
    assert status == 1 and wrong in said
