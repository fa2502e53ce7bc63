"""tools/gen_mail.py: a text that would not be whole in every language stops the build, and is named."""

import pathlib
import shutil
import subprocess

import pytest

TOP = pathlib.Path(__file__).resolve().parents[2]
TEXTS = TOP / "lib" / "mail" / "texts"
LANGUAGES = sorted(path.name for path in TEXTS.iterdir())


@pytest.fixture
def texts(tmp_path):
    shutil.copytree(TEXTS, tmp_path / "texts")
    return tmp_path / "texts"


def generate(texts):
    done = subprocess.run(["/usr/bin/python3", TOP / "tools" / "gen_mail.py", "--texts", texts, "--out", texts.parent / "out"],
                          capture_output=True, text=True, check=False)
    return done.returncode, done.stderr


def change(path, old, new):
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_bytes(text.replace(old, new).encode())


def test_the_texts_as_they_are(texts):
    assert generate(texts) == (0, "")
    assert {"de", "en", "es", "fr"} <= set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_that_a_language_lacks(texts, language):
    (texts / language / "invitation.txt").unlink()
    status, said = generate(texts)
    assert status == 1 and "invitation.txt: is missing" in said


@pytest.mark.parametrize("language", [one for one in LANGUAGES if one != "en"])
def test_other_placeholders_than_in_english(texts, language):
    change(texts / language / "invitation.txt", "{until}", "morgen")
    status, said = generate(texts)
    assert status == 1 and f"{language}/invitation.txt: English has ['link', 'person', 'practice', 'until']" in said


@pytest.mark.parametrize("old, new, word", [
    ("{until}", "{untill}", "{untill} is not known"),
    ("{until}", "{until", "belongs to no placeholder"),
    ("\n{link}\n", "\nHere: {link}\n", "a paragraph of its own"),
    ("\n{link}\n", "\n{link}\n\n{link}\n", "a paragraph of its own"),
    ("Link: Register\n", "", "belong together"),
    ("Link: Register", "Link: Register {practice}", "no placeholders"),
    ("Subject: Your invitation from {practice}", "Subject: Until {until}", "only {practice}"),
    ("for {person}.", "for {person}, of {practice}.", "no other placeholder"),
    ("Hello,", "Hello {person},", "neither in the first nor in the last"),
    ("Subject: ", "Betreff: ", "its lines are"),
    ("Subject: ", "For: patients\nSubject: ", "For: is staff"),
    ("Hello,", "Hel\u202elo,", "direction of writing"),
    ("Hello,", "Hello,\r", "control character"),
    ("Hello,\n\n", "Hello,\n\n\n", "single blank lines"),
])
def test_what_no_text_may_be(texts, old, new, word):
    change(texts / "en" / "invitation.txt", old, new)
    status, said = generate(texts)
    assert status == 1 and word in said, said


@pytest.mark.parametrize("old, new, word", [
    ("{zone}", "", "a date has"),
    ("domingo lunes", "domingo", "seven days"),
    ("enero febrero", "enero", "twelve months"),
    ("Copy: ", "Kopie: ", "its lines are"),
])
def test_words_of_a_language(texts, old, new, word):
    change(texts / "es" / "words.txt", old, new)
    status, said = generate(texts)
    assert status == 1 and word in said, said


def test_who_gets_it_is_the_same_everywhere(texts):
    change(texts / "fr" / "glass-broken.txt", "For: staff\n", "")
    status, said = generate(texts)
    assert status == 1 and "fr/glass-broken.txt: For: is not as in English" in said
