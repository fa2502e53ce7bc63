// Judges registrations and sign-ins with npm @simplewebauthn/server: each line of the input is a task as
// tests/programs/webauthn_judge.c has it (and `registered.cose`, the public key), each line of the output
// {accepted: true, count} or {accepted: false, why}.
import { createInterface } from "node:readline";
import { verifyAuthenticationResponse, verifyRegistrationResponse } from "@simplewebauthn/server";

const bytes = (text) => new Uint8Array(Buffer.from(text, "base64url"));

function given(task, response) {
  const id = task.raw_id ?? "AAAA";
  return {
    response: { id, rawId: id, type: "public-key", clientExtensionResults: {}, response },
    expectedChallenge: task.challenge,
    expectedOrigin: task.origin,
    expectedRPID: task.rp_id,
    requireUserVerification: task.verified,
  };
}

async function register(task) {
  const made = await verifyRegistrationResponse(
    given(task, { clientDataJSON: task.client_data, attestationObject: task.attestation }));
  return made.verified ? { accepted: true, count: made.registrationInfo.counter } : { accepted: false, why: "not verified" };
}

async function signIn(task) {
  const { registered } = task;
  const made = await verifyAuthenticationResponse({
    ...given(task, { clientDataJSON: task.client_data, authenticatorData: task.authenticator_data, signature: task.signature }),
    authenticator: { credentialID: bytes("AAAA"), credentialPublicKey: bytes(registered.cose), counter: registered.count },
  });
  return made.verified ? { accepted: true, count: made.authenticationInfo.newCounter } : { accepted: false, why: "not verified" };
}

for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line);
  let answer;
  try {
    answer = await (task.kind === "create" ? register(task) : signIn(task));
  } catch (fault) {
    answer = { accepted: false, why: String(fault.message ?? fault).slice(0, 200) };
  }
  console.log(JSON.stringify(answer));
}
