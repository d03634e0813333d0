/**
 * Puts a lie between a law and an honest log: what is published, what is read, and how it is
 * committed and closed.
 */
import type { EventGroups } from "../../../src/ports/event_groups.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { DeliveryReport, EventQueue } from "../../../src/ports/event_queue.ts";
import type { EventRecord, StoredRecord } from "../../../src/ports/event_record.ts";
import type {
  EventSource,
  RecordBatch,
  SubscribeOptions,
  Subscription,
} from "../../../src/ports/event_source.ts";
import type { QueueHealth } from "../../../src/ports/queue_health.ts";

export type Publish = EventQueue["publish"];
export type Subscribe = (topic: string, options: SubscribeOptions) => Subscription;

/** What is done instead of what the log does; `honest` does that. */
export interface Distortion {
  publish?(
    honest: Publish,
    ...call: Parameters<Publish>
  ): Promise<DeliveryReport>;
  subscribe?(honest: Subscribe, topic: string, options: SubscribeOptions): Subscription;
  close?(honest: () => Promise<void>): Promise<void>;
  health?(honest: () => QueueHealth): QueueHealth;
  /** What is asked and done of groups. */
  groups?(honest: EventGroups): Partial<EventGroups>;
}

/** A log that does as it is told. */
export function distort(log: EventLog, told: Distortion): EventLog {
  const publish: Publish = (...call) => log.publish(...call);
  const subscribe: EventSource["subscribe"] = (topic, options = {}) =>
    log.subscribe(topic, options);
  const close = () => Promise.resolve(log[Symbol.asyncDispose]());
  const health = () => log.health();
  return {
    publish: (...call) => told.publish?.(publish, ...call) ?? publish(...call),
    subscribe: (topic, options = {}) =>
      told.subscribe?.(subscribe, topic, options) ?? subscribe(topic, options),
    groups: { ...log.groups, ...told.groups?.(log.groups) },
    health: () => told.health === undefined ? health() : told.health(health),
    [Symbol.asyncDispose]: () => told.close?.(close) ?? close(),
  };
}

/** Keeps something else than what it was given. */
export function keeping(change: (record: EventRecord) => EventRecord): Distortion {
  return { publish: (honest, topic, record, options) => honest(topic, change(record), options) };
}

/** Reports something else than what is so. */
export function reporting(
  change: (report: DeliveryReport, record: EventRecord) => DeliveryReport,
): Distortion {
  return {
    publish: async (honest, topic, record, options) =>
      change(await honest(topic, record, options), record),
  };
}

/** Gives other records than it has: none where `change` gives none. */
export function giving(
  change: (record: StoredRecord, at: number) => StoredRecord | undefined,
): Distortion {
  return batching((batch) => ({
    ...batch,
    records: batch.records.flatMap((record, at) => change(record, at) ?? []),
  }));
}

/** Gives other batches than it has: none where `change` gives none, or one without records. */
export function batching(
  change: (batch: RecordBatch, options: SubscribeOptions) => RecordBatch | undefined,
): Distortion {
  return {
    subscribe: (honest, topic, options) =>
      through(honest(topic, options), async function* (batches) {
        for await (const batch of batches) {
          const changed = change(batch, options);
          if (changed !== undefined && changed.records.length > 0) yield changed;
        }
      }),
  };
}

/** Commits otherwise than it is told. */
export function committing(
  change: (batch: RecordBatch, through: bigint) => Promise<void>,
): Distortion {
  return batching((batch) => ({
    ...batch,
    commit: (through = batch.records.at(-1)!.offset) => change(batch, through),
  }));
}

/** A subscription whose batches go through `change`. */
export function through(
  { ready, ...subscription }: Subscription,
  change: (batches: AsyncIterable<RecordBatch>) => AsyncIterator<RecordBatch>,
): Subscription {
  return { ready, [Symbol.asyncIterator]: () => change(subscription) };
}

/**
 * A subscription that is begun when it is first asked for a batch, though it says that it is ready.
 */
export function lazily(begin: () => Subscription): Subscription {
  return through(
    { ready: Promise.resolve(), async *[Symbol.asyncIterator]() {} },
    async function* () {
      yield* begin();
    },
  );
}

/** Groups of its own making: a position is stored as `store` says, and nobody stands by. */
export function owningGroups(
  store: (position: bigint | undefined, batch: RecordBatch, through: bigint) => bigint | undefined,
  keyOf: (topic: string, group: string) => string = (topic, group) => `${topic} ${group}`,
): Distortion {
  const positions = new Map<string, bigint>();
  return {
    subscribe(honest, topic, { group, ...options }) {
      if (group === undefined) return honest(topic, options);
      const key = keyOf(topic, group);
      const position = positions.get(key);
      const inner = honest(
        topic,
        position === undefined ? options : { ...options, from: { offset: position } },
      );
      return through(inner, async function* (batches) {
        for await (const batch of batches) {
          yield {
            ...batch,
            commit(through = batch.records.at(-1)!.offset) {
              const stored = store(positions.get(key), batch, through);
              if (stored !== undefined) positions.set(key, stored);
              return Promise.resolve();
            },
          };
        }
      });
    },
  };
}
