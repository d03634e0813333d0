/**
 * The same work for the file log and for SQLite: so many writers, each of which awaits that its
 * record is synced.
 */
import { DatabaseSync } from "node:sqlite";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";

export const topic = "bench";
/** As it stands in the log: 24 bytes of lengths and time, then key and value. */
export const recordBytes = 324;
const key = "twelve bytes";
const value = new Uint8Array(recordBytes - 24 - key.length).fill(120);
const record: EventRecord = { key, value };

export interface Appended {
  readonly records: number;
  readonly perSecond: number;
}

export async function appendFor(
  log: EventLog,
  writers: number,
  forMs: number,
): Promise<Appended> {
  const began = performance.now();
  let [records, isOver] = [0, false];
  setTimeout(() => isOver = true, forMs);
  const write = async (): Promise<void> => {
    while (!isOver) {
      await log.publish(topic, record);
      records++;
    }
  };
  await Promise.all(Array.from({ length: writers }, write));
  return { records, perSecond: records / (performance.now() - began) * 1000 };
}

export async function appendRecords(log: EventLog, count: number): Promise<void> {
  for (let left = count; left > 0; left -= 1000) {
    const batch = Array.from({ length: Math.min(left, 1000) }, () => log.publish(topic, record));
    await Promise.all(batch);
  }
}

export interface SqliteLoad {
  /** Records a second, one transaction for all writers: as much as they can share. */
  rate(writers: number, forMs: number): number;
  readonly records: number;
  close(): void;
}

export function openSqliteLoad(file: string): SqliteLoad {
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE records (offset INTEGER PRIMARY KEY, timestamp INTEGER, key BLOB, value BLOB)`);
  const insert = db.prepare("INSERT INTO records (timestamp, key, value) VALUES (?, ?, ?)");
  let records = 0;
  return {
    get records() {
      return records;
    },
    rate(writers, forMs) {
      const [began, before] = [performance.now(), records];
      while (performance.now() - began < forMs) {
        db.exec("BEGIN IMMEDIATE");
        for (let writer = 0; writer < writers; writer++) insert.run(Date.now(), key, value);
        db.exec("COMMIT");
        records += writers;
      }
      return (records - before) / (performance.now() - began) * 1000;
    },
    close: () => db.close(),
  };
}
