import { type Clock, pause } from "../ports/clock.ts";
import type { DeliveryReport, EventQueue } from "../ports/event_queue.ts";
import type { EventRecord, StoredRecord } from "../ports/event_record.ts";
import type { EventSource, RecordBatch } from "../ports/event_source.ts";
import { QueueError, type QueueErrorCode } from "../ports/queue_error.ts";
import { createForwardPace, type Stride } from "./forward_pace.ts";
import {
  createForwardWindow,
  type ForwardOutcome,
  recordName,
  settledFrom,
  type WindowBatch,
} from "./forward_window.ts";

export interface ForwardPassOptions {
  readonly buffer: EventSource;
  readonly target: EventQueue;
  readonly topic: string;
  readonly group: string;
  readonly clock: Clock;
  /** The most that may be read and not committed. */
  readonly windowRecords: number;
  readonly windowBytes: number;
  /** The most records that are read at once: the most that is done without letting a request in between. */
  readonly batchRecords: number;
  /** Ends reading; what was read is still delivered. */
  readonly stop: AbortSignal;
  /** Ends waiting for what was read. */
  readonly abandon: AbortSignal;
  /** By `recordName`: what earlier passes had settled and not committed. */
  readonly settledBefore: ReadonlyMap<string, ForwardOutcome>;
  /** Resolves when the dead letter is durable; rejects when `abandon` was aborted before. */
  readonly deadLetter: (batch: RecordBatch, record: StoredRecord, e: QueueError) => Promise<void>;
  readonly onRead: (batch: RecordBatch) => void;
  readonly onDelivered: (record: StoredRecord, report: DeliveryReport) => void;
  readonly onWindow: (records: number) => void;
  readonly onCommitted: (position: bigint) => void;
  readonly onCommitFault: (error: QueueError) => void;
  /** The pass cannot go on; what is under way is awaited. */
  readonly onFailure: (error: unknown) => void;
}

/** How a pass ended. */
export interface ForwardedPass {
  /** Why it cannot go on; absent where it was stopped. */
  readonly error?: unknown;
  /** What was settled behind the commit, by this pass or an earlier one. */
  readonly settled: ReadonlyMap<string, ForwardOutcome>;
}

const patienceMs = 100;
const poison: ReadonlySet<QueueErrorCode> = new Set(["too_large", "invalid_record"]);

/**
 * Reads on from the group's position and publishes what it reads, in order, until it is stopped or a record is given up for a
 * reason that is not the record's own. Then it waits for all that is under way, so that nothing of this pass can still arrive
 * when the next one publishes again from the commit.
 */
export async function forwardPass(options: ForwardPassOptions): Promise<ForwardedPass> {
  const { topic, group, clock, stop, abandon, batchRecords: maxRecords } = options;
  const reading = options.buffer
    .subscribe(topic, { group, from: "earliest", maxRecords })[Symbol.asyncIterator]();
  let underWay = 0;
  let failure: { readonly error: unknown } | undefined;
  let isOver = false;
  const pace = createForwardPace(clock);
  /** The offset behind what was forwarded. */
  let forwardedTo = 0n;
  /** One waits at a time. */
  let wake = (): void => {};
  const onSignal = (): void => wake();
  const window = createForwardWindow({
    maxRecords: options.windowRecords,
    maxBytes: options.windowBytes,
    clock,
    abandon,
    onChange: () => wake(),
    onRecords: options.onWindow,
    onCommitted: options.onCommitted,
    onCommitFault: options.onCommitFault,
    onFailure: fail,
  });

  const isEnding = (): boolean => failure !== undefined || stop.aborted;

  function fail(error: unknown): void {
    if (failure === undefined) {
      failure = { error };
      options.onFailure(error);
    }
    wake();
  }

  async function until(condition: () => boolean): Promise<void> {
    while (!condition()) await new Promise<void>((resolve) => wake = resolve);
  }

  /** Undefined when there is nothing more to read for this pass. */
  function nextBatch(): Promise<RecordBatch | undefined> {
    return new Promise((resolve, reject) => {
      wake = () => isEnding() && resolve(undefined);
      reading.next().then(({ done, value }) => resolve(done ? undefined : value), reject);
    });
  }

  async function readOn(): Promise<void> {
    while (!isEnding()) {
      const batch = await nextBatch();
      if (batch === undefined) return;
      options.onRead(batch);
      await until(() => isEnding() || window.fits(batch));
      await forward(batch, pace(batch));
    }
  }

  /** A partition that does not answer holds up the others no longer than that. */
  async function untilFewAreUnderWay(atMost: number): Promise<void> {
    if (underWay <= atMost) return;
    let isLate = false;
    const cancel = clock.after(patienceMs, () => {
      isLate = true;
      wake();
    });
    await until(() => isEnding() || isLate || underWay <= atMost);
    cancel();
  }

  async function forward(batch: RecordBatch, stride: Stride): Promise<void> {
    let entry: WindowBatch | undefined;
    for (const [index, record] of batch.records.entries()) {
      // Lets requests in, and rejections that are on their way here: what is newer must not be published behind their back.
      if (index % stride.records === 0) {
        await untilFewAreUnderWay(stride.underWay);
        await pause(clock, stride.pauseMs, stop);
      }
      if (isEnding()) return;
      entry ??= window.add(batch);
      forwardedTo = record.offset + 1n;
      const before = settledBefore(record);
      if (before === undefined) publish(entry, index, record);
      else window.settle(entry, index, before);
    }
  }

  function settledBefore(record: StoredRecord): ForwardOutcome | undefined {
    if (options.settledBefore.size === 0) return undefined;
    const name = recordName(record);
    return name === undefined ? undefined : options.settledBefore.get(name);
  }

  function publish(entry: WindowBatch, index: number, record: StoredRecord): void {
    underWay += 1;
    options.target.publish(topic, published(record)).then((report) => {
      underWay -= 1;
      if (isOver) return;
      options.onDelivered(record, report);
      window.settle(entry, index, "delivered");
    }, (error) => refused(entry, index, record, error)).catch(fail);
  }

  function refused(entry: WindowBatch, index: number, record: StoredRecord, error: unknown): void {
    if (!(error instanceof QueueError) || !poison.has(error.code) || isOver) {
      underWay -= 1;
      return fail(error);
    }
    options.deadLetter(entry.batch, record, error).then(() => {
      underWay -= 1;
      if (!isOver) window.settle(entry, index, "dead_lettered");
    }, (error) => {
      underWay -= 1;
      fail(error);
    });
  }

  stop.addEventListener("abort", onSignal);
  abandon.addEventListener("abort", onSignal);
  try {
    await readOn().catch(fail);
    await until(() => abandon.aborted || (underWay === 0 && !window.isCommitting));
    isOver = true;
    await window.commitBeginning().catch(fail);
    // What it did not come to, the next pass need not publish either.
    const settled = settledFrom(options.settledBefore, forwardedTo);
    for (const [name, outcome] of window.settled()) settled.set(name, outcome);
    return { ...failure, settled };
  } finally {
    isOver = true;
    stop.removeEventListener("abort", onSignal);
    abandon.removeEventListener("abort", onSignal);
    await reading.return?.();
  }
}

function published({ key, value, headers, timestamp }: StoredRecord): EventRecord {
  return { ...(key !== null && { key }), value, headers, timestamp };
}
