import { Buffer } from "node:buffer";
import type { Connection, ResultSetHeader, RowDataPacket } from "mysql2/promise";
import type { Row, Statements, Value } from "../schema/read_models/statements.ts";

/** Of one statement: below any server's max_allowed_packet, with rows of some kilobytes. */
const rowsPerStatement = 100;

/** Statements on a connection, many rows in each. */
export function statementsOn(connection: Connection): Statements {
  async function among(
    sql: string,
    values: readonly Value[],
    keys: readonly Value[],
  ): Promise<readonly Row[]> {
    const found: RowDataPacket[] = [];
    for (let from = 0; from < keys.length; from += rowsPerStatement) {
      const some = keys.slice(from, from + rowsPerStatement).map(bound);
      const [rows] = await connection.query<RowDataPacket[]>(sql, [...values.map(bound), some]);
      found.push(...rows);
    }
    return found;
  }

  async function put(
    verb: "INSERT" | "REPLACE",
    table: string,
    columns: readonly string[],
    rows: readonly (readonly Value[])[],
  ): Promise<void> {
    const sql = `${verb} INTO ${table} (${columns.join(", ")}) VALUES ?`;
    for (let from = 0; from < rows.length; from += rowsPerStatement) {
      const some = rows.slice(from, from + rowsPerStatement).map((row) => row.map(bound));
      await connection.query(sql, [some]);
    }
  }

  return {
    async rows(sql, ...values) {
      const [rows] = await connection.query<RowDataPacket[]>(sql, values.map(bound));
      return rows;
    },
    async run(sql, ...values) {
      const [result] = await connection.query<ResultSetHeader>(sql, values.map(bound));
      return result.affectedRows;
    },
    among,
    async addNew(table, columns, shared, keys) {
      // What INSERT IGNORE left out, only MariaDB tells.
      const [last = "", others] = [columns.at(-1), columns.slice(0, -1)];
      const sql = `SELECT ${last} FROM ${table} WHERE ` +
        `${others.map((column) => `${column} = ?`).join(" AND ")} AND ${last} IN (?)`;
      const rows = keys.map((key) => [...shared, Uint8Array.fromHex(key)]);
      const found = await among(sql, shared, rows.map((row) => row.at(-1) ?? null));
      const known = new Set(
        found.map((row) => row[last] instanceof Uint8Array ? row[last].toHex() : ""),
      );
      const isNew = keys.map((key) => !known.has(key));
      await put("INSERT", table, columns, rows.filter((_, index) => isNew[index]));
      return isNew;
    },
    replace: (table, columns, _, rows) => put("REPLACE", table, columns, rows),
  };
}

/** mysql2 writes Buffers as hexadecimal literals; what else is of bytes it takes for a list. */
const bound = (value: Value): string | number | Buffer | null =>
  value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : value;
