"""`anamnesis staff invite` and `recover` against a running instance: who runs the server lets people in."""

import json
import os
import pathlib
import subprocess

import pytest
from conftest import TOP, unique
from support import client as api
from test_accounts import link_of, messages
from test_staff_invitations import SUBJECT, first_sign_in, register


@pytest.fixture
def operator(demo):
    """`anamnesis ARGUMENTS` with the programs' configuration; gives what subprocess.run gives."""
    def run(*arguments, database_role="owner", **environment):
        variables = os.environ | {"ANAMNESIS_OWNER_DATABASE_URL": demo["database_urls"][database_role],
                                  "ANAMNESIS_KEYRING_FILE": str(pathlib.Path(demo["var"]) / "keys" / "keyring.json"),
                                  "ANAMNESIS_JOBS_KEYRING_FILE": str(pathlib.Path(demo["var"]) / "keys" / "keyring-jobs.json"),
                                  "ANAMNESIS_BASE_URL": demo["base_url"]}
        program = os.environ.get("ANAMNESIS_BUILD", str(TOP / "build")) + "/anamnesis"
        return subprocess.run([program, *arguments], env=variables | environment, capture_output=True, text=True,
                              timeout=60, check=False)
    return run


def test_the_directory_of_an_instance_has_what_the_command_needs(demo):
    program = os.environ.get("ANAMNESIS_BUILD", str(TOP / "build")) + "/anamnesis"
    for arguments, said in ((["practice", "list"], "Practice A"), (["staff", "list", "--practice", "Practice B"], "owner.b@example.org"),
                            (["keys", "status"], "current"), (["audit", "key"], "public_key"), (["doctor"], "connection-auditor")):
        done = subprocess.run([program, "--instance", demo["var"], *arguments], env={"PATH": os.environ["PATH"]},
                              capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode in ((1, 2) if arguments == ["doctor"] else (0,)), done.stderr
        assert said in done.stdout, done.stdout
    assert "there is no keyring" not in done.stdout and "cannot connect" not in done.stdout


def invite(operator, practice, address, *more, role="owner", **environment):
    return operator("staff", "invite", "--practice", practice, "--email", address, "--role", role, "--name", "Somebody New",
                    *more, **environment)


def printed(done):
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def noted(database, operation, staff_id):
    with database.cursor() as cursor:
        cursor.execute("SELECT practice_id::text, realm, actor_id, client_address, outcome FROM audit.event "
                       "WHERE operation = %s AND object_id = %s AND realm = 'system'", (operation, staff_id))
        return cursor.fetchall()


def test_an_owner_who_was_invited_by_the_operator_signs_in_and_leads_the_practice(owner, operator, demo, database):
    """[6.4.1]"""
    address = f"{unique('new')}@example.org"
    made = printed(invite(operator, owner.practice.id, address, "--json"))
    assert (made["practice_name"], made["role"], made["status"], made["name"], made["email"], made["delivery"]) == (
        owner.practice.name, "owner", "invited", "Somebody New", address, "email")
    assert made["expires_at"] > made["created_at"] and "url" not in made
    [message] = messages(demo, address, SUBJECT)
    page, token = link_of(message).split("#")
    assert page == demo["base_url"] + "/register/staff"
    shown = api.good(owner.practice.anonymous.post("/admin/register/validate", {"token": token}))
    assert (shown["practice_name"], shown["role"]) == (owner.practice.name, "owner")
    assert shown["expires_at"][:19] == made["expires_at"][:19]
    assert api.good(register(owner, token), 201) == {"staff_id": made["id"], "status": "registered"}
    client, _, _ = first_sign_in(owner, address)
    listed = {one["id"]: one for one in api.good(client.get("/admin/staff"))["items"]}
    assert (listed[made["id"]]["status"], listed[made["id"]]["email"]) == ("active", address)
    api.problem(register(owner, token), 410, "invitation-gone")
    assert noted(database, "staff_invite", made["id"]) == [(owner.practice.id, "system", None, "local", "ok")]
    [row] = [one for one in api.good(client.get("/admin/audit?operation=staff_invite"))["items"]
             if one["object_id"] == made["id"]]
    assert row["realm"] == "system"


def test_with_link_nothing_is_mailed_and_the_link_is_printed_once(owner, operator, database):
    address = f"{unique('new')}@example.org"
    made = printed(invite(operator, owner.practice.name, address, "--link", "--json", role="assistant"))
    page, token = made["url"].split("#")
    assert made["delivery"] == "link" and page.endswith("/register/staff")
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM anamnesis.outbox WHERE practice_id = %s", (owner.practice.id,))
        assert cursor.fetchone()[0] == 0
    assert api.good(register(owner, token), 201)["staff_id"] == made["id"]
    portal = printed(invite(operator, owner.practice.id, f"{unique('new')}@example.org", "--link", "--json",
                            ANAMNESIS_PORTAL_URL="https://portal.example.org/join"))
    assert portal["url"].startswith("https://portal.example.org/join/staff#")


def test_owners_who_lost_their_factors_begin_anew_by_the_operator(owner, operator, demo, database):
    """[6.4.4, 7.4.2]"""
    address = owner.practice.accounts["owner"]["email"]
    made = printed(operator("staff", "recover", "--practice", owner.practice.id, "--email", address.upper(), "--json"))
    assert (made["id"], made["role"], made["email"]) == (str(owner.ids["owner"]), "owner", address)
    api.problem(owner.get("/admin/staff"), 401, "not-signed-in")
    [message] = messages(demo, address, SUBJECT)
    api.good(register(owner, link_of(message).split("#")[1]), 201)
    client, _, _ = first_sign_in(owner, address)
    api.good(client.get("/admin/staff"))
    assert noted(database, "staff_recover", made["id"]) == [(owner.practice.id, "system", None, "local", "ok")]


def test_an_invitation_that_has_expired_is_given_again_and_the_first_link_ends(owner, operator):
    """[6.5.5]"""
    address = f"{unique('new')}@example.org"
    first = printed(invite(operator, owner.practice.id, address, "--link", "--json"))
    twice = invite(operator, owner.practice.id, address)
    assert twice.returncode == 1 and twice.stdout == "" and "(invited)" in twice.stderr and "staff recover" in twice.stderr
    second = printed(operator("staff", "recover", "--practice", owner.practice.id, "--email", address, "--link", "--json"))
    assert second["id"] == first["id"]
    api.problem(register(owner, first["url"].split("#")[1]), 410, "invitation-gone")
    api.good(register(owner, second["url"].split("#")[1]), 201)


def test_whoever_is_disabled_is_not_let_in_again_by_a_link(owner, operator, database):
    address = owner.practice.accounts["assistant"]["email"]
    api.good(owner.delete(f"/admin/staff/{owner.ids['assistant']}", revision=1), 204)
    for done in (invite(operator, owner.practice.id, address),
                 operator("staff", "recover", "--practice", owner.practice.id, "--email", address, "--link")):
        assert done.returncode == 1 and done.stdout == "" and "disabled" in done.stderr
    assert noted(database, "staff_recover", owner.ids["assistant"]) == []


def test_only_the_owner_of_the_database_may(owner, operator, database):
    address = f"{unique('new')}@example.org"
    for role in ("api", "jobs", "auditor"):
        done = invite(operator, owner.practice.id, address, database_role=role)
        assert done.returncode != 0 and done.stdout == "", role
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM anamnesis.staff WHERE practice_id = %s", (owner.practice.id,))
        assert cursor.fetchone()[0] == len(owner.practice.accounts)


def test_the_log_with_the_operators_rows_is_whole(operator, owner, demo):
    """[16.4.2]"""
    printed(invite(operator, owner.practice.id, f"{unique('new')}@example.org", "--json"))
    assert printed(operator("audit", "verify", "--json"))["whole"] is True
