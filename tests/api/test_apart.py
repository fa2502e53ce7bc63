"""P5: no practice, and no patient, ever sees another's data: every route, asked with another's identifiers."""

import pytest
from support import client as api
from support import contract, sending
from support.authenticator import Authenticator

# They are found, but are in another state than the operation needs.
FOUND = {"response_proof": (409, "not-completed"), "response_reviews": (409, "not-completed"), "response_comparison": (409, "not-completed"),
         "questionnaire_impact": (409, "questionnaire-state"), "media_file": (410, "upload-gone"),
         **{it.id: (409, "upload-state") for it in contract.operations() if it.row.get("x-bytes", "granted") != "granted"}}
WITH_IDS = [it for it in contract.operations() if "{" in it.path]


def passkey_of(client, realm, body=None):
    """A new passkey's identifier."""
    path = f"/{realm}/profile/passkeys"
    asked = api.good(client.post(f"{path}/options", body))["public_key"]
    authenticator = Authenticator(client.base_url.replace("//127.0.0.1:", "//localhost:"))
    return api.good(client.post(path, {"name": "x", "passkey": authenticator.create(asked)}), 201)["passkey"]["id"]


@pytest.fixture(scope="module")
def theirs(practice):
    """Objects of the first practice, of every kind that has an identifier."""
    patient, client, response = practice.begun(sending.FORM)
    staff = practice.staff()
    invited = practice.patient()
    invitation = api.good(staff.post(f"/admin/patients/{invited['id']}/invitations", {"delivery": "link"}), 201)
    upload = sending.declare(client, response, b"a file")["id"]
    return {"patients": patient["id"], "questionnaires": response["questionnaire_id"], "invitations": invitation["id"],
            "value-sets": api.good(staff.post("/admin/value-sets", contract.BODIES["value_set_put"]), 201)["id"],
            "assignments": response["assignment_id"], "responses": response["id"], "client": client,
            "uploads": upload, "media": upload,
            "staff": api.good(staff.get("/admin/auth/session"))["staff"]["id"],
            "staff/sessions": api.good(staff.get("/admin/profile/sessions"))["items"][0]["id"],
            "patient/sessions": api.good(client.get("/patient/profile/sessions"))["items"][0]["id"],
            "staff/passkeys": passkey_of(staff, "admin"),
            "patient/passkeys": passkey_of(client, "patient", {"current_password": patient["password"]})}


def url_of(operation, theirs):
    kind = operation.path.split("/")[2]
    if kind == "profile":
        kind = f"{operation.realm}/{operation.path.split('/')[3]}"
    return operation.url(id=theirs[kind], assignment_id=theirs["assignments"], n=1)


@pytest.mark.parametrize("operation", [it for it in WITH_IDS if it.realm == "staff"], ids=repr)
def test_another_practices_staff(operation, theirs, other_practice, fresh):
    """[8.2.2, 8.4.1]"""
    for role in operation.roles:
        if operation.step_up:
            fresh(other_practice.staff(role))
        api.problem(operation.send(other_practice.staff(role), url=url_of(operation, theirs)), 404, "not-found")


@pytest.mark.parametrize("operation", [it for it in WITH_IDS if it.realm == "patient"], ids=repr)
def test_another_patient(operation, theirs, practice, other_practice, fresh):
    """[8.2.2]"""
    for place in (practice, other_practice):
        stranger = place.signed_in_patient()[1]
        if operation.step_up:
            fresh(stranger)
        api.problem(operation.send(stranger, url=url_of(operation, theirs)), 404, "not-found")


@pytest.mark.parametrize("operation", WITH_IDS, ids=repr)
def test_the_objects_are_there_for_their_own(operation, theirs, practice):
    """Without this, the 404s above would prove nothing."""
    if operation.method == "GET":
        who = theirs["client"] if operation.realm == "patient" else practice.staff(operation.roles[0])
        answer = operation.send(who, url=url_of(operation, theirs))
        if operation.id in FOUND:
            api.problem(answer, *FOUND[operation.id])
        else:
            api.good(answer)


def test_bodies_and_filters_with_another_practices_identifiers(theirs, other_practice):
    staff, patient = other_practice.staff(), other_practice.patient()
    path = f"/admin/patients/{patient['id']}"
    api.problem(staff.post(f"{path}/assignments", {"questionnaire_id": theirs["questionnaires"]}), 404, "not-found")
    invitation = {"delivery": "link", "questionnaires": [theirs["questionnaires"]]}
    api.problem(staff.post(f"{path}/invitations", invitation), 404, "not-found")
    for query in (f"patient_id={theirs['patients']}", f"questionnaire_id={theirs['questionnaires']}"):
        assert api.good(staff.get(f"/admin/responses?{query}"))["items"] == []
        assert api.good(staff.get(f"/admin/media?{query}"))["items"] == []
    stranger = other_practice.signed_in_patient()[1]
    api.problem(stranger.post("/patient/responses", {"assignment_id": theirs["assignments"]}), 404, "not-found")
