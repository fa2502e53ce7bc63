/* The journey with openapi-generator's client for axios. */
import { Agent } from "node:https";
import { readFileSync } from "node:fs";
import * as api from "./client";

const given = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const etag = (revision: number) => `"${revision}"`;

function signedIn(accessToken?: string): api.Configuration {
  const httpsAgent = new Agent({ ca: readFileSync(given.ca_file) });
  return new api.Configuration({ basePath: given.base_url, accessToken, baseOptions: { httpsAgent } });
}

async function staffSession(): Promise<api.Configuration> {
  const { email, password, code } = given;
  const sign = new api.StaffSignInApi(signedIn());
  const step = (await sign.staffLogin({ email, password, session: "bearer" })).data;
  if (step.status !== "mfa_required") {
    throw new Error(step.status);
  }
  return signedIn((await sign.staffMfa({ mfa_token: step.mfa_token, code })).data.access_token);
}

async function published(staff: api.Configuration): Promise<string> {
  const questionnaires = new api.QuestionnairesApi(staff);
  const { id, revision } = (await questionnaires.questionnaireCreate({ definition: given.definition })).data;
  await questionnaires.questionnairePublish(id, etag(revision), { on_drafts: "keep" });
  return id;
}

async function patientSession(staff: api.Configuration, questionnaire: string): Promise<api.Configuration> {
  const { id } = (await new api.PatientsApi(staff).patientCreate(given.patient)).data;
  const invitation = (await new api.InvitationsApi(staff).invitationCreate(
    id, { expires_in_hours: 72, delivery: "link", questionnaires: new Set([questionnaire]) })).data;
  const token = invitation.url?.split("#")[1] ?? "";
  const { email, birth_date } = given.patient;
  const password = given.patient_password;
  await new api.RegistrationApi(signedIn()).registrationCreate({ token, birth_date, password });
  const step = (await new api.PatientSignInApi(signedIn()).patientLogin({ email, password, session: "bearer" })).data;
  if (step.status !== "signed_in") {
    throw new Error(step.status);
  }
  return signedIn(step.access_token);
}

async function answered(patient: api.Configuration): Promise<string> {
  const [item] = (await new api.MyQuestionnairesApi(patient).myQuestionnaireList()).data.items;
  const responses = new api.MyResponsesApi(patient);
  const { id, revision } = (await responses.myResponseCreate({ assignment_id: item.assignment_id })).data;
  const saved = (await responses.myResponseAutosave(id, etag(revision), { set: given.answers })).data;
  await responses.myResponseSubmit(id, etag(saved.revision));
  return id;
}

async function main(): Promise<void> {
  const staff = await staffSession();
  const id = await answered(await patientSession(staff, await published(staff)));
  const responses = new api.ResponsesApi(staff);
  const read = (await responses.responseGet(id)).data;
  const proof = (await responses.responseProof(id)).data;
  console.log(JSON.stringify({ id, status: read.status, response: read.response, amends: proof.amends?.id ?? null }));
}

void main();
