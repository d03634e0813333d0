import { CatalogueError } from "../../../src/ports/book_catalogue.ts";

/** A numbered SQL file: `0001_books.sql` is version 1. Each is applied once, in order, and never edited afterwards. */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly sql: string;
}

/** The table that remembers which migrations a database has. It is also the sign that the other tables are ours. */
export const migrationTable = "shelfcast_migrations";

/** The tables of the first migration: where one of them stands without `migrationTable`, it is somebody else's. */
const ownTables = ["books", "book_search", "starter_shelf"];

/** Reads the driver's SQL files, by version from 1 on, without gaps. */
export function readMigrations(driver: "sqlite" | "mysql"): readonly Migration[] {
  const folder = new URL(`./${driver}/`, import.meta.url);
  const names = [...Deno.readDirSync(folder)].map((entry) => entry.name).sort();
  return names.map((name, index) => {
    const version = Number(/^(\d{4})_[a-z_]+\.sql$/.exec(name)?.[1]);
    if (version !== index + 1) {
      throw new CatalogueError(
        "failed",
        `Migration is "${driver}/${name}", wanted number ${index + 1}`,
      );
    }
    return { version, name, sql: Deno.readTextFileSync(new URL(name, folder)) };
  });
}

/** What a database holds before this program touches it. */
export interface SchemaState {
  /** Names of its tables, at least those that could be ours. */
  readonly tables: readonly string[];
  /** Versions that `migrationTable` lists; none where it does not stand. */
  readonly applied: readonly number[];
}

/**
 * The migrations that the database lacks, in order.
 *
 * @param quotedName What the message calls the database, in quotes.
 * @throws {CatalogueError} `failed` where the tables are not ours or a newer version of this program made them.
 */
export function pendingMigrations(
  known: readonly Migration[],
  state: SchemaState,
  quotedName: string,
): readonly Migration[] {
  const tables = state.tables.map((table) => table.toLowerCase());
  const foreign = ownTables.find((table) => tables.includes(table));
  if (foreign !== undefined && !tables.includes(migrationTable)) {
    throw new CatalogueError(
      "failed",
      `Database ${quotedName} has a table "${foreign}" that Shelfcast did not make, wanted a database without one: ` +
        "name another database in db, or rename that table",
    );
  }
  const newest = Math.max(0, ...state.applied);
  if (newest > known.length) {
    throw new CatalogueError(
      "failed",
      `Database ${quotedName} has schema version ${newest}, wanted at most ${known.length}: a newer Shelfcast made it, ` +
        "run that one or name another database in db",
    );
  }
  return known.filter((migration) => !state.applied.includes(migration.version));
}
