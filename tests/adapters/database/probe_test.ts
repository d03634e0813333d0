import assert from "node:assert/strict";
import { DatabaseSync } from "node:sqlite";
import { describe, it } from "@std/testing/bdd";
import { openMysqlCatalogue } from "../../../adapters/database/mysql/mysql_catalogue.ts";
import { probeMysql } from "../../../adapters/database/mysql/probe_mysql.ts";
import { probeSqlite } from "../../../adapters/database/sqlite/probe_sqlite.ts";
import { openSqliteCatalogue } from "../../../adapters/database/sqlite/sqlite_catalogue.ts";
import { StoreError } from "../../../src/ports/store_error.ts";
import { createMysqlDatabase, mysqlMissing } from "../../contracts/harnesses/mysql_database.ts";
import { reportMissing } from "../../services/report_missing.ts";

describe("a look at a database", () => {
  it("SQLite: a file that is not there yet is not made, a shelf tells its books", async () => {
    const folder = await Deno.makeTempDir();
    try {
      const file = `${folder}/shelf.db`;
      assert.equal(await probeSqlite(file), `"${file}" is made at the first start`);
      assert.deepEqual([...Deno.readDirSync(folder)], []);
      {
        await using catalogue = await openSqliteCatalogue({ file, shelf: "empty" });
        await catalogue.add({
          title: "Dune",
          author: "Frank Herbert",
          published_at: "1965",
          description: "",
        });
        assert.equal(await probeSqlite(file), `"${file}" holds 1 books`);
      }
      using other = new DatabaseSync(file);
      other.exec("DROP TRIGGER shelfcast_book_added");
      assert.match(await probeSqlite(file), /holds 1 books; what somebody changes by SQL is not/);
      await Deno.writeTextFile(`${folder}/no.db`, "no database, but a text that is long enough");
      await assert.rejects(
        probeSqlite(`${folder}/no.db`),
        /no SQLite database, wanted one or no file/,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });

  if (mysqlMissing !== undefined) return reportMissing("a look at MySQL", mysqlMissing);

  it("MySQL: answers, or says what is wrong without the password", async () => {
    await using database = await createMysqlDatabase();
    const { login } = database;
    assert.match(
      await probeMysql(login),
      /^database ".*" at .* answers, and gets what it lacks at the next start$/,
    );
    await (await openMysqlCatalogue({ ...login, shelf: "empty" }))[Symbol.asyncDispose]();
    assert.match(await probeMysql(login), /holds 0 books$/);
    await database.execute("DROP TRIGGER shelfcast_book_added");
    assert.match(await probeMysql(login), /holds 0 books; what somebody changes by SQL is not/);
    const wrong = probeMysql({ ...login, password: "wrong-secret" });
    await assert.rejects(wrong, (error) => {
      assert.ok(error instanceof StoreError);
      assert.doesNotMatch(error.message, /wrong-secret/);
      return true;
    });
  });
});
