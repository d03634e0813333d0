import { openSqliteCatalogue } from "../../../adapters/database/sqlite/sqlite_catalogue.ts";
import type { CatalogueHarness } from "../book_catalogue_harness.ts";

export const sqliteHarness: CatalogueHarness = {
  async prepare() {
    const folder = await Deno.makeTempDir({ prefix: "shelfcast_sqlite_" });
    return {
      open: (options = {}) =>
        openSqliteCatalogue({ file: `${folder}/shelf.db`, shelf: "empty", ...options }),
      [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }),
    };
  },
};
