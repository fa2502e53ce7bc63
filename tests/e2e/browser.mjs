// A browser that trusts exactly one server: the instance under test, checked against its own CA first.
import { createHash, X509Certificate } from "node:crypto";
import { readFile } from "node:fs/promises";
import { connect } from "node:tls";
import { chromium } from "playwright-core";

const TIME_LIMIT_MS = 20_000;

// The pin of the server's key, after Node has verified the chain against the CA (and the name).
async function serverPin(demo) {
  const { hostname, port } = new URL(demo.base_url);
  const ca = await readFile(demo.ca_file);
  const certificate = await new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port || 443), servername: hostname, ca }, () => {
      resolve(new X509Certificate(socket.getPeerCertificate().raw));
      socket.end();
    });
    socket.on("error", reject);
  });
  return createHash("sha256").update(certificate.publicKey.export({ type: "spki", format: "der" })).digest("base64");
}

// Starts the browser. newTab() gives a page of its own profile, and `complaints`: everything that the page
// wrote to the console as a warning or error, every policy violation, script error and failed request.
export async function openBrowser(demo) {
  const browser = await chromium.launch({
    executablePath: process.env.ANAMNESIS_CHROMIUM ?? "/usr/bin/chromium",
    args: ["--no-sandbox", "--disable-gpu", `--ignore-certificate-errors-spki-list=${await serverPin(demo)}`],
  });
  async function newTab() {
    const context = await browser.newContext({ baseURL: demo.base_url, viewport: { width: 1280, height: 1000 } });
    context.setDefaultTimeout(TIME_LIMIT_MS);
    const page = await context.newPage();
    const complaints = [];
    const requested = [];
    await page.addInitScript(() => {
      document.addEventListener("securitypolicyviolation", (event) => {
        console.error(`policy violated: ${event.effectiveDirective} ${event.blockedURI}`);
      });
    });
    page.on("console", (message) => {
      if (["error", "warning"].includes(message.type())) {
        complaints.push(`console ${message.type()}: ${message.text()}`);
      }
    });
    page.on("pageerror", (fault) => complaints.push(`script: ${fault.message}`));
    page.on("requestfailed", (request) => complaints.push(`request: ${request.url()} ${request.failure()?.errorText}`));
    page.on("request", (request) => requested.push(request.url()));
    return { page, complaints, requested, close: () => context.close() };
  }
  return { newTab, close: () => browser.close() };
}
