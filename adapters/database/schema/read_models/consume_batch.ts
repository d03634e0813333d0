/**
 * Which events of a batch have not had their effects: the part of a transaction that all read
 * models share.
 */
import type {
  ApplyOutcome,
  ConsumedBatch,
  ConsumedPosition,
} from "../../../../src/ports/read_model.ts";
import type { Row, Statements } from "./statements.ts";

/** What identifies an event, and when it was. */
export interface ConsumedKey {
  /** 16 bytes in hexadecimal digits: of a text, handing it to a Worker costs a fifth. */
  readonly key: string;
  readonly searchedAt: number;
}

/** A batch with what a read model takes of its events. */
export type BatchOf<Event extends ConsumedKey> = Omit<ConsumedBatch, "events"> & {
  readonly events: readonly Event[];
};

const hourMs = 3_600_000;
const keyColumns = ["consumer", "hour", "event"];
const positionColumns = ["consumer", "topic", "partition_no", "position", "last_time"];

/** Hands `take` the events that are new, and notes that they have been consumed. */
export async function consumeBatch<Event extends ConsumedKey>(
  sql: Statements,
  consumer: number,
  batch: BatchOf<Event>,
  take: (events: readonly Event[]) => Promise<void>,
): Promise<ApplyOutcome> {
  const stored = await storedPosition(sql, consumer, batch);
  const position = batch.isOtherTopic === true ? batch.from : stored?.position ?? 0n;
  if (position < batch.from) return { status: "gap", position };
  const horizonHour = await moveHorizon(sql, consumer, batch.horizonHour);
  const young = batch.events.filter(({ searchedAt }) => hourOf(searchedAt) >= horizonHour);
  const fresh = await noteConsumed(sql, consumer, young);
  await take(fresh);
  if (batch.isOtherTopic === true || batch.next > position || stored === undefined) {
    const { topic, partition, next, lastTimestamp = null } = batch;
    await sql.replace("shelfcast_consumer_positions", positionColumns, 3, [
      [consumer, topic, partition, `${next}`, lastTimestamp],
    ]);
  }
  return {
    status: "applied",
    applied: fresh.length,
    repeated: young.length - fresh.length,
    tooOld: batch.events.length - young.length,
  };
}

/** How far each partition has been consumed. */
export async function positionsOf(
  sql: Statements,
  consumer: number,
): Promise<readonly ConsumedPosition[]> {
  const rows = await sql.rows(
    "SELECT topic, partition_no, position, last_time FROM shelfcast_consumer_positions WHERE consumer = ? " +
      "ORDER BY topic, partition_no",
    consumer,
  );
  return rows.map(positionOf);
}

/** Forgets positions, keys and horizon. */
export async function clearConsumed(sql: Statements, consumer: number): Promise<void> {
  await sql.run("DELETE FROM shelfcast_consumed_events WHERE consumer = ?", consumer);
  await sql.run("DELETE FROM shelfcast_consumer_positions WHERE consumer = ?", consumer);
  await sql.run("UPDATE shelfcast_consumers SET horizon_hour = NULL WHERE consumer = ?", consumer);
}

const prunedKeysMost = 5_000;

/** Takes away keys from before the horizon, some at a time. @returns How many. */
export async function pruneKeys(sql: Statements, consumer: number): Promise<number> {
  const [oldest] = await sql.rows(
    "SELECT min(hour) AS hour FROM shelfcast_consumed_events WHERE consumer = ?",
    consumer,
  );
  const horizonHour = await horizonOf(sql, consumer);
  if (typeof oldest?.hour !== "number" || oldest.hour >= horizonHour) return 0;
  const some = await sql.rows(
    "SELECT event FROM shelfcast_consumed_events WHERE consumer = ? AND hour = ? ORDER BY event LIMIT ?",
    consumer,
    oldest.hour,
    prunedKeysMost,
  );
  const last = some.at(-1)?.event;
  if (!(last instanceof Uint8Array)) return 0;
  return await sql.run(
    "DELETE FROM shelfcast_consumed_events WHERE consumer = ? AND hour = ? AND event <= ?",
    consumer,
    oldest.hour,
    new Uint8Array(last),
  );
}

const hourOf = (timeMs: number): number => Math.floor(timeMs / hourMs);

async function storedPosition(
  sql: Statements,
  consumer: number,
  { topic, partition }: Pick<ConsumedBatch, "topic" | "partition">,
): Promise<ConsumedPosition | undefined> {
  const [row] = await sql.rows(
    "SELECT topic, partition_no, position, last_time FROM shelfcast_consumer_positions " +
      "WHERE consumer = ? AND topic = ? AND partition_no = ?",
    consumer,
    topic,
    partition,
  );
  return row && positionOf(row);
}

function positionOf({ topic, partition_no, position, last_time }: Row): ConsumedPosition {
  return {
    topic: String(topic),
    partition: Number(partition_no),
    position: BigInt(String(position)),
    ...(last_time !== null && { lastTimestamp: Number(last_time) }),
  };
}

async function horizonOf(sql: Statements, consumer: number): Promise<number> {
  const [row] = await sql.rows(
    "SELECT horizon_hour FROM shelfcast_consumers WHERE consumer = ?",
    consumer,
  );
  return typeof row?.horizon_hour === "number" ? row.horizon_hour : -Infinity;
}

async function moveHorizon(sql: Statements, consumer: number, to = -Infinity): Promise<number> {
  const before = await horizonOf(sql, consumer);
  if (to <= before) return before;
  await sql.run("UPDATE shelfcast_consumers SET horizon_hour = ? WHERE consumer = ?", to, consumer);
  return to;
}

/** @returns Those that had not been consumed before, each once, in order. */
async function noteConsumed<Event extends ConsumedKey>(
  sql: Statements,
  consumer: number,
  events: readonly Event[],
): Promise<readonly Event[]> {
  const added = new Set<Event>();
  for (const [hour, some] of Map.groupBy(events, ({ searchedAt }) => hourOf(searchedAt))) {
    const first = new Map<string, Event>();
    for (const event of some) if (!first.has(event.key)) first.set(event.key, event);
    const keys = [...first.keys()];
    const isNew = await sql.addNew("shelfcast_consumed_events", keyColumns, [consumer, hour], keys);
    for (const [index, event] of [...first.values()].entries()) if (isNew[index]) added.add(event);
  }
  return events.filter((event) => added.has(event));
}
