/** The laws on the starter shelf, over restarts and beside other starts. */
import assert from "node:assert/strict";
import { bookOf, booksFor, type CatalogueLaw, finds, shelfOf } from "../catalogue_law.ts";

const total = 10_000;

export const shelfLaws: readonly CatalogueLaw[] = [
  {
    name: "a first start loads the starter shelf, most popular first, and tells how far it is",
    async run(open) {
      const progress: number[] = [];
      const startedMs = performance.now();
      const catalogue = await open({
        shelf: "starter",
        onShelfProgress(loaded, of) {
          assert.equal(of, total);
          progress.push(loaded);
        },
      });
      // Some 1.5 s on a machine of its own; wide enough for one that is shared.
      assert.ok(performance.now() - startedMs < 15_000, "the shelf took over 15 s");
      assert.deepEqual(progress, progress.toSorted((a, b) => a - b));
      assert.equal(progress.at(-1), total);
      assert.equal((await catalogue.get(1))?.author, "Suzanne Collins");
      assert.deepEqual((await shelfOf(catalogue, 5, total - 1)).map(({ id }) => id), [total]);
      assert.equal((await catalogue.add(bookOf("Ubik, again"))).id, total + 1);
    },
  },
  {
    name: "searches on the starter shelf find what a reader means",
    async run(open) {
      const catalogue = await open({ shelf: "starter" });
      for (
        const [query, first] of [
          ["it", "It"],
          ["1984", "1984"],
          ["hunger games", "The Hunger Games (The Hunger Games, #1)"],
          ["catch22", "Catch-22"],
          ["slaughterhouse five", "Slaughterhouse-Five"],
          ["0439023483", "The Hunger Games (The Hunger Games, #1)"],
          ["978-0439023481", "The Hunger Games (The Hunger Games, #1)"],
          ["Collins, Suzanne", "The Hunger Games (The Hunger Games, #1)"],
          ["JK Rowling", "Harry Potter and the Sorcerer's Stone (Harry Potter, #1)"],
          ["Sorcerer’s Stone", "Harry Potter and the Sorcerer's Stone (Harry Potter, #1)"],
          ["pride & prejudice", "Pride and Prejudice"],
          ["zafon", "The Shadow of the Wind (The Cemetery of Forgotten Books,  #1)"],
          ["zafón", "The Shadow of the Wind (The Cemetery of Forgotten Books,  #1)"],
        ] as const
      ) {
        const [book] = await booksFor(catalogue, query, 10);
        assert.equal(book?.title, first, query);
      }
      const books = await booksFor(catalogue, "homer", 10);
      assert.ok(books.some((book) => book.published_at === "-720"));
      await finds(catalogue, "readers isbn", []);
    },
  },
  {
    name: "a second start loads nothing",
    async run(open) {
      const first = await open({ shelf: "starter" });
      await first[Symbol.asyncDispose]();
      const second = await open({
        shelf: "starter",
        onShelfProgress: () => assert.fail("the shelf was loaded again"),
      });
      assert.equal((await shelfOf(second, 5, total - 1)).length, 1);
    },
  },
  {
    name: "a shelf that was empty at its first start stays without starter books",
    async run(open) {
      const first = await open({ shelf: "empty" });
      await first[Symbol.asyncDispose]();
      const second = await open({ shelf: "starter" });
      assert.deepEqual(await shelfOf(second, 1), []);
    },
  },
  {
    name: "services that start at the same time load the shelf once",
    async run(open) {
      let loads = 0;
      const onShelfProgress = (loaded: number, of: number) => {
        if (loaded === of) loads++;
      };
      const catalogues = await Promise.all(
        Array.from({ length: 3 }, () => open({ shelf: "starter", onShelfProgress })),
      );
      assert.equal(loads, 1);
      for (const catalogue of catalogues) {
        assert.deepEqual((await shelfOf(catalogue, 5, total - 1)).map(({ id }) => id), [total]);
      }
    },
  },
];
