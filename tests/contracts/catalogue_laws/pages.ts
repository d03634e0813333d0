import assert from "node:assert/strict";
import { bookOf, type CatalogueLaw, finds, requestFor, shelve } from "../catalogue_law.ts";

const dunes = ["Sons of Dune", "Dune Messiah", "Dune", "The Road to Dune", "Dunes", "dune"];
const dunesInOrder = ["Dune", "dune", "Dune Messiah", "Dunes", "Sons of Dune", "The Road to Dune"];

export const pageLaws: readonly CatalogueLaw[] = [
  {
    name: "search() puts equal titles first, then those that start so, then the rest, each by id",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, [...dunes, bookOf("Arrakis", { description: "dune" })]);
      await finds(catalogue, "DUNE", [...dunesInOrder, "Arrakis"]);
    },
  },
  {
    name: "search() orders by the whole query, with its white space made one space",
    async run(open) {
      const catalogue = await open();
      const titles = ["Messiah of Dune", "Dune  Messiah (2)", "Dune\u00a0Messiah"];
      await shelve(catalogue, titles);
      await finds(catalogue, "  dune \t messiah ", titles.toReversed());
    },
  },
  {
    name: "search() takes trailing spaces and NULs of a title for what they are in the order",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, ["ab c", "ab\0", "ab "]);
      await finds(catalogue, "ab", ["ab ", "ab c", "ab\0"]);
    },
  },
  {
    name: "pages of a search join without gap and repeat, and only the last has no more",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, dunes);
      for (const limit of [1, 2, 3, 4, 6, 7]) {
        const titles: string[] = [];
        for (let offset = 0;; offset += limit) {
          const page = await catalogue.search(requestFor("dune", offset, limit));
          titles.push(...page.books.map((book) => book.title));
          assert.equal(page.hasMore, titles.length < dunes.length);
          if (!page.hasMore) break;
          assert.equal(page.books.length, limit);
        }
        assert.deepEqual(titles, dunesInOrder);
      }
    },
  },
  {
    name: "a page behind the end is empty and has no more",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, dunes);
      const end = { books: [], hasMore: false };
      assert.deepEqual(await catalogue.search(requestFor("dune", 6, 10)), end);
      assert.deepEqual(await catalogue.search(requestFor("dune", 1000, 10)), end);
      assert.deepEqual(await catalogue.list({ offset: 1000, limit: 10 }), end);
    },
  },
  {
    name: "list() gives all books by id, page by page",
    async run(open) {
      const catalogue = await open();
      const books = await shelve(catalogue, ["c", "a", "b"]);
      assert.deepEqual(await catalogue.list({ offset: 0, limit: 2 }), {
        books: books.slice(0, 2),
        hasMore: true,
      });
      assert.deepEqual(await catalogue.list({ offset: 2, limit: 2 }), {
        books: books.slice(2),
        hasMore: false,
      });
      assert.deepEqual(await catalogue.list({ offset: 0, limit: 3 }), { books, hasMore: false });
    },
  },
];
