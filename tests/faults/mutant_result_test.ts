import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { resultOf } from "./mutant_run.ts";

describe("what became of a killer's test, in Deno's output,", () => {
  for (const [form, before] of [["a test", "one file › when (full) › "], ["a step", "    "]]) {
    it(`is found where it is ${form}`, () => {
      for (const result of ["ok", "FAILED", "cancelled"]) {
        const output = `running 2 tests\n${before}"a" is [b] ... ${result} (1ms)\n\nok | 2 passed`;
        assert.equal(resultOf('"a" is [b]', output), result);
      }
    });

    it(`is found behind what the test printed, where it is ${form}`, () => {
      const printed = "------- output -------\nhello ... ok\n----- output end -----\n";
      const output = `${before}holds ...\n${printed}${before}holds ... FAILED (1ms)\n`;
      assert.equal(resultOf("holds", output), "FAILED");
    });
  }

  it("is that it was cancelled, where an error that nobody caught came in a step", () => {
    const output =
      "a file ...\n  holds ...\nUncaught error from ./a_test.ts FAILED\na file ... cancelled\n";
    assert.equal(resultOf("holds", output), "cancelled");
    assert.equal(resultOf("keeps", output), undefined);
  });

  it("is unknown where another test has a name that contains its own", () => {
    assert.equal(resultOf("holds", "a › never holds ... ok (1ms)\n"), undefined);
    assert.equal(resultOf("holds", "a › holds much ... ok (1ms)\n"), undefined);
  });
});
