import type { Connection } from "mysql2/promise";
import type { SchemaState } from "../schema/schema_plan.ts";
import { select } from "./book_queries.ts";

/**
 * What a database holds, also while another start makes it: that notes a version behind its tables.
 * So the versions are read first, and the tables of those that are noted stand when they are
 * looked for. The other way round they would seem lost.
 *
 * @param migrationTable Where the set of migrations is remembered.
 */
export async function schemaState(
  connection: Connection,
  migrationTable: string,
): Promise<SchemaState> {
  const applied = await appliedVersions(connection, migrationTable);
  const found = await select(
    connection,
    "SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = DATABASE()",
  );
  return { tables: found.map((row) => String(row.name)), applied };
}

async function appliedVersions(
  connection: Connection,
  migrationTable: string,
): Promise<readonly number[]> {
  try {
    const rows = await select(connection, `SELECT version FROM ${migrationTable}`);
    return rows.map((row) => Number(row.version));
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ER_NO_SUCH_TABLE") return [];
    throw error;
  }
}
