import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { bookLimits } from "../../../src/domain/book.ts";
import { parsePublishedAt } from "../../../src/domain/published_at.ts";
import { fold } from "../../../src/domain/search_text.ts";
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

  it("has descriptions by which no search finds most of the books", () => {
    for (const { description } of shelf) {
      assert.match(description, /^★{0,5}☆{0,5}( [\p{L} ]+)?$/u);
      assert.equal(description.match(/[★☆]/gu)?.length, 5);
    }
    const worded = shelf.filter(({ description }) => /\p{L}/u.test(fold(description)));
    assert.equal(worded.length, 186);
  });
});
