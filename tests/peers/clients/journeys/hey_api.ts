/* The journey with the client of hey-api. */
import { readFileSync } from "node:fs";
import { createClient, createConfig } from "./client/client";
import type { Client } from "./client/client";
import * as api from "./client";

const given = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const etag = (revision: number) => ({ "If-Match": `"${revision}"` });

function client(token?: string): Client {
  return createClient(createConfig({ baseUrl: given.base_url, auth: (auth) => (auth.scheme === "bearer" ? token : undefined) }));
}

async function good<T>(answer: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await answer;
  if (data === undefined) {
    throw new Error(JSON.stringify(error));
  }
  return data;
}

async function signedInStaff(): Promise<Client> {
  const { email, password, code } = given;
  const step = await good(api.staffLogin({ client: client(), body: { email, password, session: "bearer" } }));
  if (step.status !== "mfa_required" || !step.factors.includes("totp")) {
    throw new Error(step.status);
  }
  const signedIn = await good(api.staffMfa({ client: client(), body: { mfa_token: step.mfa_token, code } }));
  return client(signedIn.access_token);
}

async function published(staff: Client): Promise<string> {
  const { id, revision } = await good(api.questionnaireCreate({ client: staff, body: { definition: given.definition } }));
  await good(api.questionnairePublish({ client: staff, path: { id }, headers: etag(revision), body: { on_drafts: "keep" } }));
  return id;
}

async function registered(staff: Client, questionnaire: string): Promise<Client> {
  const { id } = await good(api.patientCreate({ client: staff, body: given.patient }));
  const invitation = await good(api.invitationCreate(
    { client: staff, path: { id }, body: { expires_in_hours: 72, delivery: "link", questionnaires: [questionnaire] } }));
  const token = invitation.url?.split("#")[1] ?? "";
  const { email, birth_date } = given.patient;
  const password = given.patient_password;
  await good(api.registrationCreate({ client: client(), body: { token, birth_date, password } }));
  const step = await good(api.patientLogin({ client: client(), body: { email, password, session: "bearer" } }));
  if (step.status !== "signed_in") {
    throw new Error(step.status);
  }
  return client(step.access_token);
}

async function answered(patient: Client): Promise<string> {
  const [item] = (await good(api.myQuestionnaireList({ client: patient }))).items;
  const begun = await good(api.myResponseCreate({ client: patient, body: { assignment_id: item.assignment_id } }));
  const path = { id: begun.id };
  const saved = await good(api.myResponseAutosave(
    { client: patient, path, headers: etag(begun.revision), body: { set: given.answers } }));
  await good(api.myResponseSubmit({ client: patient, path, headers: etag(saved.revision) }));
  return begun.id;
}

async function main(): Promise<void> {
  const staff = await signedInStaff();
  const id = await answered(await registered(staff, await published(staff)));
  const read = await good(api.responseGet({ client: staff, path: { id } }));
  const proof = await good(api.responseProof({ client: staff, path: { id } }));
  console.log(JSON.stringify({ id, status: read.status, response: read.response, amends: proof.amends?.id ?? null }));
}

void main();
