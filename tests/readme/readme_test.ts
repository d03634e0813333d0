import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { readSection } from "./section.ts";
import { sections } from "./sections.ts";

const root = new URL("../../", import.meta.url);
const maxReadmeBytes = 12_288;

/** The papers at the door and in docs/, by their path. */
async function papers(): Promise<readonly string[]> {
  const found: string[] = [];
  for (const folder of ["", "docs/"]) {
    for await (const { name, isFile } of Deno.readDir(new URL(folder, root))) {
      if (isFile && name.endsWith(".md")) found.push(folder + name);
    }
  }
  return found.sort();
}

const read = (path: string): Promise<string> => Deno.readTextFile(new URL(path, root));

/** How a heading is linked to: lower case, no punctuation, a dash for each space. */
const slugOf = (heading: string): string =>
  heading.toLowerCase().replace(/[^\p{L}\p{N}\s_-]/gu, "").trim().replaceAll(" ", "-");

const slugsOf = (text: string): readonly string[] =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) => slugOf(heading));

describe("README", () => {
  for (const { name, text } of sections) {
    it(`section "${name}" is what the code says (deno task readme writes it)`, async () => {
      assert.equal(await readSection(name), await text());
    });
  }

  it(`has at most ${maxReadmeBytes} bytes`, async () => {
    const { size } = await Deno.stat(new URL("README.md", root));
    assert.ok(size <= maxReadmeBytes, `${size} bytes: what is reference goes to docs/`);
  });
});

describe("papers", () => {
  it("every file, folder and heading that they link to exists", async () => {
    for (const path of await papers()) {
      for (const [, target = ""] of (await read(path)).matchAll(/\]\((?!https?:)([^)\s]+)/g)) {
        const [file = "", heading] = target.split("#");
        const url = file === "" ? new URL(path, root) : new URL(file, new URL(path, root));
        await Deno.stat(url).catch(() => assert.fail(`${path}: no such file: ${target}`));
        if (heading === undefined) continue;
        const slugs = slugsOf(await Deno.readTextFile(url));
        assert.ok(slugs.includes(heading), `${path}: no such heading: ${target}`);
      }
    }
  });

  it("every task that they name exists", async () => {
    const { tasks } = JSON.parse(await read("deno.json"));
    for (const path of await papers()) {
      for (const [, task = ""] of (await read(path)).matchAll(/deno task ([a-z][a-z:-]*)/g)) {
        assert.ok(task in tasks, `${path}: no such task: ${task}`);
      }
    }
  });
});
