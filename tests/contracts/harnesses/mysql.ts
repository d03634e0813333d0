import { openMysqlCatalogue } from "../../../adapters/database/mysql/mysql_catalogue.ts";
import type { CatalogueHarness } from "../book_catalogue_harness.ts";
import { createMysqlDatabase, mysqlMissing } from "./mysql_database.ts";

export const mysqlHarness: CatalogueHarness = {
  ...(mysqlMissing === undefined ? {} : { missing: mysqlMissing }),
  async prepare() {
    const database = await createMysqlDatabase();
    return {
      open: (options = {}) => openMysqlCatalogue({ ...database.login, shelf: "empty", ...options }),
      execute: database.execute,
      [Symbol.asyncDispose]: () => database[Symbol.asyncDispose](),
    };
  },
};
