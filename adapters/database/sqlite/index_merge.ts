import type { DatabaseSync } from "node:sqlite";
import { prepareOnce } from "./prepared.ts";

/**
 * Each is looked into for every gram; SQLite merges by itself, but after many changes leaves a
 * dozen.
 */
const segmentsMax = 12;
/** Some 30 ms of writing. */
const pagesPerStep = 250;

/** Whether searches would be faster if the parts of the index were made one. */
export function isScattered(database: DatabaseSync): boolean {
  const sql = "SELECT count(DISTINCT segid) AS segments FROM shelfcast_grams_idx";
  return Number(prepareOnce(database, sql).get()?.segments) > segmentsMax;
}

/**
 * Merges a bit, inside the caller's transaction (sqlite.org/fts5.html, "merge").
 *
 * @param isFirst Whether all parts are to become one, or what was begun goes on.
 * @returns Whether there is more to merge.
 */
export function mergeIndex(database: DatabaseSync, isFirst: boolean): boolean {
  const changes = prepareOnce(database, "SELECT total_changes() AS changes");
  const before = Number(changes.get()?.changes);
  prepareOnce(
    database,
    "INSERT INTO shelfcast_grams (shelfcast_grams, rank) VALUES ('merge', ?)",
  ).run(isFirst ? -pagesPerStep : pagesPerStep);
  return Number(changes.get()?.changes) - before >= 2;
}
