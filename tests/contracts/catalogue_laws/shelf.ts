/** The laws on the starter shelf, over restarts and beside other starts. */
import assert from "node:assert/strict";
import { bookOf, type CatalogueLaw, finds, requestFor } from "../catalogue_law.ts";

const total = 10_000;
const afterTheLast = { offset: total - 1, limit: 5 };

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
      assert.ok(performance.now() - startedMs < 3_000, "the shelf took over 3 s");
      assert.deepEqual(progress, progress.toSorted((a, b) => a - b));
      assert.equal(progress.at(-1), total);
      assert.equal((await catalogue.get(1))?.author, "Suzanne Collins");
      const { books, hasMore } = await catalogue.list(afterTheLast);
      assert.deepEqual([books.length, books[0]?.id, hasMore], [1, total, false]);
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
          ["zafón", "The Shadow of the Wind (The Cemetery of Forgotten Books,  #1)"],
        ] as const
      ) {
        const { books } = await catalogue.search(requestFor(query, 0, 10));
        assert.equal(books[0]?.title, first);
      }
      const { books } = await catalogue.search(requestFor("homer", 0, 10));
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
      assert.equal((await second.list(afterTheLast)).books.length, 1);
    },
  },
  {
    name: "a shelf that was empty at its first start stays without starter books",
    async run(open) {
      const first = await open({ shelf: "empty" });
      await first[Symbol.asyncDispose]();
      const second = await open({ shelf: "starter" });
      assert.deepEqual(await second.list({ offset: 0, limit: 1 }), { books: [], hasMore: false });
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
        const { books, hasMore } = await catalogue.list(afterTheLast);
        assert.deepEqual([books[0]?.id, hasMore], [total, false]);
      }
    },
  },
];
