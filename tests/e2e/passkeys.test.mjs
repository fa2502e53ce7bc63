// Passkeys as a browser makes them: Chromium with its virtual authenticator, on a page of the instance's own origin.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { anybody, assigned, mailedToken, signedInStaff } from "./api.mjs";

const PHQ_9 = JSON.parse(readFileSync(new URL("../../forms/phq-9.json", import.meta.url), "utf8"));

// A device with a screen lock; { verified: false }: one that only asks for a touch.
async function authenticator(page, { verified = true } = {}) {
  const session = await page.context().newCDPSession(page);
  await session.send("WebAuthn.enable");
  const { authenticatorId } = await session.send("WebAuthn.addVirtualAuthenticator", { options: {
    protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: verified,
    isUserVerified: verified, automaticPresenceSimulation: true } });
  return { credentials: async () => (await session.send("WebAuthn.getCredentials", { authenticatorId })).credentials };
}

// What the portal's page does: options from the server, the browser's ceremony, and its answer as JSON.
function create(page, options) {
  return page.evaluate(async (json) => {
    const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(json);
    return (await navigator.credentials.create({ publicKey })).toJSON();
  }, options);
}

function get(page, options) {
  return page.evaluate(async (json) => {
    const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(json);
    return (await navigator.credentials.get({ publicKey })).toJSON();
  }, options);
}

async function register(page, caller, realm, password) {
  const body = realm === "/patient" ? { current_password: password } : undefined;
  const { public_key } = await caller.call("POST", `${realm}/profile/passkeys/options`, body);
  const passkey = await create(page, public_key);
  return caller.call("POST", `${realm}/profile/passkeys`, { name: "This browser", passkey });
}

async function alone(page, demo, realm) {
  const { public_key } = await anybody(demo).call("POST", `${realm}/auth/passkey/options`);
  const passkey = await get(page, public_key);
  const done = await anybody(demo).call("POST", `${realm}/auth/passkey`, { passkey, session: "bearer" });
  return { passkey, done };
}

async function second(page, demo, realm, email, password) {
  const first = await anybody(demo).call("POST", `${realm}/auth/login`, { email, password, session: "bearer" });
  assert.equal(first.status, "mfa_required");
  assert.ok(first.factors.includes("passkey"));
  const { mfa_token } = first;
  const { public_key } = await anybody(demo).call("POST", `${realm}/auth/mfa/passkey/options`, { mfa_token });
  return anybody(demo).call("POST", `${realm}/auth/mfa`, { mfa_token, passkey: await get(page, public_key) });
}

export const tests = [
  {
    name: "a patient adds a passkey, signs in with it after the password, and without any",
    async run({ page, demo }) {
      const { patient, email, password } = await assigned(demo, PHQ_9);
      await page.goto("/");
      const device = await authenticator(page);
      const added = await register(page, patient, "/patient", password);
      assert.equal(added.passkey.name, "This browser");
      const [held] = await device.credentials();
      assert.ok(held.isResidentCredential, "it can be found without a name");
      assert.equal((await second(page, demo, "/patient", email, password)).status, "signed_in");
      const { passkey, done } = await alone(page, demo, "/patient");
      assert.equal(done.status, "signed_in");
      await anybody(demo).as(done.access_token).call("GET", "/patient/questionnaires");
      const again = await anybody(demo).ask("POST", "/patient/auth/passkey", { passkey, session: "bearer" });
      assert.equal(again.status, 401, "what was said once is not said again");
    },
  },
  {
    name: "a member of staff adds a passkey and signs in with it; the same device is not added twice",
    async run({ page, demo }) {
      const account = demo.practices[1].staff.find(({ role }) => role === "owner");
      const staff = await signedInStaff(demo, account);
      await page.goto("/");
      await authenticator(page);
      await register(page, staff, "/admin");
      assert.equal((await second(page, demo, "/admin", account.email, account.password)).status, "signed_in");
      assert.equal((await alone(page, demo, "/admin")).done.status, "signed_in");
      await assert.rejects(register(page, staff, "/admin"), /InvalidStateError/);
    },
  },
  {
    name: "somebody who joins begins with a passkey, and needs no other second factor",
    async run({ page, demo }) {
      const owner = await signedInStaff(demo, demo.practices[0].staff.find(({ role }) => role === "owner"));
      const email = `new-${randomUUID()}@example.org`;
      const password = randomUUID();
      await owner.call("POST", "/admin/staff", { name: "Somebody New", email, role: "physician" });
      await anybody(demo).call("POST", "/admin/register", { token: await mailedToken(demo, email), password });
      const first = await anybody(demo).call("POST", "/admin/auth/login", { email, password, session: "bearer" });
      assert.equal(first.status, "mfa_enrolment_required");
      const { mfa_token } = first;
      await page.goto("/");
      await authenticator(page);
      const { public_key } = await anybody(demo).call("POST", "/admin/auth/mfa/passkeys/options", { mfa_token });
      const passkey = await create(page, public_key);
      const done = await anybody(demo).call("POST", "/admin/auth/mfa/passkeys", { mfa_token, name: "This browser", passkey });
      assert.equal(done.status, "signed_in");
      assert.equal(done.recovery_codes.length, 10);
      await anybody(demo).as(done.access_token).call("GET", "/admin/patients");
      assert.equal((await second(page, demo, "/admin", email, password)).status, "signed_in");
      assert.equal((await alone(page, demo, "/admin")).done.status, "signed_in");
    },
  },
  {
    name: "a device that verifies nobody is a second factor, and no sign-in of its own",
    async run({ page, demo }) {
      const { patient, email, password } = await assigned(demo, PHQ_9);
      await page.goto("/");
      await authenticator(page, { verified: false });
      const { public_key } = await patient.call("POST", "/patient/profile/passkeys/options", { current_password: password });
      public_key.authenticatorSelection.userVerification = "discouraged";
      const passkey = await create(page, public_key);
      await patient.call("POST", "/patient/profile/passkeys", { name: "A key", passkey });
      assert.equal((await second(page, demo, "/patient", email, password)).status, "signed_in");
      const begun = await anybody(demo).call("POST", "/patient/auth/passkey/options");
      begun.public_key.userVerification = "discouraged";
      begun.public_key.allowCredentials = [{ type: "public-key", id: passkey.id }];
      const said = await get(page, begun.public_key);
      const refused = await anybody(demo).ask("POST", "/patient/auth/passkey", { passkey: said, session: "bearer" });
      assert.equal(refused.status, 401);
    },
  },
];
