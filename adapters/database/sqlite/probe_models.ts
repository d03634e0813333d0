import { existsSync, statSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { checkPlace } from "./inspect_file.ts";
import { inspectModels } from "./model_file.ts";
import { openFault } from "./sqlite_fault.ts";

/**
 * What is in a file of read models, in words, by the checks of a start; changes nothing.
 *
 * @throws {StoreError} by rejection: a start would be refused.
 */
// deno-lint-ignore require-await -- a fault must reject, not throw
export async function probeModels(file: string): Promise<string> {
  try {
    checkPlace(file);
    if (!existsSync(file) || statSync(file).size === 0) {
      return `"${file}" is made at the first start`;
    }
    using database = new DatabaseSync(file, { readOnly: true, timeout: 1000 });
    const { pending } = inspectModels(database, file);
    if (pending.length > 0) return `"${file}" is there, and gets what it lacks at the next start`;
    const row = database.prepare("SELECT count(*) AS queries FROM shelfcast_search_trends").get();
    return `"${file}" holds ${row?.queries} queries`;
  } catch (error) {
    throw openFault(error, file);
  }
}
