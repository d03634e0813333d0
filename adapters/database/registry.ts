/**
 * The databases that `db.driver` can name. An adapter's module is loaded only when it is chosen. The contract suite's table of
 * harnesses is typed by these keys.
 */
export const databaseAdapters = {
  sqlite: () => import("./sqlite/sqlite_catalogue.ts"),
  mysql: () => import("./mysql/mysql_catalogue.ts"),
} as const;

export type DatabaseName = keyof typeof databaseAdapters;
