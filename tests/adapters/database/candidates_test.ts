/** Candidates out of the index of SQLite: where ranges end, and what is taken for frequent. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "@std/testing/bdd";
import { openCandidates } from "../../../adapters/database/sqlite/candidates.ts";
import { insertBooks } from "../../../adapters/database/sqlite/change_books.ts";
import { putIntoIndex } from "../../../adapters/database/sqlite/index_books.ts";
import { openSqliteCatalogue } from "../../../adapters/database/sqlite/sqlite_catalogue.ts";
import { inTransaction } from "../../../adapters/database/sqlite/transaction.ts";
import { startMaintenance } from "../../../adapters/database/sqlite/maintenance.ts";
import type { SharedGrams } from "../../../adapters/database/schema/gram_shares.ts";
import { queryGrams } from "../../../adapters/database/schema/grams.ts";
import { indexedBook, storedBook } from "../../../adapters/database/schema/stored_book.ts";
import { bookOf, comesTrue, requestFor } from "../../contracts/catalogue_law.ts";

describe("a range of the index that ends early", () => {
  it("says where the next book is that has all grams, or that there is none", async () => {
    const folder = await Deno.makeTempDir({ prefix: "candidates_" });
    try {
      const file = `${folder}/shelf.db`;
      await (await openSqliteCatalogue({ file, shelf: "empty" }))[Symbol.asyncDispose]();
      using database = new DatabaseSync(file);
      // Far apart, as they are on a big shelf that has few of them.
      inTransaction(database, () => {
        for (let id = 10_000; id <= 3_000_000; id += 10_000) {
          const title = id === 2_500_000 ? "river stone" : id % 20_000 === 0 ? "river" : "stone";
          const book = { title, author: "", published_at: null, description: "" };
          putIntoIndex(database, id, indexedBook(storedBook(id, book, ""), null));
        }
      });
      // Of lists as long as that, a range has some 200,000 ids.
      const ask = openCandidates(database, { of: () => 0.9 }, 0).begin(1);
      const asked = (text: string, afterId: number) => {
        const { query } = requestFor(text, 0, 10);
        const request = { place: 2, grams: queryGrams(query), afterId, limit: 10 } as const;
        const { books, reachedId } = ask(request, query);
        return [books.map(({ id }) => id), reachedId];
      };
      assert.deepEqual(asked("river stone", 0), [[], 2_499_999]);
      assert.deepEqual(asked("river stone", 2_499_999), [[2_500_000], undefined]);
      assert.deepEqual(asked("river stone", 2_500_000), [[], undefined]);
      assert.deepEqual(asked("river zzzz", 0), [[], undefined]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});

describe("what is frequent", () => {
  it("is sampled again when the shelf has grown to twice as many", async () => {
    const folder = await Deno.makeTempDir({ prefix: "candidates_" });
    try {
      const file = `${folder}/shelf.db`;
      await (await openSqliteCatalogue({ file, shelf: "empty" }))[Symbol.asyncDispose]();
      using database = new DatabaseSync(file);
      const samples: SharedGrams[] = [];
      const maintenance = startMaintenance(database, {
        beforeChange: () => {},
        onChanged: () => {},
        onBuild: () => {},
        onSampled: (shares) => samples.push(shares),
        onUnnoted: () => {},
        onFault: (error) => assert.fail(String(error)),
      });
      try {
        for (const [title, count] of [["river", 2_100], ["stone", 2_500]] as const) {
          inTransaction(database, () => {
            insertBooks(database, Array.from({ length: count }, () => bookOf(title)), "");
          });
          await comesTrue(() => Promise.resolve(samples.at(-1)?.has(title.slice(0, 3)) === true));
        }
        assert.equal(samples.length, 2);
      } finally {
        maintenance.stop();
      }
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});
