/** What the program knows of SQLite; loads none of it. */
import type { SettingFault } from "../../../src/ports/adapter_declaration.ts";
import { declareDatabase } from "../../../src/ports/database_declaration.ts";
import { keepsFilesIn } from "../../../src/ports/needed_permission.ts";
import { readByOthers } from "../../../src/ports/own_file.ts";
import { path } from "../../../src/ports/setting.ts";

export const sqliteDatabase = declareDatabase({
  section: { file: path("data/shelf.db"), read_models_file: path("data/read_models.db") },
  *findFaults({ file, read_models_file }): Generator<SettingFault> {
    if (file !== read_models_file) return;
    yield { key: "read_models_file", is: "is the file of the shelf", wanted: "another file" };
  },
  permissions({ file, read_models_file }) {
    const [shelf, models] = [directoryOf(file), directoryOf(read_models_file)];
    const needed = keepsFilesIn("file", shelf);
    return models === shelf ? needed : [...needed, ...keepsFilesIn("read_models_file", models)];
  },
  *cautions({ file, read_models_file }) {
    for (const each of [file, read_models_file]) {
      const caution = readByOthers([each, directoryOf(each)]);
      if (caution !== undefined) yield caution;
    }
  },
  async open({ file }, options) {
    const { openSqliteCatalogue }: typeof import("./sqlite_catalogue.ts") = await import(
      import.meta.resolve("./sqlite_catalogue.ts")
    );
    return await openSqliteCatalogue({ ...options, file });
  },
  readModels: {
    async open({ read_models_file }, options) {
      const { openSqliteReadModels }: typeof import("./sqlite_read_models.ts") = await import(
        import.meta.resolve("./sqlite_read_models.ts")
      );
      return await openSqliteReadModels(read_models_file, options);
    },
    probe: ({ read_models_file }) => ({
      name: "read models",
      async run() {
        const { probeModels }: typeof import("./probe_models.ts") = await import(
          import.meta.resolve("./probe_models.ts")
        );
        return await probeModels(read_models_file);
      },
    }),
  },
  probe: ({ file }) => ({
    name: "database",
    async run() {
      const { probeSqlite }: typeof import("./probe_sqlite.ts") = await import(
        import.meta.resolve("./probe_sqlite.ts")
      );
      return await probeSqlite(file);
    },
  }),
});

/** SQLite puts its log beside the database. */
function directoryOf(file: string): string {
  const slash = file.lastIndexOf("/");
  return slash === -1 ? "." : file.slice(0, slash) || "/";
}
