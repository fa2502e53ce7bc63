// The journey with openapi-generator's client for Go.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"strings"

	api "journey/client"
)

var given struct {
	BaseURL         string                              `json:"base_url"`
	Email           string                              `json:"email"`
	Password        string                              `json:"password"`
	Code            string                              `json:"code"`
	Definition      api.FhirQuestionnaire               `json:"definition"`
	Patient         api.PatientCreate                   `json:"patient"`
	PatientPassword string                              `json:"patient_password"`
	Answers         map[string][]map[string]interface{} `json:"answers"`
}

var (
	here   = context.Background()
	client *api.APIClient
)

func must(err error) {
	if err == nil {
		return
	}
	if problem, ok := err.(*api.GenericOpenAPIError); ok {
		panic(fmt.Sprintf("%v: %s", err, problem.Body()))
	}
	panic(err)
}

func etag(revision int32) string {
	return fmt.Sprintf("%q", fmt.Sprint(revision))
}

func by(token string) context.Context {
	return context.WithValue(here, api.ContextAccessToken, token)
}

func login(email, password string) api.Login {
	body := *api.NewLogin(email, password)
	body.SetSession(api.SESSIONKIND_BEARER)
	return body
}

func signedInStaff() context.Context {
	step, _, err := client.StaffSignInAPI.StaffLogin(here).Login(login(given.Email, given.Password)).Execute()
	must(err)
	byCode := api.MfaByCodeAsMfa(api.NewMfaByCode(step.MfaRequired.MfaToken, given.Code))
	signedIn, _, err := client.StaffSignInAPI.StaffMfa(here).Mfa(byCode).Execute()
	must(err)
	return by(signedIn.GetAccessToken())
}

func published(staff context.Context) string {
	body := *api.NewQuestionnaireWrite(given.Definition)
	made, _, err := client.QuestionnairesAPI.QuestionnaireCreate(staff).QuestionnaireWrite(body).Execute()
	must(err)
	_, _, err = client.QuestionnairesAPI.QuestionnairePublish(staff, made.Id).IfMatch(etag(made.Revision)).
		QuestionnairePublish(*api.NewQuestionnairePublish()).Execute()
	must(err)
	return made.Id
}

func registered(staff context.Context, questionnaire string) context.Context {
	patient, _, err := client.PatientsAPI.PatientCreate(staff).PatientCreate(given.Patient).Execute()
	must(err)
	link := *api.NewInvitationCreate()
	link.SetDelivery("link")
	link.SetQuestionnaires([]string{questionnaire})
	invitation, _, err := client.InvitationsAPI.InvitationCreate(staff, patient.Id).InvitationCreate(link).Execute()
	must(err)
	_, token, _ := strings.Cut(invitation.GetUrl(), "#")
	account := *api.NewPatientRegister(token, given.Patient.BirthDate, given.PatientPassword)
	_, _, err = client.RegistrationAPI.RegistrationCreate(here).PatientRegister(account).Execute()
	must(err)
	step, _, err := client.PatientSignInAPI.PatientLogin(here).Login(login(given.Patient.GetEmail(), given.PatientPassword)).Execute()
	must(err)
	return by(step.PatientSignedIn.GetAccessToken())
}

func answered(patient context.Context) string {
	list, _, err := client.MyQuestionnairesAPI.MyQuestionnaireList(patient).Execute()
	must(err)
	begin := *api.NewMyResponseCreate(list.Items[0].AssignmentId)
	begun, _, err := client.MyResponsesAPI.MyResponseCreate(patient).MyResponseCreate(begin).Execute()
	must(err)
	save := *api.NewAutosave()
	save.SetSet(given.Answers)
	saved, _, err := client.MyResponsesAPI.MyResponseAutosave(patient, begun.Id).IfMatch(etag(begun.Revision)).Autosave(save).Execute()
	must(err)
	_, _, err = client.MyResponsesAPI.MyResponseSubmit(patient, begun.Id).IfMatch(etag(saved.Revision)).Execute()
	must(err)
	return begun.Id
}

func main() {
	text, err := os.ReadFile(os.Args[1])
	must(err)
	must(json.Unmarshal(text, &given))
	configuration := api.NewConfiguration()
	configuration.Servers = api.ServerConfigurations{{URL: given.BaseURL}}
	client = api.NewAPIClient(configuration)
	staff := signedInStaff()
	id := answered(registered(staff, published(staff)))
	read, _, err := client.ResponsesAPI.ResponseGet(staff, id).Execute()
	must(err)
	proof, _, err := client.ResponsesAPI.ResponseProof(staff, id).Execute()
	must(err)
	said, err := json.Marshal(map[string]interface{}{
		"id": read.Id, "status": read.Status, "response": read.Response, "amends": proof.Amends.Get()})
	must(err)
	fmt.Println(string(said))
}
