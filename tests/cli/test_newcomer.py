"""What somebody who is new to it asks of `anamnesis`: what there is, which version, and what a wrong word was meant as."""

import json
import os
import pathlib
import pwd
import re
import subprocess
import time

import pytest
from support import postgres


@pytest.fixture
def run(bare, tmp_path):
    keyring = tmp_path / "keyring.json"

    def call(*arguments, **environment):
        return bare.command(*arguments, ANAMNESIS_KEYRING_FILE=str(keyring), **environment)
    for arguments in (["keys", "create", keyring], ["migrate"],
                      ["practice", "create", "--name", "Praxis am Tor", "--staff", "owner:o@example.org:Olga Owner",
                       "--staff", "physician:p@example.org:Peter Physician"]):
        assert call(*arguments).returncode == 0
    return call


def items(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["items"]


def test_the_lists(run):
    practice = items(run("practice", "list", "--json"))
    assert [(one["name"], one["staff"]) for one in practice] == [("Praxis am Tor", "2")]
    staff = items(run("staff", "list", "--practice", "Praxis am Tor", "--json"))
    assert {(one["role"], one["status"], one["email"], one["name"]) for one in staff} == {
        ("owner", "active", "o@example.org", "Olga Owner"), ("physician", "active", "p@example.org", "Peter Physician")}
    assert items(run("questionnaire", "list", "--practice", practice[0]["id"], "--json")) == []
    done = run("questionnaire", "import", postgres.TOP / "forms" / "phq-9.json", "--practice", practice[0]["id"], "--publish")
    assert done.returncode == 0, done.stderr
    listed = items(run("questionnaire", "list", "--practice", practice[0]["id"], "--json"))
    assert [(one["status"], one["version"]) for one in listed] == [("active", "1")] and listed[0]["title"]
    shown = run("staff", "list", "--practice", "Praxis am Tor").stdout.splitlines()
    assert shown[0].split() == ["id", "role", "status", "email", "name"] and len(shown) == 3


def test_reading_the_staff_is_a_row_of_the_log(run, bare):
    run("staff", "list", "--practice", "Praxis am Tor")
    with bare.connect("postgres") as connection, connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit.event WHERE operation = 'staff_list' AND realm = 'system'")
        assert cursor.fetchone() == (1,)


@pytest.mark.parametrize("arguments, said", [
    (["staff", "list"], "--practice is needed: NAME|ID"), (["practice", "list", "--all"], "--all: is not known"),
    (["questionnaire", "list", "--practice", "Nobody"], "There is no practice of that name")])
def test_a_list_that_cannot_be_made(run, arguments, said):
    done = run(*arguments)
    assert done.returncode in (1, 2) and said in done.stderr and not done.stdout


def test_the_new_practice_says_where_to_sign_in(run):
    done = run("practice", "create", "--name", "Second", "--staff", "owner:second@example.org",
               ANAMNESIS_BASE_URL="https://clinic.example:444")
    assert "Sign in at https://clinic.example:444/admin/auth/login" in done.stdout


def plain(*arguments, **environment):
    return subprocess.run([postgres.program(), *arguments], env={"PATH": os.environ["PATH"]} | environment, text=True,
                          capture_output=True, timeout=60, check=False)


def test_the_version():
    done = plain("--version")
    assert done.returncode == 0
    newest = max(int(path.stem[:4]) for path in (postgres.TOP / "sql" / "schema").glob("*.sql"))
    assert re.fullmatch(rf"anamnesis \d+\.\d+\.\d+, for databases of version {newest}\n", done.stdout)


@pytest.mark.parametrize("arguments, near", [
    (["migrat"], "migrate"), (["practice", "crate"], "practice create"), (["keys", "rotat", "--kind", "kek"], "keys rotate"),
    (["doktor", "--json"], "doctor"), (["practise", "list"], "practice list")])
def test_a_wrong_command_is_named_with_what_is_near(arguments, near):
    done = plain(*arguments)
    assert done.returncode == 2 and f"is `{near}` meant?" in done.stderr and not done.stdout


def test_half_a_command_shows_its_other_halves():
    done = plain("keys")
    assert done.returncode == 2 and "keys rotate" in done.stderr and "keys split" in done.stderr
    assert "practice create" not in done.stderr
    nonsense = plain("xyzzy")
    assert nonsense.returncode == 2 and "anamnesis xyzzy: there is no such command\n" in nonsense.stderr


@pytest.mark.parametrize("program", ["anamnesis", "anamnesis-fcgi", "anamnesis-jobs", "anamnesis-lambda", "anamnesis-store"])
def test_a_variable_that_nobody_reads_is_named(program):
    """A mistyped name would otherwise look as if it was obeyed."""
    done = subprocess.run([postgres.program(program), *(["config"] if program == "anamnesis" else [])], capture_output=True,
                          text=True, timeout=30, check=False,
                          env={"PATH": os.environ["PATH"], "AWS_LAMBDA_RUNTIME_API": "127.0.0.1:1",
                               "ANAMNESIS_SMPT_URL": "smtps://mail", "ANAMNESIS_DEMO": "x",
                               "ANAMNESIS_TLS_CERT_FLIE": "x", "ANAMNESIS_NOTHING_OF_THE_KIND": "y", "ANAMNESIS_LISTEN": "z"})
    assert "ANAMNESIS_SMPT_URL is not known and is ignored; is ANAMNESIS_SMTP_URL meant?" in done.stderr
    assert "is ANAMNESIS_TLS_CERT_FILE meant?" in done.stderr
    assert "ANAMNESIS_NOTHING_OF_THE_KIND is not known and is ignored\n" in done.stderr
    assert "ANAMNESIS_DEMO" not in done.stderr and "ANAMNESIS_LISTEN" not in done.stderr


def test_nobody_of_the_same_account_looks_into_the_command(tmp_path):
    """Keys and the owner's password are in its memory: what is non-dumpable belongs to root in /proc."""
    account = {"user": "nobody"} if os.getuid() == 0 else {}
    program = postgres.program()
    if subprocess.run(["test", "-x", program], cwd="/", check=False, **account).returncode != 0:
        pytest.skip("the account cannot reach the program")
    process = subprocess.Popen([program, "form", "check", "-"], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, cwd="/", env={"PATH": os.environ["PATH"]}, **account)
    try:
        memory = pathlib.Path(f"/proc/{process.pid}/mem")
        deadline = time.monotonic() + 10
        while memory.stat().st_uid != 0 and time.monotonic() < deadline:
            time.sleep(0.02)
        assert memory.stat().st_uid == 0
        uid = pwd.getpwnam("nobody").pw_uid if account else os.getuid()
        assert f"\nUid:\t{uid}" in pathlib.Path(f"/proc/{process.pid}/status").read_text(encoding="utf-8")
    finally:
        process.communicate(b"{}")
