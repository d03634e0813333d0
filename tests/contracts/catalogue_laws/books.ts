/** The laws on books: added, found again, refused. */
import assert from "node:assert/strict";
import { bookLimits } from "../../../src/domain/book.ts";
import { type Clock, systemClock } from "../../../src/ports/clock.ts";
import {
  bookOf,
  booksFor,
  type CatalogueLaw,
  faultOf,
  finds,
  requestFor,
  shelfOf,
  shelve,
} from "../catalogue_law.ts";

const fixedClock: Clock = { ...systemClock, now: () => Date.UTC(2026, 1, 3, 4, 5, 6, 789) };

export const bookLaws: readonly CatalogueLaw[] = [
  {
    name: "add() answers the book with an id from 1 on and the time in UTC",
    async run(open) {
      const catalogue = await open({ clock: fixedClock });
      const book = { title: "Dune", author: "F", published_at: "1965", description: "Sand" };
      assert.deepEqual(await catalogue.add(book), {
        id: 1,
        ...book,
        created_at: "2026-02-03 04:05:06",
      });
    },
  },
  {
    name: "get(), list() and search() give what add() gave, its fields in their order",
    async run(open) {
      const catalogue = await open();
      const book = await catalogue.add({
        description: "Sand\r\n\0\ufeff😀\u0301 ",
        published_at: "1965-08-01",
        author: " F.\tHerbert\\'\"",
        title: "\ufeffDune % _ \0 ",
      });
      const text = JSON.stringify(book);
      assert.deepEqual(
        Object.keys(book),
        ["id", "title", "author", "published_at", "description", "created_at"],
      );
      assert.equal(JSON.stringify(await catalogue.get(book.id)), text);
      const pages = [
        await catalogue.list({ offset: 0, limit: 5 }),
        await catalogue.search(requestFor("dune", 0, 5)),
      ];
      // Made once: the very bytes of the answer and of the event.
      for (const page of pages) {
        const facts = [new TextDecoder().decode(page.json), page.text, page.count];
        assert.deepEqual(facts, [`[${text}]`, `[${text}]`, 1]);
      }
    },
  },
  {
    name: "get() of a book that is not there gives undefined",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, ["Dune"]);
      for (const id of [2, 4_294_967_296, Number.MAX_SAFE_INTEGER]) {
        assert.equal(await catalogue.get(id), undefined);
      }
    },
  },
  {
    name: "years before the common era, dates and unknown times of publication are kept",
    async run(open) {
      const catalogue = await open();
      const times = ["-750", "-1", "33", "1997", "1997-06-26", null];
      const books = times.map((published_at, index) => bookOf(`b${index}`, { published_at }));
      await shelve(catalogue, books);
      const kept = await shelfOf(catalogue, 10);
      assert.deepEqual(kept.map((book) => book.published_at), times);
    },
  },
  {
    name: "texts of the greatest lengths are kept and found, whatever their letters take",
    async run(open) {
      const catalogue = await open();
      // Their folded forms are the longest there are: three letters for one, in two and four bytes.
      for (const letter of ["\ufb2c", "\u{1d160}", "\u0958", "ﷺ", "a"]) {
        const book = bookOf(letter.repeat(bookLimits.titleMax / letter.length), {
          author: letter.repeat(bookLimits.authorMax / letter.length),
          description: letter.repeat(bookLimits.descriptionMax / letter.length),
        });
        const added = await catalogue.add(book);
        assert.deepEqual(await catalogue.get(added.id), added);
        await finds(catalogue, book.title.slice(0, 200), [book.title]);
      }
    },
  },
  {
    name: "an author list of some hundred names is kept and found by its last name",
    async run(open) {
      const catalogue = await open();
      const author = Array.from({ length: 90 }, (_, index) => `Author ${index}`).join(", ");
      const [book] = await shelve(catalogue, [bookOf("Anthology", { author })]);
      assert.deepEqual(await booksFor(catalogue, "anthology 89"), [book]);
    },
  },
  {
    name: "add() refuses half a character, and the shelf stays as it was",
    async run(open) {
      const catalogue = await open();
      await faultOf("failed", catalogue.add(bookOf("Dune \ud83d")));
      await faultOf("failed", catalogue.add(bookOf("Dune", { description: "\udc00" })));
      assert.deepEqual(await shelfOf(catalogue, 1), []);
      assert.equal((await catalogue.add(bookOf("Dune"))).title, "Dune");
    },
  },
  {
    name: "books added at once, by several processes, are all there with ids of their own",
    async run(open) {
      const catalogues = [await open(), await open()];
      const added = await Promise.all(
        catalogues.flatMap((catalogue, shop) =>
          Array.from({ length: 20 }, (_, index) => catalogue.add(bookOf(`Dune ${shop} ${index}`)))
        ),
      );
      const inOrder = added.toSorted((a, b) => a.id - b.id);
      assert.equal(new Set(added.map((book) => book.id)).size, 40);
      for (const catalogue of catalogues) {
        assert.deepEqual(await shelfOf(catalogue, 50), inOrder);
        assert.deepEqual(await booksFor(catalogue, "dune"), inOrder);
      }
    },
  },
];
