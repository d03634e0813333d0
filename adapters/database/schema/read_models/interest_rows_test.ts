import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { firstIn } from "./interest_rows.ts";

describe("the beginning of a visitor's list", () => {
  const text = fc.oneof(fc.string({ unit: "binary" }), fc.constantFrom('"],[', "\\", '\\"', "],"));
  const weight = fc.double({ noDefaultInfinity: true, noNaN: true });
  const book = fc.tuple(fc.nat(), text, text, weight);

  it("has so many books as are wanted, the same ones, whatever they are called", () => {
    fc.assert(fc.property(fc.array(book, { maxLength: 8 }), fc.nat(9), (books, limit) => {
      const first = JSON.parse(firstIn(JSON.stringify(books), limit));
      assert.deepEqual(first.slice(0, limit), JSON.parse(JSON.stringify(books.slice(0, limit))));
      if (limit > 0 && limit < books.length) assert.equal(first.length, limit);
    }));
  });

  it("is all of a list that is written otherwise", () => {
    const odd = '[[1, "a", "b", 2], [2, "c", "d", 1]]';
    assert.equal(firstIn(odd, 1), odd);
    assert.equal(firstIn("[]", 1), "[]");
  });
});
