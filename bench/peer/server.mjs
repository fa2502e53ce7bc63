// One process of the peer: three operations of openapi.yaml on a Unix socket, for nginx to reach by kept connections.
// bench/harness/peer.py starts as many as there are api workers.
import { randomUUID } from "node:crypto";
import Fastify, { LogController } from "fastify";
import { z } from "zod";
import { openPool, one, statement, transaction } from "./database.mjs";
import { autosave } from "./form.mjs";
import { Cache, openKeyring, openPeppers, tokenHash, unwrap } from "./keys.mjs";

const OWNER = 1;
const PHYSICIAN = 2;
const STAFF = 15;
const PATIENT = 16;
const PROBLEMS = { AN401: 401, AN403: 403, AN404: 404 };

const config = {
  socket: process.env.PEER_SOCKET,
  databaseUrl: process.env.ANAMNESIS_DATABASE_URL,
  connections: Number(process.env.PEER_CONNECTIONS ?? 4),
  pipeline: process.env.PEER_PIPELINE === "1",
  queries: process.env.PEER_QUERIES,
};
const pool = openPool(config);
const keks = openKeyring(process.env.ANAMNESIS_KEYRING_FILE);
const peppers = openPeppers(process.env.ANAMNESIS_KEYRING_FILE);
const sql = Object.fromEntries(
  ["session_prove", "audit_close", "staff_self", "response_key", "response_read", "my_response_lock", "my_response_save",
    "my_assignment_status", "questionnaire_version_text"].map((name) => [name, statement(config.queries, name)]));
const dataKeys = new Cache(); // owner -> key
const owners = new Cache(); // session or response -> owner
const definitions = new Cache(); // questionnaire and version -> definition

const Params = z.object({ id: z.uuid() });
const Revision = z.object({ "if-match": z.string().regex(/^"[0-9]{1,18}"$/) });
const Changes = z.strictObject({
  set: z.record(z.string().min(1).max(1024), z.array(z.record(z.string(), z.unknown())).max(500)).optional(),
  clear: z.array(z.string().min(1).max(1024)).max(500).optional(),
});

class Problem extends Error {
  constructor(status, code) {
    super(code);
    this.status = status;
  }
}

function ownerKey(ownerId, wrapped) {
  let key = dataKeys.get(ownerId);
  if (key === undefined) {
    key = unwrap(keks, ownerId, wrapped);
    dataKeys.put(ownerId, key);
  }
  return key;
}

// The session's proof; it opens the transaction, and what is queued after it is refused when it fails.
function prove(client, request, { realm, roles, operation }) {
  const token = /^Bearer (.{43})$/.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) {
    throw new Problem(401, "not-signed-in");
  }
  const hash = tokenHash(peppers, token);
  const values = [realm, hash, roles, operation, request.id, request.headers["x-real-ip"] ?? "127.0.0.1"];
  const proof = one(client, sql.session_prove, values).then((actor) => {
    owners.put(token, actor.actor_id);
    ownerKey(actor.actor_id, actor.wrapped_key);
    return actor;
  });
  return { token, proof };
}

function knownKey(name) {
  const owner = owners.get(name);
  return owner === undefined ? undefined : dataKeys.get(owner);
}

async function showSession(request) {
  return transaction(pool, async (client) => {
    const begin = client.query("BEGIN");
    const { token, proof } = prove(client, request, { realm: "staff", roles: STAFF, operation: "staff_session" });
    if (knownKey(token) === undefined) {
      await Promise.all([begin, proof]);
    }
    const [, , self] = await Promise.all(
      [begin, proof, one(client, sql.staff_self, [knownKey(token)]), client.query("COMMIT")]);
    const { expires_at, ...staff } = self;
    return { staff, expires_at };
  });
}

function responseDocument(id, row) {
  return {
    resourceType: "QuestionnaireResponse",
    id,
    questionnaire: `urn:uuid:${row.questionnaire_id}|${row.version}`,
    status: row.status,
    subject: { reference: `Patient/${row.patient_id}` },
    authored: row.updated_at,
    item: JSON.parse(row.answers.split("\n", 1)[0]),
  };
}

async function readResponse(request, reply) {
  const { id } = Params.parse(request.params);
  const row = await transaction(pool, async (client) => {
    const begin = client.query("BEGIN");
    const { proof } = prove(client, request, { realm: "staff", roles: OWNER | PHYSICIAN, operation: "response_get" });
    if (knownKey(id) === undefined) {
      const [, , owner] = await Promise.all([begin, proof, one(client, sql.response_key, [id])]);
      if (owner === null) {
        throw new Problem(404, "not-found");
      }
      owners.put(id, owner.patient_id);
      ownerKey(owner.patient_id, owner.wrapped_key);
    }
    const [, , read] = await Promise.all([begin, proof, one(client, sql.response_read, [id, knownKey(id)]),
      one(client, sql.audit_close, [id, "ok", "patient"]), client.query("COMMIT")]);
    return read;
  });
  const { answers, scores, definition_sha256, response_sha256, ...shown } = row;
  reply.header("etag", `"${row.revision}"`);
  return {
    id, ...shown, response: responseDocument(id, row), scores: scores === null ? [] : JSON.parse(scores),
    proof: response_sha256 && {
      definition_sha256: definition_sha256.toString("hex"), response_sha256: response_sha256.toString("hex"),
    },
  };
}

async function definitionOf(client, questionnaireId, version) {
  const name = `${questionnaireId}|${version}`;
  if (definitions.get(name) === undefined) {
    const { definition } = await one(client, sql.questionnaire_version_text, [questionnaireId, version]);
    definitions.put(name, JSON.parse(definition));
  }
  return definitions.get(name);
}

async function saveResponse(request, reply) {
  const { id } = Params.parse(request.params);
  const base = Number(Revision.parse(request.headers)["if-match"].slice(1, -1));
  const changes = Changes.parse(request.body);
  return transaction(pool, async (client) => {
    const begin = client.query("BEGIN");
    const { token, proof } = prove(client, request, { realm: "patient", roles: PATIENT, operation: "my_response_autosave" });
    if (knownKey(token) === undefined) {
      await Promise.all([begin, proof]);
    }
    const key = knownKey(token);
    const [, , row] = await Promise.all([begin, proof, one(client, sql.my_response_lock, [id, key])]);
    if (row === null) {
      throw new Problem(404, "not-found");
    }
    if (row.status === "completed") {
      throw new Problem(409, "already-completed");
    }
    const definition = await definitionOf(client, row.questionnaire_id, row.version);
    const saved = autosave(definition, row.answers, row.revision, base, changes);
    if (saved.conflicts.length > 0) {
      throw new Problem(409, "answer-conflict");
    }
    const { answered, total, required_missing } = saved.progress;
    const [{ revision }] = await Promise.all([
      one(client, sql.my_response_save, [id, key, saved.answers, answered, total, required_missing]),
      one(client, sql.audit_close, [id, "ok", "patient"]), client.query("COMMIT")]);
    reply.header("etag", `"${revision}"`);
    return { revision, progress: saved.progress, issues: saved.issues };
  });
}

const app = Fastify({
  logger: true,
  logController: new LogController({ disableRequestLogging: true }), // one line a request, as ours: below
  genReqId: () => randomUUID(),
  bodyLimit: 262144,
});
app.addHook("onSend", async (request, reply) => {
  reply.header("x-request-id", request.id).header("cache-control", "no-store");
});
app.addHook("onResponse", async (request, reply) => {
  request.log.info({ operation: request.routeOptions.url, status: reply.statusCode, milliseconds: reply.elapsedTime });
});
app.setErrorHandler((fault, request, reply) => {
  const status = fault instanceof z.ZodError ? 400 : (fault.status ?? PROBLEMS[fault.code] ?? fault.statusCode ?? 500);
  if (status >= 500) {
    request.log.error(fault);
  }
  reply.status(status).type("application/problem+json").send(JSON.stringify({ status, title: fault.message }));
});
app.get("/admin/auth/session", showSession);
app.get("/admin/responses/:id", readResponse);
app.patch("/patient/responses/:id", saveResponse);

await app.listen({ path: config.socket });
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, async () => {
    await app.close();
    await pool.end();
  });
}
