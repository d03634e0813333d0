/** What the program knows of SQLite; loads none of it. */
import type { SettingFault } from "../../../src/ports/adapter_declaration.ts";
import { declareDatabase } from "../../../src/ports/database_declaration.ts";
import { keepsFilesIn } from "../../../src/ports/needed_permission.ts";
import { readByOthers } from "../../../src/ports/own_file.ts";
import { path } from "../../../src/ports/setting.ts";

export const sqliteDatabase = declareDatabase({
  section: { file: path("data/shelf.db"), read_models_file: path("") },
  *findFaults(values): Generator<SettingFault> {
    if (values.file !== readModelsFile(values)) return;
    yield { key: "read_models_file", is: "is the file of the shelf", wanted: "another file" };
  },
  permissions(values) {
    const [shelf, models] = [directoryOf(values.file), directoryOf(readModelsFile(values))];
    const needed = keepsFilesIn("file", shelf);
    return models === shelf ? needed : [...needed, ...keepsFilesIn("read_models_file", models)];
  },
  *cautions(values) {
    for (const each of [values.file, readModelsFile(values)]) {
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
  backup: {
    async copy(values, folder) {
      const { copyDatabases }: typeof import("./copy_databases.ts") = await import(
        import.meta.resolve("./copy_databases.ts")
      );
      return await copyDatabases(
        { shelf: values.file, readModels: readModelsFile(values) },
        folder,
      );
    },
  },
  readModels: {
    async open(values, options) {
      const { openSqliteReadModels }: typeof import("./sqlite_read_models.ts") = await import(
        import.meta.resolve("./sqlite_read_models.ts")
      );
      return await openSqliteReadModels(readModelsFile(values), options);
    },
    probe: (values) => ({
      name: "read models",
      async run() {
        const { probeModels }: typeof import("./probe_models.ts") = await import(
          import.meta.resolve("./probe_models.ts")
        );
        return await probeModels(readModelsFile(values));
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

interface Files {
  readonly file: string;
  readonly read_models_file: string;
}

/** Where none is named, beside the shelf: two shops have two. */
function readModelsFile({ file, read_models_file }: Files): string {
  return read_models_file === "" ? `${directoryOf(file)}/read_models.db` : read_models_file;
}

/** SQLite puts its log beside the database. */
function directoryOf(file: string): string {
  const slash = file.lastIndexOf("/");
  return slash === -1 ? "." : file.slice(0, slash) || "/";
}
