import { existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { notNoted } from "../schema/index_reports.ts";
import { lostTable } from "../schema/schema_plan.ts";
import { isNoted } from "./change_triggers.ts";
import { isBuilding } from "./index_state.ts";
import { checkPlace, hasChanges, inspectFile, isPrepared } from "./inspect_file.ts";
import { openFault } from "./sqlite_fault.ts";

/**
 * What is in a shelf's file, in words, by the checks of a start; changes nothing.
 *
 * @throws {StoreError} by rejection: a start would be refused, or searches fail until there is
 *   one.
 */
// deno-lint-ignore require-await -- a fault must reject, not throw
export async function probeSqlite(file: string): Promise<string> {
  try {
    checkPlace(file);
    // SQLite takes an empty file for a new database; to read it, it would have to write.
    if (!existsSync(file) || statSync(file).size === 0) {
      return `"${file}" is made at the first start`;
    }
    using database = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
    const plan = inspectFile(database, file);
    const lost = lostTable(plan.lost, `"${file}"`);
    if (lost !== undefined) throw lost;
    if (!isPrepared(plan)) return `"${file}" is there, and gets what it lacks at the next start`;
    const row = database.prepare("SELECT count(*) AS books FROM books").get();
    const holds = `"${file}" holds ${row?.books} books`;
    const isFollowed = isNoted(database) || hasChanges(database) || isBuilding(database);
    return isFollowed ? holds : `${holds}; ${notNoted}`;
  } catch (error) {
    throw openFault(error, file);
  }
}
