"""The journey with the client of openapi-python-client."""
import json
import ssl
import sys

import client as made
from client import models
from client.api.invitations import invitation_create
from client.api.my_questionnaires import my_questionnaire_list
from client.api.my_responses import my_response_autosave, my_response_create, my_response_submit
from client.api.patient_sign_in import patient_login
from client.api.patients import patient_create
from client.api.questionnaires import questionnaire_create, questionnaire_publish
from client.api.registration import registration_create
from client.api.responses import response_get, response_proof
from client.api.staff_sign_in import staff_login, staff_mfa

with open(sys.argv[1], encoding="utf-8") as file:
    GIVEN = json.load(file)
TRUST = ssl.create_default_context(cafile=GIVEN["ca_file"])


def etag(revision):
    return f'"{revision}"'


def client(token=None):
    if token is None:
        return made.Client(GIVEN["base_url"], verify_ssl=TRUST)
    return made.AuthenticatedClient(GIVEN["base_url"], token=token, verify_ssl=TRUST)


def good(answer, kind):
    assert isinstance(answer, kind), answer
    return answer


def login(email, password):
    return models.Login(email=email, password=password, session=models.SessionKind.BEARER)


def signed_in_staff():
    step = good(staff_login.sync(client=client(), body=login(GIVEN["email"], GIVEN["password"])), models.MfaRequired)
    by_code = models.MfaByCode(mfa_token=step.mfa_token, code=GIVEN["code"])
    return client(good(staff_mfa.sync(client=client(), body=by_code), models.StaffSignedIn).access_token)


def published(staff):
    body = models.QuestionnaireWrite(definition=models.FhirQuestionnaire.from_dict(GIVEN["definition"]))
    draft = good(questionnaire_create.sync(client=staff, body=body), models.Questionnaire)
    good(questionnaire_publish.sync(draft.id, client=staff, if_match=etag(draft.revision), body=models.QuestionnairePublish()),
         models.QuestionnairePublished)
    return draft.id


def registered(staff, questionnaire):
    patient = good(patient_create.sync(client=staff, body=models.PatientCreate.from_dict(GIVEN["patient"])), models.Patient)
    body = models.InvitationCreate.from_dict({"expires_in_hours": 72, "delivery": "link", "questionnaires": [str(questionnaire)]})
    token = good(invitation_create.sync(patient.id, client=staff, body=body), models.Invitation).url.split("#")[1]
    body = models.PatientRegister(token=token, birth_date=patient.birth_date, password=GIVEN["patient_password"])
    good(registration_create.sync(client=client(), body=body), models.Registered)
    step = patient_login.sync(client=client(), body=login(GIVEN["patient"]["email"], GIVEN["patient_password"]))
    return client(good(step, models.PatientSignedIn).access_token)


def answered(patient):
    item = good(my_questionnaire_list.sync(client=patient), models.MyQuestionnaireList).items[0]
    begun = good(my_response_create.sync(client=patient, body=models.MyResponseCreate(assignment_id=item.assignment_id)),
                 models.MyResponse)
    saved = good(my_response_autosave.sync(begun.id, client=patient, if_match=etag(begun.revision),
                                           body=models.Autosave.from_dict({"set": GIVEN["answers"]})), models.Autosaved)
    good(my_response_submit.sync(begun.id, client=patient, if_match=etag(saved.revision)), models.Submitted)
    return begun.id


def main():
    staff = signed_in_staff()
    read = good(response_get.sync(answered(registered(staff, published(staff))), client=staff), models.ResponseRecord)
    proof = good(response_proof.sync(read.id, client=staff), models.ResponseProof)
    print(json.dumps({"id": str(read.id), "status": read.status.value, "response": read.response.to_dict(),
                      "amends": proof.amends and str(proof.amends.id)}))


main()
