import type { Connection } from "mysql2/promise";
import { select } from "./book_queries.ts";

/**
 * Set where this program changes books and index together: the triggers then make no note. It stays
 * for the connection, whose changes are all of that kind.
 */
const quiet = "@shelfcast_indexes_itself";

const note = (ids: readonly string[]): string =>
  `INSERT INTO shelfcast_changes (book) ` +
  ids.map((id) => `SELECT ${id} FROM DUAL WHERE ${quiet} IS NULL`).join(" UNION ");

const triggers: readonly (readonly [name: string, sql: string])[] = [
  ["shelfcast_book_added", `AFTER INSERT ON books FOR EACH ROW ${note(["NEW.id"])}`],
  ["shelfcast_book_changed", `AFTER UPDATE ON books FOR EACH ROW ${note(["OLD.id", "NEW.id"])}`],
  ["shelfcast_book_removed", `AFTER DELETE ON books FOR EACH ROW ${note(["OLD.id"])}`],
];

/**
 * What a server says that lets this user make none; with a binary log, MySQL wants SUPER or a
 * setting for it.
 */
const refusals: readonly unknown[] = [
  "ER_BINLOG_CREATE_ROUTINE_NEED_SUPER",
  "ER_TABLEACCESS_DENIED_ERROR",
  "ER_DBACCESS_DENIED_ERROR",
  "ER_SPECIFIC_ACCESS_DENIED_ERROR",
];

export async function quietTriggers(connection: Connection): Promise<void> {
  await connection.query(`SET ${quiet} = 1`);
}

/**
 * Whether the triggers stood there, were made now, or cannot be made, with what the server says to
 * that.
 */
export type TriggerState = "there" | "made" | { readonly refused: string };

/** Those that do not stand on the table of books, and on which table each of that name stands. */
export async function missingTriggers(connection: Connection) {
  const found = await select(
    connection,
    "SELECT TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS tab FROM information_schema.TRIGGERS " +
      "WHERE TRIGGER_SCHEMA = DATABASE()",
  );
  const tables = new Map(found.map(({ name, tab }) => [String(name).toLowerCase(), String(tab)]));
  const missing = triggers.filter(([name]) => tables.get(name)?.toLowerCase() !== "books");
  return { missing, tables };
}

/**
 * Makes those of the triggers that are missing.
 *
 * @param beforeMaking Called where some are: nobody has noted what was changed until now.
 */
export async function ensureTriggers(
  connection: Connection,
  beforeMaking: (connection: Connection) => Promise<void> = () => Promise.resolve(),
): Promise<TriggerState> {
  const { missing, tables } = await missingTriggers(connection);
  if (missing.length > 0) await beforeMaking(connection);
  for (const [name, sql] of missing) {
    try {
      // One that a renamed table has taken along.
      if (tables.has(name)) await connection.query(`DROP TRIGGER IF EXISTS ${name}`);
      await connection.query(`CREATE TRIGGER ${name} ${sql}`);
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      // Another service was faster.
      if (code === "ER_TRG_ALREADY_EXISTS") continue;
      if (!refusals.includes(code)) throw error;
      return { refused: error instanceof Error ? error.message : String(error) };
    }
  }
  return missing.length === 0 ? "there" : "made";
}
