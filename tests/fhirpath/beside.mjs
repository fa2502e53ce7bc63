// Evaluates expressions with npm fhirpath: each line of the input is {expression, resource, variables}, each line of the
// output {result: [...]} with values as they print, or {fault: message}.
import { createRequire } from "node:module";
import { createInterface } from "node:readline";

const require = createRequire(import.meta.url);
const fhirpath = require("fhirpath");
const model = require("fhirpath/fhir-context/r4");

// What a value prints as; elements with members stay JSON.
const plain = (value) => {
  const inner = value !== null && typeof value === "object" && "data" in value ? value.data : value;
  return inner !== null && typeof inner === "object" && inner.constructor !== Object && !Array.isArray(inner)
    ? String(inner)
    : inner;
};

for await (const line of createInterface({ input: process.stdin })) {
  const task = JSON.parse(line);
  let answer;
  try {
    const context = { ...task.variables, resource: task.resource, rootResource: task.resource };
    const result = fhirpath.evaluate(task.resource ?? {}, task.expression, context, model);
    answer = { result: result.map(plain) };
  } catch (fault) {
    answer = { fault: String(fault.message ?? fault).slice(0, 200) };
  }
  console.log(JSON.stringify(answer));
}
