/** The rules on errors find each fault, and nothing where there is none. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import plugin from "./error_rule.ts";
import { projectFiles, root } from "./project_files.ts";

function lint(source: string, file = "src/ports/a.ts"): string[] {
  return Deno.lint.runPlugin(plugin, `${root.pathname}${file}`, source)
    .map(({ message }) => message);
}

/** What is wrong with a text, by the text as the code has it. */
const faults: Readonly<Record<string, RegExp>> = {
  '"no such topic"': /without a capital letter/,
  '`"${name}" is gone`': /without a capital letter/,
  '"--json is not JSON"': /without a capital letter/,
  '"Topic is gone."': /ends with "\."/,
  '"Topic is gone!"': /ends with "!"/,
  '"Topic is gone. Make it"': /several sentences/,
  '"Topic doesn\'t exist"': /contraction/,
  "\"Topic 'a' is gone\"": /single quotes/,
  "`Topic ${name} is gone`": /value of "name" without quotes/,
  '`Topic "${name}" is not in ${log.directory}`': /value of "log.directory" without quotes/,
  '"Name must be short"': /says "must be"/,
  '"Expected a short name"': /says "Expected"/,
  '"Name is an invalid one"': /says "invalid"/,
};

const fine: readonly string[] = [
  '"Log is closed"',
  '`Topic "${topic}" has ${bytes} bytes, wanted at most ${limits.maxBytes}`',
  '`Folder "${path}/${name}" is gone`',
  "`Name is ${JSON.stringify(name)}, wanted text`",
  "`Could not ${doing}: ${reason}`",
  "`${is}, wanted one`",
  "`Offset is ${base + length}, wanted ${index + 1}`",
  "\"Group's position is older than the topic's\"",
  '"Use version 1.2 of it"',
  "message",
];

describe("the rule on the text of errors", () => {
  for (const [text, says] of Object.entries(faults)) {
    it(`refuses ${text}`, () => {
      const messages = lint(`throw new SomeError(${text});`);
      assert.equal(messages.length, 1, messages.join());
      assert.match(messages[0] ?? "", says);
    });
  }

  for (const text of fine) {
    it(`passes ${text}`, () => assert.deepEqual(lint(`throw new SomeError(${text});`), []));
  }

  it("finds the text behind a code, in a sum, in each branch and in a constant", () => {
    for (
      const source of [
        'new QueueError("closed", "log is closed");',
        'new StoreError(code, "Is" + ` closed` + ".");',
        'new Problem("not-found", a ? "no book" : "No book");',
        'const text = "log is closed"; new QueueError("closed", text, { cause });',
        'class AError extends Error { constructor() { super("gone"); } }',
      ]
    ) {
      assert.equal(lint(source).length, 1, source);
    }
  });

  it("wants what is wanted where something given was wrong", () => {
    for (
      const [error, other] of [
        ['QueueError("invalid_record", "Key is long', 'QueueError("closed", "Log is closed")'],
        ['Problem("bad-parameter", "Page is 0', 'Problem("not-found", "Page is gone")'],
        ['RangeError("Page is 0', 'StoreError("failed", "Catalogue is closed")'],
      ]
    ) {
      assert.match(lint(`new ${error}");`).join(), /does not say what is wanted/);
      assert.deepEqual(lint(`new ${error}, wanted less");`), []);
      assert.deepEqual(lint(`new ${other};`), []);
    }
  });

  it("leaves tests and what is exempt alone", () => {
    assert.deepEqual(lint('new QueueError("closed", "x.");', "src/ports/a_test.ts"), []);
    assert.deepEqual(lint('new QueueError("closed", "x.");', "tests/http/a.ts"), []);
    assert.deepEqual(lint('new InvalidArgumentError("Wanted a number.");', "src/cli/a.ts"), []);
  });
});

describe("the rule on the class of errors", () => {
  const plain = ['throw new Error("Gone");', 'reject(Error("Gone"));', 'throw "Gone";'];

  it("refuses plain errors, thrown or not, and texts that are thrown", () => {
    for (const source of [...plain, "throw `Gone`;"]) {
      for (const file of ["src/ports/a.ts", "src/use_cases/a.ts", "adapters/queue/kafka/a.ts"]) {
        assert.match(lint(source, file).join(), /Error has no code/, `${source} in ${file}`);
      }
    }
  });

  it("leaves tests alone, and what ends the process", () => {
    for (const source of plain) {
      assert.deepEqual(lint(source, "tests/http/a.ts"), []);
      assert.deepEqual(lint(source, "src/process/serve.ts"), []);
    }
    assert.equal(lint(plain[0] ?? "", "src/process/deserve.ts").length, 1);
  });
});

describe("the tree", () => {
  it("obeys the rules on errors", () => {
    const files = projectFiles(["src", "adapters"]).filter((file) => /\.tsx?$/.test(file));
    const broken = files.flatMap((file) =>
      lint(Deno.readTextFileSync(new URL(file, root)), file).map((message) => `${file}: ${message}`)
    );
    assert.deepEqual(broken, []);
  });
});
