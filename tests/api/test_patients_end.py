"""The end of a patient's time at the practice: archived, taken up again, erased."""

import concurrent.futures
import json
import subprocess
import sys

import pytest
from conftest import TOP, unique
from support import client as api
from support.authenticator import Authenticator
from support.tokens import token_hash

sys.path.insert(0, str(TOP / "tools"))

from instancelib.postgres import url_environment  # noqa: E402  (the path is set above)


def act(client, patient, what, revision=None):
    headers = api.if_match(patient["revision"] if revision is None else revision)
    return client.post(f"/admin/patients/{patient['id']}/{what}", headers=headers)


def read(practice, patient):
    return api.good(practice.staff().get(f"/admin/patients/{patient['id']}"))


@pytest.fixture
def answered(practice):
    """A patient who has registered, signed in and answered: (patient, client, response id)."""
    questionnaire = practice.questionnaire()
    patient, client = practice.signed_in_patient([questionnaire], record_number=unique("R"))
    assignment = api.good(client.get("/patient/questionnaires"))["items"][0]["assignment_id"]
    response = api.good(client.post("/patient/responses", {"assignment_id": assignment}), 201)
    return read(practice, patient) | {"password": patient["password"]}, client, response["id"]


def test_an_archived_patient_is_signed_out_and_asked_nothing_new(practice, answered):
    """[7.4.2, 7.4.5]"""
    patient, client, response = answered
    staff = practice.staff()
    archived = api.good(act(staff, patient, "archive"))
    assert archived == {"id": patient["id"], "status": "archived", "revision": patient["revision"] + 1}
    api.problem(client.get("/patient/auth/session"), 401, "not-signed-in")
    api.problem(practice.anonymous.post("/patient/auth/login", {"email": patient["email"], "password": patient["password"]}),
                401, "sign-in-refused")
    path = f"/admin/patients/{patient['id']}"
    api.problem(staff.post(f"{path}/assignments", {"questionnaire_id": practice.questionnaire()}), 409, "not-active")
    api.problem(staff.patch(path, {"given_name": "Other"}, archived["revision"]), 409, "not-active")
    api.good(staff.get(f"/admin/responses/{response}"))
    api.problem(act(staff, archived, "archive"), 409, "not-active")
    api.problem(act(staff, patient, "restore"), 412, "stale-revision")
    api.problem(staff.post(f"{path}/restore"), 428, "precondition-required")
    back = api.good(act(staff, archived, "restore"))
    assert back == {"id": patient["id"], "status": "active", "revision": archived["revision"] + 1}
    api.problem(act(staff, back, "restore"), 409, "not-active")
    api.problem(client.get("/patient/auth/session"), 401, "not-signed-in")  # what had ended stays ended
    api.good(api.sign_in_patient(practice.anonymous, patient["email"], patient["password"]).get("/patient/responses"))


def test_archiving_ends_invitations(practice):
    patient = practice.patient()
    token = practice.invite(patient)
    api.good(act(practice.staff(), patient, "archive"))
    api.problem(practice.anonymous.post("/patient/register/validate", {"token": token}), 410, "invitation-gone")


def test_archived_once_of_ten_at_once(practice):
    patient = practice.patient()
    with concurrent.futures.ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: act(practice.staff().again(practice.staff().token), patient, "archive"), range(10)))
    assert sorted(answer.status_code for answer in answers) == [200] + [412] * 9


def test_erasing_needs_an_owner_with_fresh_proof(practice, fresh, database):
    """[7.5.3, 8.2.1]"""
    patient = practice.patient()
    api.problem(act(practice.staff("physician"), patient, "erase"), 403, "forbidden")
    owner = practice.staff("owner")
    with database.cursor() as cursor:
        cursor.execute("UPDATE auth.session SET stepped_up_at = now() - interval '6 minutes' "
                       "WHERE token_hash = %s", (token_hash("session", owner.token),))
    api.problem(act(owner, patient, "erase"), 403, "step-up-required")
    fresh(owner)
    api.problem(act(owner, patient, "erase", revision=7), 412, "stale-revision")
    assert read(practice, patient)["given_name"] == patient["given_name"]
    assert api.good(act(owner, patient, "erase")) == {"id": patient["id"], "status": "erased"}
    api.problem(act(fresh(owner), patient, "erase"), 404, "not-found")


def test_an_erased_patient_is_gone_everywhere(practice, answered, fresh):
    """[7.4.2]"""
    patient, client, response = answered
    staff, owner = practice.staff(), fresh(practice.staff("owner"))
    api.good(staff.get(f"/admin/responses/{response}"))  # the data key is cached now
    api.good(act(owner, patient, "erase"))
    api.problem(client.get("/patient/auth/session"), 401, "not-signed-in")
    api.problem(practice.anonymous.post("/patient/auth/login", {"email": patient["email"], "password": patient["password"]}),
                401, "sign-in-refused")
    for path in (f"/admin/patients/{patient['id']}", f"/admin/responses/{response}",
                 f"/admin/patients/{patient['id']}/assignments", f"/admin/patients/{patient['id']}/invitations"):
        for _ in range(8):  # whichever worker serves it, with the key in memory or without
            api.problem(staff.get(path), 404, "not-found")
    assert patient["id"] not in json.dumps(api.good(staff.get("/admin/patients")))
    assert api.good(staff.get("/admin/patients", params={"email": patient["email"]}))["items"] == []
    # The address and the number are free again.
    again = practice.patient(email=patient["email"], record_number=patient["record_number"])
    assert again["id"] != patient["id"]


def test_passkeys_of_who_was_archived_or_erased_are_of_no_use(practice, fresh, database):
    """[7.4.2]"""
    patient, client = practice.signed_in_patient()
    password, patient = patient["password"], read(practice, patient)
    authenticator = Authenticator(practice.anonymous.base_url.replace("//127.0.0.1:", "//localhost:"))
    asked = api.good(client.post("/patient/profile/passkeys/options", {"current_password": password}))["public_key"]
    api.good(client.post("/patient/profile/passkeys", {"name": "Key", "passkey": authenticator.create(asked)}), 201)
    api.good(client.post("/patient/auth/step-up/passkey/options"))  # a challenge that nobody answers

    def signs_in():
        asked = api.good(practice.anonymous.post("/patient/auth/passkey/options"))["public_key"]
        return practice.anonymous.post("/patient/auth/passkey", {"passkey": authenticator.get(asked), "session": "bearer"})
    api.good(signs_in())
    archived = api.good(act(practice.staff(), patient, "archive"))
    api.problem(signs_in(), 401, "passkey-refused")
    patient = api.good(act(practice.staff(), archived, "restore"))
    api.good(signs_in())
    api.good(act(fresh(practice.staff("owner")), patient, "erase"))
    api.problem(signs_in(), 401, "passkey-refused")
    for table in ("passkey", "passkey_challenge"):
        with database.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM auth.{table} WHERE account_id = %s", (patient["id"],))
            assert cursor.fetchone() == (0,), table


def test_a_dump_and_the_keyring_do_not_bring_an_erased_patient_back(demo, practice, answered, fresh, database, command):
    """Crypto-shredding: no key is left that would open what was sealed, and nothing else says who it was."""
    patient, _, response = answered
    key = {"Idempotency-Key": unique("key")}
    other = {"given_name": "Given", "family_name": "Family", "birth_date": "1980-02-29", "email": f"{unique('x')}@example.org"}
    kept = api.good(practice.staff().post("/admin/patients", other, headers=key), 201)
    practice.staff().post(f"/admin/patients/{kept['id']}/invitations", {"delivery": "email"})
    for one in (patient, kept):
        api.good(act(fresh(practice.staff("owner")), one, "erase"))
    with database.cursor() as cursor:
        cursor.execute("SELECT num_nonnulls(given_name, family_name, birth_date, email, record_number, email_index,"
                       " record_number_index, language, registered_at) FROM anamnesis.patient WHERE id IN (%s, %s)",
                       (patient["id"], kept["id"]))
        assert cursor.fetchall() == [(0,), (0,)]
        for table, column in (("auth.account", "id"), ("auth.session", "account_id"), ("auth.recovery_code", "account_id"),
                              ("auth.challenge", "account_id"), ("anamnesis.outbox", "patient_id")):
            cursor.execute(f"SELECT count(*) FROM {table} WHERE {column} IN (%s, %s)", (patient["id"], kept["id"]))
            assert cursor.fetchone() == (0,), table
        cursor.execute("SELECT count(*) FROM anamnesis.idempotency WHERE patient_ids && ARRAY[%s, %s]::uuid[]",
                       (patient["id"], kept["id"]))
        assert cursor.fetchone() == (0,)
        # What is left of the answers is sealed under a key that was wrapped nowhere else.
        cursor.execute("SELECT status FROM anamnesis.response WHERE id = %s", (response,))
        assert cursor.fetchone() == ("in-progress",)
    dump = subprocess.run(["pg_dump", "--data-only", "--inserts"], capture_output=True, text=True, check=True,
                          env={"PATH": "/usr/bin:/bin", **url_environment(demo["database_url"])}).stdout
    assert patient["id"] in dump
    for name in ("email", "record_number"):
        assert patient[name] not in dump
    # Who repeats the request that made the patient does not get the kept reply.
    api.good(practice.staff().post("/admin/patients", other, headers=key), 201)
