// Questionnaires as far as the benchmark's needs it: branching on the answers of one list, sums of the options' weights, scores.
// A good part of what lib/form does is missing (repeated groups, FHIRPath, dates, constraints): the comparison is not to be won here.

const SDC = "http://hl7.org/fhir/uv/sdc/StructureDefinition/";
const WEIGHT = "http://hl7.org/fhir/StructureDefinition/ordinalValue";
const BANDS = "urn:anamnesis:extension:score-bands";
const TERM = /^%resource\.item\.where\(linkId = '([^']+)'\)\.answer\.value\.ordinal\(\)$/;
const VALUES = {
  boolean: ["valueBoolean", (value) => typeof value === "boolean"],
  integer: ["valueInteger", Number.isSafeInteger],
  decimal: ["valueDecimal", Number.isFinite],
  string: ["valueString", (value) => typeof value === "string" && value.length > 0],
  text: ["valueString", (value) => typeof value === "string" && value.length > 0],
  date: ["valueDate", (value) => /^\d{4}(-\d\d(-\d\d)?)?$/.test(value)],
  choice: ["valueCoding", (value) => typeof value?.code === "string"],
};

class InvalidForm extends Error {
  status = 422;
}

function extension(element, url) {
  return element.extension?.find((one) => one.url === url);
}

function keyOf(coding) {
  return `${coding?.system ?? ""}|${coding?.code}`;
}

function bandOf({ extension: parts }) {
  const [min, max, code, label] = ["min", "max", "code", "label"].map((url) => parts.find((one) => one.url === url));
  return { min: min.valueDecimal, max: max.valueDecimal, code: code.valueCode, label: label.valueString };
}

// What is worked out once for each version.
export function prepare(definition) {
  const questions = definition.item.filter((question) => question.type !== "display").map((question) => {
    const formula = extension(question, `${SDC}sdc-questionnaire-calculatedExpression`)?.valueExpression.expression;
    return {
      ...question,
      weights: new Map((question.answerOption ?? []).map((option) =>
        [keyOf(option.valueCoding), extension(option, WEIGHT)?.valueDecimal])),
      terms: formula?.split(" + ").map((term) => TERM.exec(term)[1]),
      bands: extension(question, BANDS)?.extension.map(bandOf),
    };
  });
  return { questions, byLinkId: new Map(questions.map((question, index) => [question.linkId, { ...question, index }])) };
}

function answersOf(items, linkId) {
  return items.find((item) => item.linkId === linkId)?.answer ?? [];
}

// Puts the answers of one question in its place, in the definition's order; null takes them away.
function put(form, items, linkId, answers) {
  const at = items.findIndex((item) => item.linkId === linkId);
  if (answers === null) {
    if (at >= 0) {
      items.splice(at, 1);
    }
  } else if (at >= 0) {
    items[at].answer = answers;
  } else {
    const { index } = form.byLinkId.get(linkId);
    const after = items.findIndex((item) => form.byLinkId.get(item.linkId).index > index);
    items.splice(after < 0 ? items.length : after, 0, { linkId, answer: answers });
  }
}

function checkAnswers(form, linkId, answers) {
  const question = form.byLinkId.get(linkId);
  if (question === undefined || question.terms !== undefined || !(question.type in VALUES)) {
    throw new InvalidForm("invalid-form");
  }
  const [member, isValid] = VALUES[question.type];
  for (const answer of answers) {
    if (Object.keys(answer).length !== 1 || !isValid(answer[member])) {
      throw new InvalidForm("invalid-form");
    }
  }
}

function isEnabled(question, items) {
  if (question.enableWhen === undefined) {
    return true;
  }
  const holds = ({ question: linkId, answerCoding }) =>
    answersOf(items, linkId).some((answer) => keyOf(answer.valueCoding) === keyOf(answerCoding));
  return question.enableBehavior === "any" ? question.enableWhen.some(holds) : question.enableWhen.every(holds);
}

// The sum of the weights of what was answered; nothing as long as one of the answers is missing.
function calculate(form, items) {
  for (const { linkId, terms } of form.questions.filter((question) => question.terms !== undefined)) {
    const weights = terms.map((term) => form.byLinkId.get(term).weights.get(keyOf(answersOf(items, term)[0]?.valueCoding)));
    const sum = weights.every((weight) => weight !== undefined) ? weights.reduce((left, right) => left + right, 0) : null;
    put(form, items, linkId, sum === null ? null : [{ valueDecimal: sum }]);
  }
}

function judge(form, items) {
  const progress = { answered: 0, total: 0, required_missing: 0 };
  const issues = [];
  for (const question of form.questions) {
    if (question.terms !== undefined || !isEnabled(question, items)) {
      continue;
    }
    const answers = answersOf(items, question.linkId);
    progress.total += 1;
    progress.answered += answers.length > 0 ? 1 : 0;
    progress.required_missing += question.required && answers.length === 0 ? 1 : 0;
    if (question.weights.size > 0 && !answers.every((answer) => question.weights.has(keyOf(answer.valueCoding)))) {
      issues.push({ path: question.linkId, severity: "error", code: "not-an-option",
        detail: "This must be one of the choices offered." });
    }
  }
  return { progress, issues };
}

// stored: the answers as a JSON array, then a newline and the revision in which each path was last touched.
export function autosave(form, stored, revision, base, { set = {}, clear = [] }) {
  const [first, second] = stored.split("\n");
  const items = JSON.parse(first);
  const touched = second ? JSON.parse(second) : {};
  const changes = [...Object.entries(set), ...clear.map((path) => [path, null])];
  const conflicts = changes.filter(([path, answers]) => touched[path] > base &&
    JSON.stringify(answersOf(items, path)) !== JSON.stringify(answers ?? []));
  for (const [path, answers] of changes) {
    checkAnswers(form, path, answers ?? []);
    put(form, items, path, answers);
    touched[path] = revision + 1;
  }
  calculate(form, items);
  return { conflicts, ...judge(form, items), answers: `${JSON.stringify(items)}\n${JSON.stringify(touched)}` };
}

// The answers as they are kept for ever, without those of questions that are not asked, and what they are worth.
export function submit(form, stored) {
  const items = JSON.parse(stored.split("\n", 1)[0]).filter(({ linkId }, _, all) => isEnabled(form.byLinkId.get(linkId), all));
  calculate(form, items);
  const { progress, issues } = judge(form, items);
  if (issues.length > 0 || progress.required_missing > 0) {
    throw new InvalidForm("invalid-form");
  }
  const scores = form.questions.filter(({ linkId, bands }) => bands !== undefined && answersOf(items, linkId).length > 0)
    .map(({ linkId, text, bands }) => {
      const value = answersOf(items, linkId)[0].valueDecimal;
      const band = bands.find(({ min, max }) => min <= value && value <= max);
      return { link_id: linkId, text, value, band: band ? { code: band.code, label: band.label } : null };
    });
  return { items, progress, scores };
}

// RFC 8785 for what this service writes: members in the order of their names.
export function canonical(value) {
  if (Array.isArray(value)) {
    return `[${value.map(canonical).join(",")}]`;
  }
  if (value === null || typeof value !== "object") {
    return JSON.stringify(value);
  }
  return `{${Object.keys(value).sort().map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}
