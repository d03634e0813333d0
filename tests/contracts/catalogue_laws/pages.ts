/** Laws of order and of pages. */
import assert from "node:assert/strict";
import { type BookPage, booksOf, type SearchPosition } from "../../../src/ports/book_catalogue.ts";
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
    name: "search() orders by the whole query, in which white space says nothing",
    async run(open) {
      const catalogue = await open();
      const titles = ["Messiah of Dune", "Dune  Messiah (2)", "Dune\u00a0Messiah"];
      await shelve(catalogue, titles);
      await finds(catalogue, "  dune \t messiah ", titles.toReversed());
    },
  },
  {
    name: "search() takes what is no letter or digit in a title for nothing in the order",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, ["ab c", "ab\0", "ab ", "(A.B.)", "x ab", "\u00adAb!"]);
      await finds(catalogue, "ab", ["ab\0", "ab ", "(A.B.)", "\u00adAb!", "ab c", "x ab"]);
    },
  },
  {
    name: "pages of a search join without gap and repeat, by offsets and by positions",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, dunes);
      for (const limit of [1, 2, 3, 4, 6, 7]) {
        const byOffset: string[] = [];
        const byPosition: string[] = [];
        let after: SearchPosition | undefined;
        for (let offset = 0;; offset += limit) {
          const page = await catalogue.search(requestFor("dune", offset, limit));
          byOffset.push(...titlesOf(page));
          const request = { ...requestFor("dune", 0, limit), ...(after && { after }) };
          const same = await catalogue.search(request);
          byPosition.push(...titlesOf(same));
          assert.deepEqual(same, page);
          assert.deepEqual([page.isComplete, page.count], [true, titlesOf(page).length]);
          after = page.next;
          assert.equal(after !== undefined, byOffset.length < dunes.length);
          if (after === undefined) break;
          assert.equal(page.count, limit);
        }
        assert.deepEqual(byOffset, dunesInOrder);
        assert.deepEqual(byPosition, dunesInOrder);
      }
    },
  },
  {
    name:
      "pages that go on from a position neither repeat nor hide a book while others come and go",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, dunes);
      const first = await catalogue.search(requestFor("dune", 0, 3));
      assert.deepEqual(titlesOf(first), dunesInOrder.slice(0, 3));
      // Before the position, of its place and of a later one; and the book that it is made of goes.
      await shelve(catalogue, ["Dune", "Dune Tarot", "Jodorowsky's Dune"]);
      assert.equal(await catalogue.remove(2), "removed");
      assert.ok(first.next);
      const rest = await catalogue.search({ ...requestFor("dune", 0, 9), after: first.next });
      assert.deepEqual(titlesOf(rest), [
        "Dunes",
        "Dune Tarot",
        "Sons of Dune",
        "The Road to Dune",
        "Jodorowsky's Dune",
      ]);
    },
  },
  {
    name: "a page behind the end is empty and has no next one",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, dunes);
      const pages = [
        await catalogue.search(requestFor("dune", 6, 10)),
        await catalogue.search(requestFor("dune", 1000, 10)),
        await catalogue.search({ ...requestFor("dune"), after: { place: 2, id: 99 } }),
        await catalogue.list({ offset: 1000, limit: 10 }),
        await catalogue.list({ after: { place: 2, id: 6 }, offset: 0, limit: 10 }),
      ];
      for (const { json, text, count, next, isComplete } of pages) {
        const facts = [new TextDecoder().decode(json), text, count, next, isComplete];
        assert.deepEqual(facts, ["[]", "[]", 0, undefined, true]);
      }
    },
  },
  {
    name: "list() gives all books by id, page by page",
    async run(open) {
      const catalogue = await open();
      const books = await shelve(catalogue, ["c", "a", "b"]);
      const first = await catalogue.list({ offset: 0, limit: 2 });
      assert.deepEqual([booksOf(first), first.next], [books.slice(0, 2), { place: 2, id: 2 }]);
      for (const request of [{ offset: 2 }, { offset: 0, after: { place: 2, id: 2 } as const }]) {
        const second = await catalogue.list({ ...request, limit: 2 });
        assert.deepEqual([booksOf(second), second.next], [books.slice(2), undefined]);
      }
      const all = await catalogue.list({ offset: 0, limit: 3 });
      assert.deepEqual([booksOf(all), all.next], [books, undefined]);
    },
  },
];

function titlesOf(page: BookPage): readonly string[] {
  return booksOf(page).map((book) => book.title);
}
