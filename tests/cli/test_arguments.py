"""What commands take: options in any order, by =, by a clear beginning, after --; and every fault said with status 2."""

import itertools
import re
import subprocess
import sys

import pytest

from support import postgres

sys.path.insert(0, str(postgres.TOP / "tools"))

import gen_cli  # noqa: E402  (the path is set above)

HELPS = [gen_cli.Help(path) for path in sorted((postgres.TOP / "cli" / "help").glob("*.txt"))]
COMMANDS = [text for text in HELPS if text.words != "anamnesis"]
WITH_OPTIONS = [text for text in COMMANDS if text.options]


def named(text):
    return text.words


def whole(text):
    """Arguments that the command's table takes, each option in its long form."""
    operands = ["x" for operand in text.operands if operand.needed]
    options = [[f"--{option.name}", option.value.split("|")[0]] if option.value else [f"--{option.name}"]
               for option in text.options if option.needed]
    return operands, options


def refused(call, text, *arguments, **environment):
    done = call(*text.words.split(), *arguments, **environment)
    assert (done.returncode, done.stdout) == (2, ""), done
    return done.stderr


@pytest.mark.parametrize("text", COMMANDS, ids=named)
def test_what_is_unknown_is_refused_everywhere(call, text):
    assert "--xyzzy: is not known" in refused(call, text, "--xyzzy")
    assert "--xyzzy: is not known" in refused(call, text, "--xyzzy=1")
    assert "-x: is not known" in refused(call, text, "-x")
    assert f"usage: anamnesis {text.words}" in refused(call, text, "--xyzzy")


@pytest.mark.parametrize("text", [text for text in COMMANDS if not any(operand.repeated for operand in text.operands)], ids=named)
def test_one_operand_too_many_is_refused(call, text):
    said = refused(call, text, *["x"] * (len(text.operands) + 1))
    assert ("x: is one too many" if text.operands else "x: is not known") in said


@pytest.mark.parametrize("text", WITH_OPTIONS, ids=named)
def test_every_option_is_known_and_refused_twice_or_without_its_value(call, text):
    for option in text.options:
        if option.value is None:
            assert f"--{option.name}: takes no value" in refused(call, text, f"--{option.name}=x")
            twice = [f"--{option.name}"] * 2
        else:
            assert f"--{option.name}: needs a value" in refused(call, text, f"--{option.name}")
            assert f"--{option.name}: needs a value" in refused(call, text, f"--{option.name}", f"--{text.options[0].name}")
            twice = [f"--{option.name}={option.value.split('|')[0]}"] * 2
        if not option.repeated:
            assert f"--{option.name}: is given twice" in refused(call, text, *twice)


def needed(text):
    return ([f"{operand.name} is needed" for operand in text.operands if operand.needed] +
            [f"--{option.name} is needed: {option.value}" for option in text.options if option.needed])


@pytest.mark.parametrize("text", [text for text in COMMANDS if needed(text)], ids=named)
def test_everything_that_is_missing_is_said_at_once(call, text):
    assert refused(call, text).splitlines()[:len(needed(text))] == needed(text)


@pytest.mark.parametrize("text", [text for text in WITH_OPTIONS if any(gen_cli.CHOICES.fullmatch(option.value or "")
                                                                      for option in text.options)], ids=named)
def test_a_choice_is_one_of_its_words(call, text):
    for option in text.options:
        if gen_cli.CHOICES.fullmatch(option.value or ""):
            word = option.value.split("|")[-1]
            for wrong in ("", "xyzzy", option.value, word + "|"):
                assert f"--{option.name} is needed as" in refused(call, text, f"--{option.name}={wrong}")
            # A word of two letters is near to none.
            assert len(word) < 3 or f"is `{word}` meant?" in refused(call, text, f"--{option.name}", word.capitalize())


@pytest.mark.parametrize("text", COMMANDS, ids=named)
def test_any_order_does(call, text):
    """What is complete comes as far as the configuration, which is broken, in each order; POSIXLY_CORRECT changes nothing."""
    operands, options = whole(text)
    parts = [[operand] for operand in operands] + options + [["--json"]] * any(o.name == "json" for o in text.options)
    parts += [["--instance", "/nowhere"]]
    for order in itertools.islice(itertools.permutations(parts), 24):
        said = refused(call, text, *itertools.chain(*order), POSIXLY_CORRECT="1")
        assert said.startswith("/nowhere: there is no such directory"), said


@pytest.mark.parametrize("given, said", [
    (["keys", "rotate", "--k=door"], "--kind is needed as"), (["keys", "rotate", "--prep", "--prepare"], "--prepare: is given twice"),
    (["staff", "invite", "--na", "x", "--na=y"], "--name: is given twice"), (["practice", "create", "--pat=x"], "--patient-mfa"),
    (["audit", "verify", "--from"], "--from: needs a value"), (["audit", "export", "-ox", "--output=y"], "--output: is given twice"),
    (["audit", "export", "-o"], "-o: needs a value"), (["audit", "export", "--in"], "--in: needs a value")])
def test_a_clear_beginning_is_the_option(call, given, said):
    done = call(*given)
    assert done.returncode == 2 and said in done.stderr


@pytest.mark.parametrize("given, meant", [
    (["staff", "list", "--pratice", "P"], "--practice"), (["keys", "status", "--jsn"], "--json"),
    (["doctor", "--certifcate", "x"], "--certificate"), (["migrate", "--instnce", "x"], "--instance")])
def test_what_is_near_is_offered(call, given, meant):
    done = call(*given)
    assert done.returncode == 2 and f"is not known; is {meant} meant?" in done.stderr


def test_what_is_ambiguous_is_listed(call):
    for given, meant in ((["questionnaire", "import", "--p", "x"], "--practice or --publish"),
                         (["questionnaire", "import", "--p=x"], "--practice or --publish")):
        done = call(*given)
        assert done.returncode == 2 and f"--p: is ambiguous; is {meant} meant?" in done.stderr


def test_after_two_hyphens_everything_is_an_operand(call):
    done = call("form", "check", "--", "--json", "--draft")
    assert done.returncode == 2 and "--json: No such file" in done.stderr
    done = call("form", "check", "-")
    assert done.returncode == 2 and "standard input" in done.stderr
    assert "--instance: is one too many" in call("keys", "create", "--", "x", "--instance").stderr


def test_more_than_fit_are_refused(call):
    many = itertools.chain.from_iterable(("--staff", f"owner:o{number}@example.org") for number in range(129))
    done = call("practice", "create", "--name", "P", *many)
    assert done.returncode == 2 and "at most 128" in done.stderr
    done = call("questionnaire", "import", "--practice", "P", *["x"] * 101)
    assert done.returncode == 2 and "at most 100 files" in done.stderr


def test_own_options_stand_before_the_command(call):
    assert call("--xyzzy", "practice", "list").returncode == 2
    assert "--instance: needs a value" in call("--instance").stderr
    assert call("--instance=/nowhere", "practice", "list").stderr.startswith("/nowhere: there is no such")
    assert call("--version").stdout.startswith("anamnesis ") and call("--vers").stdout == call("--version").stdout


def test_each_declared_thing_is_read(call):
    """A help that promises an option which no code looks at."""
    sources = "".join(path.read_text(encoding="utf-8") for path in (postgres.TOP / "cli").rglob("*.c"))
    for text in COMMANDS:
        body = re.search(rf"\bcommand_{text.name}\(const struct config \*config, const struct args_{text.name} \*\w+\)", sources)
        assert body, text.words
        for part in (*text.options, *text.operands):
            assert re.search(rf"\bgiven->{part.member}\b", sources), f"{text.words}: {part.member}"


@pytest.mark.parametrize("wrong, said", [
    ("no summary", "a summary on one line"), ("one\ntwo\n\nText.\n", "a summary on one line"),
    ("s\n\nText.\n\nOptions:\n  --json (needed)\n      x\n", "is no option"),
    ("s\n\nText.\n\nOptions:\n  --json VALUE (wanted)\n      x\n", "is no option"),
    ("s\n\nText.\n\nOptions:\n  json\n      x\n", "is no option"), ("s\n\nText.\n\nOperands:\n  file\n      x\n", "is no operand"),
    ("s\n\nText.\n\nOptions:\n  --json\n      x\n  --json\n      x\n", "one name"),
    ("s\n\nText.\n\nOptions:\n      x\n", "belongs to no term"), ("s\n\nText. \n", "no blank at the end"),
    ("s\n\n" + "x" * 101 + "\n", "at most 100"), ("s\n\nText.\n\nOptions:\n  --json\n", "says nothing")])
def test_a_help_that_declares_nothing_clear_fails_the_build(tmp_path, wrong, said):
    (tmp_path / "staff-invite.txt").write_text(wrong, encoding="utf-8")
    done = subprocess.run([sys.executable, "-B", postgres.TOP / "tools" / "gen_cli.py", "--help-texts", tmp_path, "--out", tmp_path,
                           "--man", tmp_path], capture_output=True, text=True, check=False)
    assert done.returncode != 0 and said in done.stderr
