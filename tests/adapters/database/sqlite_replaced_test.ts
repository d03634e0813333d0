/** The file under a running shop is removed, replaced or overwritten: noticed, refused, mended. */
import assert from "node:assert/strict";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "@std/testing/bdd";
import { openSqliteCatalogue } from "../../../adapters/database/sqlite/sqlite_catalogue.ts";
import type { BookCatalogue } from "../../../src/ports/book_catalogue.ts";
import { until } from "../../cli/run_command.ts";
import { bookOf, faultOf, finds, requestFor } from "../../contracts/catalogue_law.ts";
import { collectLogs } from "../../use_cases/log_lines.ts";

const patienceMs = 20_000;

/** A shelf with "Dune", a backup of it, then "Emma" in the shelf. */
async function withBackup(
  law: (
    place: { readonly file: string; readonly backup: string; open(): Promise<BookCatalogue> },
  ) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir({ prefix: "shelfcast_sqlite_" });
  const file = `${folder}/shelf.db`;
  const backup = `${folder}/backup.db`;
  const open = () => openSqliteCatalogue({ file, shelf: "empty" });
  try {
    {
      await using catalogue = await open();
      await catalogue.add(bookOf("Dune"));
    }
    await Deno.copyFile(file, backup);
    await law({ file, backup, open });
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const isWell = async (catalogue: BookCatalogue): Promise<boolean> =>
  (await catalogue.health()).status === "ok";

describe("a SQLite file that other programs use, too", () => {
  it("stays locked as one in use, however often the shop looks at it: its log is not removed", () =>
    withBackup(async ({ file, open }) => {
      await using catalogue = await open();
      for (let look = 0; look < 3; look++) assert.ok(await isWell(catalogue));
      // It wants the same lock as a program that ends and would remove the log with it.
      const other = `const { DatabaseSync } = await import("node:sqlite");
        new DatabaseSync(Deno.args[0], { timeout: 0 })
          .exec("PRAGMA locking_mode = EXCLUSIVE; SELECT count(*) FROM books");`;
      const child = new Deno.Command(Deno.execPath(), { args: ["eval", other, file] });
      const { success, stderr } = await child.output();
      assert.ok(!success);
      assert.match(new TextDecoder().decode(stderr), /database is locked/);
    }));
});

describe("a SQLite file that its user may not look at any more", () => {
  it("is read on, takes no books, and is the same one when the rights are back", () =>
    withBackup(async ({ file, open }) => {
      await using logs = await collectLogs();
      const folder = dirname(file);
      await using catalogue = await open();
      // For root, who has all rights, a folder that is none does the same.
      await Deno.rename(folder, `${folder}.aside`);
      await Deno.writeTextFile(folder, "");
      try {
        const fault = await faultOf("unavailable", catalogue.add(bookOf("Emma")));
        assert.match(fault.message, /shelf\.db" cannot be looked at, wanted the right/);
        const isTold = () => logs.lines.some(({ level }) => level === "error");
        await until(isTold, patienceMs);
        await finds(catalogue, "dune", ["Dune"]);
        assert.ok(await isWell(catalogue));
      } finally {
        await Deno.remove(folder);
        await Deno.rename(`${folder}.aside`, folder);
      }
      await catalogue.add(bookOf("Emma"));
      await finds(catalogue, "emma", ["Emma"]);
    }));
});

describe("a SQLite file that is another one", () => {
  it("removed: no book is accepted that would be lost; then a new file takes books", () =>
    withBackup(async ({ file, open }) => {
      {
        await using catalogue = await open();
        for (const part of ["", "-wal", "-shm"]) await Deno.remove(file + part);
        const fault = await faultOf("unavailable", catalogue.add(bookOf("Emma")));
        assert.match(fault.message, /was removed under the running shop, wanted the one/);
        const health = await catalogue.health();
        assert.ok(health.status === "degraded" && health.detail.includes(file));
        await until(() => isWell(catalogue), patienceMs);
        await catalogue.add(bookOf("Ubik"));
      }
      await using again = await open();
      await finds(again, "ubik", ["Ubik"]);
    }));

  it("a backup moved over it: it is served without a restart, and nothing undoes it", () =>
    withBackup(async ({ file, backup, open }) => {
      {
        await using catalogue = await open();
        await catalogue.add(bookOf("Emma"));
        await Deno.rename(backup, file);
        const health = await catalogue.health();
        assert.ok(health.status === "degraded");
        assert.match(health.detail, /was replaced under the running shop/);
        await faultOf("unavailable", catalogue.search(requestFor("dune")));
        await until(() => isWell(catalogue), patienceMs);
        await finds(catalogue, "emma", []);
        await catalogue.add(bookOf("Ubik"));
      }
      await using again = await open();
      await finds(again, "emma", []);
      await finds(again, "dune", ["Dune"]);
      await finds(again, "ubik", ["Ubik"]);
    }));

  it("a backup moved over it, and the shop ended before it noticed: nothing undoes it", () =>
    withBackup(async ({ file, backup, open }) => {
      {
        await using catalogue = await open();
        await catalogue.add(bookOf("Emma"));
        // Soon after a change the log is empty.
        await until(() => Promise.resolve(Deno.statSync(`${file}-wal`).size === 0), patienceMs);
        await Deno.rename(backup, file);
      }
      await using again = await open();
      await finds(again, "emma", []);
    }));

  it("a backup copied into it: it is served without a restart", () =>
    withBackup(async ({ file, backup, open }) => {
      await using catalogue = await open();
      await catalogue.add(bookOf("Emma"));
      await until(() => Promise.resolve(Deno.statSync(`${file}-wal`).size === 0), patienceMs);
      await Deno.copyFile(backup, file);
      await until(
        async () =>
          await isWell(catalogue) &&
          (await catalogue.search(requestFor("emma"))).count === 0,
        patienceMs,
      );
      await finds(catalogue, "dune", ["Dune"]);
    }));

  it("a log that a killed process left is replayed, and one of another file is refused", () =>
    withBackup(async ({ file, backup, open }) => {
      const killed = `${file}.killed`;
      {
        using database = new DatabaseSync(file);
        database.exec("PRAGMA wal_autocheckpoint = 0; PRAGMA user_version = 7");
        database.exec("PRAGMA wal_checkpoint; PRAGMA user_version = 8; DELETE FROM books");
        await Deno.copyFile(file, killed);
        await Deno.copyFile(`${file}-wal`, `${killed}-wal`);
      }
      const place = (from: string) => Deno.copyFile(from, file);
      await place(killed);
      await Deno.copyFile(`${killed}-wal`, `${file}-wal`);
      {
        await using catalogue = await open();
        await finds(catalogue, "dune", []);
      }
      await place(backup);
      await Deno.copyFile(`${killed}-wal`, `${file}-wal`);
      const fault = await faultOf("failed", open());
      assert.match(fault.message, /wanted its own log.*move the log and ".*-shm" away/);
      await Deno.remove(`${file}-wal`);
      await using catalogue = await open();
      await finds(catalogue, "dune", ["Dune"]);
    }));

  for (const part of ["-wal", "-shm"]) {
    it(`its ${part} removed: nothing is accepted into what has no name, and nothing is lost`, () =>
      withBackup(async ({ file, open }) => {
        {
          await using catalogue = await open();
          await catalogue.add(bookOf("Emma"));
          await Deno.remove(file + part);
          const fault = await faultOf("unavailable", catalogue.add(bookOf("Persuasion")));
          assert.match(fault.message, new RegExp(`shelf.db${part}" was removed under the running`));
          const health = await catalogue.health();
          assert.ok(health.status === "degraded" && health.detail.includes(file + part));
          await until(() => isWell(catalogue), patienceMs);
          await finds(catalogue, "emma", ["Emma"]);
          await catalogue.add(bookOf("Ubik"));
          assert.ok(Deno.statSync(file + part).isFile);
        }
        await using again = await open();
        await finds(again, "persuasion", []);
        for (const title of ["Dune", "Emma", "Ubik"]) await finds(again, title, [title]);
      }));
  }

  it("a table that is dropped under it is told by its health", () =>
    withBackup(async ({ file, open }) => {
      await using catalogue = await open();
      using database = new DatabaseSync(file);
      database.exec("DROP TABLE book_search");
      const health = await catalogue.health();
      assert.ok(health.status === "degraded" && health.reason === "failed");
      assert.match(health.detail, /no such table: book_search/);
    }));
});
