/**
 * What a start finds out before it changes anything, and all that doctor asks: one set of checks
 * for both.
 */
import type { Connection } from "mysql2/promise";
import { StoreError } from "../../../src/ports/store_error.ts";
import { migrationTable, readMigrations } from "../schema/migrations.ts";
import { planSchema, type SchemaPlan } from "../schema/schema_plan.ts";
import { select } from "./book_queries.ts";
import { schemaState } from "./schema_state.ts";

/** What a start has to do. */
export interface DatabasePlan extends SchemaPlan {
  /** Whether it has been decided what the shelf begins with. */
  readonly isShelved: boolean;
}

/** Where this is true, a start writes nothing, takes no lock and needs no right to make tables. */
export const isPrepared = ({ pending, lost, isShelved }: DatabasePlan): boolean =>
  isShelved && pending.length === 0 && lost.length === 0;

/**
 * Changes nothing.
 *
 * @throws {StoreError} `failed` where its tables are not ours, of a newer version, lost for
 *   good, or missing while this user may not make them. Else what mysql2 throws.
 */
export async function inspectDatabase(
  connection: Connection,
  database: string,
): Promise<DatabasePlan> {
  const state = await schemaState(connection, migrationTable);
  const plan = planSchema(readMigrations("mysql"), state, `"${database}"`);
  const isShelved = state.tables.includes("starter_shelf") &&
    (await select(connection, "SELECT 1 FROM starter_shelf")).length > 0;
  if (plan.pending.length > 0 || plan.lost.length > 0) await assertMayCreate(connection, database);
  return { ...plan, isShelved };
}

/**
 * A statement that the server judges as any CREATE, roles and patterns included, and that can never
 * make anything.
 */
const vainCreate = "CREATE TABLE shelfcast_probe LIKE shelfcast_no_such_table";

/** @throws {StoreError} `failed` where this user may make no tables. */
export async function assertMayCreate(connection: Connection, database: string): Promise<void> {
  try {
    await connection.query(vainCreate);
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ER_NO_SUCH_TABLE") return;
    if (code !== "ER_TABLEACCESS_DENIED_ERROR" && code !== "ER_DBACCESS_DENIED_ERROR") throw error;
    throw new StoreError(
      "failed",
      `Database "${database}" lacks tables that db.user may not make, wanted one with all privileges on it for ` +
        "one start (GRANT ALL PRIVILEGES; from then on SELECT, INSERT, UPDATE and DELETE are enough)",
      { cause: error },
    );
  }
}
