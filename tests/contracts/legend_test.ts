import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { projectFiles, root } from "../architecture/project_files.ts";
import { laws } from "./event_log.ts";
import { type Legend, legend } from "./legend.ts";

const rows = Object.entries<Legend>(legend);

/** What a test's name or a comment begins with. */
const places = /(?:\bit\w*\(\s*["`]|\/\*\* )((?:[A-Z]\d{1,2}(?:, |–|: | ))+)/g;

const idsIn = (file: string): readonly string[] =>
  [...Deno.readTextFileSync(new URL(file, root)).matchAll(places)]
    .flatMap(([, ids = ""]) => ids.match(/[A-Z]\d+/g) ?? []);

describe("the legend of laws", () => {
  it("has a line for every id that a test bears", () => {
    const known = new Set(Object.keys(legend));
    const tests = projectFiles(["src", "adapters", "tests"])
      .filter((file) => /_test\.tsx?$/.test(file) || file.startsWith("tests/contracts/"));
    const unknown = tests.flatMap((file) =>
      idsIn(file).filter((id) => !known.has(id)).map((id) => `${id} in ${file}`)
    );
    assert.deepEqual(unknown, []);
  });

  it("has no line that nothing proves and that does not say why", () => {
    const judged = new Set<string>(laws.map(({ id }) => id));
    const idle = rows.filter(([id, row]) => !judged.has(id) && !row.in && !row.notYet);
    assert.deepEqual(idle, []);
    const proved = rows.filter(([id, row]) => row.notYet && (judged.has(id) || row.in));
    assert.deepEqual(proved, [], "proved, though it says not yet");
  });

  it("names files that exist", async () => {
    for (const [id, row] of rows) {
      for (const file of row.in ?? []) {
        const place = new URL(`tests/${file}`, root);
        await Deno.stat(place).catch(() => assert.fail(`${id}: no such file: tests/${file}`));
      }
    }
  });
});
