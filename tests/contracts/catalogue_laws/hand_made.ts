import assert from "node:assert/strict";
import {
  bookOf,
  booksFor,
  type CatalogueLaw,
  comesToFind,
  comesTrue,
  finds,
  shelfOf,
  shelve,
} from "../catalogue_law.ts";

const values = "title, author, published_at, description, created_at";

export const handMadeLaws: readonly CatalogueLaw[] = [
  {
    name: "a book that somebody changes by SQL is found by what it says now",
    async run(open, execute) {
      const [catalogue, other] = [await open(), await open()];
      await shelve(catalogue, ["Duen", "Emma"]);
      await execute("UPDATE books SET title = 'Dune', isbn = '0-441-17271-7' WHERE id = 1");
      for (const each of [catalogue, other]) {
        await comesToFind(each, "dune", ["Dune"]);
        await finds(each, "9780441172719", ["Dune"]);
        await finds(each, "duen", []);
        assert.equal((await booksFor(each, "dune"))[0]?.title, (await each.get(1))?.title);
      }
    },
  },
  {
    name: "a book that somebody deletes by SQL hides none behind it",
    async run(open, execute) {
      const catalogue = await open();
      await shelve(catalogue, ["Dune 1", "Dune 2", "Dune 3", "Dune 4"]);
      await execute("DELETE FROM books WHERE id IN (1, 3)");
      await comesToFind(catalogue, "dune", ["Dune 2", "Dune 4"]);
      assert.deepEqual((await shelfOf(catalogue, 9)).map(({ id }) => id), [2, 4]);
    },
  },
  {
    name: "a book that somebody inserts by SQL, or gives another id, is found",
    async run(open, execute) {
      const catalogue = await open();
      await execute(
        `INSERT INTO books (${values}) VALUES ('Dune', 'H', NULL, '', '2026-01-01 00:00:00')`,
      );
      await comesToFind(catalogue, "dune", ["Dune"]);
      await execute("UPDATE books SET id = 7 WHERE id = 1");
      await comesToFind(catalogue, "dune", ["Dune"]);
      const isMoved = async () => (await booksFor(catalogue, "dune"))[0]?.id === 7;
      await comesTrue(isMoved);
      assert.ok(await isMoved());
      assert.equal((await catalogue.add(bookOf("Emma"))).id > 7, true);
    },
  },
  {
    name: "what somebody changes by SQL while no shop runs is found after the next start",
    async run(open, execute) {
      const first = await open();
      await shelve(first, ["Duen", "Emma", "Ubik"]);
      await first[Symbol.asyncDispose]();
      await execute(
        "UPDATE books SET title = 'Dune' WHERE id = 1",
        "DELETE FROM books WHERE id = 2",
      );
      const second = await open();
      await comesToFind(second, "dune", ["Dune"]);
      await comesToFind(second, "emma", []);
      await finds(second, "ubik", ["Ubik"]);
    },
  },
];
