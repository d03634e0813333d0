import type { DatabaseSync } from "node:sqlite";
import type { SchemaState } from "../schema/schema_plan.ts";

/**
 * What a file holds, also while another start makes it: the versions are read first, as the tables
 * of those that are noted stand when they are looked for. The other way round they would seem lost.
 *
 * @param migrationTable Where the set of migrations is remembered.
 */
export function schemaState(database: DatabaseSync, migrationTable: string): SchemaState {
  const named = "SELECT name FROM sqlite_master WHERE type IN ('table', 'view')";
  const isNoted = database.prepare(`${named} AND name = ?`).get(migrationTable) !== undefined;
  const versions = isNoted ? database.prepare(`SELECT version FROM ${migrationTable}`).all() : [];
  const tables = database.prepare(named).all();
  return {
    tables: tables.map((row) => String(row.name)),
    applied: versions.map((row) => Number(row.version)),
  };
}
