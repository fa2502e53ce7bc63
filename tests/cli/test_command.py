"""`anamnesis practice create`, `keys create` and `config`, as an operator uses them."""

import json
import os
import re
import stat
import subprocess

import pytest

from support import postgres


def run(*arguments):
    return subprocess.run([postgres.program(), *map(str, arguments)], env={"PATH": os.environ["PATH"]},
                          capture_output=True, text=True, timeout=60, check=False)


def create(database, keyring, *arguments, name="Practice"):
    return database.command("practice", "create", "--name", name, *arguments, ANAMNESIS_KEYRING_FILE=str(keyring))


def test_a_keyring_is_private_and_never_overwritten(keyring, tmp_path):
    assert stat.S_IMODE(keyring.stat().st_mode) == 0o400
    before = keyring.read_text(encoding="utf-8")
    assert set(json.loads(before)) == {"kek", "index", "pepper", "seal", "audit", "files"}
    done = run("keys", "create", keyring)
    assert done.returncode == 1 and "left as it is" in done.stderr
    assert keyring.read_text(encoding="utf-8") == before
    assert run("keys", "create", tmp_path / "no" / "keyring.json").returncode == 1
    assert run("keys", "create", "--help").returncode == 0 and not os.path.exists("--help")


def test_a_keyring_of_an_older_program_is_upgraded_in_place(keyring, tmp_path):
    whole = json.loads(keyring.read_text(encoding="utf-8"))
    old = tmp_path / "keyring.json"
    old.write_text(json.dumps({kind: keys for kind, keys in whole.items() if kind != "audit"}), encoding="utf-8")
    old.chmod(0o440)
    done = run("keys", "upgrade", old)
    assert done.returncode == 0, done.stderr
    made = json.loads(old.read_text(encoding="utf-8"))
    assert {kind: made[kind] for kind in whole if kind != "audit"} == {kind: whole[kind] for kind in whole if kind != "audit"}
    assert [entry["version"] for entry in made["audit"]] == [1]
    assert stat.S_IMODE(old.stat().st_mode) == 0o440 and list(tmp_path.iterdir()) == [old]
    before = old.read_text(encoding="utf-8")
    for wrong, said in ((old, "needs no upgrade"), (tmp_path / "none", "No such file")):
        done = run("keys", "upgrade", wrong)
        assert done.returncode == 1 and said in done.stderr
    assert old.read_text(encoding="utf-8") == before and list(tmp_path.iterdir()) == [old]
    assert run("keys", "upgrade").returncode == 2


def test_a_keyring_on_standard_output_is_another_one_each_time():
    first, second = run("keys", "create"), run("keys", "create")
    assert json.loads(first.stdout)["kek"][0]["key"] != json.loads(second.stdout)["kek"][0]["key"]


def test_a_practice_s_credentials_are_printed_once_and_kept_nowhere_in_clear(database, keyring, superuser):
    done = create(database, keyring, "--staff", "owner:Ada.Owner@Example.org:Ada Owner", "--staff",
                  "physician:pia@example.org", "--patient-mfa", "required", "--json")
    assert done.returncode == 0, done.stderr
    made = json.loads(done.stdout)
    assert set(made) == {"name", "practice_id", "staff"}
    assert [(member["role"], member["email"]) for member in made["staff"]] == [
        ("owner", "Ada.Owner@example.org"), ("physician", "pia@example.org")]
    for member in made["staff"]:
        assert set(member) == {"id", "email", "password", "totp_secret", "role"}
        assert len(member["password"]) >= 15
        assert re.fullmatch(r"[A-Z2-7]{32}", member["totp_secret"])
    assert superuser("SELECT name, patient_mfa FROM anamnesis.practice WHERE id = %s", made["practice_id"]) == [
        ("Practice", "required")]
    assert superuser.one("SELECT count(*) FROM auth.account WHERE practice_id = %s AND password_hash LIKE 'p1$argon2id$%%' "
                         "AND totp_sealed IS NOT NULL", made["practice_id"]) == 2
    assert superuser("SELECT realm, operation, object_id::text, outcome FROM audit.event WHERE practice_id = %s",
                     made["practice_id"]) == [("system", "practice_create", made["practice_id"], "ok")]
    dump = subprocess.run(["pg_dump", "--inserts", "-d", database.url("postgres")], capture_output=True, text=True,
                          check=True).stdout
    for secret in ("Ada.Owner", "ada.owner", "Ada Owner", "pia@", *(member["password"] for member in made["staff"]),
                   *(member["totp_secret"] for member in made["staff"])):
        assert secret not in dump
        assert secret.encode().hex() not in dump


def test_an_address_is_taken_in_any_case_and_nothing_is_left_behind(database, keyring, superuser):
    """Within a practice; one person may work in two."""
    assert create(database, keyring, "--staff", "owner:taken@example.org").returncode == 0
    done = create(database, keyring, "--staff", "owner:free@example.org", "--staff", "physician:FREE@example.org",
                  name="Second")
    assert done.returncode == 1 and "have the same e-mail address" in done.stderr
    assert superuser.one("SELECT count(*) FROM anamnesis.practice WHERE name = 'Second'") == 0
    assert create(database, keyring, "--staff", "owner:free@example.org", "--staff", "physician:TAKEN@example.org",
                  name="Second").returncode == 0


@pytest.mark.parametrize("arguments, said", [
    ([], "is needed"), (["--staff", "assistant:a@example.org"], "somebody has to begin"),
    (["--staff", "king:a@example.org"], "the role must be"), (["--staff", "owner:nobody"], "e-mail address"),
    (["--staff", "owner"], "e-mail address"), (["--staff", "owner:o1@example.org", "--patient-mfa", "maybe"], "required or"),
    (["--staff", "owner:o1@example.org", "--colour", "red"], "not known"), (["--staff"], "needs a value")])
def test_a_practice_that_cannot_be_made_is_refused_in_words(database, keyring, arguments, said):
    done = create(database, keyring, *arguments)
    assert done.returncode == 2
    assert said in done.stderr and done.stdout == ""


def test_without_a_name(database, keyring):
    assert create(database, keyring, "--staff", "owner:o2@example.org", name="").returncode == 2
    assert create(database, keyring, "--staff", "owner:o2@example.org", name="x" * 201).returncode == 2


def test_without_a_keyring_it_says_which_variable(database):
    done = database.command("practice", "create", "--name", "P", "--staff", "owner:o3@example.org")
    assert done.returncode == 1 and "ANAMNESIS_KEYRING" in done.stderr


def test_help_and_usage():
    for arguments in (["--help"], ["migrate", "--help"], ["practice", "create", "--help"], ["config", "--help"]):
        done = run(*arguments)
        assert done.returncode == 0 and done.stdout.startswith("usage: anamnesis"), arguments
    for arguments in ([], ["practice"], ["nonsense"], ["config", "extra"]):
        assert run(*arguments).returncode == 2, arguments


def test_config_is_the_table_of_variables():
    done = run("config")
    assert done.returncode == 0 and "| `ANAMNESIS_DATABASE_URL` |" in done.stdout
