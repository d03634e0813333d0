/** What the program knows of SQLite; loads none of it. */
import { declareDatabase } from "../../../src/ports/database_declaration.ts";
import { keepsFilesIn } from "../../../src/ports/needed_permission.ts";
import { path } from "../../../src/ports/setting.ts";

export const sqliteDatabase = declareDatabase({
  section: { file: path("data/shelf.db") },
  permissions: ({ file }) => keepsFilesIn("file", directoryOf(file)),
  async open({ file }, options) {
    const { openSqliteCatalogue } = await import("./sqlite_catalogue.ts");
    return await openSqliteCatalogue({ ...options, file });
  },
  probe: ({ file }) => ({
    name: "database",
    async run() {
      const { probeSqlite } = await import("./probe_sqlite.ts");
      return await probeSqlite(file);
    },
  }),
});

/** SQLite puts its log beside the database. */
function directoryOf(file: string): string {
  const slash = file.lastIndexOf("/");
  return slash === -1 ? "." : file.slice(0, slash) || "/";
}
