"""`anamnesis staff invite` and `recover`: what is refused, in words, with nothing done."""

import json
import uuid

import pytest


@pytest.fixture
def practice(database, keyring):
    """(id, name, the address of its owner) of a new practice."""
    name, address = f"Practice {uuid.uuid4()}", f"owner-{uuid.uuid4()}@example.org"
    done = database.command("practice", "create", "--name", name, "--staff", f"owner:{address}:Ada Owner", "--json",
                            ANAMNESIS_KEYRING_FILE=str(keyring))
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)["practice_id"], name, address


@pytest.fixture
def operator(database, keyring):
    def run(*arguments, **environment):
        return database.command("staff", *arguments, **({"ANAMNESIS_KEYRING_FILE": str(keyring)} | environment))
    return run


def options(**named):
    """Those of an invitation that would be good, but for what is named; None leaves one out."""
    given = {"email": f"{uuid.uuid4()}@example.org", "role": "physician", "name": "Pia New"} | named
    return [part for name, value in given.items() if value is not None for part in (f"--{name}", value)]


def rows(database, practice_id):
    """How many members, links, messages and rows of the log."""
    connection = database.connect("postgres")
    with connection, connection.cursor() as cursor:
        cursor.execute("""SELECT (SELECT count(*) FROM anamnesis.staff WHERE practice_id = %(p)s),
            (SELECT count(*) FROM auth.staff_invitation WHERE practice_id = %(p)s),
            (SELECT count(*) FROM anamnesis.outbox WHERE practice_id = %(p)s),
            (SELECT count(*) FROM audit.event WHERE practice_id = %(p)s)""", {"p": practice_id})
        found = cursor.fetchone()
    connection.close()
    return found


def test_an_invitation_is_a_member_a_link_a_message_and_a_row_of_the_log(database, practice, operator):
    practice_id, name, _ = practice
    assert rows(database, practice_id) == (1, 0, 0, 1)
    done = operator("invite", *options(practice=name, email="Pia.New@Example.org"))
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith(f"Pia.New@example.org is invited to {name} as physician.") and "#" not in done.stdout
    assert rows(database, practice_id) == (2, 1, 1, 2)
    again = operator("recover", "--practice", name, "--email", " pia.new@example.ORG ", "--link")
    assert again.returncode == 0, again.stderr
    assert "Pia.New@example.org" in again.stdout and "https://localhost:8443/register/staff#" in again.stdout
    assert rows(database, practice_id) == (2, 2, 1, 3)


def test_neither_name_nor_address_nor_link_is_stored_in_clear(database, practice, operator, superuser):
    done = operator("invite", *options(practice=practice[0], email="hidden@example.org", name="Hidden Person"), "--link",
                    "--json")
    token = json.loads(done.stdout)["url"].split("#")[1]
    for table in ("anamnesis.staff", "auth.staff_invitation", "anamnesis.outbox", "audit.event"):
        text = "\n".join(row[0] for row in superuser(f"SELECT t::text FROM {table} t"))
        for secret in ("hidden@example.org", "Hidden Person", token):
            assert secret not in text and secret.encode().hex() not in text


@pytest.mark.parametrize("wrong, said", [
    ({"practice": None}, "--practice is needed"), ({"email": None}, "--email is needed"),
    ({"email": "nobody"}, "e-mail address"), ({"email": ""}, "e-mail address"), ({"email": "a" * 250 + "@example.org"}, "e-mail"),
    ({"role": None}, "--role is needed"), ({"role": "king"}, "--role is needed"), ({"role": "Owner"}, "--role is needed"),
    ({"name": None}, "--name is needed"), ({"name": ""}, "--name is needed"), ({"name": " \t"}, "--name is needed"),
    ({"name": "x" * 201}, "at most 200"), ({"colour": "red"}, "--colour: is not known")])
def test_what_is_missing_or_wrong_is_said(database, practice, operator, wrong, said):
    done = operator("invite", *options(**({"practice": practice[0]} | wrong)))
    assert done.returncode == 2 and said in done.stderr and done.stdout == ""
    assert rows(database, practice[0]) == (1, 0, 0, 1)


def test_a_name_may_have_200_characters_whatever_their_bytes(practice, operator):
    done = operator("invite", *options(practice=practice[0], name="é" * 200), "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["name"] == "é" * 200


@pytest.mark.parametrize("option", ["--email", "--role", "--practice"])
def test_an_option_without_its_value(operator, option):
    done = operator("invite", option)
    assert done.returncode == 2 and "needs a value" in done.stderr


def test_recover_takes_neither_role_nor_name(database, practice, operator):
    for more in (["--role", "owner"], ["--name", "Another Name"]):
        done = operator("recover", "--practice", practice[0], "--email", practice[2], *more)
        assert done.returncode == 2 and f"{more[0]}: is not known" in done.stderr
    assert rows(database, practice[0]) == (1, 0, 0, 1)


def test_a_practice_that_is_none_and_one_of_two_of_a_name(database, practice, operator, keyring):
    for named in (str(uuid.uuid4()), "No such practice"):
        done = operator("invite", *options(practice=named))
        assert done.returncode == 1 and "no practice" in done.stderr and done.stdout == ""
    other = database.command("practice", "create", "--name", practice[1], "--staff", f"owner:{uuid.uuid4()}@example.org",
                             ANAMNESIS_KEYRING_FILE=str(keyring))
    assert other.returncode == 0
    done = operator("invite", *options(practice=practice[1]))
    assert done.returncode == 1 and "Give an identifier" in done.stderr and practice[0] in done.stderr


def test_an_address_is_of_one_member_of_a_practice_in_any_case(database, practice, operator, keyring):
    practice_id, _, address = practice
    done = operator("invite", *options(practice=practice_id, email=address.upper()))
    assert done.returncode == 1 and "(active)" in done.stderr and "staff recover" in done.stderr
    elsewhere = f"{uuid.uuid4()}@example.org"
    assert database.command("practice", "create", "--name", f"Other {elsewhere}", "--staff", f"owner:{elsewhere}",
                            ANAMNESIS_KEYRING_FILE=str(keyring)).returncode == 0
    done = operator("recover", "--practice", practice_id, "--email", elsewhere)
    assert done.returncode == 1 and "Nobody" in done.stderr
    assert rows(database, practice_id) == (1, 0, 0, 1)
    assert operator("invite", *options(practice=practice_id, email=elsewhere)).returncode == 0  # of another practice's staff


def test_an_address_is_taken_also_under_an_older_index_key(database, practice, operator, keyring, tmp_path):
    keys = json.loads(keyring.read_text(encoding="utf-8"))
    keys["index"] = [*keys["index"], {"version": 2, "key": json.loads(
        database.command("keys", "create").stdout)["index"][0]["key"]}]
    newer = tmp_path / "keyring.json"
    newer.write_text(json.dumps(keys), encoding="utf-8")
    newer.chmod(0o400)
    practice_id, _, address = practice
    done = operator("invite", *options(practice=practice_id, email=address), ANAMNESIS_KEYRING_FILE=str(newer))
    assert done.returncode == 1 and "(active)" in done.stderr
    assert rows(database, practice_id) == (1, 0, 0, 1)
    done = database.command("practice", "create", "--name", "Second", "--staff", f"owner:{address}", "--staff",
                            f"physician:{address.upper()}", ANAMNESIS_KEYRING_FILE=str(newer))
    assert done.returncode == 1 and "have the same e-mail address" in done.stderr
    done = operator("recover", "--practice", practice_id, "--email", address, ANAMNESIS_KEYRING_FILE=str(newer))
    assert done.returncode == 0, done.stderr


def test_another_keyring_lets_nobody_in(database, practice, operator, tmp_path):
    other = tmp_path / "keyring.json"
    assert database.command("keys", "create", other).returncode == 0
    for arguments in (["invite", *options(practice=practice[0])], ["recover", "--practice", practice[0], "--email",
                                                                  practice[2]]):
        done = operator(*arguments, ANAMNESIS_KEYRING_FILE=str(other))
        assert done.returncode == 78 and done.stdout == ""
    assert rows(database, practice[0]) == (1, 0, 0, 1)


@pytest.mark.parametrize("command", ["invite", "recover"])
def test_help(operator, command):
    done = operator(command, "--help")
    assert done.returncode == 0 and done.stdout.startswith(f"usage: anamnesis staff {command} --practice NAME|ID --email E")


def test_the_functions_behind_it_are_the_owners_alone(connect, world):
    practice = world[0]
    for role in ("anamnesis_api", "anamnesis_jobs", "anamnesis_scan", "anamnesis_auditor"):
        session = connect(role)
        session.refused("42501", "SELECT auth.staff_link(%s, %s, %s, now())", practice.id, practice.staff["owner"].id, b"x" * 32)
        session.refused("42501", "SELECT auth.staff_join(%s, %s, 'owner', %s, %s, %s, 'e', 'n', %s, now())", practice.id,
                        uuid.uuid4(), b"x" * 32, b"x" * 76, b"x" * 32, b"x" * 32)
