/** Shelves in MySQL for the benchmark of searches: filled in bulk, kept where that is wanted. */
import { openMysqlCatalogue } from "../../adapters/database/mysql/mysql_catalogue.ts";
import {
  createMysqlDatabase,
  type MysqlDatabase,
  openKeptDatabase,
} from "../contracts/harnesses/mysql_database.ts";
import { bulkFill } from "./bulk_shelf.ts";

export interface MysqlShelf extends MysqlDatabase {
  /** The server, what it has for pages of tables, and what the shelf takes. */
  describe(): Promise<string>;
}

/** @param isKept It stays behind the benchmark, and one that is there is taken. */
export async function openMysqlShelf(
  books: number,
  isKept: boolean,
  onProgress: (words: string) => void = () => {},
): Promise<MysqlShelf> {
  const database = isKept ? await keptDatabase(books) : await createMysqlDatabase();
  let filled = "filled before";
  if ((await database.execute("SHOW TABLES")).length === 0) {
    // Its tables are made, and nobody has them open while they are filled.
    const catalogue = await openMysqlCatalogue({ ...database.login, shelf: "empty" });
    await catalogue[Symbol.asyncDispose]();
    const rate = await bulkFill(database.login, books, (done) => onProgress(`mysql: ${done}`));
    filled = `filled in bulk, ${Math.round(rate)} books a second`;
  }
  return {
    ...database,
    async describe() {
      const [row] = await database.execute(
        `SELECT VERSION() AS server, @@innodb_buffer_pool_size DIV 1048576 AS pool,
          (SELECT ROUND(SUM(DATA_LENGTH + INDEX_LENGTH) / 1e6) FROM information_schema.TABLES
           WHERE TABLE_SCHEMA = DATABASE()) AS megabytes`,
      );
      const { server, pool, megabytes } = Object(row);
      return `mysql, ${books} books: ${filled}, ${megabytes} MB, ${server}, ` +
        `innodb_buffer_pool_size ${pool} MiB`;
    },
  };
}

/** One that somebody has left half filled is made anew. */
async function keptDatabase(books: number): Promise<MysqlDatabase> {
  const name = `shelfcast_bench_${books}`;
  const { database, drop } = await openKeptDatabase(name);
  const [last] = (await database.execute("SHOW TABLES LIKE 'books'")).length === 0
    ? [{ id: 0 }]
    : await database.execute("SELECT MAX(id) AS id FROM books");
  if (Number(Object(last).id) !== books) {
    await drop();
    await openKeptDatabase(name);
  }
  return { ...database, [Symbol.asyncDispose]: () => Promise.resolve() };
}
