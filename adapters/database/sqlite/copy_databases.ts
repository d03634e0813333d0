import { existsSync, statSync } from "node:fs";
import { backup, DatabaseSync } from "node:sqlite";
import type { CopiedFile } from "../../../src/ports/database_declaration.ts";
import { StoreError } from "../../../src/ports/store_error.ts";
import { probeModels } from "./probe_models.ts";
import { probeSqlite } from "./probe_sqlite.ts";
import { sqliteFault } from "./sqlite_fault.ts";

/** So many pages at once: between them, the shop's own changes come to their turn. */
const pagesAtOnce = 1_000;

/**
 * Copies the files by SQLite's own means, beside whoever changes them, and checks the copies. A
 * copy has no log beside it.
 *
 * @throws {StoreError} by rejection.
 */
export async function copyDatabases(
  files: { readonly shelf: string; readonly readModels: string },
  folder: string,
): Promise<readonly CopiedFile[]> {
  const copied: CopiedFile[] = [];
  const wanted = [
    { name: "read_models.db", original: files.readModels, probe: probeModels },
    { name: "shelf.db", original: files.shelf, probe: probeSqlite },
  ];
  for (const { name, original, probe } of wanted) {
    if (!existsSync(original)) continue;
    const copy = `${folder}/${name}`;
    await copyFile(original, copy);
    const holds = (await probe(copy)).replace(`"${copy}" holds `, "");
    copied.push({ name, original, bytes: statSync(copy).size, holds });
  }
  return copied;
}

async function copyFile(original: string, copy: string): Promise<void> {
  try {
    {
      using source = new DatabaseSync(original, { readOnly: true, timeout: 5_000 });
      await backup(source, copy, { rate: pagesAtOnce });
    }
    using database = new DatabaseSync(copy);
    // Otherwise its first reader would make files beside it; a start puts it back.
    database.exec("PRAGMA journal_mode = DELETE");
    const [row] = database.prepare("PRAGMA integrity_check").all();
    if (row?.integrity_check !== "ok") {
      throw new StoreError(
        "failed",
        `Copy of "${original}" says of itself "${row?.integrity_check}", wanted "ok": the file is damaged`,
      );
    }
    using file = Deno.openSync(copy, { read: true, write: true });
    file.syncSync();
  } catch (error) {
    throw sqliteFault(error, `copy "${original}"`);
  }
}
