/**
 * Subscriptions as laws read them: batch by batch, each with a deadline, and every record checked
 * as it comes.
 */
import assert from "node:assert/strict";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { StoredRecord } from "../../src/ports/event_record.ts";
import type {
  RecordBatch,
  StartFrom,
  SubscribeOptions,
  Subscription,
} from "../../src/ports/event_source.ts";
import { assertNext, list } from "./assert_records.ts";
import { inOnePartition, patience, type Read, readAll, text, within } from "./law.ts";

/**
 * How many records were published to see whether anything comes at all. None of them is a law's, so
 * readers pass over them.
 */
let extras = 0;
const isExtra = (value: string): boolean => /^one more \d+$/.test(value);

function publishExtra(log: EventLog, topic: string): string {
  const value = `one more ${++extras}`;
  log.publish(topic, inOnePartition(value)).catch(() => {}); // There may be none to publish to.
  return value;
}

/** What a law does with a subscription. */
export interface Reader {
  ready(): Promise<void>;
  /** The next batch, or undefined at the end. */
  next(): Promise<RecordBatch | undefined>;
  /** Batches until they hold `count` records, whichever; each is given to `handle`. */
  take(count: number, handle?: HandleBatch): Promise<readonly StoredRecord[]>;
  /**
   * Batches until exactly these values have come, in this order; each batch is given to `handle`.
   * Fails at the first record that is another, and where there is silence instead: then one more
   * record is published, and comes in the place of what is missing.
   */
  takes(wanted: readonly string[], handle?: HandleBatch): Promise<readonly StoredRecord[]>;
  /** The subscription must end now. */
  ends(): Promise<void>;
  leave(): Promise<void>;
}

type HandleBatch = (batch: RecordBatch) => Promise<void> | void;

/** A subscription read batch by batch, each with a deadline. */
export function openReader(log: EventLog, topic: string, options: SubscribeOptions = {}): Reader {
  const abort = new AbortController();
  const subscription: Subscription = log.subscribe(topic, { ...options, signal: abort.signal });
  const iterator = subscription[Symbol.asyncIterator]();

  async function nextOfAll(what: string): Promise<RecordBatch | undefined> {
    const result = await within(what, iterator.next());
    return result.done ? undefined : result.value;
  }

  async function next(what = "the next batch"): Promise<RecordBatch | undefined> {
    for (;;) {
      const batch = await nextOfAll(what);
      const records = batch?.records.filter(({ value }) => !isExtra(text(value)));
      if (batch === undefined || records === undefined) return undefined;
      if (records.length > 0 || batch.records.length === 0) return { ...batch, records };
    }
  }

  /** @param onExtra Hears which record was published where there was silence. */
  async function nextOrExtra(
    what: string,
    onExtra: (value: string) => void,
  ): Promise<RecordBatch | undefined> {
    const silence = setTimeout(() => onExtra(publishExtra(log, topic)), patience.silenceMs);
    try {
      return await nextOfAll(what);
    } finally {
      clearTimeout(silence);
    }
  }

  return {
    ready: () => within("becoming ready", subscription.ready),
    next() {
      const batch = next();
      batch.catch(() => {}); // Where the law fails before it awaits it.
      return batch;
    },
    async take(count, handle = () => {}) {
      const records: StoredRecord[] = [];
      while (records.length < count) {
        const batch = await next();
        assert.ok(batch, `the subscription ended after ${records.length} of ${count} records`);
        records.push(...batch.records);
        await handle(batch);
      }
      return records;
    },
    async takes(wanted, handle = () => {}) {
      const records: StoredRecord[] = [];
      const mine = new Set<string>();
      while (records.length < wanted.length) {
        const missing = list(wanted.slice(records.length));
        const batch = await nextOrExtra(`waiting for ${missing}`, (value) => mine.add(value));
        assert.ok(batch, `missing: ${missing}; the subscription ended before`);
        for (const record of batch.records) {
          const value = text(record.value);
          const isLate = mine.has(value) && records.length < wanted.length;
          if (isExtra(value) && !isLate) continue;
          assertNext(value, wanted, records.length);
          records.push(record);
        }
        await handle(batch);
      }
      return records;
    },
    async ends() {
      const batch = await next("ending");
      const came = list((batch?.records ?? []).map(({ value }) => text(value)));
      assert.ok(batch === undefined, `${came} came where the subscription should have ended`);
    },
    async leave() {
      abort.abort();
      await within("leaving", Promise.resolve(iterator.return?.()));
    },
  };
}

/**
 * Everything to the end as it is now. A log that waits for what it has lost is waked by one more
 * record, behind that end: so it goes on, and what is missing is seen at once.
 */
export async function readToEnd(
  log: EventLog,
  topic: string,
  from?: StartFrom,
): Promise<readonly Read[]> {
  const records = await readAll(log, topic, from, () => void publishExtra(log, topic));
  return records.filter(({ value }) => !isExtra(text(value)));
}
