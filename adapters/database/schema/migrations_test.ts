import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { migrationTable, pendingMigrations, readMigrations } from "./migrations.ts";

const known = [1, 2, 3].map((version) => ({ version, name: `000${version}_x.sql`, sql: "" }));
const pending = (tables: readonly string[], applied: readonly number[]) =>
  pendingMigrations(known, { tables, applied }, '"shop"').map(({ version }) => version);

describe("migrations", () => {
  it("the drivers have the same ones, numbered from 1 on", () => {
    const names = readMigrations("sqlite").map(({ name }) => name);
    assert.deepEqual(names, readMigrations("mysql").map(({ name }) => name));
    assert.equal(names[0], "0001_books.sql");
  });

  it("an empty database lacks all, a prepared one those that came later", () => {
    assert.deepEqual(pending([], []), [1, 2, 3]);
    assert.deepEqual(pending([migrationTable, "books"], [1, 2]), [3]);
    assert.deepEqual(pending([migrationTable, "books"], [3, 2, 1]), []);
  });

  it("a table of ours without the table of migrations is somebody else's", () => {
    assert.throws(() => pending(["BOOKS"], []), { name: "CatalogueError", code: "failed" });
    assert.deepEqual(pending(["loans"], []), [1, 2, 3]);
  });

  it("a version that is not known is of the future", () => {
    assert.throws(() => pending([migrationTable], [1, 2, 3, 4]), /version 4, wanted at most 3/);
  });
});
