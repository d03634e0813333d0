/**
 * The triggers that note what somebody changes by SQL. Who makes the table of books anew loses
 * them, and whoever restores it has books of which nobody was told: both are noticed, and then all
 * books are compared with the index.
 */
import type { DatabaseSync } from "node:sqlite";
import { readMigrations, statementsOf } from "../schema/migrations.ts";
import { prepareOnce } from "./prepared.ts";

const names = ["shelfcast_book_added", "shelfcast_book_changed", "shelfcast_book_removed"];

/** Whether nothing can have changed without a note, as far as a look can tell. */
export function isNoted(database: DatabaseSync): boolean {
  const row = prepareOnce(
    database,
    `SELECT (SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND lower(tbl_name) = 'books'
       AND name IN ('${names.join("', '")}')) AS triggers,
       (SELECT max(id) FROM books WHERE id BETWEEN 1 AND ${Number.MAX_SAFE_INTEGER}) IS
       (SELECT max(id) FROM shelfcast_forms WHERE id > 0) AS same`,
  ).get();
  return Number(row?.triggers) === names.length && row?.same === 1;
}

/** Makes the triggers anew, and notes all books, inside the caller's transaction. */
export function noteAll(database: DatabaseSync): void {
  for (const name of names) database.exec(`DROP TRIGGER IF EXISTS ${name}`);
  const made = /^CREATE TRIGGER (\w+)/i;
  for (const sql of readMigrations("sqlite").flatMap((each) => statementsOf(each.sql))) {
    if (names.includes(made.exec(sql)?.[1] ?? "")) database.exec(sql);
  }
  database.exec(
    "INSERT INTO shelfcast_changes SELECT id FROM books UNION SELECT id FROM shelfcast_forms",
  );
}
