// The same statements as the C program: read from sql/queries, prepared by name on each connection.
import { readFileSync, readdirSync } from "node:fs";
import pg from "pg";

const TIMESTAMPTZ = 1184;
const INTERFACE = /^-- \w+ :\S+ \(([^)]*)\)(?: -> \((.*)\))?$/;
pg.types.setTypeParser(TIMESTAMPTZ, (text) => new Date(text).toISOString());

export function openPool(config) {
  return new pg.Pool({
    connectionString: config.databaseUrl,
    max: config.connections,
    pipeline: config.pipeline,
    application_name: "anamnesis-bench-peer",
  });
}

function namesOf(list) {
  return list ? list.split(/,(?![^(]*\))/).map((one) => one.trim().split(" ")[0]) : [];
}

// The statement NAME of sql/queries, with its parameters and columns named as its first line declares them.
export function statement(directory, name) {
  const path = readdirSync(directory, { recursive: true }).find((one) => one.split("/").at(-1) === `${name}.sql`);
  const text = readFileSync(`${directory}/${path}`, "utf8");
  const [, params, columns] = INTERFACE.exec(text.slice(0, text.indexOf("\n")));
  const required = params.split(",").map((one) => !one.trim().endsWith("?"));
  return { name, text, params: namesOf(params), required, columns: namesOf(columns) };
}

// The parameters' values by their names; what may be NULL need not be there.
function valuesOf(statement, given) {
  return statement.params.map((name, index) => {
    if (given[name] === undefined && statement.required[index]) {
      throw new Error(`${statement.name} needs ${name}`);
    }
    return given[name] ?? null;
  });
}

// One statement: its rows, with the declared names. Of statements that travel together the first one's fault is told: those behind
// it fail because it did.
export async function many(client, statement, given) {
  const values = valuesOf(statement, given);
  const { rows } = await client.query({ name: statement.name, text: statement.text, values, rowMode: "array" })
    .catch((fault) => {
      client.fault ??= fault;
      throw client.fault;
    });
  return rows.map((row) => Object.fromEntries(statement.columns.map((column, index) => [column, row[index]])));
}

// Its first row, or null.
export async function one(client, statement, given) {
  return (await many(client, statement, given))[0] ?? null;
}

// A transaction. What `work` queues without awaiting follows at once (and travels together when pipelined).
export async function transaction(pool, work) {
  const client = await pool.connect();
  client.fault = undefined;
  let broken;
  try {
    return await work(client);
  } catch (fault) {
    broken = await client.query("ROLLBACK").then(() => undefined, (error) => error);
    throw fault;
  } finally {
    client.release(broken);
  }
}
