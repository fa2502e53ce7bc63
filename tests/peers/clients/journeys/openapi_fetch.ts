/* The journey with the types of openapi-typescript and openapi-fetch. */
import createClient, { type Client } from "openapi-fetch";
import { readFileSync } from "node:fs";
import type { paths } from "./client/contract";

const given = JSON.parse(readFileSync(process.argv[2], "utf-8"));
const etag = (revision: number) => `"${revision}"`;

function client(token?: string): Client<paths> {
  const headers = token === undefined ? {} : { Authorization: `Bearer ${token}` };
  return createClient<paths>({ baseUrl: given.base_url, headers });
}

async function good<T>(answer: Promise<{ data?: T; error?: unknown }>): Promise<T> {
  const { data, error } = await answer;
  if (data === undefined) {
    throw new Error(JSON.stringify(error));
  }
  return data;
}

async function signedInStaff(): Promise<Client<paths>> {
  const { email, password, code } = given;
  const step = await good(client().POST("/admin/auth/login", { body: { email, password, session: "bearer" } }));
  if (step.status !== "mfa_required" || !step.factors.includes("totp")) {
    throw new Error(step.status);
  }
  const signedIn = await good(client().POST("/admin/auth/mfa", { body: { mfa_token: step.mfa_token, code } }));
  return client(signedIn.access_token);
}

async function published(staff: Client<paths>): Promise<string> {
  const { id, revision } = await good(staff.POST("/admin/questionnaires", { body: { definition: given.definition } }));
  const path = { id };
  await good(staff.POST("/admin/questionnaires/{id}/publish",
    { params: { path, header: { "If-Match": etag(revision) } }, body: { on_drafts: "keep" } }));
  return id;
}

async function registered(staff: Client<paths>, questionnaire: string): Promise<Client<paths>> {
  const { id } = await good(staff.POST("/admin/patients", { body: given.patient }));
  const invitation = await good(staff.POST("/admin/patients/{id}/invitations",
    { params: { path: { id } }, body: { expires_in_hours: 72, delivery: "link", questionnaires: [questionnaire] } }));
  const token = invitation.url?.split("#")[1] ?? "";
  const { email, birth_date } = given.patient;
  const password = given.patient_password;
  await good(client().POST("/patient/register", { body: { token, birth_date, password } }));
  const step = await good(client().POST("/patient/auth/login", { body: { email, password, session: "bearer" } }));
  if (step.status !== "signed_in") {
    throw new Error(step.status);
  }
  return client(step.access_token);
}

async function answered(patient: Client<paths>): Promise<string> {
  const [item] = (await good(patient.GET("/patient/questionnaires"))).items;
  const begun = await good(patient.POST("/patient/responses", { body: { assignment_id: item.assignment_id } }));
  const path = { id: begun.id };
  const saved = await good(patient.PATCH("/patient/responses/{id}",
    { params: { path, header: { "If-Match": etag(begun.revision) } }, body: { set: given.answers } }));
  await good(patient.POST("/patient/responses/{id}/submit",
    { params: { path, header: { "If-Match": etag(saved.revision) } } }));
  return begun.id;
}

async function main(): Promise<void> {
  const staff = await signedInStaff();
  const id = await answered(await registered(staff, await published(staff)));
  const read = await good(staff.GET("/admin/responses/{id}", { params: { path: { id } } }));
  const proof = await good(staff.GET("/admin/responses/{id}/proof", { params: { path: { id } } }));
  console.log(JSON.stringify({ id, status: read.status, response: read.response, amends: proof.amends?.id ?? null }));
}

void main();
