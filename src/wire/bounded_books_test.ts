/** Whatever stands in books, their event is within its bound, and says where it is not all. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import type { Book } from "../domain/book.ts";
import { boundedBooks, leastEventBytes } from "./bounded_books.ts";
import { decodeBooks, decodeBooksSearched } from "./decode_books_searched.ts";
import { encodeBooksSearched } from "./encode_books_searched.ts";

const bookOf = (id: number, more: Partial<Book> = {}): Book => ({
  id,
  title: "Dune",
  author: "Frank Herbert",
  published_at: "1965",
  description: "",
  created_at: "2026-01-01 00:00:00",
  ...more,
});

const page = (books: readonly Book[]) => new TextEncoder().encode(JSON.stringify(books));
const read = (json: Uint8Array): Book[] => JSON.parse(new TextDecoder().decode(json));

describe("the books of an event", () => {
  it("are the page's own bytes where they are within the bound", () => {
    const json = page([bookOf(1)]);
    assert.equal(boundedBooks(json, json.length).json, json);
  });

  it("have their longest descriptions cut, and no other", () => {
    const books = [
      bookOf(1, { description: "short" }),
      bookOf(2, { description: "x".repeat(4000) }),
      bookOf(3, { description: "😀".repeat(2000) }),
    ];
    const { json, isShortened } = boundedBooks(page(books), 5000);
    assert.ok(isShortened);
    assert.ok(json.length <= 5000 && json.length > 4900, `${json.length}`);
    const [first, second, third] = read(json);
    assert.deepEqual(first, books[0]);
    assert.match(second?.description ?? "", /^x{1000,}…$/);
    assert.match(third?.description ?? "", /^(😀){400,}…$/u);
    assert.deepEqual({ ...second, description: "" }, { ...books[1], description: "" });
  });

  it("fit, all of them, whatever stands in them", () => {
    const texts = fc.oneof(
      fc.string({ unit: "binary", maxLength: 20 }),
      fc.constantFrom("\u0000", "\u001f", "\ud800", "\\", '"', "😀", "\u2028", "a"),
    );
    const field = (maxLength: number) =>
      fc.tuple(texts, fc.nat(maxLength)).map(([text, n]) =>
        text.repeat(Math.ceil(n / Math.max(1, text.length))).slice(0, n)
      );
    const book = fc.record({ title: field(500), author: field(1000), description: field(4000) });
    fc.assert(
      fc.property(
        fc.array(book, { maxLength: 100, size: "max" }),
        fc.integer({ min: leastEventBytes, max: 65_536 }),
        (fields, maxBytes) => {
          const books = fields.map((each, n) => bookOf(n + 1, each));
          const { json } = boundedBooks(page(books), maxBytes);
          assert.ok(json.length <= maxBytes, `${json.length} > ${maxBytes}`);
          assert.deepEqual(read(json).map(({ id }) => id), books.map(({ id }) => id));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("are an event that our readers read, with a header where they are not all", () => {
    const worst = "\u0000".repeat(4000);
    const books = Array.from(
      { length: 100 },
      (_, n) =>
        bookOf(n + 1, {
          title: worst.slice(0, 500),
          author: worst.slice(0, 1000),
          description: worst,
        }),
    );
    for (const [some, says] of [[books, "true"], [[bookOf(1)], undefined]] as const) {
      const record = encodeBooksSearched({
        id: "1",
        query: "dune",
        page: 1,
        json: page(some),
        count: some.length,
        searchedAt: 0,
      }, 65_536);
      assert.ok((record.value?.length ?? 0) <= 65_536);
      const header = record.headers?.find(([name]) => name === "ce_shortened")?.[1];
      assert.equal(header === undefined ? undefined : new TextDecoder().decode(header!), says);
      const key = new TextEncoder().encode("dune");
      const headers = record.headers ?? [];
      const event = decodeBooksSearched(
        { key, value: record.value, headers, timestamp: 0 },
        decodeBooks,
      );
      assert.equal(event.books.length, some.length);
    }
  });
});
