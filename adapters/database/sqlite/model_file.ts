/** Makes a file of read models ours, beside other starts. */
import { DatabaseSync } from "node:sqlite";
import { folderOf } from "../../../src/ports/file_path.ts";
import { makeOwnFile, ownFolder } from "../../../src/ports/own_file.ts";
import { migrationTable, readMigrations } from "../schema/migrations.ts";
import { planSchema, remedyOfModels, type SchemaPlan } from "../schema/schema_plan.ts";
import { schemaState } from "./schema_state.ts";
import { checkPlace } from "./inspect_file.ts";
import { enterWal, migrate } from "./prepare_file.ts";
import { countChange, inTransaction } from "./transaction.ts";

const otherStartTimeoutMs = 30_000;
const busyTimeoutMs = 5_000;

/**
 * Opens the file for writing, after making whatever is missing of it.
 *
 * @throws what node:sqlite throws, and `StoreError` where the tables are not ours.
 */
export function openModelFile(file: string, createdAt: string): DatabaseSync {
  checkPlace(file);
  Deno.mkdirSync(folderOf(file), ownFolder);
  makeOwnFile(file);
  const database = new DatabaseSync(file, { timeout: otherStartTimeoutMs });
  try {
    // Before the first change: a file that is not ours stays as it is.
    const { pending } = inspectModels(database, file);
    enterWal(database);
    database.exec("PRAGMA synchronous = FULL; PRAGMA cache_size = -16384");
    if (pending.length > 0) {
      inTransaction(database, () => {
        // Asked again, now that nobody else can change it.
        migrate(database, inspectModels(database, file).pending, createdAt);
        countChange(database);
      });
    }
    database.exec(`PRAGMA busy_timeout = ${busyTimeoutMs}`);
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/**
 * What a start has to do, and all that doctor asks.
 *
 * @throws {StoreError} `failed` where its tables are not ours, of a newer version, or lost.
 */
export function inspectModels(database: DatabaseSync, file: string): SchemaPlan {
  const state = schemaState(database, migrationTable);
  const remedy = remedyOfModels("stop the shop and remove the file, with its -wal and -shm");
  const known = readMigrations("read_models/sqlite");
  return planSchema(known, state, `"${file}"`, migrationTable, remedy);
}
