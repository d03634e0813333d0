/** Laws of changes by SQL: searches find them, whatever was done to the table. */
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
  {
    name: "books are found by what they say now where somebody has dropped the triggers",
    async run(open, execute) {
      const catalogue = await open();
      await shelve(catalogue, ["Duen", "Emma", "Ubik"]);
      await execute(...dropTriggers);
      await execute(
        "UPDATE books SET title = 'Dune' WHERE id = 1",
        "DELETE FROM books WHERE id = 2",
      );
      await comesToFind(catalogue, "dune", ["Dune"]);
      await comesToFind(catalogue, "emma", []);
      // And they are there again.
      await execute("UPDATE books SET title = 'Valis' WHERE id = 3");
      await comesToFind(catalogue, "valis", ["Valis"]);
      await execute(...dropTriggers, "UPDATE books SET title = 'Duna' WHERE id = 1");
      await catalogue[Symbol.asyncDispose]();
      await comesToFind(await open(), "duna", ["Duna"]);
    },
  },
  {
    name: "books are found by what they say now in a table that somebody has made anew",
    async run(open, execute) {
      const catalogue = await open();
      await shelve(catalogue, ["Duen", "Emma"]);
      await execute(
        `CREATE TABLE other AS SELECT ${values} FROM books`,
        ...dropTriggers,
        "DELETE FROM books",
        `INSERT INTO books (${values}) SELECT ${values} FROM other`,
        "UPDATE books SET title = 'Dune' WHERE title = 'Duen'",
      );
      await comesToFind(catalogue, "dune", ["Dune"]);
      await comesToFind(catalogue, "emma", ["Emma"]);
      assert.deepEqual((await shelfOf(catalogue, 9)).map(({ title }) => title), ["Dune", "Emma"]);
    },
  },
  {
    name: "a book that no trigger was told of, behind all others, is found or gone",
    async run(open, execute) {
      const catalogue = await open();
      await shelve(catalogue, ["Dune", "Emma"]);
      // As where a table is emptied at once, or restored from a copy that has triggers.
      await execute("DELETE FROM books WHERE id = 2");
      await comesToFind(catalogue, "emma", []);
      await execute("DELETE FROM shelfcast_forms", "DELETE FROM shelfcast_changes");
      await comesToFind(catalogue, "dune", ["Dune"]);
    },
  },
  {
    name: "a start after an update indexes anew what the search form has learned to compare",
    async run(open, execute) {
      const first = await open();
      await shelve(first, ["كتـــاب", "Dune"]);
      await first[Symbol.asyncDispose]();
      await execute(
        "UPDATE shelfcast_forms SET text = ' كتـــاب ', title_key = 'كتـــاب' WHERE id = 1",
        "DELETE FROM shelfcast_migrations WHERE name LIKE '%search_form.sql'",
      );
      const second = await open();
      await comesToFind(second, "كتاب", ["كتـــاب"]);
      await finds(second, "dune", ["Dune"]);
    },
  },
  {
    name: "an id by SQL that no number can be holds up no other change",
    async run(open, execute) {
      const catalogue = await open();
      await shelve(catalogue, ["Duen"]);
      const book = (id: string) =>
        `INSERT INTO books (id, ${values}) VALUES (${id}, 'Emma', 'A', NULL, '', '2026-01-01 00:00:00')`;
      await execute(book("9007199254740993"), "UPDATE books SET title = 'Dune' WHERE id = 1");
      await comesToFind(catalogue, "dune", ["Dune"]);
      await finds(catalogue, "emma", []);
      assert.equal((await shelfOf(catalogue, 9)).length, 1);
      await execute("DELETE FROM books WHERE id > 1", book("9007199254740991"));
      await comesToFind(catalogue, "emma", ["Emma"]);
    },
  },
];

const dropTriggers = ["added", "changed", "removed"].map((name) =>
  `DROP TRIGGER shelfcast_book_${name}`
);
