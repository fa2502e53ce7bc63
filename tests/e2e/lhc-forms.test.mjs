// LHC-Forms (npm lforms), which we did not write, shows what our API serves to a patient; it is filled in as a person
// would; the QuestionnaireResponse that it makes is saved, submitted and read back.
import assert from "node:assert/strict";
import { mkdir, readFile } from "node:fs/promises";
import { assigned } from "./api.mjs";
import { servePage } from "./lforms-page.mjs";

const SHOTS = new URL("../../build/e2e/", import.meta.url);
const OBSERVED = new URL("../../forms/phq-9.json", import.meta.url);
const INTAKE = new URL("./forms/intake.json", import.meta.url);

async function read(file) {
  return JSON.parse(await readFile(file, "utf8"));
}

// --- A person at the page.

async function show(page, url, definition) {
  await page.goto(url);
  await page.evaluate((shown) => globalThis.LForms.Util.addFormToPage(shown, "form", {}), definition);
  await page.locator("#form .lhc-form-title").first().waitFor();
}

async function type(page, id, text) {
  await page.locator(`[id="${id}"]`).fill(text);
  await page.keyboard.press("Tab");
}

async function choose(page, id, text) {
  await page.locator(`[id="${id}"]`).click();
  await page.locator("#lhc-tools-searchResults li", { hasText: text }).first().click();
  await page.keyboard.press("Tab");
}

async function typeDate(page, id, text) {
  await page.locator(`[id="${id}"] input`).fill(text);
  await page.keyboard.press("Enter");
}

// What LHC-Forms makes of it, and what it finds wrong with it.
function filledIn(page) {
  return page.evaluate(() => ({
    response: globalThis.LForms.Util.getFormFHIRData("QuestionnaireResponse", "R4", "#form"),
    faults: globalThis.LForms.Util.checkValidity("#form"),
  }));
}

// --- From a whole QuestionnaireResponse to auto-saves, as a portal does it.

function segment(linkId) {
  return linkId.replace(/[%/[\]]/g, (byte) => `%${byte.charCodeAt(0).toString(16).toUpperCase()}`);
}

// { item path: answers } of all questions, without those that only the server may answer.
function savesOf(definitionItems, responseItems, prefix = "") {
  const saves = {};
  const seen = {};
  for (const item of responseItems ?? []) {
    const definition = definitionItems.find(({ linkId }) => linkId === item.linkId);
    const path = prefix + segment(item.linkId);
    if (definition.type === "group") {
      const index = (seen[item.linkId] = (seen[item.linkId] ?? -1) + 1);
      Object.assign(saves, savesOf(definition.item, item.item, `${path}${definition.repeats ? `[${index}]` : ""}/`));
      continue;
    }
    if (definition.type === "display" || definition.readOnly) {
      continue;
    }
    saves[path] = (item.answer ?? []).map(({ item: below, ...answer }) => answer);
    for (const [index, answer] of (item.answer ?? []).entries()) {
      Object.assign(saves, savesOf(definition.item ?? [], answer.item, `${path}[${index}]/`));
    }
  }
  return saves;
}

// Saves and submits: what the physician reads then.
async function sendIn({ staff, patient, assignment }, definition, response) {
  const begun = await patient.call("POST", "/patient/responses", { assignment_id: assignment });
  const saves = savesOf(definition.item, response.item);
  const saved = await patient.call("PATCH", `/patient/responses/${begun.id}`, { set: saves }, begun.revision);
  assert.deepEqual(saved.issues, []);
  const done = await patient.call("POST", `/patient/responses/${begun.id}/submit`, undefined, saved.revision);
  assert.equal(done.status, "completed");
  const found = await staff.call("GET", `/admin/responses/${begun.id}`);
  return { saves, read: found.response, saved: savesOf(definition.item, found.response.item) };
}

async function journey({ page, complaints, requested, demo }, file, name, fill) {
  const site = await servePage();
  try {
    const there = await assigned(demo, await read(file));
    const { definition } = await there.patient.call("GET", `/patient/questionnaires/${there.assignment}`);
    await show(page, site.url, definition);
    await fill(page);
    await mkdir(SHOTS, { recursive: true });
    await page.screenshot({ path: new URL(`${name}.png`, SHOTS).pathname, fullPage: true });
    const { response, faults } = await filledIn(page);
    assert.equal(faults, null);
    const result = await sendIn(there, definition, response);
    assert.deepEqual(result.saved, result.saves, "what was sent is read back");
    assert.deepEqual(complaints, []);
    assert.deepEqual(requested.filter((url) => !url.startsWith(site.url) && !url.startsWith("data:")), []);
    return { ...result, made: response, definition };
  } finally {
    await site.close();
  }
}

export const tests = [
  {
    name: "LHC-Forms shows the PHQ-9, and what it makes is accepted",
    async run(tab) {
      const { saves, definition, made, read: stored } = await journey(tab, OBSERVED, "lhc-forms-phq-9", async (page) => {
        const questions = await page.locator('[id$="/1"][placeholder="Select one"]').evaluateAll((inputs) => inputs.map(({ id }) => id));
        assert.equal(questions.length, 9);
        for (const [index, id] of questions.entries()) {
          await choose(page, id, ["Not at all", "Several days", "More than half the days", "Nearly every day"][index % 4]);
        }
        // The tenth appears because there are problems.
        await choose(page, "69722-7/1", "Somewhat difficult");
      });
      const asked = definition.item.filter(({ type }) => type === "choice");
      assert.deepEqual(Object.keys(saves), asked.map(({ linkId }) => linkId));
      // LHC-Forms puts the option's weight into the answer, as FHIR's ordinalValue allows.
      const { system, code, display } = saves[asked[0].linkId][0].valueCoding;
      assert.deepEqual({ system, code, display }, asked[0].answerOption[0].valueCoding);
      assert.equal(saves["69722-7"][0].valueCoding.display, "Somewhat difficult");
      // The total is calculated twice, by LHC-Forms and by the server, from the same expression.
      const total = ({ item }) => item.find(({ linkId }) => linkId === "44261-6").answer.map(({ valueDecimal, valueInteger }) => valueDecimal ?? valueInteger);
      assert.deepEqual(total(stored), [12]);
      assert.deepEqual(total(stored), total(made));
    },
  },
  {
    name: "LHC-Forms shows branching, repetitions, quantities, dates and own words, and what it makes is accepted",
    async run(tab) {
      const { saves } = await journey(tab, INTAKE, "lhc-forms-intake", async (page) => {
        await type(page, "name/1", "Zoë");
        await typeDate(page, "since/1", "02/29/2024");
        await type(page, "weight/1", "71.5");
        await choose(page, "unit_weight/1", "kg");
        assert.equal(await page.locator('[id="cigarettes/1"]').count(), 0, "it is not asked before");
        await page.locator('[id="smokes/1|true"]').click();
        await type(page, "cigarettes/1", "3");
        await type(page, "pain/1", "Left knee");
        await type(page, "medicine/1/1", "Ibuprofen");
        await type(page, "doses/1/1", "2.5");
        await page.locator('[id="add-medicines/1"]').click();
        await type(page, "medicine/2/1", "Metformin");
      });
      assert.deepEqual(saves, {
        name: [{ valueString: "Zoë" }],
        since: [{ valueDate: "2024-02-29" }],
        weight: [{ valueQuantity: { value: 71.5, unit: "kg", system: "http://unitsofmeasure.org", code: "kg" } }],
        smokes: [{ valueBoolean: true }],
        cigarettes: [{ valueInteger: 3 }],
        pain: [{ valueString: "Left knee" }],
        "medicines[0]/medicine": [{ valueString: "Ibuprofen" }],
        "medicines[0]/doses": [{ valueDecimal: 2.5 }],
        "medicines[1]/medicine": [{ valueString: "Metformin" }],
      });
    },
  },
  {
    name: "what LHC-Forms finds wrong, submit refuses",
    async run({ page, demo }) {
      const site = await servePage();
      try {
        const there = await assigned(demo, await read(INTAKE));
        const { definition } = await there.patient.call("GET", `/patient/questionnaires/${there.assignment}`);
        await show(page, site.url, definition);
        await page.locator('[id="smokes/1|true"]').click();
        await type(page, "cigarettes/1", "500");
        await type(page, "medicine/1/1", "Ibuprofen");
        const { response, faults } = await filledIn(page);
        assert.deepEqual(faults.map((fault) => fault.match(/^(What|How many)/)?.[0]), ["What", "How many"]);
        const begun = await there.patient.call("POST", "/patient/responses", { assignment_id: there.assignment });
        const saved = await there.patient.call("PATCH", `/patient/responses/${begun.id}`,
          { set: savesOf(definition.item, response.item) }, begun.revision);
        assert.deepEqual(saved.issues.map(({ code }) => code), ["max-value"]);
        const refused = await there.patient.ask("POST", `/patient/responses/${begun.id}/submit`, undefined, saved.revision);
        assert.equal(refused.status, 422);
        assert.deepEqual(refused.body.errors.map(({ code }) => code).sort(), ["max-value", "required"]);
      } finally {
        await site.close();
      }
    },
  },
];
