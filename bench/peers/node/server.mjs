// One process of the peer: five operations of openapi.yaml on a Unix socket, for nginx to reach by kept connections.
// bench/harness/peer.py starts as many as there are api workers.
import { createHash, randomUUID } from "node:crypto";
import Fastify, { LogController } from "fastify";
import { z } from "zod";
import { many, openPool, one, statement, transaction } from "./database.mjs";
import { autosave, canonical, prepare, submit } from "./form.mjs";
import { Cache, openKeyring, openPeppers, tokenHash, unwrap } from "./keys.mjs";

const OWNER = 1;
const PHYSICIAN = 2;
const STAFF = 15;
const PATIENT = 16;
const KEY_AT_HAND = 64; // beside the roles: the wrapped key need not be read
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
  ["session_prove", "audit_close", "staff_self", "questionnaire_list", "response_key", "response_read", "my_response_lock",
    "my_response_save", "my_assignment_status", "my_response_submit", "questionnaire_version_text"].map((name) => [name, statement(config.queries, name)]));
const dataKeys = new Cache(); // owner -> key
const owners = new Cache(); // session or response -> owner
const forms = new Cache(); // questionnaire and version -> what is prepared of the definition

const Params = z.object({ id: z.uuid() });
const Page = z.object({ limit: z.coerce.number().int().min(1).max(200).default(50) });
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

// The session's proof; it opens the transaction, and what is queued after it is refused when it fails. `facts` are the request's,
// for statements that take them.
function prove(client, request, { realm, roles, operation }) {
  const token = /^Bearer (.{43})$/.exec(request.headers.authorization ?? "")?.[1];
  if (token === undefined) {
    throw new Problem(401, "not-signed-in");
  }
  const facts = {
    realm, token_hash: tokenHash(peppers, token), roles: knownKey(token) === undefined ? roles : roles | KEY_AT_HAND, operation,
    request_id: request.id,
    client_address: request.headers["x-real-ip"] ?? "127.0.0.1",
  };
  const proof = one(client, sql.session_prove, facts).then((actor) => {
    if (actor.wrapped_key !== null) {
      owners.put(token, actor.actor_id);
      ownerKey(actor.actor_id, actor.wrapped_key);
    }
    return actor;
  });
  return { token, proof, facts };
}

// The audit row, and COMMIT behind it.
function close(client, facts, object, kind) {
  return [one(client, sql.audit_close, { ...facts, object, outcome: "ok", kind }), client.query("COMMIT")];
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
    const [, { expires_at }, staff] = await Promise.all(
      [begin, proof, one(client, sql.staff_self, { key: knownKey(token) }), client.query("COMMIT")]);
    return { staff, expires_at };
  });
}

async function listQuestionnaires(request) {
  const { limit } = Page.parse(request.query);
  const rows = await transaction(pool, async (client) => {
    const begin = client.query("BEGIN");
    const { proof, facts } = prove(client, request, { realm: "staff", roles: STAFF, operation: "questionnaire_list" });
    const [, , found] = await Promise.all([begin, proof, many(client, sql.questionnaire_list, { fetch: limit + 1 }),
      ...close(client, facts, null, "event")]);
    return found;
  });
  const items = rows.slice(0, limit).map(({ has_draft, ...shown }) => shown);
  return { items, next_cursor: rows.length > limit ? items.at(-1).id : null };
}

function responseDocument(id, row, items) {
  return {
    resourceType: "QuestionnaireResponse",
    id,
    questionnaire: `urn:uuid:${row.questionnaire_id}|${row.version}`,
    status: row.status,
    subject: { reference: `Patient/${row.patient_id}` },
    authored: row.submitted_at ?? row.updated_at,
    item: items,
  };
}

async function readResponse(request, reply) {
  const { id } = Params.parse(request.params);
  const row = await transaction(pool, async (client) => {
    const begin = client.query("BEGIN");
    const { proof, facts } = prove(client, request, { realm: "staff", roles: OWNER | PHYSICIAN, operation: "response_get" });
    if (knownKey(id) === undefined) {
      const [, , owner] = await Promise.all([begin, proof, one(client, sql.response_key, { id })]);
      if (owner === null) {
        throw new Problem(404, "not-found");
      }
      owners.put(id, owner.patient_id);
      ownerKey(owner.patient_id, owner.wrapped_key);
    }
    const [, , read] = await Promise.all([begin, proof, one(client, sql.response_read, { id, key: knownKey(id) }),
      ...close(client, facts, id, "patient")]);
    return read;
  });
  reply.header("etag", `"${row.revision}"`);
  return {
    id, patient_id: row.patient_id, assignment_id: row.assignment_id, questionnaire_id: row.questionnaire_id,
    version: row.version, title: row.title, status: row.status, amends: row.amends, revision: row.revision,
    started_at: row.started_at, updated_at: row.updated_at, submitted_at: row.submitted_at,
    response: responseDocument(id, row, JSON.parse(row.answers.split("\n", 1)[0])),
    moves_to_version: row.moves_to_version,
    migrated: row.from_version && {
      from_version: row.from_version, to_version: row.to_version, migrated_at: row.migrated_at, dropped: row.dropped && JSON.parse(row.dropped),
    },
    scores: row.scores === null ? [] : JSON.parse(row.scores),
    uploads: JSON.parse(row.uploads),
    proof: row.response_sha256 && {
      definition_sha256: row.definition_sha256.toString("hex"), response_sha256: row.response_sha256.toString("hex"),
    },
  };
}

async function formOf(client, questionnaireId, version) {
  const name = `${questionnaireId}|${version}`;
  if (forms.get(name) === undefined) {
    const { definition } = await one(client, sql.questionnaire_version_text, { questionnaire_id: questionnaireId, version });
    forms.put(name, prepare(JSON.parse(definition)));
  }
  return forms.get(name);
}

// A patient's own response, locked until the end of the transaction.
async function lock(client, request, id, operation) {
  const begin = client.query("BEGIN");
  const { token, proof, facts } = prove(client, request, { realm: "patient", roles: PATIENT, operation });
  if (knownKey(token) === undefined) {
    await Promise.all([begin, proof]);
  }
  const key = knownKey(token);
  const [, , row] = await Promise.all([begin, proof, one(client, sql.my_response_lock, { id, key })]);
  if (row === null) {
    throw new Problem(404, "not-found");
  }
  if (row.status === "completed" || row.status === "amended") {
    throw new Problem(409, "already-completed");
  }
  if (row.cancelled || row.status === "stopped") {
    throw new Problem(409, "not-active");
  }
  return { key, row, facts, form: await formOf(client, row.questionnaire_id, row.version) };
}

function revisionOf(request) {
  return Number(Revision.parse(request.headers)["if-match"].slice(1, -1));
}

async function saveResponse(request, reply) {
  const { id } = Params.parse(request.params);
  const base = revisionOf(request);
  const changes = Changes.parse(request.body);
  return transaction(pool, async (client) => {
    const { key, row, facts, form } = await lock(client, request, id, "my_response_autosave");
    if (base > row.revision) {
      throw new Problem(412, "stale-revision");
    }
    const saved = autosave(form, row.answers, row.revision, base, changes);
    if (saved.conflicts.length > 0) {
      throw new Problem(409, "answer-conflict");
    }
    const [{ revision }] = await Promise.all([
      one(client, sql.my_response_save, { id, key, answers: saved.answers, ...saved.progress }),
      ...close(client, facts, id, "patient")]);
    reply.header("etag", `"${revision}"`);
    return { revision, progress: saved.progress, issues: saved.issues };
  });
}

async function submitResponse(request, reply) {
  const { id } = Params.parse(request.params);
  const base = revisionOf(request);
  return transaction(pool, async (client) => {
    const { key, row, facts, form } = await lock(client, request, id, "my_response_submit");
    if (base !== row.revision) {
      throw new Problem(412, "stale-revision");
    }
    const { items, progress, scores } = submit(form, row.answers);
    const submittedAt = new Date().toISOString();
    const status = row.amends === null ? "completed" : "amended";
    const document = responseDocument(id, { ...row, status, submitted_at: submittedAt }, items);
    const hash = createHash("sha256").update(canonical(document)).digest();
    const [, stored] = await Promise.all([
      one(client, sql.my_assignment_status, { id: row.assignment_id, status: "completed" }),
      one(client, sql.my_response_submit, {
        id, key, answers: JSON.stringify(items), scores: JSON.stringify(scores), submitted_at: submittedAt, response_sha256: hash,
        answered: progress.answered, total: progress.total,
      }), ...close(client, facts, id, "patient")]);
    reply.header("etag", `"${stored.revision}"`);
    return {
      id, status, revision: stored.revision, submitted_at: submittedAt, scores, uploads: [],
      proof: { definition_sha256: stored.definition_sha256.toString("hex"), response_sha256: hash.toString("hex") },
    };
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
app.get("/admin/questionnaires", listQuestionnaires);
app.patch("/patient/responses/:id", saveResponse);
app.post("/patient/responses/:id/submit", submitResponse);

await app.listen({ path: config.socket });
for (const signal of ["SIGTERM", "SIGINT"]) {
  process.once(signal, async () => {
    await app.close();
    await pool.end();
  });
}
