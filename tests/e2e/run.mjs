// Browser tests against a running instance: ANAMNESIS_DEMO=DIR/demo.json npm test [-- PART-OF-A-NAME]
// Prints a line a test and a closing line with counts; exits 1 when one failed, 2 when there was nothing to test.
import { mkdir, readFile, readdir } from "node:fs/promises";
import { openBrowser } from "./browser.mjs";

const directory = new URL(".", import.meta.url);
const demoFile = process.env.ANAMNESIS_DEMO;
if (!demoFile) {
  console.error("ANAMNESIS_DEMO is not set: give the demo.json of a running instance (`make start`, then var/demo.json)");
  process.exit(2);
}

const demo = JSON.parse(await readFile(demoFile, "utf8"));
const shots = new URL("../../build/e2e/", directory);
await mkdir(shots, { recursive: true });

const tests = [];
for (const file of (await readdir(directory)).filter((name) => name.endsWith(".test.mjs")).sort()) {
  tests.push(...(await import(new URL(file, directory))).tests);
}
const wanted = process.argv[2] ?? "";
const chosen = tests.filter(({ name }) => name.includes(wanted));

const browser = await openBrowser(demo);
let failed = 0;
for (const { name, run } of chosen) {
  const tab = await browser.newTab();
  const started = Date.now();
  try {
    await run({ ...tab, demo });
    console.log(`ok     ${name} (${Date.now() - started} ms)`);
  } catch (fault) {
    failed += 1;
    const shot = new URL(`failed-${failed}.png`, shots).pathname;
    await tab.page.screenshot({ path: shot }).catch(() => {});
    console.log(`FAILED ${name}\n${fault.stack}\n  the page then: ${shot}`);
  } finally {
    await tab.close();
  }
}
await browser.close();
console.log(`e2e: ${chosen.length - failed} passed, ${failed} failed`);
process.exit(chosen.length === 0 ? 2 : failed > 0 ? 1 : 0);
