"""Messages are written in the language of whoever reads them, with the practice's time of day."""

import email
import email.policy
import pathlib
import re
import time

import pytest
import yaml
from conftest import TOP, unique
from support import client as api

LANGUAGES = sorted(path.name for path in (TOP / "lib" / "mail" / "texts").iterdir())
INVITATION = {"de": "Ihre Einladung von", "en": "Your invitation from", "es": "Su invitación de",
              "fr": "Votre invitation de la part de"}
BERLIN = {"de": r", \d{1,2}\. \w+ \d{4}, \d\d:\d\d Uhr \(CES?T\)", "en": r"day, \d{1,2} \w+ \d{4}, \d\d:\d\d \(CES?T\)",
          "es": r", \d{1,2} de \w+ de \d{4}, \d\d:\d\d \(CES?T\)", "fr": r" \d{1,2}(er)? \w+ \d{4} à \d\d:\d\d \(CES?T\)"}


def message_to(demo, address):
    """The one message to an address; waits for it."""
    deadline = time.monotonic() + 20
    while True:
        for path in pathlib.Path(demo["mail_dir"]).glob("*.eml"):
            message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
            if message["To"] == address:
                return message
        assert time.monotonic() < deadline, address
        time.sleep(0.1)


def text_of(message):
    return message.get_body(("plain",)).get_content()


def change(owner, **wanted):
    revision = api.good(owner.get("/admin/practice"))["revision"]
    return owner.patch("/admin/practice", wanted, revision=revision)


@pytest.fixture
def invite(demo, owner):
    """Invites a patient with a language; gives the message."""
    def made(language=None):
        patient = owner.practice.patient(**({} if language is None else {"language": language}))
        api.good(owner.practice.staff().post(f"/admin/patients/{patient['id']}/invitations", {}), 201)
        return message_to(demo, patient["email"])
    return made


def test_the_contract_names_the_languages_that_there_are():
    contract = yaml.safe_load((TOP / "openapi.yaml").read_text(encoding="utf-8"))
    assert contract["components"]["schemas"]["PracticeLanguage"]["enum"] == LANGUAGES == sorted(INVITATION)


def test_a_patient_is_written_to_in_their_language_and_the_practices_time(owner, invite):
    api.good(change(owner, time_zone="Europe/Berlin"))
    for language in ("de-AT", "fr", "ES-419", "en-GB"):
        message, ours = invite(language), language[:2].lower()
        assert message["Subject"] == f"{INVITATION[ours]} {owner.practice.name}"
        assert message["Content-Language"] == ours
        assert re.search(BERLIN[ours], text_of(message)), text_of(message)


def test_an_unknown_language_falls_back_to_the_practices_and_then_to_english(owner, invite):
    assert invite("pl")["Content-Language"] == "en"
    api.good(change(owner, language="es"))
    for language in ("pl", "tlh-Latn", None):
        message = invite(language)
        assert message["Content-Language"] == "es"
        assert "(UTC)" in text_of(message)


def test_staff_is_written_to_in_the_practices_language(demo, owner):
    api.good(change(owner, language="fr", time_zone="Europe/Paris"))
    address = f"{unique('staff')}@example.org"
    api.good(owner.post("/admin/staff", {"name": "N", "email": address, "role": "assistant"}), 201)
    message = message_to(demo, address)
    assert message["Subject"] == f"Votre compte auprès de {owner.practice.name}"
    assert re.search(BERLIN["fr"], text_of(message))


def access_log(client):
    """What the patient reads of each operation."""
    return {item["operation"]: item["what"] for item in api.good(client.get("/patient/profile/access-log?limit=200"))["items"]}


def words(language):
    """The contract's, by operation."""
    contract = yaml.safe_load((TOP / "openapi.yaml").read_text(encoding="utf-8"))
    return {operation["operationId"]: operation["x-patient-words"][language]
            for item in contract["paths"].values() for operation in item.values() if "x-patient-words" in operation}


def test_a_patients_access_log_is_in_their_language_then_in_the_practices(owner):
    staff = owner.practice.staff()
    for language, practices, ours in (("de-AT", "fr", "de"), ("ES-419", "fr", "es"), ("pl", "fr", "fr"), (None, "de", "de"),
                                      ("en", "de", "en")):
        api.good(change(owner, language=practices))
        patient, client = owner.practice.signed_in_patient(**({} if language is None else {"language": language}))
        api.good(staff.get(f"/admin/patients/{patient['id']}"))
        log = access_log(client)
        assert {"patient_create", "patient_get", "invitation_create"} <= set(log)
        assert log == {operation: words(ours)[operation] for operation in log}, language


def test_what_staff_did_to_a_record_is_said_and_not_that_they_worked_with_it(owner):
    staff = owner.practice.staff()
    patient, _, response = owner.practice.begun()
    api.good(staff.get(f"/admin/responses/{response['id']}/history"))
    api.good(staff.get(f"/admin/patients/{patient['id']}/messages"))
    for what in ("archive", "restore"):
        revision = api.good(staff.get(f"/admin/patients/{patient['id']}"))["revision"]
        api.good(staff.post(f"/admin/patients/{patient['id']}/{what}", headers=api.if_match(revision)))
    log = access_log(api.sign_in_patient(owner.practice.anonymous, patient["email"], patient["password"]))
    assert {operation: log[operation] for operation in ("patient_archive", "patient_restore", "response_history")} == {
        "patient_archive": "Archived your record", "patient_restore": "Brought your record back from the archive",
        "response_history": "Opened how your answers to a questionnaire came about, with former ones"}
    assert log == {operation: words("en")[operation] for operation in log}


def test_what_the_system_did_is_in_the_patients_language_too(owner, database):
    """What is no operation of the contract has the document's words."""
    patient, client = owner.practice.signed_in_patient(language="fr")
    with database.cursor() as cursor:
        cursor.execute("INSERT INTO audit.event (practice_id, realm, client_address, request_id, operation, object_id, patient_id, "
                       "outcome) VALUES (%s, 'system', 'local', gen_random_uuid(), 'key_gone', %s, %s, 'ok')",
                       (owner.practice.id, patient["id"], patient["id"]))
    assert access_log(client)["key_gone"] == "A travaillé sur votre dossier"


def test_a_message_to_an_owner_about_a_patient_is_not_in_the_patients_language(demo, owner, fresh):
    """The emergency access names the patient; it is the owner who reads of it."""
    api.good(change(owner, language="de", patient_access="care-team"))
    patient = owner.practice.patient(language="fr")
    api.good(owner.delete(f"/admin/patients/{patient['id']}/care-team/{owner.ids['physician']}"), 204)
    physician = fresh(owner.practice.staff())
    api.good(physician.post("/admin/break-glass", {"patient_id": patient["id"], "reason": "Unconscious in the waiting room"}),
             201)
    message = message_to(demo, owner.practice.accounts["owner"]["email"])
    assert message["Content-Language"] == "de" and message["Subject"].startswith("Notfallzugriff")


@pytest.mark.parametrize("zone", ["Europe/Nowhere", "CEST", "posix/Europe/Berlin", "../../../etc/passwd", "localtime", "Factory",
                                  "europe/berlin", "UTC+3", "Europe/Berlin ", "FOO-3BAR", "<x>3", "1"])
def test_what_is_no_time_zone_is_refused(owner, zone):
    found = api.problem(change(owner, time_zone=zone), 400, "invalid-request")
    assert [error["pointer"] for error in found["errors"]] == ["/time_zone"]
    assert api.good(owner.get("/admin/practice"))["time_zone"] == "UTC"


def test_a_language_without_texts_is_refused(owner):
    for language in ("pl", "de-AT", "", "DE"):
        api.problem(change(owner, language=language), 400, "invalid-request")


def test_the_command_makes_a_practice_with_a_language_and_a_time_zone(command, database):
    made = command("practice", "create", "--name", "Praxis", "--staff", f"owner:{unique('o')}@example.org", "--language", "de",
                   "--time-zone", "Europe/Vienna")
    with database.cursor() as cursor:
        cursor.execute("SELECT language, time_zone FROM anamnesis.practice WHERE id = %s", (made["practice_id"],))
        assert cursor.fetchone() == ("de", "Europe/Vienna")


@pytest.mark.parametrize("option, value", [("--language", "pl"), ("--language", "de-AT"), ("--time-zone", "CEST"),
                                           ("--time-zone", "Europe/Nowhere")])
def test_the_command_refuses_what_the_api_refuses(command, database, option, value):
    name = unique("Refused")
    with pytest.raises(AssertionError, match=option):
        command("practice", "create", "--name", name, "--staff", f"owner:{unique('o')}@example.org", option, value)
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM anamnesis.practice WHERE name = %s", (name,))
        assert cursor.fetchone() == (0,)
