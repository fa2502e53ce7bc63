// The same validations by programs on Node: LHC-Forms (npm lforms), which judges a QuestionnaireResponse by its
// Questionnaire, and npm fhir, which judges its structure by FHIR's definitions alone.
//
// usage: node validate.mjs SECONDS DEFINITION RESPONSE   -> {"lforms", "lforms-read", "fhir", "fhir-read"}: microseconds
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { lforms } from "./lforms.mjs";

const require = createRequire(import.meta.url);
const { Fhir } = require("fhir");
const [seconds, definitionFile, responseFile] = process.argv.slice(2);
const text = await readFile(responseFile, "utf8");
const definition = JSON.parse(await readFile(definitionFile, "utf8"));
const response = JSON.parse(text);

// The definition is converted once, as ours is compiled once; merging answers in changes it, so each gets a copy.
const LForms = lforms();
const converted = LForms.Util.convertFHIRQuestionnaireToLForms(definition, "R4");
function byLForms(answers) {
  const form = LForms.Util.mergeFHIRDataIntoLForms(answers, structuredClone(converted), "R4");
  return new LForms.LFormsData(form).checkValidity() ?? [];
}

const fhir = new Fhir();
function byFhir(answers) {
  return fhir.validate(answers, { errorOnUnexpected: true }).messages.filter((message) => message.severity === "error");
}

// The median of the rounds after as long a time of warming up.
function microseconds(validate) {
  const times = [];
  for (const counted of [false, true]) {
    const end = performance.now() + (Number(seconds) * 1000) / 2;
    do {
      const began = performance.now();
      const found = validate();
      if (counted) {
        times.push((performance.now() - began) * 1000);
      }
      if (found.length > 0) {
        throw new Error(`a valid response is refused: ${JSON.stringify(found.slice(0, 3))}`);
      }
    } while (performance.now() < end);
  }
  return times.sort((one, other) => one - other)[Math.floor(times.length / 2)];
}

console.log(JSON.stringify({
  lforms: microseconds(() => byLForms(response)),
  "lforms-read": microseconds(() => byLForms(JSON.parse(text))),
  fhir: microseconds(() => byFhir(response)),
  "fhir-read": microseconds(() => byFhir(JSON.parse(text))),
}));
process.exit(0); // jsdom's timers would go on
