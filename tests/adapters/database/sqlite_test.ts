/** What only SQLite can do wrong: files of others, locks, other processes. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "@std/testing/bdd";
import { openSqliteCatalogue } from "../../../adapters/database/sqlite/sqlite_catalogue.ts";
import { type BookPage, booksOf, type SearchPosition } from "../../../src/ports/book_catalogue.ts";
import {
  bookOf,
  comesTrue,
  faultOf,
  finds,
  requestFor,
  shelfOf,
  shelve,
} from "../../contracts/catalogue_law.ts";
import { openInOtherProcess } from "./other_process.ts";

async function inFolder(law: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "shelfcast_sqlite_" });
  try {
    await law(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** What another program does to the file. */
function change(file: string, sql: string): void {
  using database = new DatabaseSync(file);
  database.exec(sql);
}

/** A start fails, says so in these words, and leaves the file as it is. */
async function refuses(file: string, words: RegExp): Promise<void> {
  const before = await Deno.readFile(file);
  const fault = await faultOf("failed", openSqliteCatalogue({ file, shelf: "empty" }));
  assert.match(fault.message, words);
  assert.ok(fault.message.includes(`"${file}"`), fault.message);
  assert.deepEqual(await Deno.readFile(file), before);
}

describe("SQLite catalogue", () => {
  it("makes the folders of its file", () =>
    inFolder(async (folder) => {
      const file = `${folder}/a/b/shelf.db`;
      await using catalogue = await openSqliteCatalogue({ file, shelf: "empty" });
      assert.equal((await catalogue.health()).status === "ok", true);
    }));

  it("leaves one file when it is closed", () =>
    inFolder(async (folder) => {
      const catalogue = await openSqliteCatalogue({ file: `${folder}/shelf.db`, shelf: "empty" });
      await catalogue.add(bookOf("Dune"));
      await catalogue[Symbol.asyncDispose]();
      assert.deepEqual([...Deno.readDirSync(folder)].map((entry) => entry.name), ["shelf.db"]);
    }));

  it("finds titles that begin with the query page by page, be they few or many", () =>
    inFolder(async (folder) => {
      const file = `${folder}/shelf.db`;
      await using catalogue = await openSqliteCatalogue({ file, shelf: "empty" });
      for (const [name, count] of [["dune", 130], ["emma", 30]] as const) {
        // Not in the order of their titles, and with others among them.
        const titles = Array.from({ length: count }, (_, n) => `${name} ${count * 7 - n}`);
        const others = titles.map((title) => `The ${title}`);
        await catalogue.addMissing(
          titles.flatMap((title, n) => [bookOf(title), bookOf(others[n] ?? "")]),
        );
        const found: unknown[] = [];
        for (let after: SearchPosition | undefined = { place: 0, id: 0 }; after !== undefined;) {
          const page: BookPage = await catalogue.search({ ...requestFor(name, 0, 7), after });
          found.push(...booksOf(page).map(({ title }) => title));
          after = page.next;
        }
        assert.deepEqual(found, [...titles, ...others]);
      }
    }));

  it("has lists in pages that a deep page can enter, also in a shelf from before", () =>
    inFolder(async (folder) => {
      const file = `${folder}/shelf.db`;
      const pageBytes = (): unknown => {
        using database = new DatabaseSync(file);
        return database.prepare("SELECT v FROM shelfcast_grams_config WHERE k = 'pgsz'").get()?.v;
      };
      await (await openSqliteCatalogue({ file, shelf: "empty" }))[Symbol.asyncDispose]();
      const wanted = pageBytes();
      assert.ok(Number(wanted) < 1000, `pages have ${wanted} bytes`);
      change(file, "INSERT INTO shelfcast_grams (shelfcast_grams, rank) VALUES ('pgsz', 1000)");
      await using _catalogue = await openSqliteCatalogue({ file, shelf: "empty" });
      await comesTrue(() => Promise.resolve(pageBytes() === wanted));
    }));

  for (const kind of ["search", "list"] as const) {
    it(`finds what was changed between two questions of one turn by the second: ${kind}`, () =>
      inFolder(async (folder) => {
        const file = `${folder}/shelf.db`;
        await using catalogue = await openSqliteCatalogue({ file, shelf: "empty" });
        await shelve(catalogue, ["Dune"]);
        const { query, ...page } = requestFor("dune");
        const ask = () =>
          kind === "list" ? catalogue.list(page) : catalogue.search({ query, ...page });
        // The first one learns that the index is built, the second keeps its page.
        for (let n = 0; n < 2; n++) await ask();
        await new Promise((nextTurn) => setImmediate(nextTurn));
        const before = ask();
        change(file, "DELETE FROM shelfcast_forms");
        const behind = [ask(), ask()];
        const counts = (await Promise.all([before, ...behind])).map(({ count }) => count);
        assert.deepEqual(counts, [1, 0, 0]);
      }));
  }

  it("refuses a file that is no database", () =>
    inFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/shelf.db`, "id,title\n".repeat(500));
      await refuses(`${folder}/shelf.db`, /no SQLite database/);
    }));

  it("refuses a table of books that it has not made", () =>
    inFolder(async (folder) => {
      change(`${folder}/shelf.db`, "CREATE TABLE Books (isbn TEXT)");
      await refuses(`${folder}/shelf.db`, /table "books" that Shelfcast did not make/);
    }));

  it("stands beside tables of others that bear other names", () =>
    inFolder(async (folder) => {
      const file = `${folder}/shelf.db`;
      change(file, "CREATE TABLE loans (isbn TEXT); INSERT INTO loans VALUES ('1')");
      await using catalogue = await openSqliteCatalogue({ file, shelf: "empty" });
      await shelve(catalogue, ["Dune"]);
      using database = new DatabaseSync(file);
      assert.equal(database.prepare("SELECT count(*) AS loans FROM loans").get()?.loans, 1);
    }));

  it("refuses tables of a newer version", () =>
    inFolder(async (folder) => {
      const file = `${folder}/shelf.db`;
      await (await openSqliteCatalogue({ file, shelf: "empty" }))[Symbol.asyncDispose]();
      change(file, "INSERT INTO shelfcast_migrations VALUES (99, '0099_future.sql', '2099')");
      await refuses(file, /schema version 99, wanted at most \d+/);
    }));

  it("refuses a folder in the place of its file, and a file in the place of its folder", () =>
    inFolder(async (folder) => {
      const fault = await faultOf("failed", openSqliteCatalogue({ file: folder, shelf: "empty" }));
      assert.match(fault.message, /a folder stands there, wanted a file/);
      await Deno.writeTextFile(`${folder}/plain`, "");
      const file = `${folder}/plain/shelf.db`;
      const other = await faultOf("failed", openSqliteCatalogue({ file, shelf: "empty" }));
      assert.match(other.message, /Cannot open SQLite database/);
    }));

  it("searches while another process writes; add() waits for it, and then says that it is busy", () =>
    inFolder(async (folder) => {
      const file = `${folder}/shelf.db`;
      await using catalogue = await openSqliteCatalogue({
        file,
        shelf: "empty",
        busyTimeoutMs: 50,
      });
      await shelve(catalogue, ["Dune"]);
      using other = new DatabaseSync(file);
      other.exec("BEGIN IMMEDIATE");
      await faultOf("unavailable", catalogue.add(bookOf("Emma")));
      await finds(catalogue, "dune", ["Dune"]);
      other.exec("COMMIT");
      assert.equal((await catalogue.add(bookOf("Emma"))).id, 2);
    }));

  it("does not bring back starter books that somebody has deleted", () =>
    inFolder(async (folder) => {
      const file = `${folder}/shelf.db`;
      await (await openSqliteCatalogue({ file }))[Symbol.asyncDispose]();
      change(file, "PRAGMA foreign_keys = ON; DELETE FROM books");
      await using catalogue = await openSqliteCatalogue({ file });
      await comesTrue(async () => (await shelfOf(catalogue, 1)).length === 0);
      assert.deepEqual(await shelfOf(catalogue, 1), []);
      await finds(catalogue, "dune", []);
      assert.equal((await catalogue.add(bookOf("Dune"))).id, 10_001);
    }));

  it("loads the shelf whole after it was killed while loading", () =>
    inFolder(async (folder) => {
      const file = `${folder}/shelf.db`;
      assert.equal((await openInOtherProcess("sqlite", { file }, 500)).killed, true);
      const loaded: number[] = [];
      await using catalogue = await openSqliteCatalogue({
        file,
        onShelfProgress: (books) => loaded.push(books),
      });
      assert.equal(loaded.at(-1), 10_000);
      assert.deepEqual((await shelfOf(catalogue, 5, 9_999)).map(({ id }) => id), [10_000]);
    }));

  it("loads the shelf once for processes that start at the same time", () =>
    inFolder(async (folder) => {
      const options = { file: `${folder}/shelf.db` };
      const ended = await Promise.all(
        Array.from({ length: 3 }, () => openInOtherProcess("sqlite", options)),
      );
      assert.deepEqual(ended.map(({ printed }) => printed), ["1", "1", "1"]);
    }));

  it("answers a search of 10,000 books in a few milliseconds", () =>
    inFolder(async (folder) => {
      await using catalogue = await openSqliteCatalogue({ file: `${folder}/shelf.db` });
      const times: number[] = [];
      for (let round = 0; round < 10; round++) {
        for (const query of ["hunger games", "dune", "zafón", "nothing like this"]) {
          const startedMs = performance.now();
          await catalogue.search(requestFor(query, 0, 10));
          times.push(performance.now() - startedMs);
        }
      }
      const median = times.toSorted((a, b) => a - b)[times.length / 2] ?? Infinity;
      // Some 2 ms on a machine of its own; wide enough for one that is shared.
      assert.ok(median < 15, `the median was ${median} ms`);
    }));
});
