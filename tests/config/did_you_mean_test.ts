import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { didYouMean } from "../../src/config/did_you_mean.ts";

describe("didYouMean()", () => {
  for (
    const [typed, meant] of [
      ["prot", "port"],
      ["pageSize", "page_size"],
      ["hots", "host"],
      ["page", undefined],
      ["database", undefined],
      ["", undefined],
    ] as const
  ) {
    it(`${JSON.stringify(typed)}: ${meant ?? "nothing is near"}`, () => {
      assert.equal(didYouMean(typed, ["host", "port", "page_size"]), meant);
    });
  }
});
