/** What tasks that speak to the network may read: not whatever a user can. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openSqliteCatalogue } from "../../adapters/database/sqlite/sqlite_catalogue.ts";
import { runTask, serviceFolder } from "./service_process.ts";

const config = [
  "db: { sqlite: { file: DIR/shelf.db, read_models_file: DIR/read.db } }",
  "mq: { adapter: file, file: { directory: DIR/queue } }",
].join("\n");
const csv = "title,author\nEmma,Jane Austen\nnobody,\n";

/** A shop with an empty shelf, and folders that no task may read but where it is called. */
async function inFolders(
  law: (places: { here: string; elsewhere: string; configFile: string }) => Promise<void>,
): Promise<void> {
  await using folder = await serviceFolder(config);
  const file = `${folder.path}/shelf.db`;
  await (await openSqliteCatalogue({ file, shelf: "empty" }))[Symbol.asyncDispose]();
  const parent = await Deno.makeTempDir({ prefix: "shelfcast reads " });
  try {
    const [here, elsewhere] = [`${parent}/called here`, `${parent}/elsewhere`];
    for (const path of [here, elsewhere]) {
      await Deno.mkdir(path);
      await Deno.writeTextFile(`${path}/books.csv`, csv);
    }
    await law({ here, elsewhere, configFile: folder.configFile });
  } finally {
    await Deno.remove(parent, { recursive: true });
  }
}

describe("import and produce", () => {
  it("read below the folder where they are called", () =>
    inFolders(async ({ here: cwd, configFile }) => {
      const args = ["books.csv", "--config", configFile];
      const { stdout, stderr } = await runTask("import", args, { cwd });
      assert.match(stdout, /^Imported 1 books, 0 were there already, 1 rows are none/, stderr);
      assert.match(await Deno.readTextFile(`${cwd}/books.csv.rejected.csv`), /"nobody"/);
      const file = ["--file", "books.csv", "--config", configFile];
      assert.match((await runTask("produce", file, { cwd })).stdout, /lr-book-searches/);
    }));

  it("read nothing elsewhere, and say how it is done all the same: as their input", () =>
    inFolders(async ({ here: cwd, elsewhere, configFile }) => {
      const path = `${elsewhere}/books.csv`;
      const where = ["--config", configFile];
      for (const [task, ...args] of [["import", path], ["produce", "--file", path]] as const) {
        const { code, stderr } = await runTask(task, [...args, ...where], { cwd });
        assert.equal(code, 1);
        assert.match(
          stderr,
          /neither in the project nor below the folder .*task (?:import|produce --file) - < FILE"$/m,
        );
      }
      const imported = await runTask("import", ["-", ...where], { cwd, stdin: csv });
      assert.match(imported.stdout, /^Imported 1 books, .* 1 rows are none/, imported.stderr);
      assert.match(await Deno.readTextFile(`${cwd}/import.rejected.csv`), /"nobody"/);
      const produced = await runTask("produce", ["--file", "-", ...where], { cwd, stdin: csv });
      assert.match(produced.stdout, /lr-book-searches/, produced.stderr);
    }));
});
