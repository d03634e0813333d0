/** A shelf that is there is searched before there is a writer, which a start does not wait for. */
import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "@std/testing/bdd";
import { openSqliteCatalogue } from "../../../adapters/database/sqlite/sqlite_catalogue.ts";
import type { BookCatalogue } from "../../../src/ports/book_catalogue.ts";
import { until } from "../../cli/run_command.ts";
import { bookOf, faultOf, finds } from "../../contracts/catalogue_law.ts";

const patienceMs = 20_000;

interface Place {
  readonly file: string;
  /** Opens it for a shop that has not begun. */
  open(): Promise<BookCatalogue>;
  begin(): void;
  /** How many Workers were started since the shelf was made. */
  workers(): number;
}

/** A shelf with "Dune", closed. */
async function withShelf(law: (place: Place) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "shelfcast_late_" });
  const file = `${folder}/shelf.db`;
  const begun = Promise.withResolvers<void>();
  const RealWorker = Worker;
  let workers = 0;
  try {
    {
      await using catalogue = await openSqliteCatalogue({ file, shelf: "empty" });
      await catalogue.add(bookOf("Dune"));
    }
    globalThis.Worker = class extends RealWorker {
      constructor(...options: ConstructorParameters<typeof Worker>) {
        super(...options);
        workers++;
      }
    };
    await law({
      file,
      open: () => openSqliteCatalogue({ file, begun: begun.promise }),
      begin: begun.resolve,
      workers: () => workers,
    });
  } finally {
    globalThis.Worker = RealWorker;
    await Deno.remove(folder, { recursive: true });
  }
}

function change(file: string, sql: string): void {
  using database = new DatabaseSync(file);
  database.exec(sql);
}

const retitled = "UPDATE books SET title = 'Emma' WHERE title = 'Dune'";

describe("the writer of a SQLite shelf", () => {
  it("is not there when the first search is answered; it begins with the shop", () =>
    withShelf(async ({ file, open, begin, workers }) => {
      await using catalogue = await open();
      await finds(catalogue, "dune", ["Dune"]);
      assert.equal(workers(), 0);
      begin();
      // Nobody but the writer indexes what SQL has changed.
      change(file, retitled);
      await until(
        async () => (await finds(catalogue, "emma", ["Emma"]).catch(() => false)) !== false,
        patienceMs,
      );
      assert.equal(workers(), 1);
    }));

  it("begins with a change that comes before", () =>
    withShelf(async ({ open, workers }) => {
      await using catalogue = await open();
      await Promise.all([catalogue.add(bookOf("Emma")), catalogue.add(bookOf("Ubik"))]);
      assert.equal(workers(), 1);
      await finds(catalogue, "emma", ["Emma"]);
      await finds(catalogue, "ubik", ["Ubik"]);
    }));

  it("is waited for where SQL has changed books before the start", () =>
    withShelf(async ({ file, open, workers }) => {
      change(file, retitled);
      await using catalogue = await open();
      assert.equal(workers(), 1);
      await finds(catalogue, "emma", ["Emma"]);
      await finds(catalogue, "dune", []);
    }));

  it("makes no file at the place of one that was removed before it began", () =>
    withShelf(async ({ file, open }) => {
      await using catalogue = await open();
      for (const part of ["", "-wal", "-shm"]) await Deno.remove(file + part);
      const fault = await faultOf("unavailable", catalogue.add(bookOf("Emma")));
      assert.match(fault.message, /was removed under the running shop/);
      await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
    }));

  it("makes the changes that wait when the shelf is closed, and takes its log away", () =>
    withShelf(async ({ file, open }) => {
      const catalogue = await open();
      const added = catalogue.add(bookOf("Emma"));
      await catalogue[Symbol.asyncDispose]();
      await added;
      await using again = await open();
      await finds(again, "emma", ["Emma"]);
      await again[Symbol.asyncDispose]();
      for (const part of ["-wal", "-shm"]) {
        await assert.rejects(Deno.stat(file + part), Deno.errors.NotFound);
      }
    }));
});
