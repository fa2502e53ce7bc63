"""The contract as tests see it: operations, what they declare, and a well-formed call of each."""

import pathlib

import yaml

TOP = pathlib.Path(__file__).resolve().parents[2]
NOWHERE = "01900000-0000-7000-8000-000000000000"
TOKEN = "A" * 43
METHODS = ("get", "post", "put", "patch", "delete")

CREDENTIAL = {"id": "A" * 22, "rawId": "A" * 22, "type": "public-key"}
ASSERTION = CREDENTIAL | {"response": {"clientDataJSON": "e30", "authenticatorData": "AA", "signature": "AA"}}
REGISTRATION = CREDENTIAL | {"response": {"clientDataJSON": "e30", "attestationObject": "AA"}}

# A body that the contract accepts, for each operation that takes one.
BODIES = {
    "staff_login": {"email": "nobody@example.org", "password": "some password or other"},
    "staff_choose": {"choice_token": TOKEN},
    "staff_mfa": {"mfa_token": TOKEN, "code": "000000"},
    "questionnaire_create": {"definition": {"resourceType": "Questionnaire"}},
    "questionnaire_draft_put": {"definition": {"resourceType": "Questionnaire"}},
    "questionnaire_publish": {},
    "value_set_create": {"resource": {"resourceType": "ValueSet"}},
    "value_set_put": {"resource": {"resourceType": "ValueSet", "url": "urn:x:y", "expansion": {"contains": [{"code": "a"}]}}},
    "patient_create": {"given_name": "Given", "family_name": "Family", "birth_date": "1980-01-01",
                       "email": "somebody@example.org"},
    "patient_patch": {"given_name": "Other"},
    "invitation_create": {"delivery": "link"},
    "patient_recover": {},
    "patient_email_propose": {"email": "other@example.org"},
    "staff_email_propose": {"email": "other@example.org"},
    **{f"{realm}_email_change": {"email": "other@example.org", "current_password": "some password or other"}
       for realm in ("staff", "patient")},
    **{f"{realm}_email_{name}": {"token": TOKEN} for realm in ("staff", "patient") for name in ("confirm", "object")},
    "patient_recovery_answer": {"token": TOKEN, "answer": "stop"},
    "patient_hold_release": {"earlier_password": "some password or other"},
    "assignment_create": {"questionnaire_id": NOWHERE},
    "registration_validate": {"token": TOKEN},
    "registration_create": {"token": TOKEN, "birth_date": "1980-01-01", "password": "some password or other"},
    "patient_login": {"email": "nobody@example.org", "password": "some password or other"},
    "patient_choose": {"choice_token": TOKEN},
    "patient_mfa": {"mfa_token": TOKEN, "code": "000000"},
    "totp_enrol": {},
    "totp_confirm": {"code": "000000"},
    "my_response_create": {"assignment_id": NOWHERE},
    "my_response_autosave": {"clear": ["comment"]},
    "staff_step_up": {"code": "000000"},
    "patient_step_up": {"code": "000000"},
    "staff_password_reset": {"email": "nobody@example.org"},
    "patient_password_reset": {"email": "nobody@example.org"},
    "staff_password_confirm": {"token": TOKEN, "password": "some password or other"},
    "patient_password_confirm": {"token": TOKEN, "password": "some password or other"},
    "staff_password_change": {"current_password": "some password or other", "password": "another password or other"},
    "patient_password_change": {"current_password": "some password or other", "password": "another password or other"},
    "staff_profile_patch": {"name": "Somebody"},
    "patient_profile_patch": {"language": "en"},
    "staff_totp_confirm": {"code": "000000"},
    "staff_invite": {"name": "Somebody New", "email": "new@example.org", "role": "assistant"},
    "staff_register_validate": {"token": TOKEN},
    "staff_register": {"token": TOKEN, "password": "some password or other"},
    "staff_first_totp": {"mfa_token": TOKEN},
    "staff_first_totp_confirm": {"mfa_token": TOKEN, "code": "000000"},
    "staff_first_passkey_options": {"mfa_token": TOKEN},
    "staff_first_passkey": {"mfa_token": TOKEN, "name": "Phone", "passkey": REGISTRATION},
    "staff_patch": {"role": "assistant"},
    "care_team_add": {"staff_id": NOWHERE},
    "break_glass_open": {"patient_id": NOWHERE, "reason": "found unconscious"},
    "practice_patch": {"patient_mfa": "optional"},
    **{f"{realm}_passkey_{name}": body for realm in ("staff", "patient") for name, body in {
        "mfa": {"mfa_token": TOKEN}, "login": {"passkey": ASSERTION}, "rename": {"name": "Phone"},
        "create": {"name": "Phone", "passkey": REGISTRATION}}.items()},
    "patient_passkey_options": {},
    "my_upload_create": {"filename": "photo.jpg", "content_type": "image/jpeg", "size": 1000, "sha256": "0" * 64,
                         "response_id": NOWHERE, "link_id": "photo"},
    "my_upload_parts": {"parts": [{"number": 1, "sha256": "0" * 64}]},
    "media_remove": {"reason": "is of somebody else"},
    "response_review": {"state": "reviewed", "after": 0},
}
# What a query has to have.
QUERIES = {"media_file": f"?grant={TOKEN}"}


class Operation:
    def __init__(self, method, path, row):
        self.method, self.path, self.row, self.id = method.upper(), path, row, row["operationId"]
        self.statuses = {int(status) for status in row["responses"]}
        self.realm = next((name.removesuffix("Session") for scheme in row["security"] for name in scheme), None)
        self.session_optional = {} in row["security"]
        self.roles = row.get("x-roles", [])
        self.step_up = row.get("x-step-up", False)
        self.signs_out = row.get("x-signs-out", False)
        self.has_body = "requestBody" in row
        self.body_limit = row.get("x-body-limit", 0)
        self.needs_revision = any(str(parameter.get("$ref", "")).endswith("/IfMatch")
                                  for parameter in row.get("parameters", []))

    def __repr__(self):
        return self.id

    def url(self, **ids):
        """The path with identifiers; those that are not given exist nowhere."""
        path = self.path.replace("{n}", str(ids.get("n", 1)))
        for name in ("id", "assignment_id", "staff_id"):
            path = path.replace("{" + name + "}", ids.get(name, NOWHERE))
        return path + QUERIES.get(self.id, "")

    def send(self, client, url=None, body=None, headers=None, **kwargs):
        """A call that the contract accepts, but for what the caller changes."""
        sent = ({"If-Match": '"1"'} if self.needs_revision else {}) | (headers or {})
        if "data" not in kwargs and self.has_body:
            kwargs["json"] = BODIES[self.id] if body is None else body
        return client.call(self.method, url or self.url(), headers=sent, **kwargs)


def words_of(schema):
    """What a text of this schema can be."""
    return yaml.safe_load((TOP / "openapi.yaml").read_text(encoding="utf-8"))["components"]["schemas"][schema]["enum"]


def operations():
    """Every operation that a handler serves."""
    document = yaml.safe_load((TOP / "openapi.yaml").read_text(encoding="utf-8"))
    return [Operation(method, path, row) for path, methods in document["paths"].items()
            for method, row in methods.items() if method in METHODS and row.get("x-served-by") != "nginx"]
