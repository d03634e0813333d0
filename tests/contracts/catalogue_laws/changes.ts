/** Laws of changes: other contents, no more book, many books. */
import assert from "node:assert/strict";
import {
  bookOf,
  booksFor,
  type CatalogueLaw,
  faultOf,
  finds,
  shelfOf,
  shelve,
} from "../catalogue_law.ts";

export const changeLaws: readonly CatalogueLaw[] = [
  {
    name:
      "update() puts other contents into a book, which is then found by them and no longer by the old",
    async run(open) {
      const [catalogue, other] = [await open(), await open()];
      const [before] = await shelve(catalogue, ["Dune", "Emma"]);
      assert.ok(before);
      const change = bookOf("Ubik", { author: "PKD", published_at: "1969", description: "spray" });
      const after = await catalogue.update(1, change);
      assert.deepEqual(after, { ...before, ...change });
      for (const each of [catalogue, other]) {
        assert.deepEqual(await each.get(1), after);
        assert.deepEqual(await booksFor(each, "spray ubik"), [after]);
        await finds(each, "dune", []);
      }
      assert.equal(await catalogue.update(3, change), "missing");
    },
  },
  {
    name: "update() keeps an ISBN that is not given, and takes one away that is null",
    async run(open) {
      const catalogue = await open();
      const isbn = "9780439023481";
      await shelve(catalogue, [bookOf("Dune", { isbn })]);
      await catalogue.update(1, bookOf("Emma"));
      await finds(catalogue, isbn, ["Emma"]);
      await catalogue.update(1, bookOf("Emma", { isbn: null }));
      await finds(catalogue, isbn, []);
      await catalogue.update(1, bookOf("Emma", { isbn }));
      await finds(catalogue, isbn, ["Emma"]);
    },
  },
  {
    name: "remove() takes a book away, and its id never comes back",
    async run(open) {
      const catalogue = await open();
      await shelve(catalogue, ["Dune", "Dune Messiah"]);
      assert.equal(await catalogue.remove(2), "removed");
      assert.equal(await catalogue.remove(2), "missing");
      assert.equal(await catalogue.get(2), undefined);
      await finds(catalogue, "dune", ["Dune"]);
      assert.equal((await shelfOf(catalogue, 9)).length, 1);
      assert.equal((await catalogue.add(bookOf("Ubik"))).id, 3);
    },
  },
  {
    name: "update() and remove() leave a book alone that is no longer the expected one",
    async run(open) {
      const catalogue = await open();
      const [dune] = await shelve(catalogue, ["Dune"]);
      const emma = await catalogue.update(1, bookOf("Emma"), dune);
      assert.equal(await catalogue.update(1, bookOf("Ubik"), dune), "changed");
      assert.equal(await catalogue.remove(1, dune), "changed");
      assert.ok(typeof emma !== "string");
      assert.deepEqual(await catalogue.get(1), emma);
      assert.equal(await catalogue.remove(1, emma), "removed");
    },
  },
  {
    name: "of changes that expect the same book, one is made",
    async run(open) {
      const catalogues = [await open(), await open()];
      const [dune] = await shelve(catalogues[0] ?? await open(), ["Dune"]);
      const outcomes = await Promise.all(
        catalogues.flatMap((catalogue, shop) =>
          [1, 2, 3].map((n) => catalogue.update(1, bookOf(`Book ${shop} ${n}`), dune))
        ),
      );
      assert.equal(outcomes.filter((outcome) => outcome === "changed").length, 5);
    },
  },
  {
    name: "update() refuses half a character, and the book stays as it was",
    async run(open) {
      const catalogue = await open();
      const [dune] = await shelve(catalogue, ["Dune"]);
      await faultOf("failed", catalogue.update(1, bookOf("Dune \ud83d")));
      assert.deepEqual(await catalogue.get(1), dune);
      await finds(catalogue, "dune", ["Dune"]);
    },
  },
  {
    name: "addMissing() adds what is not there, by ISBN, else by title and author",
    async run(open) {
      const catalogue = await open();
      const isbn = "9780439023481";
      await shelve(catalogue, [
        bookOf("Catch-22", { author: "J. Heller" }),
        bookOf("The Hunger Games", { author: "Suzanne Collins", isbn }),
      ]);
      const books = [
        bookOf("catch 22", { author: "J Heller" }),
        bookOf("Catch-22", { author: "Somebody" }),
        bookOf("Another title", { isbn }),
        bookOf("The Hunger Games", { author: "Suzanne Collins", isbn: "9780441172719" }),
        bookOf("Emma", { author: "Jane Austen" }),
        bookOf("EMMA", { author: "Jane Austen" }),
      ];
      assert.equal(await catalogue.addMissing(books), 3);
      assert.equal(await catalogue.addMissing(books), 0);
      assert.equal((await shelfOf(catalogue, 9)).length, 5);
      await finds(catalogue, "emma", ["Emma"]);
      assert.equal(await catalogue.addMissing([]), 0);
    },
  },
  {
    name: "addMissing() adds a book once, whoever adds it at the same time",
    async run(open) {
      const catalogues = [await open(), await open()];
      const books = Array.from({ length: 60 }, (_, n) => bookOf(`Volume ${n}`));
      const added = await Promise.all(
        [0, 20, 40].flatMap((from) =>
          catalogues.map(({ addMissing }) => addMissing(books.slice(from, from + 20)))
        ),
      );
      assert.equal(added.reduce((sum, one) => sum + one, 0), 60);
      const kept = await shelfOf(catalogues[0] ?? await open(), 100);
      assert.equal(new Set(kept.map(({ title }) => title)).size, 60);
      assert.equal(kept.length, 60);
    },
  },
  {
    name: "addMissing() adds all or none",
    async run(open) {
      const catalogue = await open();
      const books = [bookOf("Dune"), bookOf("Emma \ud83d")];
      await faultOf("failed", catalogue.addMissing(books));
      assert.deepEqual(await shelfOf(catalogue, 9), []);
    },
  },
  {
    name: "add() and addMissing() keep the shelf within its bound; what is removed makes room",
    async run(open) {
      const catalogue = await open({ maxBooks: 2 });
      await shelve(catalogue, ["Dune", "Emma"]);
      const { message } = await faultOf("full", catalogue.add(bookOf("Ubik")));
      assert.match(message, /over "2" books/);
      await faultOf("full", catalogue.addMissing([bookOf("Dune"), bookOf("Ubik")]));
      assert.equal(await catalogue.addMissing([bookOf("Dune")]), 0);
      await finds(catalogue, "ubik", []);
      await catalogue.remove(1);
      assert.ok((await catalogue.add(bookOf("Ubik"))).id > 2);
      await faultOf("full", catalogue.add(bookOf("Valis")));
      const after = await catalogue.update(2, bookOf("Persuasion"));
      assert.ok(typeof after !== "string");
    },
  },
];
