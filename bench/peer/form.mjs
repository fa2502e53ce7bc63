// Auto-save for questionnaires without branching: merge, conflicts, checks, progress. It does less than lib/form does
// (no enableWhen, no repeated groups): the comparison is not to be won here.

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

function questionAt(definition, path) {
  let items = definition.item;
  let found;
  for (const linkId of path.split("/")) {
    found = items?.find((item) => item.linkId === linkId);
    items = found?.item;
  }
  if (found === undefined || !(found.type in VALUES)) {
    throw new InvalidForm("invalid-form");
  }
  return found;
}

function checkAnswers(question, answers) {
  const [member, isValid] = VALUES[question.type];
  for (const answer of answers) {
    if (Object.keys(answer).length !== 1 || !isValid(answer[member])) {
      throw new InvalidForm("invalid-form");
    }
  }
}

// Puts the answers of one question in its place, groups above it included, in the definition's order.
function merge(questions, items, [linkId, ...rest], answers) {
  const question = questions.find((item) => item.linkId === linkId);
  let at = items.findIndex((item) => item.linkId === linkId);
  if (at < 0 && answers !== null) {
    const order = new Map(questions.map((item, index) => [item.linkId, index]));
    at = items.findIndex((item) => order.get(item.linkId) > order.get(linkId));
    at = at < 0 ? items.length : at;
    items.splice(at, 0, rest.length > 0 ? { linkId, item: [] } : { linkId });
  }
  if (at < 0) {
    return;
  }
  if (rest.length > 0) {
    merge(question.item, items[at].item, rest, answers);
  } else if (answers === null) {
    items.splice(at, 1);
  } else {
    items[at].answer = answers;
  }
}

function answersAt(items, path) {
  let found;
  for (const linkId of path.split("/")) {
    found = items?.find((item) => item.linkId === linkId);
    items = found?.item;
  }
  return found?.answer ?? null;
}

function isOption(question, answer) {
  return question.answerOption.some(({ valueCoding }) => valueCoding?.code === answer.valueCoding?.code &&
    valueCoding?.system === answer.valueCoding?.system);
}

function judge(questions, items, prefix, progress, issues) {
  for (const question of questions) {
    const item = items?.find(({ linkId }) => linkId === question.linkId);
    const path = prefix + question.linkId;
    if (question.type === "group") {
      judge(question.item ?? [], item?.item, `${path}/`, progress, issues);
    } else if (question.type !== "display") {
      const answers = item?.answer ?? [];
      progress.total += 1;
      progress.answered += answers.length > 0 ? 1 : 0;
      progress.required_missing += question.required && answers.length === 0 ? 1 : 0;
      if (question.type === "choice" && question.answerOption && !answers.every((answer) => isOption(question, answer))) {
        issues.push({ path, code: "not-an-option", detail: "is not one of the options" });
      }
    }
  }
}

// stored: the answers as a JSON array, then a newline and the revision in which each path was last touched.
export function autosave(definition, stored, revision, base, { set = {}, clear = [] }) {
  const [first, second] = stored.split("\n");
  const items = JSON.parse(first);
  const touched = second ? JSON.parse(second) : {};
  const changes = [...Object.entries(set), ...clear.map((path) => [path, null])];
  const conflicts = changes.filter(([path, answers]) => touched[path] > base &&
    JSON.stringify(answersAt(items, path)) !== JSON.stringify(answers));
  for (const [path, answers] of changes) {
    checkAnswers(questionAt(definition, path), answers ?? []);
    merge(definition.item, items, path.split("/"), answers);
    touched[path] = revision + 1;
  }
  const progress = { answered: 0, total: 0, required_missing: 0 };
  const issues = [];
  judge(definition.item, items, "", progress, issues);
  return { conflicts, progress, issues, answers: `${JSON.stringify(items)}\n${JSON.stringify(touched)}` };
}
