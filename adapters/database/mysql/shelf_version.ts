/**
 * Which version of the shelf the index is: every transaction that changes the index renews it, in
 * whatever process. So a page that was found is still the page, as long as the version is the same.
 */
import type { Connection } from "mysql2/promise";
import { select } from "./book_queries.ts";

/**
 * The last statement of its transaction: the row is one for all, and who waits for it must hold
 * nothing that another one still wants.
 *
 * Drawn by lot: a number that counts would come again where a backup was restored.
 */
export async function renewVersion(connection: Connection): Promise<void> {
  await connection.execute("REPLACE INTO shelfcast_version VALUES (1, ?)", [
    crypto.randomUUID().replaceAll("-", ""),
  ]);
}

/** Undefined where nothing was ever changed by a program that renews it. */
export async function shelfVersion(connection: Connection): Promise<string | undefined> {
  const [row] = await select(connection, "SELECT token FROM shelfcast_version");
  return row === undefined ? undefined : String(row.token);
}
