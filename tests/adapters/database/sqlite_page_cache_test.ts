/** Pages that were found are answered again, and never when they are no longer true. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "@std/testing/bdd";
import { keepPages } from "../../../adapters/database/sqlite/page_cache.ts";
import type { BookPage } from "../../../src/ports/book_catalogue.ts";
import { requestFor } from "../../contracts/catalogue_law.ts";

async function withPages(
  maxBytes: number,
  law: (pages: {
    ask(query: string, offset?: number, limit?: number): BookPage;
    /** What had to be found, in order. */
    readonly found: string[];
    /** What another program does. */
    change(): void;
  }) => void,
  isComplete = true,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "shelfcast_sqlite_" });
  try {
    using writer = new DatabaseSync(`${folder}/shelf.db`);
    writer.exec("PRAGMA journal_mode = WAL; CREATE TABLE a (n)");
    using reader = new DatabaseSync(`${folder}/shelf.db`, { readOnly: true });
    const found: string[] = [];
    const find = keepPages(reader, maxBytes, ({ query, offset, limit }) => {
      found.push(`${query.typed} ${offset} ${limit}`);
      return { json: new Uint8Array(1_000), count: found.length, isComplete };
    });
    law({
      ask: (query, offset = 0, limit = 10) => find(requestFor(query, offset, limit)),
      found,
      change: () => writer.exec("INSERT INTO a VALUES (1)"),
    });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

describe("pages that were found", () => {
  it("are answered again, each to its own question", () =>
    withPages(100_000, ({ ask, found }) => {
      const first = ask("dune");
      for (
        const [query, offset, limit] of [["emma", 0, 10], ["dune", 10, 10], ["dune", 0, 5]] as const
      ) {
        assert.notEqual(ask(query, offset, limit), first);
      }
      assert.equal(ask("dune"), first);
      assert.deepEqual(found, ["dune 0 10", "emma 0 10", "dune 10 10", "dune 0 5"]);
    }));

  it("are found anew when another program has changed anything", () =>
    withPages(100_000, ({ ask, found, change }) => {
      ask("dune");
      change();
      ask("dune");
      ask("dune");
      assert.equal(found.length, 2);
    }));

  it("take no more bytes than they may: that which nobody asked for the longest goes", () =>
    withPages(3_000, ({ ask, found }) => {
      for (const query of ["a", "b", "a", "c", "a", "b"]) ask(query);
      assert.deepEqual(found, ["a 0 10", "b 0 10", "c 0 10", "b 0 10"]);
    }));

  it("are not kept where they ended early", () =>
    withPages(100_000, ({ ask, found }) => {
      ask("dune");
      ask("dune");
      assert.equal(found.length, 2);
    }, false));
});
