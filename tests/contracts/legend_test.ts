import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { projectFiles, root } from "../architecture/project_files.ts";
import { laws } from "./event_log.ts";
import { type Legend, legend } from "./legend.ts";

const rows = Object.entries<Legend>(legend);

/** What a test's name or a comment begins with, or a comment names in brackets. */
const places = [
  /(?:\bit\w*\(\s*["`]|\/\*\*\s+(?:\* )?)((?:[A-Z]\d{1,2}(?:, |–|: | ))+)/g,
  /\*.*\(([PGOSKDM]\d{1,2}(?:, [PGOSKDM]\d{1,2})*)\)/g,
];

function idsIn(file: string): readonly string[] {
  const source = Deno.readTextFileSync(new URL(file, root));
  return places.flatMap((place) => [...source.matchAll(place)])
    .flatMap(([, ids = ""]) => ids.match(/[A-Z]\d+/g) ?? []);
}

const files = projectFiles(["src", "adapters", "tests"]).filter((file) => /\.tsx?$/.test(file));

describe("the legend of laws", () => {
  it("has a line for every id that a test bears", () => {
    const known = new Set(Object.keys(legend));
    const tests = files.filter((file) =>
      /_test\.tsx?$/.test(file) || file.startsWith("tests/contracts/")
    );
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

  it("names files and folders whose tests bear the id", () => {
    const unmarked = rows.flatMap(([id, row]) =>
      (row.in ?? [])
        .filter((place) =>
          !files.some((file) => file.startsWith(`tests/${place}`) && idsIn(file).includes(id))
        )
        .map((place) => `${id} in tests/${place}`)
    );
    assert.deepEqual(unmarked, []);
  });
});
