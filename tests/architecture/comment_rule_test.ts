import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import plugin from "./comment_rule.ts";
import { projectFiles, root } from "./project_files.ts";

function lint(source: string, file = "src/ports/a.ts"): Deno.lint.Diagnostic[] {
  return Deno.lint.runPlugin(plugin, `${root.pathname}${file}`, source);
}

/** The source with all comments wrapped as the rule would. */
function fixed(source: string, file?: string): string {
  return lint(source, file).toReversed().reduce((text, { range: [from, to], fix }) => {
    const [{ text: wrapped = "" } = {}] = fix ?? [];
    return text.slice(0, from) + wrapped + text.slice(to);
  }, source);
}

const words = (count: number, word = "abcd"): string => Array(count).fill(word).join(" ");

describe("the rule on comments", () => {
  it("wraps one line into several", () => {
    assert.equal(
      fixed(`/** ${words(24)} */\nexport const a = 1;\n`),
      `/**\n * ${words(19)}\n * ${words(5)}\n */\nexport const a = 1;\n`,
    );
    assert.equal(fixed(`/* ${words(20)} */\n`), `/*\n * ${words(19)}\n * abcd\n */\n`);
    assert.equal(fixed(`{\n  // ${words(24)}\n}`), `{\n  // ${words(19)}\n  // ${words(5)}\n}`);
  });

  it("wraps the paragraph that is too long, and leaves the others as they were written", () => {
    const short = " * one\n * two\n *\n";
    assert.equal(
      fixed(`/**\n${short} * ${words(20)}\n * efg\n */`),
      `/**\n${short} * ${words(19)}\n * abcd efg\n */`,
    );
  });

  it("keeps items and tags apart, and hangs what follows them", () => {
    assert.equal(
      fixed(`/**\n * @param a ${words(20)}\n * @throws b\n * - ${words(20)}\n */`),
      `/**\n * @param a ${words(17)}\n *   ${words(3)}\n * @throws b\n * - ${
        words(19)
      }\n *   abcd\n */`,
    );
  });

  it("leaves alone what fits, code, tables, directives, what cannot be broken, and what is no comment", () => {
    const long = "x".repeat(120);
    for (
      const source of [
        `/** ${words(18)} */\n`,
        `/**\n * \`\`\`\n * ${words(30)}\n * \`\`\`\n */\n`,
        `/**\n *     ${words(30)}\n */\n`,
        `/**\n * | ${words(30)} |\n */\n`,
        `// deno-lint-ignore no-a -- ${words(30)}\n`,
        `/// <reference lib="deno.worker" />\n`,
        `// ${long}\n`,
        `const a = 1; // ${words(30)}\n`,
        `const a = \`\n// ${words(30)}\n\`;\n`,
      ]
    ) {
      assert.deepEqual(lint(source), [], source);
    }
  });

  it("counts characters, not code units", () => {
    const hearts = words(24, "💛💛💛");
    assert.deepEqual(lint(`// ${hearts}\n`), []);
  });

  it("has nothing to say about what it has wrapped", () => {
    const files = projectFiles(["src", "adapters", "tests"]).filter((file) => /\.tsx?$/.test(file));
    const broken = files.filter((file) => {
      const text = Deno.readTextFileSync(new URL(file, root));
      return lint(fixed(text, file), file).length > 0;
    });
    assert.deepEqual(broken, []);
  });
});
