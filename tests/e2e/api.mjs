// The API of the instance under test, as a portal calls it from its own server: sign-in of both realms, and JSON.
import { createHmac, randomUUID } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { request } from "node:https";

const TOTP_STEP_SECONDS = 30;

// RFC 6238: the code of a base32 secret.
function totp(secret) {
  const bits = [...secret].map((letter) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".indexOf(letter).toString(2).padStart(5, "0")).join("");
  const key = Buffer.from(bits.match(/.{8}/g).map((byte) => parseInt(byte, 2)));
  const step = Buffer.alloc(8);
  step.writeBigUInt64BE(BigInt(Math.floor(Date.now() / 1000 / TOTP_STEP_SECONDS)));
  const digest = createHmac("sha1", key).update(step).digest();
  const code = digest.readUInt32BE(digest[digest.length - 1] & 15) & 0x7fffffff;
  return String(code % 1_000_000).padStart(6, "0");
}

// A caller: call(method, path, body?, revision?) gives the JSON of an answer that must be a success.
class Caller {
  constructor(demo, token) {
    this.demo = demo;
    this.token = token;
    this.ca = readFileSync(demo.ca_file);
  }

  as(token) {
    return new Caller(this.demo, token);
  }

  // Any answer: { status, body }.
  ask(method, path, body, revision) {
    const headers = { "Content-Type": "application/json" };
    if (this.token) {
      headers.Authorization = `Bearer ${this.token}`;
    }
    if (revision !== undefined) {
      headers["If-Match"] = `"${revision}"`;
    }
    return new Promise((resolve, reject) => {
      const sent = request(new URL(path, this.demo.base_url), { method, headers, ca: this.ca }, (reply) => {
        const parts = [];
        reply.on("data", (part) => parts.push(part));
        reply.on("end", () => {
          const text = Buffer.concat(parts).toString("utf8");
          resolve({ status: reply.statusCode, body: text === "" ? null : JSON.parse(text) });
        });
      });
      sent.on("error", reject);
      sent.end(body === undefined ? undefined : JSON.stringify(body));
    });
  }

  async call(method, path, body, revision) {
    const { status, body: answer } = await this.ask(method, path, body, revision);
    if (status >= 300) {
      throw new Error(`${method} ${path} answered ${status}: ${JSON.stringify(answer)}`);
    }
    return answer;
  }
}

let signedIn; // a one-time code works once: all tests share the session

// A signed-in physician of the demonstration's first practice.
export function physician(demo) {
  signedIn ??= (async () => {
    return signedInStaff(demo, demo.practices[0].staff.find(({ role }) => role === "physician"));
  })();
  return signedIn;
}

// A member of staff of a demonstration practice who has a one-time code left: an account, and how it signs in. Each account once.
export async function signedInStaff(demo, account) {
  const anybody = new Caller(demo);
  const { mfa_token } = await anybody.call("POST", "/admin/auth/login", {
    email: account.email, password: account.password, session: "bearer" });
  const { access_token } = await anybody.call("POST", "/admin/auth/mfa", { mfa_token, code: totp(account.totp_secret) });
  return anybody.as(access_token);
}

export function anybody(demo) {
  return new Caller(demo);
}

const MAIL_SECONDS = 20;

// The token of the link in the newest message to an address; waits for it.
export async function mailedToken(demo, address) {
  for (const end = Date.now() + MAIL_SECONDS * 1000; Date.now() < end; await new Promise((go) => setTimeout(go, 100))) {
    const messages = readdirSync(demo.mail_dir).filter((name) => name.endsWith(".eml")).sort()
      .map((name) => readFileSync(`${demo.mail_dir}/${name}`, "utf8")).filter((text) => text.includes(`\nTo: <${address}>`));
    // Quoted-printable breaks long lines.
    const link = messages.at(-1)?.replace(/=\r?\n/g, "").match(/https:\/\/[^\s#]+#([A-Za-z0-9_-]{43})/);
    if (link) {
      return link[1];
    }
  }
  throw new Error(`no message to ${address}`);
}

// Publishes a definition, invites a new patient to it, registers and signs them in: { staff, patient, assignment }.
export async function assigned(demo, definition) {
  const staff = await physician(demo);
  const draft = await staff.call("POST", "/admin/questionnaires", { definition });
  await staff.call("POST", `/admin/questionnaires/${draft.id}/publish`, undefined, draft.revision);
  const email = `patient-${randomUUID()}@example.org`;
  const password = randomUUID();
  const birth_date = "1980-02-29";
  const made = await staff.call("POST", "/admin/patients", { given_name: "Given", family_name: "Family", birth_date, email });
  const invitation = await staff.call("POST", `/admin/patients/${made.id}/invitations`, {
    delivery: "link", questionnaires: [draft.id] });
  const anybody = new Caller(demo);
  await anybody.call("POST", "/patient/register", { token: invitation.url.split("#")[1], birth_date, password });
  const { access_token } = await anybody.call("POST", "/patient/auth/login", { email, password, session: "bearer" });
  const patient = anybody.as(access_token);
  const { items } = await patient.call("GET", "/patient/questionnaires");
  return { staff, patient, assignment: items[0].assignment_id, email, password };
}
