/** A queue adapter that somebody else could write: a log in an SQLite file. */
import { DatabaseSync } from "node:sqlite";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { StartFrom } from "../../src/ports/event_source.ts";
import type { RecordHeader } from "../../src/ports/event_record.ts";
import type { LogGuarantees } from "../../src/ports/log_guarantees.ts";
import { createNotifier } from "../../src/ports/notifier.ts";
import { pullGroups } from "../../src/ports/pull_groups.ts";
import { pullSubscription } from "../../src/ports/pull_subscription.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { closedHealth, healthy } from "../../src/ports/queue_health.ts";
import { startingOffset } from "../../src/ports/subscription_rules.ts";
import { unlessAborted } from "../../src/ports/unless_aborted.ts";
import { encodeKey, validateRecord, validateSize } from "../../src/ports/validate_record.ts";

/**
 * What it promises. The suite runs the laws that follow from it, and lists the others with the
 * reason.
 */
export const guarantees: LogGuarantees = {
  durable: "synced disk",
  survivesRestart: true,
  order: "topic",
  partitions: "one",
  processes: "one", // its readers are woken inside this process only
  groupMembers: "stand by",
  replay: true,
  maxRecordBytes: 1_000_000,
  needs: "a writable folder",
};

export function openSqliteLog(
  options: { file: string; ensure?: boolean; maxRecordBytes?: number },
): EventLog {
  const { file, ensure = true, maxRecordBytes = guarantees.maxRecordBytes } = options;
  const db = new DatabaseSync(file);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;
    CREATE TABLE IF NOT EXISTS topics (name TEXT PRIMARY KEY, next INTEGER NOT NULL);
    CREATE TABLE IF NOT EXISTS records (topic TEXT, offset INTEGER, key BLOB, value BLOB, headers TEXT,
      timestamp INTEGER, PRIMARY KEY (topic, offset));
    CREATE TABLE IF NOT EXISTS groups (topic TEXT, name TEXT, position INTEGER, PRIMARY KEY (topic, name))`);
  const members = new Map<string, symbol[]>(); // by group: the first is active
  const changed = createNotifier(); // a record, a free place in a group, the end of the log
  const next = (topic: string): bigint => {
    if (!db.isOpen) throw new QueueError("closed", "Log is closed");
    const row = db.prepare("SELECT next FROM topics WHERE name = ?").get(topic);
    if (row === undefined) throw new QueueError("unknown_topic", `Topic "${topic}" does not exist`);
    return BigInt(row.next as number);
  };
  const since = (topic: string, time: number): bigint => {
    const rows = db.prepare(
      "SELECT offset FROM records WHERE topic = ? AND timestamp >= ? ORDER BY offset LIMIT 1",
    );
    return BigInt((rows.get(topic, time)?.offset ?? Number.MAX_SAFE_INTEGER) as number);
  };

  const startOf = (topic: string, from: StartFrom): bigint =>
    startingOffset(
      typeof from === "object" && "time" in from ? { offset: since(topic, from.time) } : from,
      0n,
      next(topic),
    );
  const store = (topic: string, group: string, position: bigint): void => {
    const update = "UPDATE groups SET position = ? WHERE topic = ? AND name = ?";
    db.prepare(update).run(position, topic, group);
  };

  return {
    publish: (topic, record, { signal } = {}) =>
      unlessAborted(signal, () => {
        validateSize(topic, validateRecord(topic, record), maxRecordBytes);
        if (ensure && db.isOpen) {
          db.prepare("INSERT OR IGNORE INTO topics VALUES (?, 0)").run(topic);
        }
        const [offset, timestamp] = [next(topic), record.timestamp ?? Date.now()];
        const key = record.key === undefined ? null : encodeKey(record.key);
        const headers = JSON.stringify(
          record.headers?.map(([name, value]) => [name, value?.toHex() ?? null]) ?? [],
        );
        db.exec("BEGIN IMMEDIATE");
        db.prepare("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)")
          .run(topic, offset, key, record.value, headers, timestamp);
        db.prepare("UPDATE topics SET next = ? WHERE name = ?").run(offset + 1n, topic);
        db.exec("COMMIT");
        changed.notify();
        return Promise.resolve({ topic, partition: 0, offset, timestamp });
      }),

    subscribe: (topic, options = {}) =>
      pullSubscription(topic, options, () => {
        const { group, from = "latest" } = options;
        const [end, me] = [next(topic), Symbol()];
        const start = startOf(topic, from);
        const queue = members.get(`${topic} ${group}`) ?? [];
        if (group !== undefined) {
          members.set(`${topic} ${group}`, queue);
          queue.push(me);
          db.prepare("INSERT OR IGNORE INTO groups VALUES (?, ?, ?)").run(topic, group, start);
        }
        return {
          partition: 0,
          end,
          async turn(signal, onStandBy) {
            if (group === undefined) return start;
            if (queue[0] !== me) onStandBy();
            while (queue[0] !== me && !signal.aborted) await changed.wait(signal);
            next(topic);
            const position = "SELECT position FROM groups WHERE topic = ? AND name = ?";
            return BigInt(db.prepare(position).get(topic, group)?.position as number);
          },
          // deno-lint-ignore require-await -- what is thrown becomes a rejection
          async read(position, maxRecords) {
            const end = next(topic);
            const rows = db.prepare(
              "SELECT * FROM records WHERE topic = ? AND offset >= ? ORDER BY offset LIMIT ?",
            )
              .all(topic, position, maxRecords);
            const headers = (row: { headers?: unknown }): RecordHeader[] =>
              JSON.parse(row.headers as string).map((
                [n, v]: [string, string | null],
              ) => [n, v === null ? null : Uint8Array.fromHex(v)]);
            const records = rows.map((row) => ({
              key: row.key as Uint8Array | null,
              value: row.value as Uint8Array | null,
              headers: headers(row),
              timestamp: row.timestamp as number,
              offset: BigInt(row.offset as number),
            }));
            return { records, end };
          },
          // It looks again: what came since `read` looked has woken nobody.
          async wait(position, signal) {
            if (next(topic) <= position) await changed.wait(signal);
          },
          ...(group !== undefined && {
            async commit(position: bigint) {
              await next(topic);
              store(topic, group, position);
            },
          }),
          leave() {
            if (group !== undefined) queue.splice(queue.indexOf(me), 1);
            changed.notify();
          },
        };
      }),

    groups: pullGroups({
      topics() {
        if (!db.isOpen) throw new QueueError("closed", "Log is closed");
        return db.prepare("SELECT name FROM topics").all().map((row) => `${row.name}`);
      },
      extent: (topic) => ({ first: 0n, end: next(topic) }),
      groups: (topic) =>
        new Map(
          db.prepare("SELECT name, position FROM groups WHERE topic = ?").all(topic).map((row) => {
            const isActive = (members.get(`${topic} ${row.name}`)?.length ?? 0) > 0;
            return [`${row.name}`, { position: BigInt(row.position as number), isActive }] as const;
          }),
        ),
      startOf,
      timeAt(topic, position) {
        const first = "SELECT timestamp FROM records WHERE topic = ? AND offset >= ? LIMIT 1";
        return db.prepare(first).get(topic, position)?.timestamp as number | undefined;
      },
      move: store,
    }),

    health: () => db.isOpen ? healthy : closedHealth,

    [Symbol.asyncDispose]() {
      if (db.isOpen) db.close();
      changed.notify();
      return Promise.resolve();
    },
  };
}
