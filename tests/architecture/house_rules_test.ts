/** The shape of files, as tests: what no lint rule sees. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { projectFiles, root } from "./project_files.ts";

const maxLines = 400;
const maxLinesUntold = 80;
const files = projectFiles(["src", "adapters", "tests"]);
const code = files.filter((file) => /\.tsx?$/.test(file));
const read = (file: string): string => Deno.readTextFileSync(new URL(file, root));

/** A file that only passes on what others export. */
function isBarrel(text: string): boolean {
  const bare = text.replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, "").trim();
  return /^(?:(?:export\s+(?:type\s+)?(?:\*(?:\s+as\s+\w+)?|\{[^}]*\})\s*from\s*["'][^"']+["'];?)\s*)+$/
    .test(bare);
}

describe("house rules", () => {
  it(`no file has more than ${maxLines} lines`, () => {
    const long = code.map((file) => [file, read(file).trimEnd().split("\n").length] as const)
      .filter(([, lines]) => lines > maxLines);
    assert.deepEqual(long, []);
  });

  it(`a file of more than ${maxLinesUntold} lines opens by saying what it is`, () => {
    const untold = code.filter((file) => {
      const text = read(file);
      return text.trimEnd().split("\n").length > maxLinesUntold &&
        !/^(?:\/\*\*|\/\/) *\S/.test(text) &&
        !/^\/\*\*\n \* \S/.test(text);
    });
    assert.deepEqual(untold, [], "files whose first line begins no comment");
  });

  it("a file bears the name of its concept, in snake_case", () => {
    const vague = /(?:^|_)(?:utils?|helpers?|types?|common|misc|shared|index|mod)$/;
    const stem = (file: string) => file.split("/").at(-1)?.replace(/\.\w+$/, "") ?? "";
    assert.deepEqual(code.filter((file) => vague.test(stem(file).replace(/_test$/, ""))), []);
    assert.deepEqual(code.filter((file) => !/^[a-z][a-z0-9_]*$/.test(stem(file))), []);
    const folders = new Set(files.flatMap((file) => file.split("/").slice(1, -1)));
    assert.deepEqual([...folders].filter((name) => vague.test(name)), []);
  });

  it("no file is a barrel", () => {
    assert.ok(
      isBarrel('// all of it\nexport * from "./a.ts";\nexport type { B } from "./b.ts";\n'),
    );
    assert.ok(!isBarrel('export { a } from "./a.ts";\nexport const b = 1;\n'));
    assert.deepEqual(code.filter((file) => isBarrel(read(file))), []);
  });

  it("no compiler error is silenced, and nothing is left to do", () => {
    // Put together, so that this file does not find itself.
    const words = new RegExp(
      ["@ts-", "ignore|@ts-", "nocheck|\\bTO", "DO\\b|\\bFIX", "ME\\b"].join(""),
    );
    assert.deepEqual(code.filter((file) => words.test(read(file))), []);
  });

  it("comments outside TypeScript wrap at 100 columns; in it, a lint rule wraps them", () => {
    const named = [".ci/run", "Dockerfile", "compose.yaml", "config.yml"];
    const others = [...files.filter((file) => /\.(?:sh|c|sql)$/.test(file)), ...named];
    const wide = others.flatMap((file) =>
      read(file).split("\n")
        .filter((line) => /^\s*(?:#|-- |\/?\*)/.test(line) && [...line].length > 100)
        .map((line) => `${file}: ${line}`)
    );
    assert.deepEqual(wide, []);
  });

  it("a writer or a reader is it", () => {
    const person = /\b(?:[Hh]e|[Hh]is|[Hh]im|[Ss]he|[Hh]er)\b/;
    const texts = [...files, ...projectFiles(["docs"])].filter((file) =>
      /\.(?:tsx?|md|sh|c|sql)$/.test(file) && !file.startsWith("adapters/database/starter_shelf/")
    );
    // Not this file, which has the words.
    const own = "tests/architecture/house_rules_test.ts";
    assert.deepEqual(texts.filter((file) => file !== own && person.test(read(file))), []);
  });

  it("every test file bears a name that the runner finds", () => {
    const untested = code.filter((file) =>
      !file.endsWith("_test.ts") && !file.endsWith("_test.tsx") &&
      /\bDeno\.test\(/.test(read(file)) &&
      file !== "tests/bdd.ts"
    );
    assert.deepEqual(untested, []);
  });
});
