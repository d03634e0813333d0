import { databaseAdapters, type DatabaseName } from "../../adapters/database/registry.ts";
import type { Config } from "../config/schema.ts";
import type { BookCatalogue } from "../ports/book_catalogue.ts";
import type { Clock } from "../ports/clock.ts";

export interface OpenCatalogueOptions {
  readonly clock: Clock;
  readonly onShelfProgress?: (loaded: number, total: number) => void;
}

const databases: Record<
  DatabaseName,
  (db: Config["db"], options: OpenCatalogueOptions) => Promise<BookCatalogue>
> = {
  async sqlite({ sqlite }, options) {
    const { openSqliteCatalogue } = await databaseAdapters.sqlite();
    return await openSqliteCatalogue({ ...options, file: sqlite.file });
  },
  async mysql({ host, port, user, password, database }, options) {
    const { openMysqlCatalogue } = await databaseAdapters.mysql();
    return await openMysqlCatalogue({ ...options, host, port, user, password, database });
  },
};

/** Opens the catalogue that `db.driver` names. @throws {CatalogueError} by rejection. */
export function openCatalogue(
  config: Config,
  options: OpenCatalogueOptions,
): Promise<BookCatalogue> {
  return databases[config.db.driver](config.db, options);
}
