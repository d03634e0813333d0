import type { DatabaseSync } from "node:sqlite";
import { prepareOnce } from "./prepared.ts";

/**
 * A list of four pages or more can be entered at any of them, a shorter one at its beginning only,
 * so that pages say what a deep page of a search costs. In pages of 250 bytes, a list of 700 books
 * is that long; smaller ones would make the longest lists slow to enter.
 */
const pageBytes = 250;

export function hasIndexPages(database: DatabaseSync): boolean {
  const sql = "SELECT v FROM shelfcast_grams_config WHERE k = 'pgsz'";
  return prepareOnce(database, sql).get()?.v === pageBytes;
}

/** For all that is written from now on, inside the caller's transaction. */
export function setIndexPages(database: DatabaseSync): void {
  database.exec(
    `INSERT INTO shelfcast_grams (shelfcast_grams, rank) VALUES ('pgsz', ${pageBytes})`,
  );
}
