/** A Worker that keeps a log in SQLite: gets values, answers when their transaction is synced. */
import { insertSynced, openSqliteTable } from "./sqlite_table.ts";

const scope = self as unknown as DedicatedWorkerGlobalScope;
let table: ReturnType<typeof openSqliteTable> | undefined;

interface DedicatedWorkerGlobalScope {
  onmessage: (event: MessageEvent<string | readonly Uint8Array[]>) => void;
  postMessage(count: number): void;
}

scope.onmessage = ({ data }) => {
  if (typeof data === "string") {
    table = openSqliteTable(data);
    return scope.postMessage(0);
  }
  if (table === undefined) throw new Error("No table is open, wanted its file first");
  insertSynced(table, data);
  scope.postMessage(data.length);
};
