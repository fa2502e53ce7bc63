"""What other programs send that is harmless, and is taken; beside each, what stays refused."""

import gzip
import json

import pytest
from conftest import unique
from support import client as api
from support import contract

JSON = {"Content-Type": "application/json"}


@pytest.fixture(scope="module")
def staff(practice):
    return practice.staff()


def new_patient():
    return {"given_name": "Given", "family_name": "Family", "birth_date": "1980-02-29", "email": f"{unique('p')}@example.org"}


@pytest.mark.parametrize("type_", ["application/json;", "application/json; charset=utf8", "application/json; charset=\"UTF-8\"",
                                   "application/json; profile=x; charset=utf-8"])
def test_a_media_type_with_parameters(staff, type_):
    answer = staff.call("POST", "/admin/patients", data=json.dumps(new_patient()), headers={"Content-Type": type_})
    api.good(answer, 201)


@pytest.mark.parametrize("type_", ["application/json; charset=utf-16", "application/jsonp", "text/json"])
def test_another_media_type(staff, type_):
    answer = staff.call("POST", "/admin/patients", data=json.dumps(new_patient()), headers={"Content-Type": type_})
    api.problem(answer, 415, "unsupported-media-type")
    assert "Accept-Encoding" not in answer.headers


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "identity, gzip"])
def test_a_compressed_body_is_told_that_it_must_not_be(staff, coding):
    body = gzip.compress(json.dumps(new_patient()).encode())
    answer = staff.call("POST", "/admin/patients", data=body, headers=JSON | {"Content-Encoding": coding})
    api.problem(answer, 415, "content-coding")
    assert answer.headers["Accept-Encoding"] == "identity"


@pytest.mark.parametrize("operation", [it for it in contract.operations() if not it.has_body and not it.realm], ids=repr)
@pytest.mark.parametrize("body", ["{}", " { } "])
def test_nothing_as_an_object_where_there_is_no_body(operation, anonymous, body):
    assert operation.send(anonymous, data=body, headers=JSON).status_code < 400
    api.problem(operation.send(anonymous, data='{"a": 1}', headers=JSON), 400, "invalid-request")


def test_signing_out_with_an_empty_object(practice):
    client = practice.signed_in_patient()[1]
    api.good(client.post("/patient/auth/logout", {}), 204)


def test_null_for_what_is_absent(practice, staff):
    patient = api.good(staff.post("/admin/patients", new_patient() | {"record_number": None, "language": None}), 201)
    invitation = {"expires_in_hours": None, "questionnaires": None, "delivery": None}
    assert api.good(staff.post(f"/admin/patients/{patient['id']}/invitations", invitation), 201)["delivery"] == "email"
    refused = api.problem(staff.post("/admin/patients", new_patient() | {"birth_date": None}), 400, "invalid-request")
    assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/birth_date", "required")]


@pytest.mark.parametrize("query", ["?&limit=1", "?limit=1&", "?&&limit=1&&"])
def test_empty_pairs_in_a_query(staff, query):
    api.good(staff.get(f"/admin/patients{query}"))
    api.problem(staff.get(f"/admin/patients{query}&=1"), 400, "invalid-request")


def test_bearer_with_two_blanks(staff):
    for text in (f"Bearer  {staff.token}", f"bearer   {staff.token}"):
        api.good(staff.again().get("/admin/auth/session", headers={"Authorization": text}))
    api.problem(staff.again().get("/admin/auth/session", headers={"Authorization": f"Bearer{staff.token}"}), 401, "not-signed-in")


def test_a_code_with_a_blank_in_the_middle(new_practice):
    practice = new_practice(roles=("owner",))
    account = practice.accounts["owner"]
    first = api.good(practice.anonymous.post("/admin/auth/login", {"email": account["email"], "password": account["password"]}))
    code = api.totp(account["totp_secret"])
    signed_in = practice.anonymous.post("/admin/auth/mfa", {"mfa_token": first["mfa_token"], "code": f"{code[:3]} {code[3:]}"})
    assert api.good(signed_in)["status"] == "signed_in"


def test_an_offset_without_a_colon(practice, staff):
    questionnaire, patient = practice.questionnaire(), practice.patient()
    made = api.good(staff.post(f"/admin/patients/{patient['id']}/assignments",
                               {"questionnaire_id": questionnaire, "due_at": "2030-01-01T02:00:00+0200"}), 201)
    assert made["due_at"] == "2030-01-01T00:00:00.000Z"
    for wrong in ("2030-01-01T02:00:00+02", "2030-01-01T02:00:00+2:00", "2030-01-01T02:00:00"):
        api.problem(staff.post(f"/admin/patients/{patient['id']}/assignments",
                               {"questionnaire_id": questionnaire, "due_at": wrong}), 400, "invalid-request")


def test_an_auto_save_with_nothing_in_it_changes_no_revision(practice):
    _, me, response = practice.begun()
    saved = api.good(me.save(response["id"], 1, {"hours": [{"valueDecimal": 7}]}))
    for body in ({}, {"set": {}}, {"set": {}, "clear": []}, {"set": None, "clear": None}):
        answer = me.patch(f"/patient/responses/{response['id']}", body, revision=2)
        assert api.good(answer)["revision"] == 2 and answer.headers["ETag"] == '"2"'
        assert answer.json()["progress"] == saved["progress"]
    assert api.good(me.get(f"/patient/responses/{response['id']}"))["revision"] == 2
    api.problem(me.patch(f"/patient/responses/{response['id']}", {}, revision=9), 412, "stale-revision")


def test_signing_out_of_a_session_that_has_ended(practice):
    client = practice.signed_in_patient()[1]
    for _ in range(2):
        left = client.post("/patient/auth/logout")
        api.good(left, 204)
        assert left.headers["Set-Cookie"].startswith("__Host-anamnesis_patient=; ")
    api.problem(client.get("/patient/auth/session"), 401, "not-signed-in")
    api.problem(client.again().post("/patient/auth/logout"), 401, "not-signed-in")
    cookie = {"Cookie": f"__Host-anamnesis_patient={client.token}"}
    api.problem(client.again().post("/patient/auth/logout", headers=cookie | {"Sec-Fetch-Site": "cross-site"}), 403, "cross-site")
