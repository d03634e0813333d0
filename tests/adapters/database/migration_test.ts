/**
 * The shelf of an older version becomes an indexed one while it is used: the ways in which that
 * could go wrong.
 */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "@std/testing/bdd";
import { openSqliteCatalogue } from "../../../adapters/database/sqlite/sqlite_catalogue.ts";
import {
  bookOf,
  booksFor,
  comesToFind,
  comesTrue,
  faultOf,
  finds,
  shelfOf,
} from "../../contracts/catalogue_law.ts";
import { benchShelf } from "../../bench/bench_shelf.ts";
import { openInOtherProcess } from "./other_process.ts";
import { makeOlderShelf } from "./older_shelf.ts";

async function inFolder(law: (file: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "shelfcast_older_" });
  try {
    await law(`${folder}/shelf.db`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface Counts {
  readonly indexed: number;
  readonly older: number;
  readonly building: boolean;
}

function countsOf(file: string): Counts {
  using database = new DatabaseSync(file, { readOnly: true });
  const count = (table: string) =>
    Number(database.prepare(`SELECT count(*) AS n FROM ${table}`).get()?.n);
  return {
    indexed: count("shelfcast_forms"),
    older: count("book_search"),
    building: count("shelfcast_build") === 1,
  };
}

async function isBuilt(file: string): Promise<void> {
  const deadlineMs = performance.now() + 60_000;
  while (countsOf(file).building) {
    assert.ok(
      performance.now() < deadlineMs,
      `not indexed in 60 s: ${JSON.stringify(countsOf(file))}`,
    );
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

const books = 4_000;
const titles = Array.from({ length: books }, (_, n) => bookOf(`Volume ${n} of Márquez`));

describe("a shelf of the version before", () => {
  it("is open at once, searched by scanning, and indexed in the background", () =>
    inFolder(async (file) => {
      makeOlderShelf(file, [...titles, bookOf("Dune"), bookOf("Sons of Dune"), bookOf("Dunes")]);
      await using catalogue = await openSqliteCatalogue({ file });
      assert.ok(countsOf(file).building);
      await finds(catalogue, "dune", ["Dune", "Dunes", "Sons of Dune"]);
      assert.deepEqual((await shelfOf(catalogue, 1, books)).map(({ title }) => title), ["Dune"]);
      // Changes come in between, and are found.
      assert.equal((await catalogue.add(bookOf("Dune Messiah"))).id, books + 4);
      assert.notEqual(await catalogue.update(books + 1, bookOf("Emma")), "missing");
      assert.equal(await catalogue.remove(books + 2), "removed");
      await finds(catalogue, "dune", ["Dunes", "Dune Messiah"]);
      await isBuilt(file);
      assert.deepEqual(countsOf(file), { indexed: books + 3, older: 0, building: false });
      await finds(catalogue, "dune", ["Dunes", "Dune Messiah"]);
      assert.equal((await booksFor(catalogue, "marquez", 9_999)).length, books);
    }));

  it("always has every book, while it is being indexed", () =>
    inFolder(async (file) => {
      makeOlderShelf(file, titles);
      await using catalogue = await openSqliteCatalogue({ file });
      let searches = 0;
      do {
        assert.equal((await booksFor(catalogue, "volume", 9_999)).length, books);
        searches += 1;
      } while (countsOf(file).building);
      assert.ok(searches > 1, "the index was there at once");
    }));

  it("has a book once that somebody changes while it is being indexed", () =>
    inFolder(async (file) => {
      makeOlderShelf(file, titles);
      await using catalogue = await openSqliteCatalogue({ file });
      using other = new DatabaseSync(file, { timeout: 5_000 });
      other.exec(`UPDATE books SET description = 'again' WHERE id > ${books / 2}`);
      do {
        assert.equal((await booksFor(catalogue, "volume", 9_999)).length, books);
      } while (countsOf(file).building);
      const changed = async () => (await booksFor(catalogue, "volume again", 9_999)).length;
      await comesTrue(async () => await changed() === books / 2);
      assert.equal(await changed(), books / 2);
    }));

  it("goes on where it was killed", () =>
    inFolder(async (file) => {
      makeOlderShelf(file, titles);
      const { killed } = await openInOtherProcess("sqlite", { file }, "indexing");
      assert.ok(killed);
      const { indexed, older, building } = countsOf(file);
      assert.ok(building && indexed > 0 && older > 0, `${indexed} indexed, ${older} not`);
      assert.equal(indexed + older, books);
      await using catalogue = await openSqliteCatalogue({ file });
      assert.equal((await booksFor(catalogue, "volume", 9_999)).length, books);
      await isBuilt(file);
      assert.equal((await booksFor(catalogue, "marquez", 9_999)).length, books);
    }));

  it("takes no import before it is indexed, which could not tell what is there", () =>
    inFolder(async (file) => {
      makeOlderShelf(file, titles);
      await using catalogue = await openSqliteCatalogue({ file });
      await faultOf("unavailable", catalogue.addMissing(titles.slice(-1)));
      await isBuilt(file);
      assert.equal(await catalogue.addMissing(titles.slice(-1)), 0);
    }));

  it("comes to find what was corrected by SQL before triggers told it", () =>
    inFolder(async (file) => {
      makeOlderShelf(file, [bookOf("Duen"), bookOf("Emma")]);
      using other = new DatabaseSync(file);
      other.exec("UPDATE books SET title = 'Dune' WHERE id = 1; DELETE FROM books WHERE id = 2");
      await using catalogue = await openSqliteCatalogue({ file });
      await comesToFind(catalogue, "dune", ["Dune"]);
      await comesToFind(catalogue, "emma", []);
    }));

  it("is searched as it is afterwards, for real books", () =>
    inFolder(async (file) => {
      makeOlderShelf(file, [...benchShelf(500)]);
      await using catalogue = await openSqliteCatalogue({ file });
      await isBuilt(file);
      const [first] = await booksFor(catalogue, "JK Rowling");
      assert.equal(first?.id, 2);
    }));
});
