import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { validateRecord } from "./validate_record.ts";

describe("validateRecord", () => {
  it("counts text as the bytes of its UTF-8 form", () => {
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => {
      const bytes = new TextEncoder().encode(text).length;
      assert.equal(validateRecord("t", { key: text, value: null }), bytes);
    }));
  });
});
