/** Candidates out of the index of SQLite, where the ranges that are looked at end. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "@std/testing/bdd";
import { openCandidates } from "../../../adapters/database/sqlite/candidates.ts";
import { putIntoIndex } from "../../../adapters/database/sqlite/index_books.ts";
import { openSqliteCatalogue } from "../../../adapters/database/sqlite/sqlite_catalogue.ts";
import { inTransaction } from "../../../adapters/database/sqlite/transaction.ts";
import { queryGrams } from "../../../adapters/database/schema/grams.ts";
import { indexedBook, storedBook } from "../../../adapters/database/schema/stored_book.ts";
import { requestFor } from "../../contracts/catalogue_law.ts";

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
