// The same statements as the C program: read from sql/queries, prepared by name on each connection.
import { readFileSync, readdirSync } from "node:fs";
import pg from "pg";

const TIMESTAMPTZ = 1184;
pg.types.setTypeParser(TIMESTAMPTZ, (text) => new Date(text).toISOString());

export function openPool(config) {
  return new pg.Pool({
    connectionString: config.databaseUrl,
    max: config.connections,
    pipeline: config.pipeline,
    application_name: "anamnesis-bench-peer",
  });
}

// `text` of the statement NAME of sql/queries, with its columns named as its first line declares them.
export function statement(directory, name) {
  const path = readdirSync(directory, { recursive: true }).find((one) => one.split("/").at(-1) === `${name}.sql`);
  const file = readFileSync(`${directory}/${path}`, "utf8");
  const declared = /->\s*\(([^)]*)\)/.exec(file.slice(0, file.indexOf("\n")));
  const columns = declared ? declared[1].split(",").map((column) => column.trim().split(" ")[0]) : [];
  return { name, text: file, columns };
}

function named(statement, row) {
  return Object.fromEntries(statement.columns.map((column, index) => [column, row[index]]));
}

// One statement: its first row, with the declared names, or null.
export async function one(client, statement, values) {
  const { rows } = await client.query({ name: statement.name, text: statement.text, values, rowMode: "array" });
  return rows.length === 0 ? null : named(statement, rows[0]);
}

// A transaction. What `work` queues without awaiting follows at once (and travels together when pipelined).
export async function transaction(pool, work) {
  const client = await pool.connect();
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
