/**
 * Judges what a database holds, before anything is changed. Start and doctor ask the same, so that
 * they cannot disagree.
 */
import { StoreError } from "../../../src/ports/store_error.ts";
import { type Migration, migrationTable, tablesOf } from "./migrations.ts";

/** Tables that hold what `books` holds, in another form: lost, they can be made again. */
const derivedTables = [
  "book_search",
  "shelfcast_forms",
  "shelfcast_grams",
  "shelfcast_changes",
  "shelfcast_build",
  "shelfcast_version",
];

/** What a database holds before this program touches it. */
export interface SchemaState {
  /** Names of its tables, at least those that could be ours. */
  readonly tables: readonly string[];
  /** Versions that `migrationTable` lists; none where it does not stand. */
  readonly applied: readonly number[];
}

/** What a start has to do about the tables. */
export interface SchemaPlan {
  /** The migrations that the database lacks, in order. */
  readonly pending: readonly Migration[];
  /** Tables that somebody has dropped and that a start makes again, from the books. */
  readonly lost: readonly string[];
}

/**
 * Judges what a database holds; start and doctor both act upon it.
 *
 * @param quotedName What the message calls the database, in quotes.
 * @param ownTable Where the set of migrations is remembered. Default: `migrationTable`.
 * @param remedy What is done where a table is gone that no start brings back.
 * @throws {StoreError} `failed` where the tables are not ours, a newer version of this program
 *   made them, or one is gone that nothing can bring back.
 */
export function planSchema(
  known: readonly Migration[],
  state: SchemaState,
  quotedName: string,
  ownTable = migrationTable,
  remedy = "restore a backup of the database, or name another one in db",
): SchemaPlan {
  const tables = state.tables.map((table) => table.toLowerCase());
  const foreign = tablesOf(known).find((table) => tables.includes(table));
  if (foreign !== undefined && !tables.includes(ownTable)) {
    throw new StoreError(
      "failed",
      `Database ${quotedName} has a table "${foreign}" that Shelfcast did not make, wanted a database without one: ` +
        "name another database in db, or rename that table",
    );
  }
  const newest = Math.max(0, ...state.applied);
  if (newest > known.length) {
    throw new StoreError(
      "failed",
      `Database ${quotedName} has schema version ${newest}, wanted at most ${known.length}: a newer Shelfcast made it, ` +
        "run that one or name another database in db",
    );
  }
  const applied = known.filter(({ version }) => state.applied.includes(version));
  const lost = tablesOf(applied).filter((table) => !tables.includes(table));
  const gone = lost.find((table) => !derivedTables.includes(table));
  if (gone !== undefined) {
    throw new StoreError(
      "failed",
      `Database ${quotedName} has lost the table "${gone}", wanted all that Shelfcast made: ` +
        remedy,
    );
  }
  return { pending: known.filter((migration) => !applied.includes(migration)), lost };
}

/**
 * What is done where read models have lost a table.
 *
 * @param how The rest is taken away: then all of them are made anew.
 */
export const remedyOfModels = (how: string): string =>
  `restore a backup of it; without one, ${how}: all is made anew of what the topic holds, ` +
  "but for who had asked to be forgotten";

/** What operators are told while such a table is gone; a start mends it. */
export function lostTable(
  tables: readonly string[],
  quotedName: string,
): StoreError | undefined {
  if (tables.length === 0) return undefined;
  return new StoreError(
    "failed",
    `Database ${quotedName} has lost the table "${tables.join('", "')}", so that searches fail: ` +
      "start the shop again, which makes it anew from the books",
  );
}
