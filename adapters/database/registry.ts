/**
 * The databases that `db.driver` can name. A declaration loads nothing of its adapter; what is
 * chosen is loaded when it is opened. The contract suite's table of harnesses is typed by these
 * keys.
 */
import { mysqlDatabase } from "./mysql/declaration.ts";
import { sqliteDatabase } from "./sqlite/declaration.ts";

export const databaseAdapters = {
  sqlite: sqliteDatabase,
  mysql: mysqlDatabase,
} as const;

export type DatabaseName = keyof typeof databaseAdapters;

/** Where a configuration says nothing. */
export const defaultDatabase: DatabaseName = "sqlite";
