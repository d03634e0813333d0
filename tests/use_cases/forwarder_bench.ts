/** A forwarder between two logs in memory, for tests. */
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import type { EventRecord, StoredRecord } from "../../src/ports/event_record.ts";
import type { CommitOutcome } from "../../src/ports/event_source.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventQueue } from "../../src/ports/event_queue.ts";
import type { QueueError } from "../../src/ports/queue_error.ts";
import { createEventReceipts, type EventReceipts } from "../../src/use_cases/event_receipts.ts";
import { type EventForwarder, forwardEvents } from "../../src/use_cases/forward_events.ts";
import type { GatherBounds } from "../../src/use_cases/gather_pace.ts";
import { createFakeClock, type FakeClock } from "../fake_clock.ts";
import { committing } from "./committing.ts";
import { createPartitionedTarget, type PartitionedTarget } from "./partitioned_target.ts";
import { createRecordingTelemetry, type RecordingTelemetry } from "./recording_telemetry.ts";

export const text = (bytes: Uint8Array | null | undefined): string =>
  new TextDecoder().decode(bytes ?? undefined);

/** Key and number of an event, which is its id, too. */
export function event(key: string, n: number): EventRecord {
  const bytes = new TextEncoder().encode(`${key}${n}`);
  return { key, value: bytes, headers: [["ce_id", bytes]] };
}

/** A forwarder between a buffer in memory and a target that obeys the test. */
export interface ForwarderBench extends AsyncDisposable {
  readonly buffer: EventLog;
  readonly target: PartitionedTarget;
  readonly clock: FakeClock;
  readonly forwarder: EventForwarder;
  /** Of the forwarder that is there from the start. */
  readonly receipts: EventReceipts;
  /** Of all forwarders. */
  readonly telemetry: RecordingTelemetry;
  /** What commits of the group said. */
  readonly outcomes: readonly CommitOutcome[];
  /** Another one, on the same buffer where it is not told another, as of another process. */
  start(target?: EventQueue, receipts?: EventReceipts, from?: EventLog): EventForwarder;
  /** Commits reject with it, until it is undefined. */
  failCommits(error: QueueError | undefined): void;
  /** The same of records for the buffer. */
  failPublishes(error: QueueError | undefined): void;
  /** What the forwarder's group has not committed. */
  uncommitted(): Promise<string[]>;
  deadLetters(): Promise<readonly StoredRecord[]>;
}

export function openForwarder(
  partitions = 1,
  { maxRecords = 100_000, ...bounds }: {
    windowRecords?: number;
    windowBytes?: number;
    /** Default: 4. */
    batchRecords?: number;
    /** Default: not at all. */
    gather?: GatherBounds;
    /** Of the buffer. */
    maxRecords?: number;
  } = {},
): ForwarderBench {
  const clock = createFakeClock();
  const log = openMemoryLog({ clock, topics: ["t", "t.dlq"], maxRecords });
  const outcomes: CommitOutcome[] = [];
  const faults: Faults = {};
  const failing: EventLog = {
    ...log,
    publish: (topic, record) =>
      faults.publish ? Promise.reject(faults.publish) : log.publish(topic, record),
  };
  const buffer = committing(failing, (batch, through, outcome = {}) => {
    if (faults.commit) return Promise.reject(faults.commit);
    outcomes.push(outcome);
    return batch.commit(through, outcome);
  });
  const target = createPartitionedTarget(partitions);
  const telemetry = createRecordingTelemetry();
  const ownReceipts = createEventReceipts({ isDelivery: false });
  const start = (
    to: EventQueue = target,
    receipts = createEventReceipts({ isDelivery: false }),
    from = buffer,
  ): EventForwarder =>
    forwardEvents({
      buffer: from,
      target: to,
      topic: "t",
      clock,
      receipts,
      telemetry,
      random: () => 0.5,
      batchRecords: 4,
      ...bounds,
    });
  const forwarder = start(target, ownReceipts);
  const read = async (topic: string, group?: string): Promise<StoredRecord[]> => {
    const records: StoredRecord[] = [];
    const options = { from: "earliest", until: "end", ...(group && { group }) } as const;
    for await (const batch of log.subscribe(topic, options)) records.push(...batch.records);
    return records;
  };
  return {
    buffer,
    target,
    clock,
    forwarder,
    receipts: ownReceipts,
    telemetry,
    outcomes,
    start,
    failCommits: (error) => faults.commit = error,
    failPublishes: (error) => faults.publish = error,
    uncommitted: async () => (await read("t", "forwarder")).map(({ value }) => text(value)),
    deadLetters: () => read("t.dlq"),
    async [Symbol.asyncDispose]() {
      const stopped = forwarder.stop(0);
      await clock.advance(200_000);
      await stopped;
      await log[Symbol.asyncDispose]();
    },
  };
}

interface Faults {
  commit?: QueueError | undefined;
  publish?: QueueError | undefined;
}

export async function publish(
  { buffer }: ForwarderBench,
  ...events: readonly EventRecord[]
): Promise<void> {
  for (const one of events) await buffer.publish("t", one);
}

/** As a shop does: with receipts. */
export async function offer(
  { buffer }: ForwarderBench,
  receipts: EventReceipts,
  ...events: readonly EventRecord[]
): Promise<void> {
  for (const one of events) {
    const id = text(one.value as Uint8Array);
    receipts.offered(id);
    receipts.accepted(id, await buffer.publish("t", one));
  }
}

export async function stop(
  bench: ForwarderBench,
  deadlineMs = 1000,
  forwarder = bench.forwarder,
): Promise<void> {
  const stopped = forwarder.stop(deadlineMs);
  await bench.clock.advance(deadlineMs);
  await stopped;
}

export const values = (records: readonly EventRecord[] = []): string[] =>
  records.map(({ value }) => text(value));
