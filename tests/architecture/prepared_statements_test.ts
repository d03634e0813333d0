import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { projectFiles, root } from "./project_files.ts";

/** What they prepare, they prepare once an opening, a start, or a question of an operator. */
const onceEach = [
  "book_reader.ts",
  "candidates.ts",
  "copy_databases.ts",
  "inspect_file.ts",
  "prepare_file.ts",
  "prepared.ts",
  "probe_models.ts",
  "probe_sqlite.ts",
  "ready_file.ts",
  "schema_state.ts",
  // While an older shelf is being indexed; on the main thread, where garbage is collected.
  "unindexed_books.ts",
];

describe("statements of SQLite", () => {
  /**
   * One that is prepared for each change stays until its thread collects garbage, which in the
   * Workers that write is next to never: a shop grew by 1.3 MiB a minute.
   */
  it("are prepared once where changes are made", () => {
    const folder = "adapters/database/sqlite";
    const preparing = projectFiles([folder])
      .filter((file) => Deno.readTextFileSync(new URL(file, root)).includes(".prepare("))
      .map((file) => file.replace(`${folder}/`, ""));
    assert.deepEqual(preparing.filter((file) => !onceEach.includes(file)), []);
    assert.deepEqual(onceEach.filter((file) => !preparing.includes(file)), [], "no longer needed");
  });
});
