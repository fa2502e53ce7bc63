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
