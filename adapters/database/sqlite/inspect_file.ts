/**
 * What a start finds out before it changes anything, and all that doctor asks: one set of checks
 * for both.
 */
import type { DatabaseSync } from "node:sqlite";
import { absolutePath, folderOf } from "../../../src/ports/file_path.ts";
import { LinkedFileError, refuseLink } from "../../../src/ports/own_file.ts";
import { StoreError } from "../../../src/ports/store_error.ts";
import { migrationTable, readMigrations } from "../schema/migrations.ts";
import { planSchema, type SchemaPlan } from "../schema/schema_plan.ts";
import { prepareOnce } from "./prepared.ts";
import { schemaState } from "./schema_state.ts";
import { checkLineage } from "./wal_lineage.ts";

/** What a start has to do. */
export interface FilePlan extends SchemaPlan {
  /** Whether it has been decided what the shelf begins with. */
  readonly isShelved: boolean;
}

/** Where this is true, a start writes nothing and waits for nobody. */
export const isPrepared = ({ pending, lost, isShelved }: FilePlan): boolean =>
  isShelved && pending.length === 0 && lost.length === 0;

/**
 * Before the file is opened: whether it can be made or written, and whether the log beside it is
 * its own. Only making something tells whether a folder can be written, so an empty file or folder
 * is made there and taken away.
 *
 * @throws {StoreError} `failed`
 */
export function checkPlace(file: string): void {
  const path = absolutePath(file);
  try {
    const missing = firstMissing(folderOf(path));
    if (missing === undefined) {
      Deno.removeSync(Deno.makeTempFileSync({ dir: folderOf(path), prefix: ".shelfcast-" }));
    } else {
      Deno.mkdirSync(missing);
      Deno.removeSync(missing);
    }
    for (const each of [path, `${path}-wal`, `${path}-shm`]) refuseLink(each);
    if (exists(path)) Deno.openSync(path, { read: true, write: true }).close();
  } catch (error) {
    // What another process has made or taken away meanwhile is no fault.
    if (error instanceof Deno.errors.AlreadyExists || error instanceof Deno.errors.NotFound) return;
    throw placeFault(error, file);
  }
  checkLineage(file);
}

function exists(path: string): boolean {
  try {
    Deno.statSync(path);
    return true;
  } catch {
    return false;
  }
}

/** The uppermost folder that would have to be made. */
function firstMissing(folder: string): string | undefined {
  let missing: string | undefined;
  for (let at = folder; !exists(at); at = folderOf(at)) missing = at;
  return missing;
}

function placeFault(error: unknown, file: string): StoreError {
  const reason = error instanceof LinkedFileError
    ? "a symbolic link stands there or beside it, wanted the file itself; name it in db.sqlite.file"
    : error instanceof Deno.errors.PermissionDenied || isReadOnly(error)
    ? "this user may not write it, or not the folder that it stands in, wanted a file and a folder that can be written"
    : error instanceof Deno.errors.NotADirectory
    ? "a file stands where its folder should, wanted a folder"
    : error instanceof Deno.errors.IsADirectory || codeOf(error) === "EISDIR"
    ? "a folder stands there, wanted a file or nothing"
    : `${
      error instanceof Error ? error.message : error
    }, wanted a file that can be read and written`;
  const message = `Cannot open SQLite database "${file}": ${reason}`;
  return new StoreError("failed", message, { cause: error });
}

const codeOf = (error: unknown): unknown => Reflect.get(Object(error), "code");
const isReadOnly = (error: unknown): boolean => codeOf(error) === "EROFS";

/**
 * @throws {StoreError} `failed` where its tables are not ours, of a newer version, or lost for
 *   good.
 */
export function inspectFile(database: DatabaseSync, file: string): FilePlan {
  const state = schemaState(database, migrationTable);
  const plan = planSchema(readMigrations("sqlite"), state, `"${file}"`);
  const isShelved = state.tables.includes("starter_shelf") &&
    database.prepare("SELECT 1 FROM starter_shelf").get() !== undefined;
  return { ...plan, isShelved };
}

/** Whether somebody has changed books by SQL, so that the index is behind. */
export const hasChanges = (database: DatabaseSync): boolean =>
  prepareOnce(database, "SELECT 1 FROM shelfcast_changes LIMIT 1").get() !== undefined;
