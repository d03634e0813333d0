import { Buffer } from "node:buffer";
import type { Connection, ResultSetHeader, RowDataPacket } from "mysql2/promise";
import type { Statements, Value } from "../schema/read_models/statements.ts";

/** Of one statement: below any server's max_allowed_packet, with rows of some kilobytes. */
const rowsPerStatement = 100;

/** Statements on a connection, many rows in each. */
export function statementsOn(connection: Connection): Statements {
  return {
    async rows(sql, ...values) {
      const [rows] = await connection.query<RowDataPacket[]>(sql, values.map(bound));
      return rows;
    },
    async run(sql, ...values) {
      const [result] = await connection.query<ResultSetHeader>(sql, values.map(bound));
      return result.affectedRows;
    },
    async among(sql, values, keys) {
      const found: RowDataPacket[] = [];
      for (let from = 0; from < keys.length; from += rowsPerStatement) {
        const some = keys.slice(from, from + rowsPerStatement).map(bound);
        const [rows] = await connection.query<RowDataPacket[]>(sql, [...values.map(bound), some]);
        found.push(...rows);
      }
      return found;
    },
    async replace(table, columns, rows) {
      const sql = `REPLACE INTO ${table} (${columns.join(", ")}) VALUES ?`;
      for (let from = 0; from < rows.length; from += rowsPerStatement) {
        const some = rows.slice(from, from + rowsPerStatement).map((row) => row.map(bound));
        await connection.query(sql, [some]);
      }
    },
  };
}

/** mysql2 writes Buffers as hexadecimal literals; what else is of bytes it takes for a list. */
const bound = (value: Value): string | number | Buffer | null =>
  value instanceof Uint8Array
    ? Buffer.from(value.buffer, value.byteOffset, value.byteLength)
    : value;
