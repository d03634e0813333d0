import type { DatabaseSync } from "node:sqlite";
import { readMigrations, statementsAbout } from "../schema/migrations.ts";
import { readBooks } from "./book_reader.ts";
import { insertSearchForm } from "./insert_book.ts";

/**
 * Makes tables anew that can be made from the books, inside the caller's transaction; a few hundred
 * ms for 10,000 books.
 */
export function rebuildTables(database: DatabaseSync, tables: readonly string[]): void {
  for (const sql of statementsAbout(tables, readMigrations("sqlite"))) database.exec(sql);
  for (const book of readBooks(database)) insertSearchForm(database, book.id, book);
}
