import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { migrationTable, readMigrations, statementsAbout, tablesOf } from "./migrations.ts";
import { planSchema, remedyOfModels } from "./schema_plan.ts";

const known = ["CREATE TABLE books (id INT);\n", "", ""].map((sql, index) => ({
  version: index + 1,
  name: `000${index + 1}_x.sql`,
  sql,
}));
const pending = (tables: readonly string[], applied: readonly number[]) =>
  planSchema(known, { tables, applied }, '"shop"').pending.map(({ version }) => version);

describe("migrations", () => {
  it("the drivers have the same ones, numbered from 1 on, but for what one needs alone", () => {
    const names = readMigrations("sqlite").map(({ name }) => name);
    assert.equal(names[0], "0001_books.sql");
    // SQLite itself knows whether anything has changed.
    const mysql = readMigrations("mysql").map(({ name }) => name)
      .filter((name) => name !== "0003_shelf_version.sql");
    const titles = (all: readonly string[]) => all.map((name) => name.slice(5));
    assert.deepEqual(titles(mysql), titles(names));
  });

  it("an empty database lacks all, a prepared one those that came later", () => {
    assert.deepEqual(pending([], []), [1, 2, 3]);
    assert.deepEqual(pending([migrationTable, "books"], [1, 2]), [3]);
    assert.deepEqual(pending([migrationTable, "books"], [3, 2, 1]), []);
  });

  it("a table of ours without the table of migrations is somebody else's", () => {
    assert.throws(() => pending(["BOOKS"], []), { name: "StoreError", code: "failed" });
    assert.deepEqual(pending(["loans"], []), [1, 2, 3]);
  });

  it("a version that is not known is of the future", () => {
    assert.throws(() => pending([migrationTable], [1, 2, 3, 4]), /version 4, wanted at most 3/);
  });

  it("a table that is gone is refused, unless it can be made again from the books", () => {
    const real = readMigrations("sqlite");
    const applied = real.map(({ version }) => version);
    const without = (lost: string) => {
      const tables = [migrationTable, ...tablesOf(real).filter((table) => table !== lost)];
      return planSchema(real, { tables, applied }, '"shop"');
    };
    assert.deepEqual(without("none").lost, []);
    assert.deepEqual(without("book_search").lost, ["book_search"]);
    assert.throws(() => without("books"), /has lost the table "books".*restore a backup/);
    const models = readMigrations("read_models/sqlite");
    const state = { tables: [migrationTable], applied: models.map(({ version }) => version) };
    assert.throws(
      () => planSchema(models, state, '"models"', migrationTable, remedyOfModels("DROP TABLE a")),
      /restore a backup of it; without one, DROP TABLE a: all is made anew/,
    );
    assert.throws(() => without("starter_shelf"), { code: "failed" });
  });

  it("knows which tables its files leave, and what made one of them", () => {
    const sql =
      "-- CREATE TABLE never (a INT);\nCREATE TABLE one (a INT);\nCREATE INDEX i ON one (a);\n" +
      "CREATE TABLE IF NOT EXISTS two (b INT);\nDROP TABLE two;\n";
    const files = [{ version: 1, name: "0001_x.sql", sql }];
    assert.deepEqual(tablesOf(files), ["one"]);
    assert.deepEqual(statementsAbout(["one"], files), [
      "CREATE TABLE one (a INT)",
      "CREATE INDEX i ON one (a)",
    ]);
  });
});
