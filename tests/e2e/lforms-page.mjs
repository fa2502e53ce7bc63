// A page that shows LHC-Forms (npm lforms), served from its package: nothing comes from elsewhere.
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";

const DIRECTORY = new URL("node_modules/lforms/dist/lforms/", import.meta.url);
const TYPES = { js: "text/javascript", css: "text/css", png: "image/png", ico: "image/x-icon", map: "application/json" };
const SCRIPTS = ["assets/lib/zone.min.js", "runtime.js", "polyfills.js", "main.js"];
const PAGE = `<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Questionnaire</title>
<link rel="icon" href="data:,"><link rel="stylesheet" href="/webcomponent/styles.css"></head><body><div id="form"></div>
${SCRIPTS.map((name) => `<script src="/webcomponent/${name}"></script>`).join("\n")}
<script src="/fhir/R4/lformsFHIR.min.js"></script></body></html>`;

async function answer(request, reply) {
  const path = new URL(request.url, "http://localhost").pathname;
  const type = TYPES[path.split(".").pop()];
  if (path === "/") {
    reply.writeHead(200, { "Content-Type": "text/html; charset=utf-8" }).end(PAGE);
  } else if (type === undefined || path.includes("..")) {
    reply.writeHead(404).end();
  } else {
    const content = await readFile(new URL(`.${path}`, DIRECTORY)).catch(() => null);
    reply.writeHead(content === null ? 404 : 200, { "Content-Type": type }).end(content);
  }
}

// Serves the page on a free port of this machine: { url, close }.
export async function servePage() {
  const server = createServer(answer);
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${server.address().port}/`,
    close: () => new Promise((resolve) => server.close(resolve)) };
}
