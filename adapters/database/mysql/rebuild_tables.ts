import type { Connection } from "mysql2/promise";
import { readMigrations, statementsAbout } from "../schema/migrations.ts";
import { listBooksAfter } from "./book_queries.ts";
import { insertSearchForms } from "./insert_books.ts";

const booksPerInsert = 500;

/**
 * Makes tables anew that can be made from the books. MySQL commits each table on its own, and a
 * start may be killed between: a table gets its name when it is whole.
 */
export async function rebuildTables(
  connection: Connection,
  tables: readonly string[],
): Promise<void> {
  const renames: string[] = [];
  for (const table of tables) {
    const unfinished = `${table}_unfinished`;
    await connection.query(`DROP TABLE IF EXISTS ${unfinished}`);
    for (const sql of statementsAbout([table], readMigrations("mysql"))) {
      await connection.query(sql.replaceAll(new RegExp(`\\b${table}\\b`, "gi"), unfinished));
    }
    renames.push(`${unfinished} TO ${table}`);
  }
  for (let last = 0;;) {
    const books = await listBooksAfter(connection, last, booksPerInsert);
    if (books.length === 0) break;
    await insertSearchForms(connection, books, (table) => `${table}_unfinished`);
    last = books.at(-1)?.id ?? last;
  }
  await connection.query(`RENAME TABLE ${renames.join(", ")}`);
}
