"""Each ASVS item that the program is measured by has a test or a reason, and the page shows them."""

import pathlib
import subprocess
import sys

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(TOP / "tools"))

import asvs  # noqa: E402  (the path is set above)


def test_the_table_of_the_page_is_that_of_the_tests():
    done = subprocess.run([TOP / "tools" / "asvs.py"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def test_an_item_without_test_and_reason_is_a_fault():
    listed = {"9.9.1": ("2", "something", None), "9.9.2": ("2", "something", "there is none")}
    assert [fault.split(": ", 1)[1] for fault in asvs.faults(listed, {})] == ["no test names 9.9.1, and there is no reason"]


def test_a_reason_beside_a_test_and_an_item_that_is_not_listed_are_faults():
    named = {"9.9.2": [(pathlib.Path("tests/a.py"), "test_a")], "9.9.3": [(pathlib.Path("tests/a.py"), "test_b")]}
    found = list(asvs.faults({"9.9.2": ("2", "something", "there is none")}, named))
    assert len(found) == 2 and "9.9.3 is not listed" in found[0] and "9.9.2 has a reason" in found[1]


def test_names_are_found_in_both_languages(tmp_path, monkeypatch):
    monkeypatch.setattr(asvs, "TOP", tmp_path)
    (tmp_path / "a.py").write_text('def test_one():\n    """Does. [9.9.1, 9.9.2]"""\n', encoding="utf-8")
    (tmp_path / "a.c").write_text("/* [9.9.1] */\nstatic void\nit_does(void **state)\n{\n}\n", encoding="utf-8")
    found = asvs.tests_that_name([tmp_path / "a.py", tmp_path / "a.c"])
    assert [test for _, test in found["9.9.1"]] == ["test_one", "it_does"]
    assert [test for _, test in found["9.9.2"]] == ["test_one"]


def test_an_item_that_is_named_otherwise_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(asvs, "TOP", tmp_path)
    (tmp_path / "a.py").write_text('"""What it does [ASVS 9.9.1]."""\n# ASVS 9.9.2: so\n# [9.9.3]\n', encoding="utf-8")
    assert [fault.split(": ")[0] for fault in asvs.unread([tmp_path / "a.py"])] == ["a.py:1", "a.py:2"]


def test_an_item_that_is_listed_twice_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(asvs, "ITEMS", tmp_path / "asvs.tsv")
    (tmp_path / "asvs.tsv").write_text("9.9.1\t2\tone\n9.9.1\t2\tother\n", encoding="utf-8")
    with pytest.raises(SystemExit, match="9.9.1 is listed twice"):
        asvs.items()
