"""The help of each command, and the manual page that is made of the same files."""

import re
import subprocess

import pytest

from support import postgres
from test_arguments import COMMANDS, named

MANUAL = postgres.TOP / "build" / "man" / "anamnesis.1"


@pytest.mark.parametrize("text", COMMANDS, ids=named)
def test_help_is_the_file(call, text):
    words = text.words.split()
    shown = call("help", *words)
    assert shown.returncode == 0 and shown.stderr == ""
    assert shown.stdout.startswith(f"usage: anamnesis {text.words}") and text.text.strip() in shown.stdout
    for part in (*text.options, *text.operands):
        assert part.usage() in shown.stdout.split("\n\n")[0]
    for arguments in (["--help"], ["--xyzzy", "--help"], ["x", "x", "x", "--help"]):
        assert call(*words, *arguments).stdout == shown.stdout


@pytest.mark.parametrize("text", COMMANDS, ids=named)
def test_after_two_hyphens_help_is_an_operand(call, text):
    assert not call(*text.words.split(), "--", "--help").stdout.startswith("usage:")


def test_the_overview_has_every_command(call):
    for arguments in (["help"], ["--help"]):
        done = call(*arguments)
        assert done.returncode == 0 and done.stdout.startswith("usage: anamnesis")
        for text in COMMANDS:
            assert re.search(rf"^  {text.words} +{re.escape(text.summary)}$", done.stdout, re.MULTILINE)
        assert "--instance DIR" in done.stdout and "ANAMNESIS_INSTANCE" in done.stdout
    bare = call()
    assert bare.returncode == 2 and bare.stdout == "" and "staff invite" in bare.stderr


def test_the_first_word_alone_lists_what_begins_with_it(call):
    for arguments in (["help", "keys"], ["keys", "--help"]):
        done = call(*arguments)
        assert done.returncode == 0 and "keys rotate" in done.stdout and "staff" not in done.stdout
    done = call("help", "keys", "rotat")
    assert done.returncode == 0 or "keys rotate" in done.stderr
    done = call("help", "doktor")
    assert done.returncode == 2 and "is `doctor` meant?" in done.stderr and done.stdout == ""


def test_the_manual_page_has_no_fault():
    done = subprocess.run(["mandoc", "-Tlint", "-Wwarning", MANUAL], capture_output=True, text=True, check=False)
    said = [line for line in done.stdout.splitlines() if "missing date" not in line]
    assert not said
    done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", "-z", MANUAL], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_manual_page_has_a_section_for_each_command():
    done = subprocess.run(["man", "-l", MANUAL], capture_output=True, text=True, check=False,
                          env={"PATH": "/usr/bin:/bin", "MANWIDTH": "160", "LANG": "C.UTF-8", "MANPAGER": "cat"})
    assert done.returncode == 0, done.stderr
    for text in COMMANDS:
        assert re.search(rf"^ +anamnesis {text.words}$", done.stdout, re.MULTILINE), text.words
        for option in text.options:
            assert f"--{option.name}" in done.stdout
    assert "DESCRIPTION" in done.stdout and "EXIT STATUS" in done.stdout
