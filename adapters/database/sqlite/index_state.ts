import type { DatabaseSync } from "node:sqlite";
import { prepareOnce } from "./prepared.ts";

/** Whether books may be there that are not indexed yet: `index_build.ts` is not through. */
export function isBuilding(database: DatabaseSync): boolean {
  return prepareOnce(database, "SELECT 1 FROM shelfcast_build").get() !== undefined;
}

/** The greatest id that is indexed. */
export function lastId(database: DatabaseSync): number {
  const sql = "SELECT max(id) AS id FROM shelfcast_forms";
  return Number(prepareOnce(database, sql).get()?.id ?? 0);
}
