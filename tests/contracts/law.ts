/** What the laws on queues are made of. */
import assert from "node:assert/strict";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventRecord, StoredRecord } from "../../src/ports/event_record.ts";
import type { StartFrom } from "../../src/ports/event_source.ts";
import type { LogGuarantees } from "../../src/ports/log_guarantees.ts";
import { QueueError, type QueueErrorCode } from "../../src/ports/queue_error.ts";
import type { LogPlace, OpenOptions } from "./event_log_harness.ts";
import type { LawId } from "./legend.ts";

/** One small named law of the queue ports; a failing line tells what broke. */
export interface Law {
  /** Of the legend; several laws may bear the same. */
  readonly id: LawId;
  readonly name: string;
  /**
   * Why the law is outside what an adapter declares, or undefined where it holds. Default: it holds
   * for all.
   */
  readonly outside?: (guarantees: LogGuarantees) => string | undefined;
  run(bench: Bench): Promise<void>;
}

/**
 * What a law works with: an empty place, logs that are closed after it, and names that nothing else
 * uses.
 */
export interface Bench {
  readonly guarantees: LogGuarantees;
  readonly place: LogPlace;
  open(options?: OpenOptions): Promise<EventLog>;
  /**
   * `count` logs as other processes would open them; the same log several times where only one
   * process can have it.
   */
  openSeveral(count: number): Promise<readonly EventLog[]>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

export const bytes = (text: string): Uint8Array => encoder.encode(text);
export const text = (value: Uint8Array | null): string =>
  value === null ? "" : decoder.decode(value);

/** The values of records, as texts. */
export const valuesOf = (
  records: readonly { readonly value: Uint8Array | null }[],
): readonly string[] => records.map(({ value }) => text(value));

/**
 * A record whose value is `value` and whose key is the same for all, so that they share a
 * partition.
 */
export const inOnePartition = (value: string): EventRecord => ({ key: "k", value: bytes(value) });

/** How patient laws are. */
export const patience = {
  /** How long they wait for what must come. Kafka's members take seconds to change places. */
  deadlineMs: 30_000,
  /**
   * How long a reader that waits for a certain record bears silence, before it looks whether
   * anything else comes.
   */
  silenceMs: 500,
};

/** Rejects when `promise` has not settled in time; the law fails instead of hanging. */
export async function within<T>(
  what: string,
  promise: PromiseLike<T>,
  deadlineMs = patience.deadlineMs,
): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`${what} took over ${deadlineMs} ms`)), deadlineMs);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}

/** Publishes in order, one call after the other without waiting, and awaits all reports. */
export function publishAll(log: EventLog, topic: string, records: readonly EventRecord[]) {
  return within(
    `publishing ${records.length} records`,
    Promise.all(records.map((record) => log.publish(topic, record))),
  );
}

/**
 * Everything from the start, or from elsewhere, to the end as it is now.
 *
 * @param onSilence Called when nothing has come for a while, though the end has not been told.
 */
export async function readAll(
  log: EventLog,
  topic: string,
  from: StartFrom = "earliest",
  onSilence: () => void = () => {},
): Promise<readonly Read[]> {
  const records: Read[] = [];
  let silence = setTimeout(onSilence, patience.silenceMs);
  const read = async (): Promise<void> => {
    for await (const batch of log.subscribe(topic, { from, until: "end" })) {
      clearTimeout(silence);
      silence = setTimeout(onSilence, patience.silenceMs);
      for (const record of batch.records) records.push({ ...record, partition: batch.partition });
    }
  };
  try {
    await within("reading to the end", read());
  } finally {
    clearTimeout(silence);
  }
  return records;
}

export type Read = StoredRecord & { readonly partition: number };

/** Asserts that `promise` rejects with a QueueError of that code, and gives the error. */
export async function rejectsWith(
  code: QueueErrorCode,
  promise: Promise<unknown>,
): Promise<QueueError> {
  const outcome = await within(
    `rejecting with "${code}"`,
    promise.then((value) => ({ value }), (error: unknown) => ({ error })),
  );
  assert.ok("error" in outcome, `resolved with ${describe(outcome)}, wanted a "${code}" error`);
  const { error } = outcome;
  assert.ok(error instanceof QueueError, `rejected with ${error}, wanted a QueueError`);
  assert.equal(error.code, code, error.message);
  return error;
}

const describe = (value: unknown): string =>
  JSON.stringify(value, (_, part) => typeof part === "bigint" ? `${part}` : part);

/** `count` texts `${stem}0`, `${stem}1`, … */
export const series = (stem: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => `${stem}${index}`);
