/**
 * What one flipped bit in the middle costs, in SQLite's WAL and in the file log, after a process
 * was killed.
 */
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { insertSynced, openSqliteTable } from "./sqlite_table.ts";

export interface FlippedBit {
  readonly committed: number;
  /** Of `committed`, those that can be read afterwards. */
  readonly sqliteRead: number;
  /** What `PRAGMA integrity_check` says then. */
  readonly sqliteSays: string;
  readonly logRead: number;
  /** What a reader of the log is told, or undefined if it was told nothing. */
  readonly logSays: string | undefined;
}

const value = new Uint8Array(288).fill(120);

export async function benchFlippedBit(directory: string, committed: number): Promise<FlippedBit> {
  await Deno.mkdir(directory, { recursive: true });
  const sqlite = await flippedSqlite(directory, committed);
  return { committed, ...sqlite, ...await flippedLog(`${directory}/log`, committed) };
}

async function flippedSqlite(directory: string, committed: number) {
  const [file, copy] = [`${directory}/whole.db`, `${directory}/flipped.db`];
  const table = openSqliteTable(file);
  table.db.exec("PRAGMA wal_autocheckpoint = 0");
  for (let n = 0; n < committed; n++) insertSynced(table, [value]);
  // As a killed process leaves it: closing would move the WAL into the file.
  await Deno.copyFile(file, copy);
  await Deno.copyFile(`${file}-wal`, `${copy}-wal`);
  table.db.close();
  await flipMiddle(`${copy}-wal`);
  const { db } = openSqliteTable(copy);
  const count = db.prepare("SELECT count(*) AS n FROM records").get()?.n;
  const says = db.prepare("PRAGMA integrity_check").get()?.integrity_check;
  db.close();
  return { sqliteRead: Number(count), sqliteSays: String(says) };
}

async function flippedLog(directory: string, committed: number) {
  const writer = await openFileLog({ directory });
  for (let n = 0; n < committed; n++) await writer.publish("bench", { value });
  await writer[Symbol.asyncDispose]();
  const [segment] = (await Array.fromAsync(Deno.readDir(`${directory}/bench`)))
    .filter(({ name }) => name.endsWith(".segment"));
  await flipMiddle(`${directory}/bench/${segment?.name}`);
  await using log = await openFileLog({ directory, skipCorrupt: true });
  let logRead = 0;
  for await (const { records } of log.subscribe("bench", { from: "earliest", until: "end" })) {
    logRead += records.length;
  }
  return { logRead, logSays: await toldTo(directory) };
}

/** What a reader is told that does not pass damage. */
async function toldTo(directory: string): Promise<string | undefined> {
  await using log = await openFileLog({ directory });
  try {
    for await (const _ of log.subscribe("bench", { from: "earliest", until: "end" })) { /* on */ }
    return undefined;
  } catch (error) {
    if (error instanceof QueueError) return error.code;
    throw error;
  }
}

async function flipMiddle(path: string): Promise<void> {
  const bytes = await Deno.readFile(path);
  const middle = Math.floor(bytes.length / 2);
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  await Deno.writeFile(path, bytes);
}
