/** The laws on opening, closing, and on others that use the same shelf. */
import assert from "node:assert/strict";
import {
  bookOf,
  type CatalogueLaw,
  faultOf,
  finds,
  requestFor,
  shelfOf,
  shelve,
} from "../catalogue_law.ts";

export const lifetimeLaws: readonly CatalogueLaw[] = [
  {
    name: "an open catalogue is ready, a closed one is not",
    async run(open) {
      const catalogue = await open();
      assert.equal((await catalogue.health()).status === "ok", true);
      await catalogue[Symbol.asyncDispose]();
      assert.equal((await catalogue.health()).status === "ok", false);
    },
  },
  {
    name: "books are there after closing and opening again, and ids go on",
    async run(open) {
      const first = await open();
      const books = await shelve(first, ["Dune", "Emma"]);
      await first[Symbol.asyncDispose]();
      const second = await open();
      assert.deepEqual(await shelfOf(second, 5), books);
      await finds(second, "emma", ["Emma"]);
      assert.equal((await second.add(bookOf("Ubik"))).id, 3);
    },
  },
  {
    name: "a book that one process adds is found by another at once",
    async run(open) {
      const [one, other] = [await open(), await open()];
      await finds(other, "dune", []);
      const book = await one.add(bookOf("Dune"));
      await finds(other, "dune", ["Dune"]);
      assert.deepEqual(await other.get(book.id), book);
    },
  },
  {
    name: "what one process adds, changes or removes is so at once for another that asked before",
    async run(open) {
      const [one, other] = [await open(), await open()];
      const asks = async (titles: readonly string[]) => {
        for (let n = 0; n < 3; n++) await finds(other, "dune", titles);
      };
      await asks([]);
      const { id } = await one.add(bookOf("Dune"));
      await asks(["Dune"]);
      await one.update(id, bookOf("Dune Messiah"));
      await asks(["Dune Messiah"]);
      await one.addMissing([bookOf("Dune 2"), bookOf("Dune 3")]);
      await asks(["Dune Messiah", "Dune 2", "Dune 3"]);
      await one.remove(id);
      await asks(["Dune 2", "Dune 3"]);
    },
  },
  {
    name: "closing may be repeated, also at the same time",
    async run(open) {
      const catalogue = await open();
      await Promise.all([catalogue[Symbol.asyncDispose](), catalogue[Symbol.asyncDispose]()]);
      await catalogue[Symbol.asyncDispose]();
    },
  },
  {
    name: "every call after closing rejects with a StoreError",
    async run(open) {
      const catalogue = await open();
      await catalogue[Symbol.asyncDispose]();
      await faultOf("failed", catalogue.search(requestFor("dune")));
      await faultOf("failed", catalogue.list({ offset: 0, limit: 1 }));
      await faultOf("failed", catalogue.get(1));
      await faultOf("failed", catalogue.add(bookOf("Dune")));
      await faultOf("failed", catalogue.addMissing([bookOf("Dune")]));
      await faultOf("failed", catalogue.update(1, bookOf("Dune")));
      await faultOf("failed", catalogue.remove(1));
    },
  },
  {
    name: "a book whose add() resolved while the catalogue was closed is there afterwards",
    async run(open) {
      const catalogue = await open();
      const adding = Array.from({ length: 10 }, (_, index) => catalogue.add(bookOf(`b${index}`)));
      const closing = catalogue[Symbol.asyncDispose]();
      const outcomes = await Promise.allSettled(adding);
      await closing;
      const added = outcomes.flatMap((each) => each.status === "fulfilled" ? [each.value] : []);
      const again = await open();
      for (const book of added) assert.deepEqual(await again.get(book.id), book);
    },
  },
];
