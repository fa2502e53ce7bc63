"""What is shown on one line - names and titles - is on one line when it comes in, and says what it seems to say."""

import uuid

import pytest
from conftest import SHORT_FORM, unique
from support import client as api

BAD = ["A\nB", "A\rB", "A\tB", "A\u0000B", "A\u001bB", "A\u007fB", "A\u0085B", "A\u2028B", "A\u2029B", "A\u202aB", "A\u202dB",
       "A\u202eB", "A\u202cB", "A\u2066B", "A\u2068B", "A\u2069B", "A\ufdd0B", "A\ufffeB", "A\U0010ffffB"]
GOOD = ["O’Hara", "Søren Åse", "李", "عليّ", "ع\u200dب", "א\u200fב", "Müller-Lüdenscheidt, Dr.", "\U0001f600", "e\u0301"]
VALUE_SET = {"resourceType": "ValueSet", "status": "active",
             "compose": {"include": [{"system": "urn:x:s", "concept": [{"code": "a"}]}]}}


def patient(**changes):
    return {"given_name": "Ada", "family_name": "Example", "birth_date": "1980-02-29",
            "email": f"{unique('p')}@example.org"} | changes


def ways(practice, owner, text):
    """(pointer, answer) of every way by which such a text comes in."""
    staff = practice.staff()
    made = practice.patient()
    path = f"/admin/patients/{made['id']}"
    for field in ("given_name", "family_name", "record_number"):
        yield f"/{field}", staff.post("/admin/patients", patient(**{field: text}))
        yield f"/{field}", staff.patch(path, {field: text}, revision=1)
    yield "/name", owner.post("/admin/staff", {"name": text, "email": f"{unique('s')}@example.org", "role": "assistant"})
    yield "/name", staff.patch("/admin/profile", {"name": text}, revision=api.good(staff.get("/admin/profile"))["revision"])
    yield "/name", staff.patch(f"/admin/profile/passkeys/{uuid.uuid4()}", {"name": text})
    yield "/definition/title", staff.post("/admin/questionnaires", {"definition": SHORT_FORM | {"title": text}})
    for field in ("title", "name"):
        resource = VALUE_SET | {"url": f"http://example.org/{unique('vs')}", field: text}
        yield f"/resource/{field}", staff.post("/admin/value-sets", {"resource": resource})
    yield "/resource/url", staff.post("/admin/value-sets", {"resource": VALUE_SET | {"url": f"http://example.org/{text}"}})


@pytest.mark.parametrize("text", [one for one in BAD if "\0" not in one], ids=lambda text: f"{ord(text[1]):04x}")
def test_what_breaks_or_turns_a_line_is_refused_wherever_it_comes_in(practice, fresh, text):
    for pointer, answer in ways(practice, fresh(practice.staff("owner")), text):
        assert answer.status_code in (400, 422), f"{pointer}: {answer.status_code} {answer.text}"
        assert pointer in [error["pointer"] for error in answer.json()["errors"]], answer.text


@pytest.mark.parametrize("text", GOOD)
def test_names_of_all_scripts_are_taken_as_they_are(practice, fresh, text):
    staff, owner = practice.staff(), fresh(practice.staff("owner"))
    made = api.good(staff.post("/admin/patients", patient(given_name=text, family_name=text)), 201)
    assert (made["given_name"], made["family_name"]) == (text, text)
    joined = {"name": text, "email": f"{unique('s')}@example.org", "role": "assistant"}
    assert api.good(owner.post("/admin/staff", joined), 201)["name"] == text
    made = api.good(staff.post("/admin/questionnaires", {"definition": SHORT_FORM | {"title": text}}), 201)
    assert made["title"] == text


@pytest.mark.parametrize("name", [one for one in BAD if "\0" not in one] + ["", " ", "\u3164", "\u200b", "\u2800", "x" * 201])
def test_the_command_refuses_names_that_cannot_be_shown(command, database, name):
    address = f"{unique('o')}@example.org"
    with pytest.raises(AssertionError, match="--name"):
        command("practice", "create", "--name", name, "--staff", f"owner:{address}")
    if name.strip():
        with pytest.raises(AssertionError, match="--staff"):
            command("practice", "create", "--name", unique("Refused"), "--staff", f"owner:{address}:{name}")
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM anamnesis.practice WHERE name = %s OR name LIKE 'Refused%%'", (name,))
        assert cursor.fetchone() == (0,)


def test_the_command_refuses_such_names_of_staff_and_titles(practice, command, tmp_path):
    with pytest.raises(AssertionError, match="--name"):
        command("staff", "invite", "--practice", practice.id, "--email", f"{unique('s')}@example.org", "--role", "assistant",
                "--name", "A\u202eB", "--link")
    path = tmp_path / "form.json"
    path.write_text('{"resourceType": "Questionnaire", "status": "active", "title": "A\\nB", "item": [{"linkId": "1", "type": "string"}]}', encoding="utf-8")
    with pytest.raises(AssertionError, match="title"):
        command("questionnaire", "import", str(path), "--practice", practice.id)


def test_a_title_that_was_stored_before_can_be_copied_and_mended(practice, database):
    staff = practice.staff()
    made = api.good(staff.post("/admin/questionnaires", {"definition": SHORT_FORM}), 201)
    with database.cursor() as cursor:
        cursor.execute(r"UPDATE anamnesis.questionnaire SET draft = replace(draft, 'Short form', 'Short\nform\u202e'), "
                       "title = E'Short\nform' WHERE id = %s", (made["id"],))
    api.problem(staff.publish(made["id"], made["revision"]), 422, "invalid-form")
    copied = api.good(staff.post(f"/admin/questionnaires/{made['id']}/duplicate"), 201)
    assert copied["title"] == "Short form (copy)"
