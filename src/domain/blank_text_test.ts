import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { isBlank } from "./blank_text.ts";

describe("a blank text", () => {
  it("shows nothing, whatever it is made of", () => {
    const blanks = ["", " \t\n", "\u00a0", "\u200b", "\ufeff", "\u200d\u200c", "\u3164", "\u2800"];
    for (const text of [...blanks, "\u00ad", "\u0301", "\u202e", "\u0000", "\u{e0020}"]) {
      assert.ok(isBlank(text), JSON.stringify(text));
    }
  });

  it("is none where a single character can be seen", () => {
    for (const text of ["a", " 1 ", "?", "\u200b書", "🙂", "\u202eב", "é"]) {
      assert.ok(!isBlank(text), JSON.stringify(text));
    }
  });
});
