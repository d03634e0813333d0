import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import type { Row, Statements } from "../schema/read_models/statements.ts";
import { prepareOnce } from "./prepared.ts";

/** Statements on a connection of SQLite, where each row is a call of its own. */
export function statementsOn(database: DatabaseSync): Statements {
  const all = (sql: string, values: readonly SQLInputValue[]): Row[] =>
    prepareOnce(database, sql).all(...values);
  const run = (sql: string, values: readonly SQLInputValue[]): number =>
    Number(prepareOnce(database, sql).run(...values).changes);
  return {
    // deno-lint-ignore require-await -- a fault must reject, not throw
    async rows(sql, ...values) {
      return all(sql, values);
    },
    // deno-lint-ignore require-await
    async run(sql, ...values) {
      return run(sql, values);
    },
    // deno-lint-ignore require-await
    async among(sql, values, keys) {
      const one = prepareOnce(database, sql.replace(/ IN \(\?\)$/, " = ?"));
      // The key of a table: of each there is one row. To ask for a list of them takes longer.
      return keys.flatMap((key): Row | readonly Row[] => one.get(...values, key) ?? []);
    },
    // deno-lint-ignore require-await
    async addNew(table, columns, rows) {
      const marks = columns.map(() => "?").join(", ");
      const sql = `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${marks}) ` +
        "ON CONFLICT DO NOTHING";
      return rows.map((row) => run(sql, row) === 1);
    },
    // deno-lint-ignore require-await
    async replace(table, columns, rows) {
      const marks = columns.map(() => "?").join(", ");
      const sql = `REPLACE INTO ${table} (${columns.join(", ")}) VALUES (${marks})`;
      for (const row of rows) run(sql, row);
    },
  };
}
