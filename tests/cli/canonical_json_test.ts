import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { canonicalJson } from "../../src/cli/canonical_json.ts";

describe("canonicalJson()", () => {
  const cases: readonly (readonly [from: string, to: string])[] = [
    ['{"b":1,"a":2}', '{"a":2,"b":1}'],
    ['[{"z":[],"y":{}}, "\\u0041\\/"]', '[{"y":{},"z":[]},"A/"]'],
    ['{"é":1,"z":2,"\\u007a0":3,"__proto__":4}', '{"__proto__":4,"z":2,"z0":3,"é":1}'],
    ['"{,}:[]"', '"{,}:[]"'],
    [" true ", "true"],
    ["1.0", "1"],
    ["-0.0", "0"],
    ["1e2", "100"],
    ["0.10", "0.1"],
    ["12345678901234567890", "12345678901234567890"],
    ["1234567890123456789e1", "12345678901234567890"],
    ["12345678901234567890.50", "123456789012345678905e-1"],
    ["1e400", "1e400"],
    ["10e399", "1e400"],
    ["0.1234567890123456789012345", "1234567890123456789012345e-25"],
    ['"\\ud800"', '"\\ud800"'],
  ];
  for (const [from, to] of cases) {
    it(`${from} is ${to}`, () => assert.equal(canonicalJson(from), to));
  }

  it("equal data are equal bytes, and the same data", () => {
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      const canonical = canonicalJson(JSON.stringify(value));
      assert.deepEqual(JSON.parse(canonical), JSON.parse(JSON.stringify(value)));
      assert.equal(canonicalJson(JSON.stringify(reversed(value), null, 2)), canonical);
    }));
  });

  it("keeps the value of every number", () => {
    const digits = fc.stringMatching(
      /^-?(0|[1-9][0-9]{0,25})(\.[0-9]{1,25})?([eE][-+]?[0-9]{1,3})?$/,
    );
    fc.assert(fc.property(digits, (number) => {
      const canonical = canonicalJson(number);
      assert.equal(Number(canonical) || 0, Number(number) || 0);
      assert.equal(canonicalJson(canonical), canonical);
    }));
  });

  for (
    const [text, says] of [
      ["", /JSON/],
      ["{a:1}", /JSON/],
      ["01", /JSON/],
      ["NaN", /JSON/],
      ["1 2", /JSON/],
      ['{"a":1,"\\u0061":2}', /JSON has the name "a" twice in an object, wanted it once/],
      ["[".repeat(600) + "]".repeat(600), /JSON is nested 501 levels deep, wanted at most 500/],
    ] as const
  ) {
    it(`refuses ${text.slice(0, 30)}`, () => {
      assert.throws(() => canonicalJson(text), (error) => {
        assert.ok(error instanceof SyntaxError);
        assert.match(error.message, says);
        return true;
      });
    });
  }
});

function reversed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).toReversed().map(([k, v]) => [k, reversed(v)]));
}
