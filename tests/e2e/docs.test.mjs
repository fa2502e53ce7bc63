// The page at /docs: shows the contract of this instance, lets a person try it, and keeps the site's policy.
import assert from "node:assert/strict";

const METHODS = ["get", "put", "post", "delete", "patch", "head", "options"];

async function openDocs(page) {
  const reply = await page.goto("/docs");
  assert.equal(reply.status(), 200);
  await page.waitForSelector(".opblock");
  return reply;
}

async function declaredOperations(page) {
  const contract = await page.evaluate(async () => (await fetch("/openapi.json")).json());
  return Object.values(contract.paths)
    .flatMap((item) => METHODS.filter((method) => method in item).map((method) => item[method]))
    .map((operation) => operation.operationId);
}

// The ids of all that is listed. Of a long list (150 rows and more) the page draws what is in sight: it is read on the way down.
async function listedOperations(page) {
  const ids = new Set();
  for (let bottom = false; !bottom; ) {
    await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn))));
    for (const id of await page.locator(".opblock").evaluateAll((blocks) => blocks.map((block) => block.id))) {
      ids.add(id);
    }
    bottom = await page.evaluate(() => {
      const before = window.scrollY;
      window.scrollBy(0, window.innerHeight / 2);
      return window.scrollY === before;
    });
  }
  return [...ids];
}

export const tests = [
  {
    name: "the page lists every operation of the contract",
    async run({ page, complaints }) {
      await openDocs(page);
      const declared = await declaredOperations(page);
      const ids = await listedOperations(page);
      assert.equal(ids.length, declared.length);
      for (const operation of declared) {
        assert.ok(ids.some((id) => id.endsWith(`-${operation}`)), `${operation} is not on the page`);
      }
      assert.deepEqual(complaints, []);
    },
  },
  {
    name: "a request can be tried from the page",
    async run({ page, complaints }) {
      await openDocs(page);
      const block = page.locator(".opblock", { has: page.locator('[data-path="/livez"]') });
      await block.locator(".opblock-summary-control").click();
      await block.getByRole("button", { name: "Execute" }).click();
      const live = block.locator(".live-responses-table .response-col_status").last();
      await live.waitFor();
      assert.match(await live.innerText(), /^200/);
      assert.match(await block.locator(".live-responses-table").innerText(), /"status"/);
      assert.deepEqual(complaints, []);
    },
  },
  {
    name: "everything comes from this instance, under a policy without inline script or style",
    async run({ page, complaints, requested, demo }) {
      const reply = await openDocs(page);
      const policy = reply.headers()["content-security-policy"] ?? "";
      assert.match(policy, /default-src 'none'/);
      assert.doesNotMatch(policy, /unsafe-(inline|eval)/);
      await page.waitForLoadState("networkidle");
      const foreign = requested.filter((url) => !url.startsWith(`${demo.base_url}/`) && !url.startsWith("data:"));
      assert.deepEqual(foreign, []);
      assert.deepEqual(complaints, []);
    },
  },
  {
    name: "the page does not show a foreign contract that its address asks for",
    async run({ page, requested }) {
      await page.goto("/docs?url=https://example.invalid/openapi.json");
      await page.waitForSelector(".opblock");
      assert.deepEqual(requested.filter((url) => url.startsWith("https://example.invalid")), []);
    },
  },
];
