import type { DatabaseSync } from "node:sqlite";
import { readMigrations, statementsAbout } from "../schema/migrations.ts";
import { buildIndex, restartBuild } from "./index_build.ts";

const booksPerStep = 1_000;

/**
 * Makes tables anew that can be made from the books, inside the caller's transaction; about a
 * second for 10,000 books.
 */
export function rebuildTables(database: DatabaseSync, tables: readonly string[]): void {
  for (const sql of statementsAbout(tables, readMigrations("sqlite"))) database.exec(sql);
  restartBuild(database);
  while (buildIndex(database, booksPerStep) !== undefined);
}
