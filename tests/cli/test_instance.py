"""`--instance DIR`: a directory of `make start` has what a command needs."""

import json
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile

import pytest

from support import postgres

sys.path.insert(0, str(postgres.TOP / "tools"))

from instancelib import control  # noqa: E402  (the path is set above)

NOBODY = 65534


def lay(directory, **variables):
    """command.env as `make start` writes it."""
    directory.mkdir(parents=True, exist_ok=True)
    file = directory / "command.env"
    file.write_text("".join(f"{name}={value}\n" for name, value in variables.items()), encoding="utf-8")
    file.chmod(0o600)
    return directory


@pytest.fixture(scope="module")
def here(database, keyring):
    """A database with one practice of this name; its keyring's file."""
    done = database.command("practice", "create", "--name", "Here", "--staff", "owner:o@example.org",
                            ANAMNESIS_KEYRING_FILE=str(keyring))
    assert done.returncode == 0, done.stderr
    return database


@pytest.fixture
def instance(here, keyring, tmp_path):
    """A directory of an instance with that database."""
    shutil.copy(keyring, tmp_path / "keyring.json")
    (tmp_path / "keyring.json").chmod(0o400)
    return lay(tmp_path / "var", ANAMNESIS_OWNER_DATABASE_URL=here.url("anamnesis_owner"),
               ANAMNESIS_KEYRING_FILE=tmp_path / "keyring.json")


@pytest.fixture
def source(tmp_path, instance):
    """A directory like the source's, with that instance in var."""
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "instance").touch()
    return tmp_path


def test_before_the_command_after_it_and_by_the_environment(call, instance):
    for done in (call("--instance", instance, "practice", "list"), call("practice", "list", "--instance", instance),
                 call(f"--instance={instance}", "staff", "list", "--practice", "Here"),
                 call("staff", "list", f"--instance={instance}", "--practice", "Here"),
                 call("practice", "list", ANAMNESIS_INSTANCE=str(instance))):
        assert done.returncode == 0 and done.stderr == "" and ("Here" in done.stdout or "o@example.org" in done.stdout)


def test_the_option_goes_before_the_variable(call, instance, tmp_path):
    done = call("practice", "list", "--instance", instance, ANAMNESIS_INSTANCE=str(tmp_path / "none"))
    assert done.returncode == 0, done.stderr


def test_a_variable_goes_before_the_instance(call, instance, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_text("postgresql://nobody@127.0.0.1:1/none", encoding="utf-8")
    for explicit in ({"ANAMNESIS_OWNER_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/none"},
                     {"ANAMNESIS_OWNER_DATABASE_URL_FILE": str(elsewhere)}):
        done = call("practice", "list", "--instance", instance, **explicit)
        assert done.returncode == 1 and "cannot be reached" in done.stderr, explicit


@pytest.mark.parametrize("part", ["JOBS", "FILES"])
def test_a_keyring_of_the_callers_is_not_divided_by_the_instances(call, instance, tmp_path, part):
    whole, other = tmp_path / "whole.json", tmp_path / "other.json"
    lay(instance, **dict(line.split("=", 1) for line in (instance / "command.env").read_text().splitlines()),
        **{f"ANAMNESIS_{part}_KEYRING_FILE": other})
    shutil.copy(tmp_path / "keyring.json", whole)
    whole.chmod(0o400)
    assert call("staff", "list", "--practice", "Here", "--instance", instance).returncode != 0  # that file is away
    done = call("staff", "list", "--practice", "Here", "--instance", instance, ANAMNESIS_KEYRING_FILE=str(whole))
    assert done.returncode == 0, done.stderr


def test_var_is_found_in_the_directory_of_the_source_and_said(call, source):
    done = call("practice", "list", cwd=source)
    assert done.returncode == 0 and "Here" in done.stdout
    assert done.stderr == "The instance in var is taken (--instance or ANAMNESIS_INSTANCE names another).\n"


@pytest.mark.parametrize("explicit", ["ANAMNESIS_OWNER_DATABASE_URL", "ANAMNESIS_DATABASE_URL", "ANAMNESIS_JOBS_DATABASE_URL",
                                      "ANAMNESIS_AUDITOR_DATABASE_URL", "ANAMNESIS_SCRATCH_DATABASE_URL"])
def test_var_is_not_looked_for_when_a_database_is_named(call, source, explicit):
    done = call("practice", "list", cwd=source, **{explicit: "postgresql://nobody@127.0.0.1:1/none"})
    assert done.returncode == 1 and "instance" not in done.stderr


def test_var_is_looked_for_nowhere_else_and_by_no_command_that_needs_nothing(call, source, tmp_path):
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(source / "var", elsewhere / "var")
    done = call("practice", "list", cwd=elsewhere)
    assert done.returncode == 1 and "ANAMNESIS_OWNER_DATABASE_URL is not set" in done.stderr
    assert call("practice", "list", cwd=source, ANAMNESIS_INSTANCE="").returncode == 1
    for arguments in (["config"], ["keys", "create"]):
        assert call(*arguments, cwd=source).stderr == ""


def test_a_wrong_directory_is_said(call, tmp_path):
    for directory, said in ((tmp_path / "none", "there is no such directory of an instance"),
                            (tmp_path, "is no directory of an instance, or of an older one")):
        for done in (call("practice", "list", "--instance", directory), call("doctor", ANAMNESIS_INSTANCE=str(directory))):
            assert done.returncode == 2 and done.stdout == "" and f"{directory}: {said}" in done.stderr and "make start" in done.stderr


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o602, 0o610])
def test_what_others_may_read_or_write_is_not_taken(call, instance, mode):
    (instance / "command.env").chmod(mode)
    done = call("practice", "list", "--instance", instance)
    assert done.returncode == 2 and "others" in done.stderr and done.stdout == ""


@pytest.mark.skipif(os.getuid() != 0, reason="only root has files of others")
def test_what_belongs_to_somebody_else_is_not_taken(call, instance, source):
    """A stranger's var in a directory where root works, which would lead the owner's deeds to a database of theirs."""
    os.chown(instance / "command.env", NOBODY, NOBODY)
    for done in (call("practice", "list", "--instance", instance), call("practice", "list", cwd=source)):
        assert done.returncode == 2 and "belongs to somebody else" in done.stderr and done.stdout == ""


@pytest.mark.skipif(os.getuid() != 0, reason="root becomes another account")
def test_what_cannot_be_read_is_said(instance):
    program = postgres.program()
    if subprocess.run(["test", "-x", program], cwd="/", user="nobody", check=False).returncode != 0:
        pytest.skip("the account cannot reach the program")
    with tempfile.TemporaryDirectory() as place:
        os.chmod(place, 0o755)
        shutil.copytree(instance, pathlib.Path(place) / "reached")
        for directory in (f"{place}/reached", instance):  # the file is not readable; the directory is not reached
            done = subprocess.run([program, "practice", "list", "--instance", directory], user="nobody", cwd="/", text=True,
                                  capture_output=True, check=False, env={"PATH": os.environ["PATH"]})
            assert done.returncode == 2 and done.stdout == ""
            assert done.stderr == f"{directory}: Permission denied: run the command as the account that started the instance\n"


def test_a_link_is_not_followed_and_what_is_no_file_is_not_read(call, instance, tmp_path):
    kept = (instance / "command.env").rename(tmp_path / "kept.env")
    (instance / "command.env").symlink_to(kept)
    assert call("practice", "list", "--instance", instance).returncode == 2
    (instance / "command.env").unlink()
    for make in (lambda path: path.mkdir(0o700), lambda path: path.rmdir() or os.mkfifo(path, 0o600)):
        make(instance / "command.env")
        done = call("practice", "list", "--instance", instance)  # nor waited for
        assert done.returncode == 2 and "is no file" in done.stderr


@pytest.mark.parametrize("damage", ["PATH=/tmp\n", "LD_PRELOAD=/tmp/x.so\n", "nonsense\n", "\n", "ANAMNESIS_KEYRING\n", "# note\n"])
def test_what_is_no_variable_of_ours_is_damage(call, instance, damage):
    with open(instance / "command.env", "a", encoding="utf-8") as file:
        file.write(damage)
    done = call("practice", "list", "--instance", instance)
    assert done.returncode == 2 and "is damaged" in done.stderr


def test_a_value_of_several_lines_comes_back_whole(call, here, instance, tmp_path):
    """A keyring in the environment has line ends, and what a password may have."""
    made = object.__new__(control.Instance)
    made.layout = type("Layout", (), {"var": tmp_path / "var", "keys": tmp_path, "tls": tmp_path})
    keys = json.dumps(json.loads((tmp_path / "keyring.json").read_text(encoding="utf-8")), indent=2)
    made.environment = lambda: {"ANAMNESIS_KEYRING": keys, "ANAMNESIS_INSTANCE": "x", "PATH": "x",
                                "ANAMNESIS_OWNER_DATABASE_URL": here.url("anamnesis_owner"),
                                "ANAMNESIS_MAIL_FROM": "a\\nb\\", "ANAMNESIS_TLS_CERT": "x",
                                "ANAMNESIS_AUDITOR_DATABASE_URL": here.url("anamnesis_auditor")}
    made.write_command_file()
    assert len((tmp_path / "var" / "command.env").read_text(encoding="utf-8").splitlines()) == 5
    done = call("staff", "list", "--practice", "Here", "--instance", tmp_path / "var")
    assert done.returncode == 0 and "o@example.org" in done.stdout, done.stderr


def test_a_start_shows_a_call_that_works_from_where_it_was_made(tmp_path, monkeypatch):
    shown = []
    for here, var in ((postgres.TOP, postgres.TOP / "var"), (postgres.TOP, tmp_path / "a b"), (tmp_path, postgres.TOP / "var")):
        monkeypatch.chdir(here)
        instance = object.__new__(control.Instance)
        instance.layout = type("Layout", (), {"var": var})
        words = shlex.split(control.command_example(instance))
        assert pathlib.Path(words[0]).exists() and words[-2:] == ["practice", "list"]
        shown.append(None if words[1] != "--instance" else (here / words[2]).resolve())
    assert shown == [None, (tmp_path / "a b").resolve(), (postgres.TOP / "var").resolve()]


def test_doctor_without_a_configuration_says_first_how_to_point_it_at_an_instance(call, instance):
    for arguments in ([], ["--json"]):
        done = call("doctor", *arguments)
        assert done.returncode == 2 and "anamnesis doctor --instance DIR" in done.stderr.splitlines()[0]
        assert done.stdout
    done = call("doctor", "--instance", instance)
    assert "--instance" not in done.stderr and "connection-owner" in done.stdout
