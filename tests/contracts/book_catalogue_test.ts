import type { DatabaseName } from "../../adapters/database/registry.ts";
import { judgeBookCatalogue } from "./book_catalogue.ts";
import type { CatalogueHarness } from "./book_catalogue_harness.ts";
import { mysqlHarness } from "./harnesses/mysql.ts";
import { sqliteHarness } from "./harnesses/sqlite.ts";

/** An adapter that is registered without a harness does not compile. */
const harnesses: Record<DatabaseName, CatalogueHarness> = {
  sqlite: sqliteHarness,
  mysql: mysqlHarness,
};

for (const [name, harness] of Object.entries(harnesses)) judgeBookCatalogue(name, harness);
