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
    async addNew(table, columns, shared, keys) {
      // `WHERE true`, as SQLite would else take ON for that of a join.
      const sql = `INSERT INTO ${table} (${columns.join(", ")}) ` +
        `SELECT ${shared.map(() => "?").join(", ")}, unhex(value) FROM json_each(?) WHERE true ` +
        "ON CONFLICT DO NOTHING";
      const add = (some: readonly string[]) => run(sql, [...shared, JSON.stringify(some)]);
      // Nearly always all are new, and all at once take half of what they take one by one.
      run("SAVEPOINT adding", []);
      const areNew = add(keys) === keys.length;
      if (!areNew) run("ROLLBACK TO adding", []);
      run("RELEASE adding", []);
      return keys.map((key) => areNew || add([key]) === 1);
    },
    // deno-lint-ignore require-await
    async replace(table, columns, keyColumns, rows) {
      const marks = columns.map(() => "?").join(", ");
      // What REPLACE does, which would take the row and its entries out of all indexes before.
      const others = columns.slice(keyColumns).map((column) => `${column} = excluded.${column}`);
      const sql = `INSERT INTO ${table} (${columns.join(", ")}) VALUES (${marks}) ` +
        `ON CONFLICT DO UPDATE SET ${others.join(", ")}`;
      for (const row of rows) run(sql, row);
    },
  };
}
