import type { Connection, RowDataPacket } from "mysql2/promise";
import { systemClock } from "../../../src/ports/clock.ts";
import { notNoted } from "../schema/index_reports.ts";
import { lostTable } from "../schema/schema_plan.ts";
import { missingTriggers } from "./change_triggers.ts";
import { endsAgree } from "./compare_books.ts";
import { openConnections } from "./connections.ts";
import { inspectDatabase, isPrepared } from "./inspect_database.ts";
import type { MysqlCatalogueOptions } from "./mysql_catalogue.ts";

const timeoutMs = 5000;

/**
 * What a shelf's database holds, in words, by the checks of a start; changes nothing.
 *
 * @throws {StoreError} by rejection: it cannot be reached, a start would be refused, or
 *   searches fail until there is one.
 */
export async function probeMysql(
  options: Pick<
    MysqlCatalogueOptions,
    "host" | "port" | "user" | "password" | "database" | "ssl" | "publicKey"
  >,
): Promise<string> {
  const place = `database "${options.database}" at ${options.host}:${options.port}`;
  const connections = openConnections({
    ...options,
    poolSize: 1,
    connectTimeoutMs: timeoutMs,
    clock: systemClock,
  });
  try {
    return await connections.run(timeoutMs, async (connection) => {
      const plan = await inspectDatabase(connection, options.database);
      const lost = lostTable(plan.lost, `"${options.database}"`);
      if (lost !== undefined) throw lost;
      if (!isPrepared(plan)) return `${place} answers, and gets what it lacks at the next start`;
      const holds = `${place} holds ${await countBooks(connection)} books`;
      return await isNoted(connection) ? holds : `${holds}; ${notNoted}`;
    });
  } finally {
    await connections.close();
  }
}

async function isNoted(connection: Connection): Promise<boolean> {
  const { missing } = await missingTriggers(connection);
  return missing.length === 0 && await endsAgree(connection);
}

async function countBooks(connection: Connection): Promise<number> {
  const [rows] = await connection.query<RowDataPacket[]>("SELECT count(*) AS books FROM books");
  return Number(rows[0]?.books);
}
