import { DatabaseSync } from "node:sqlite";
import { openSqliteCatalogue } from "../../../adapters/database/sqlite/sqlite_catalogue.ts";
import type { CatalogueHarness } from "../book_catalogue_harness.ts";

export const sqliteHarness: CatalogueHarness = {
  async prepare() {
    const folder = await Deno.makeTempDir({ prefix: "shelfcast_sqlite_" });
    return {
      open: (options = {}) =>
        openSqliteCatalogue({ file: `${folder}/shelf.db`, shelf: "empty", ...options }),
      // deno-lint-ignore require-await -- a fault must reject, not throw
      async execute(...statements) {
        using database = new DatabaseSync(`${folder}/shelf.db`, { timeout: 5_000 });
        for (const statement of statements) database.exec(statement);
      },
      [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
    };
  },
};
