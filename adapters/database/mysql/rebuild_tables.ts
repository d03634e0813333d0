import type { Connection } from "mysql2/promise";
import { readMigrations, statementsAbout } from "../schema/migrations.ts";
import { buildIndex } from "./index_build.ts";

const booksPerStep = 500;

/**
 * Makes tables anew that can be made from the books, and the index with them. MySQL commits each
 * table on its own, and a start may be killed between: the row in `shelfcast_build` comes first, so
 * that whoever starts next goes on.
 */
export async function rebuildTables(
  connection: Connection,
  tables: readonly string[],
): Promise<void> {
  const migrations = readMigrations("mysql");
  const make = async (some: readonly string[]) => {
    if (some.length === 0) return;
    for (const sql of statementsAbout(some, migrations)) await connection.query(sql);
  };
  await make(tables.filter((table) => table === "shelfcast_build"));
  await connection.query("REPLACE INTO shelfcast_build VALUES (1, 0)");
  await make(tables.filter((table) => table !== "shelfcast_build"));
  for (const table of ["shelfcast_forms", "shelfcast_grams", "shelfcast_changes"]) {
    await connection.query(`TRUNCATE TABLE ${table}`);
  }
  while (await buildIndex(connection, booksPerStep) !== undefined);
}
