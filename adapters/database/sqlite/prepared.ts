import type { DatabaseSync, StatementSync } from "node:sqlite";

const prepared = new WeakMap<DatabaseSync, Map<string, StatementSync>>();

/**
 * A statement that is prepared once a connection. Its text must be one of a few.
 *
 * A statement is given back when the garbage of its thread is collected, which in a Worker that has
 * little to do is hardly ever: one that is prepared anew for each change is some 2 kB that stay.
 */
export function prepareOnce(database: DatabaseSync, sql: string): StatementSync {
  const statements = prepared.get(database) ?? new Map<string, StatementSync>();
  prepared.set(database, statements);
  const statement = statements.get(sql) ?? database.prepare(sql);
  statements.set(sql, statement);
  return statement;
}
