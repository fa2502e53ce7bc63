// LHC-Forms in Node: its bundles, as they are published, in a document without a window.
import { readFileSync } from "node:fs";
import { JSDOM, VirtualConsole } from "jsdom";

const DIRECTORY = new URL("node_modules/lforms/dist/lforms/", import.meta.url);
const BUNDLES = ["webcomponent/assets/lib/zone.min.js", "webcomponent/runtime.js", "webcomponent/polyfills.js",
  "webcomponent/main.js", "fhir/R4/lformsFHIR.min.js"];

// The LForms object. What it writes to its console goes nowhere.
export function lforms() {
  const { window } = new JSDOM("<!doctype html><html><body></body></html>", {
    runScripts: "outside-only", pretendToBeVisual: true, url: "http://localhost/", virtualConsole: new VirtualConsole() });
  for (const bundle of BUNDLES) {
    window.eval(readFileSync(new URL(bundle, DIRECTORY), "utf8"));
  }
  return window.LForms;
}
