/**
 * Imports take turns, batch by batch: two at once would each find a book missing that the other is
 * adding, and add it twice. The server lets go of the lock when a connection ends, however it ends.
 */
import type { Connection } from "mysql2/promise";
import { StoreError } from "../../../src/ports/store_error.ts";
import { select } from "./book_queries.ts";

/** At most 64 characters. */
const name = "CONCAT('shelfcast.import.', MD5(DATABASE()))";
/** Of a batch of the other import; whoever waits in vain tries again. */
const waitSeconds = 2;

/** Before the transaction, which must see what the one before has added. */
export async function lockImports(connection: Connection): Promise<void> {
  const [row] = await select(connection, `SELECT GET_LOCK(${name}, ?) AS held`, [
    String(waitSeconds),
  ]);
  if (Number(row?.held) === 1) return;
  throw new StoreError("unavailable", "Another import is adding books, wanted its batch to end");
}

/** Behind the commit. */
export async function unlockImports(connection: Connection): Promise<void> {
  await connection.query(`DO RELEASE_LOCK(${name})`);
}
