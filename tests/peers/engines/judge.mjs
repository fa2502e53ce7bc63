// What programs that we did not write say, for many cases in one process. Each line of standard input is a JSON object,
// each line of output the answer to one:
//   {"resource"}                   -> {"errors": [[location, message], ...]}: npm fhir, by FHIR's definitions alone
//   {"questionnaire", "response"}  -> {"errors": [[name, message], ...], "disabled": [name, ...]}: LHC-Forms, or
//                                     {"thrown": message}. A name is a linkId; in a group that repeats, with the group's
//                                     index: "q3[1]"
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import { lforms } from "./lforms.mjs";

const { Fhir } = createRequire(import.meta.url)("fhir");
const fhir = new Fhir();
const LForms = lforms();

function byFhir(resource) {
  const { messages } = fhir.validate(resource, { errorOnUnexpected: true });
  return { errors: messages.filter(({ severity }) => severity === "error" || severity === "fatal")
    .map(({ location, message }) => [location, message]) };
}

function nameOf(item) {
  const group = item._parentItem;
  return group?._questionRepeatable ? `${item.linkId}[${Number(group._id) - 1}]` : item.linkId;
}

function byLForms(questionnaire, response) {
  const converted = LForms.Util.convertFHIRQuestionnaireToLForms(questionnaire, "R4");
  const form = new LForms.LFormsData(LForms.Util.mergeFHIRDataIntoLForms(response, converted, "R4"));
  form.checkValidity();
  const disabled = form.itemList.filter((item) => item._skipLogicStatus === "target-disabled");
  return {
    errors: form.itemList.filter((item) => !disabled.includes(item))
      .flatMap((item) => (item._validationErrors ?? []).map((message) => [nameOf(item), message])),
    disabled: disabled.map(nameOf),
  };
}

for await (const line of createInterface({ input: process.stdin })) {
  const { resource, questionnaire, response } = JSON.parse(line);
  let answer;
  try {
    answer = resource !== undefined ? byFhir(resource) : byLForms(questionnaire, response);
  } catch (fault) {
    answer = { thrown: String(fault.message) };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
process.exit(0); // jsdom's timers would go on
