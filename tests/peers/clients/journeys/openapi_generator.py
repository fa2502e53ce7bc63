"""The journey with openapi-generator's client for Python."""
import json
import sys

import openapi_client as api

with open(sys.argv[1], encoding="utf-8") as file:
    GIVEN = json.load(file)


def etag(revision):
    return f'"{revision}"'


def client(token=None):
    return api.ApiClient(api.Configuration(host=GIVEN["base_url"], access_token=token, ssl_ca_cert=GIVEN["ca_file"]))


def signed_in_staff():
    sign = api.StaffSignInApi(client())
    step = sign.staff_login(api.Login(email=GIVEN["email"], password=GIVEN["password"], session="bearer")).actual_instance
    assert isinstance(step, api.MfaRequired) and "totp" in step.factors, step
    by_code = api.MfaByCode(mfa_token=step.mfa_token, code=GIVEN["code"])
    return client(sign.staff_mfa(api.Mfa(by_code)).access_token)


def published(staff):
    questionnaires = api.QuestionnairesApi(staff)
    made = questionnaires.questionnaire_create(
        api.QuestionnaireWrite(definition=api.FhirQuestionnaire.from_dict(GIVEN["definition"])))
    questionnaires.questionnaire_publish(made.id, etag(made.revision), api.QuestionnairePublish(on_drafts="keep"))
    return made.id


def registered(staff, questionnaire):
    patient = api.PatientsApi(staff).patient_create(api.PatientCreate.from_dict(GIVEN["patient"]))
    invitation = api.InvitationsApi(staff).invitation_create(
        patient.id, api.InvitationCreate(expires_in_hours=72, delivery="link", questionnaires=[questionnaire]))
    token = invitation.url.split("#")[1]
    api.RegistrationApi(client()).registration_create(
        api.PatientRegister(token=token, birth_date=patient.birth_date, password=GIVEN["patient_password"]))
    step = api.PatientSignInApi(client()).patient_login(
        api.Login(email=GIVEN["patient"]["email"], password=GIVEN["patient_password"], session="bearer")).actual_instance
    assert isinstance(step, api.PatientSignedIn), step
    return client(step.access_token)


def answered(patient):
    item = api.MyQuestionnairesApi(patient).my_questionnaire_list().items[0]
    responses = api.MyResponsesApi(patient)
    begun = responses.my_response_create(api.MyResponseCreate(assignment_id=item.assignment_id))
    saved = responses.my_response_autosave(begun.id, etag(begun.revision), api.Autosave(set=GIVEN["answers"]))
    responses.my_response_submit(begun.id, etag(saved.revision))
    return begun.id


def main():
    staff = signed_in_staff()
    responses = api.ResponsesApi(staff)
    read = responses.response_get(answered(registered(staff, published(staff))))
    proof = responses.response_proof(read.id)
    print(json.dumps({"id": str(read.id), "status": read.status, "response": read.response.to_dict(),
                      "amends": proof.amends and proof.amends.id}))


main()
