import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { bookLimits } from "../../../src/domain/book.ts";
import { parseIsbn } from "../../../src/domain/isbn.ts";
import { parsePublishedAt } from "../../../src/domain/published_at.ts";
import { readStarterShelf } from "./starter_shelf.ts";

const shelf = readStarterShelf();

describe("starter shelf", () => {
  it("has 10,000 books that the catalogue's own rules allow", () => {
    assert.equal(shelf.length, 10_000);
    for (const { title, author, published_at, description } of shelf) {
      assert.ok(title.trim() !== "" && title.length <= bookLimits.titleMax, title);
      assert.ok(author.trim() !== "" && author.length <= bookLimits.authorMax, author);
      assert.ok(description.length <= bookLimits.descriptionMax);
      assert.ok(published_at === null || parsePublishedAt(published_at) === published_at, title);
    }
  });

  it("keeps quotes, commas, letters of all scripts, years before the common era, unknown years", () => {
    const authors = shelf.map(({ author }) => author);
    assert.ok(authors.includes("J.K. Rowling, Mary GrandPré"));
    assert.equal(Math.max(...authors.map((author) => author.length)), 742);
    assert.ok(shelf.some(({ title }) => /\p{Script=Cyrillic}/u.test(title)));
    assert.ok(shelf.some(({ title }) => /\p{Script=Arabic}/u.test(title)));
    assert.ok(shelf.some(({ published_at }) => Number(published_at) < 0));
    assert.equal(shelf.filter(({ published_at }) => published_at === null).length, 21);
  });

  it("has descriptions that are sentences, by which no search finds most of the books", () => {
    const counts = new Map<string, number>();
    for (const { description } of shelf) {
      assert.match(description, /^[A-Z][\p{L}, ()]+\.$/u);
      const parts = description.toLowerCase().split(/[^\p{L}]+/u)
        .flatMap((word) => [...word].map((_, at) => word.slice(at, at + 3)));
      for (const part of new Set(parts.filter(({ length }) => length === 3))) {
        counts.set(part, (counts.get(part) ?? 0) + 1);
      }
    }
    const [part, most] = [...counts].toSorted(([, a], [, b]) => b - a)[0] ?? [];
    assert.ok(Number(most) < 3_000, `"${part}" is in the descriptions of ${most} books`);
    assert.equal(shelf.filter(({ description }) => description.includes(", in ")).length, 186);
  });

  it("has ISBNs, all with the right check digit", () => {
    const isbns = shelf.flatMap(({ isbn }) => isbn ? [isbn] : []);
    assert.ok(isbns.length > 9_000, `${isbns.length} ISBNs`);
    assert.ok(isbns.every((isbn) => parseIsbn(isbn) === isbn));
  });
});
