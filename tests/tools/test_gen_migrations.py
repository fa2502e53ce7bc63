"""tools/gen_migrations.py: what would make a second text of a function, or a file without a place in the order, stops the build."""

import pathlib
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]


@pytest.fixture
def sql(tmp_path):
    shutil.copytree(TOP / "sql", tmp_path / "sql")
    return tmp_path / "sql"


def generate(sql):
    done = subprocess.run(["/usr/bin/python3", TOP / "tools" / "gen_migrations.py", "--sql", sql, "--out", sql.parent / "out"],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def test_the_files_as_they_are_are_taken(sql):
    assert generate(sql) == (0, "")


@pytest.mark.parametrize("statement", ["CREATE FUNCTION auth.one() RETURNS integer LANGUAGE sql RETURN 1;",
                                       "create  or replace\nfunction auth.one() RETURNS integer LANGUAGE sql RETURN 1;",
                                       "CREATE PROCEDURE auth.one() LANGUAGE sql AS '';"])
def test_a_function_in_the_schema_is_refused(sql, statement):
    (sql / "schema" / "0900_one.sql").write_text(statement + "\n", encoding="utf-8")
    status, said = generate(sql)
    assert status == 1 and "0900_one.sql" in said and "sql/functions/<schema>/<name>.sql" in said


@pytest.mark.parametrize("name", ["one.sql", "900_one.sql", "0900-one.sql", "0110_again.sql", "0057_of_before.sql"])
def test_a_file_without_a_number_of_its_own_is_refused(sql, name):
    (sql / "schema" / name).write_text("SELECT 1;\n", encoding="utf-8")
    status, said = generate(sql)
    assert status == 1 and "NNNN_subject.sql" in said


def test_a_file_where_they_were_before_is_refused(sql):
    (sql / "migrations").mkdir()
    (sql / "migrations" / "0057_one.sql").write_text("SELECT 1;\n", encoding="utf-8")
    status, said = generate(sql)
    assert status == 1 and "the next file of" in said


@pytest.mark.parametrize("text", ["", "CREATE OR REPLACE FUNCTION auth.other() RETURNS integer LANGUAGE sql RETURN 1;\n",
                                  2 * "CREATE OR REPLACE FUNCTION auth.sees() RETURNS integer LANGUAGE sql RETURN 1;\n"])
def test_a_file_that_is_not_its_one_function_is_refused(sql, text):
    (sql / "functions" / "auth" / "sees.sql").write_text(text, encoding="utf-8")
    status, said = generate(sql)
    assert status == 1 and "auth/sees.sql" in said and "expected one CREATE OR REPLACE FUNCTION auth.sees(" in said
