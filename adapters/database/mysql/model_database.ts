/** Makes the tables of the read models in a MySQL database, beside other starts. */
import type { Connection } from "mysql2/promise";
import { readMigrations, statementsOf, tablesOf } from "../schema/migrations.ts";
import { planSchema, remedyOfModels, type SchemaPlan } from "../schema/schema_plan.ts";
import { assertMayCreate } from "./inspect_database.ts";
import { schemaState } from "./schema_state.ts";

/** Beside the shelf's: each set of migrations is remembered for itself. */
const modelMigrationTable = "shelfcast_read_model_migrations";

/**
 * Makes what is missing. Where nothing is, nothing is written or locked. Its statements may be
 * repeated, also by two starts at once.
 *
 * @throws {StoreError} as `inspectModels` does, else what mysql2 throws.
 */
export async function prepareModels(
  connection: Connection,
  database: string,
  createdAt: string,
): Promise<void> {
  const { pending } = await inspectModels(connection, database);
  if (pending.length === 0) return;
  await connection.query(
    `CREATE TABLE IF NOT EXISTS ${modelMigrationTable} ` +
      "(version INT NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL, applied_at DATETIME NOT NULL) ENGINE = InnoDB",
  );
  for (const { version, name, sql } of pending) {
    for (const statement of statementsOf(sql)) await connection.query(statement);
    await connection.query(`REPLACE INTO ${modelMigrationTable} VALUES (?, ?, ?)`, [
      version,
      name,
      createdAt,
    ]);
  }
}

/**
 * What a start has to do, and all that doctor asks; changes nothing.
 *
 * @throws {StoreError} `failed` where its tables are not ours, of a newer version, lost, or
 *   missing while this user may not make them. Else what mysql2 throws.
 */
export async function inspectModels(
  connection: Connection,
  database: string,
): Promise<SchemaPlan> {
  const state = await schemaState(connection, modelMigrationTable);
  const known = readMigrations("read_models/mysql");
  const rest = [
    modelMigrationTable,
    ...tablesOf(known).filter((name) => state.tables.includes(name)),
  ];
  const remedy = remedyOfModels(`DROP TABLE ${rest.join(", ")}`);
  const plan = planSchema(known, state, `"${database}"`, modelMigrationTable, remedy);
  if (plan.pending.length > 0) await assertMayCreate(connection, database);
  return plan;
}
