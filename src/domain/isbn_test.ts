import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { parseIsbn } from "./isbn.ts";

describe("parseIsbn()", () => {
  it("gives the 13 digits, whichever form a number is written in", () => {
    for (const text of ["0439023483", "0-439-02348-3", "9780439023481", "978‑0‑439 02348‑1"]) {
      assert.equal(parseIsbn(text), "9780439023481", text);
    }
    assert.equal(parseIsbn("080442957x"), "9780804429573");
    assert.equal(parseIsbn("979-10-90636-07-1"), "9791090636071");
  });

  it("takes no other number and no wrong check digit", () => {
    for (const text of ["", "0439023484", "9780439023482", "123", "97804390234811", "X439023483"]) {
      assert.equal(parseIsbn(text), undefined, text);
    }
    // Every single digit that is wrong is noticed.
    const isbn = "9780439023481";
    for (let at = 3; at < 13; at++) {
      const wrong = isbn.slice(0, at) + (Number(isbn[at]) + 1) % 10 + isbn.slice(at + 1);
      assert.equal(parseIsbn(wrong), undefined, wrong);
    }
  });
});
