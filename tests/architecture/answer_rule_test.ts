/**
 * The rule on answers finds each way past `exchange/answer.ts`, and nothing where there is none.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import plugin from "./answer_rule.ts";
import { root } from "./project_files.ts";

const lint = (source: string, file: string): number =>
  Deno.lint.runPlugin(plugin, `${root.pathname}${file}`, source).length;

const past = [
  'const a = new Response("x");',
  "const a = Response.json({});",
  'const a = Response.redirect("/");',
  ...["body", "html", "json", "newResponse", "redirect", "text"].map((name) =>
    `const a = (c: C) => c.${name}("x");`
  ),
  "const a = (c: C) => c.notFound();",
];

describe("the rule on answers", () => {
  it("finds each way past answer.ts", () => {
    for (const source of past) assert.equal(lint(source, "src/http/routes/a.ts"), 1, source);
  });

  it("has nothing against what makes answers, reads requests or is no part of HTTP", () => {
    for (const source of past) {
      assert.equal(lint(source, "src/http/exchange/answer.ts"), 0, source);
      assert.equal(lint(source, "tests/http/a_test.ts"), 0, source);
    }
    const fine = [
      'const a = (c: C) => answer(c, "x");',
      "const a = (c: C) => answerJson(c, {});",
      'const a = (c: C) => c.req.header("Accept");',
      "const a = (response: Response) => response.json();",
    ];
    for (const source of fine) assert.equal(lint(source, "src/http/routes/a.ts"), 0, source);
  });
});
