import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { readSection } from "./section.ts";
import { sections } from "./sections.ts";

const root = new URL("../../", import.meta.url);

describe("README", () => {
  for (const { name, text } of sections) {
    it(`section "${name}" is what the code says (deno task readme writes it)`, async () => {
      assert.equal(await readSection(name), await text());
    });
  }

  it("every file and folder that it links to exists", async () => {
    const readme = await Deno.readTextFile(new URL("README.md", root));
    for (const [, target = ""] of readme.matchAll(/\]\((?!https?:|#)([^)#]+)/g)) {
      await Deno.stat(new URL(target, root)).catch(() => assert.fail(`no such file: ${target}`));
    }
  });

  it("every task that it names exists", async () => {
    const readme = await Deno.readTextFile(new URL("README.md", root));
    const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root)));
    for (const [, task = ""] of readme.matchAll(/deno task ([a-z:-]+)/g)) {
      assert.ok(task in tasks, `no such task: ${task}`);
    }
  });
});
