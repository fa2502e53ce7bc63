"""One rule for e-mail addresses: in the contract, in the commands, where people are looked for, and in mails."""

import base64
import email
import email.policy
import hashlib
import hmac
import pathlib
import re
import time
import unicodedata

import pytest
from conftest import unique
from support import client as api
from support.tokens import instance_keyring

BAD = ["ada", "@", "ada@", "a@b@c.example", ".a@mail.example", "a..b@mail.example", '"a b"@mail.example', "ada@[127.0.0.1]",
       "ada@127.0.0.1", "ada@xn--zzzz.de", "ada@\u2603.example", "ada@a\u200db.example", "ada@ma_il.example", "a\u200bda@mail.example",
       "ada@mail.example\r\nBcc: x@y.example", "ada@mail.example,eve@mail.example", "ada@mail.example\u2028x", "ad\u202ea@mail.example",
       "<ada@mail.example>", "x" * 65 + "@mail.example", "a@" + "b" * 64 + ".example", "ü" * 33 + "@mail.example"]


def patient(address):
    return {"given_name": "Ada", "family_name": "Example", "birth_date": "1980-02-29", "email": address}


def spellings(local):
    """What may be typed for one address."""
    shown = f"{local}.Jürgen@Müller-{local}.example"
    kept = f"{local}.Jürgen@" + f"müller-{local}.example".encode("idna").decode()
    return [shown, kept, f" {shown}\u00a0", unicodedata.normalize("NFD", shown), shown.upper(), kept.upper(),
            shown.replace(".example", "\u3002example")]


def index_of(context, normalised):
    """What lib/crypto/blind.c makes of a value, under the index key in use."""
    newest = max((entry for entry in instance_keyring()["index"] if not entry.get("standby")), key=lambda one: one["version"])
    key, purpose = base64.urlsafe_b64decode(newest["key"] + "="), context.encode()
    mac = hmac.digest(key, len(purpose).to_bytes(4, "big") + purpose + normalised.encode(), hashlib.sha256)
    return newest["version"].to_bytes(4, "big") + mac[:28]


def message_to(demo, kept):
    deadline = time.monotonic() + 20
    while True:
        for path in pathlib.Path(demo["mail_dir"]).glob("*.eml"):
            raw = path.read_bytes()
            if f"To: <{kept}>\r\n".encode() in raw:
                return email.message_from_bytes(raw, policy=email.policy.default)
        assert time.monotonic() < deadline, kept
        time.sleep(0.1)


@pytest.fixture
def local():
    return re.sub(r"\W", "", unique("a"))


def test_every_spelling_finds_the_patient_and_signs_them_in(practice, local):
    ways = spellings(local)
    made = practice.registered(email=f"  {ways[0]} ")
    assert made["email"] == f"{local}.Jürgen@müller-{local}.example"
    staff = practice.staff()
    for typed in ways:
        found = api.good(staff.call("GET", "/admin/patients", params={"email": typed}))["items"]
        assert [(one["id"], one["email"]) for one in found] == [(made["id"], made["email"])], typed
        again = patient(typed) | {name: made[name] for name in ("given_name", "family_name", "birth_date")}
        api.problem(staff.post("/admin/patients", again), 409, "patient-exists")
        assert api.sign_in_patient(practice.anonymous, typed, made["password"])


def test_the_domain_is_kept_in_a_labels_and_the_message_goes_there(demo, practice, local):
    made = api.good(practice.staff().post("/admin/patients", patient(f"{local}@MÜLLER-{local}.example")), 201)
    assert made["email"] == f"{local}@müller-{local}.example"
    api.good(practice.staff().post(f"/admin/patients/{made['id']}/invitations", {}), 201)
    kept = f"{local}@" + f"müller-{local}.example".encode("idna").decode()
    assert message_to(demo, kept)["Subject"] == f"Your invitation from {practice.name}"


def test_the_hint_of_a_link_is_of_whole_letters(practice, local):
    made = practice.patient(email=f"über.{local}@östlich-{local}.example")
    token = practice.invite(made)
    hint = api.good(practice.anonymous.post("/patient/register/validate", {"token": token}))["email_hint"]
    assert hint == "ü***@ö***.example"


@pytest.mark.parametrize("address", BAD)
def test_what_is_no_address_is_refused_alike_everywhere(practice, fresh, command, database, address):
    staff, owner = practice.staff(), fresh(practice.staff("owner"))
    answers = [staff.post("/admin/patients", patient(address)),
               owner.post("/admin/staff", {"name": "N", "email": address, "role": "assistant"}),
               practice.anonymous.post("/patient/auth/login", {"email": address, "password": "p", "session": "bearer"}),
               practice.anonymous.post("/admin/auth/login", {"email": address, "password": "p", "session": "bearer"}),
               practice.anonymous.post("/patient/auth/password-reset", {"email": address})]
    for answer in answers:
        assert [error["pointer"] for error in api.problem(answer, 400, "invalid-request")["errors"]] == ["/email"]
    name = unique("Refused")
    if ":" not in address:
        with pytest.raises(AssertionError, match="--staff"):
            command("practice", "create", "--name", name, "--staff", f"owner:{address}")
    with pytest.raises(AssertionError, match="--email"):
        command("staff", "invite", "--practice", practice.id, "--email", address, "--role", "owner", "--name", "N", "--link")
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM anamnesis.practice WHERE name = %s", (name,))
        assert cursor.fetchone() == (0,)


def test_whom_the_command_makes_can_sign_in(anonymous, command, local):
    """It printed credentials that the API refused."""
    made = command("practice", "create", "--name", "Praxis", "--staff", f"owner:name@Müller-{local}.example")
    account = made["staff"][0]
    assert account["email"] == f"name@müller-{local}.example"
    assert api.good(api.sign_in_staff(anonymous, account).get("/admin/profile"))["email"] == account["email"]


def test_who_was_stored_as_they_were_typed_signs_in(anonymous, command, database, local):
    """As the commands did: the address with U-labels, and its index of that."""
    made = command("practice", "create", "--name", "Praxis", "--staff", f"owner:name@müller-{local}.example")
    account = made["staff"][0]
    with database.cursor() as cursor:
        cursor.execute("UPDATE anamnesis.staff SET email_index = %s WHERE id = %s",
                       (index_of("staff.email", f"name@müller-{local}.example"), account["id"]))
    for typed in (account["email"], f"name@MÜLLER-{local}.example",
                  "name@" + f"müller-{local}.example".encode("idna").decode()):
        first = anonymous.post("/admin/auth/login", {"email": typed, "password": account["password"], "session": "bearer"})
        assert api.good(first)["status"] == "mfa_required", typed
    again = command("staff", "recover", "--practice", made["practice_id"], "--email", account["email"], "--link")
    assert again["id"] == account["id"]
