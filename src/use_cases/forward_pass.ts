/**
 * One pass of the forwarder: reads on from the group's position and publishes what it reads, in
 * order, until it is stopped or a record is given up for a reason that is not the record's own.
 * Then it waits for all that is under way, so that nothing of this pass can still arrive when the
 * next one publishes again from the commit.
 */
import { type Clock, pause, within } from "../ports/clock.ts";
import type { EventQueue } from "../ports/event_queue.ts";
import type { EventRecord, StoredRecord } from "../ports/event_record.ts";
import type { EventSource, RecordBatch } from "../ports/event_source.ts";
import { createNotifier } from "../ports/notifier.ts";
import { QueueError, recordFaults } from "../ports/queue_error.ts";
import { headersWithoutRedrive } from "../wire/redriven_record.ts";
import type { DeadLetters } from "./dead_letters.ts";
import { createForwardPace, type Stride } from "./forward_pace.ts";
import type { ForwardObserver } from "./forward_progress.ts";
import {
  createForwardWindow,
  type ForwardOutcome,
  handledFrom,
  recordName,
  type WindowBatch,
} from "./forward_window.ts";
import { createGatherPace, type GatherBounds } from "./gather_pace.ts";

export interface ForwardPassOptions {
  readonly buffer: EventSource;
  readonly target: EventQueue;
  readonly topic: string;
  readonly group: string;
  /** `end`: ends when all is handled that was there when it began. */
  readonly until?: "end";
  readonly clock: Clock;
  /** The most that may be read and not committed. */
  readonly windowRecords: number;
  readonly windowBytes: number;
  /**
   * The most records that are read at once: the most that is done without letting a request in
   * between.
   */
  readonly batchRecords: number;
  /** How long events gather before the next are read. */
  readonly gather: GatherBounds;
  /** Ends reading; what was read is still delivered. */
  readonly stop: AbortSignal;
  /** Ends waiting for what was read. */
  readonly abandon: AbortSignal;
  /** By `recordName`: what earlier passes had handled and not committed. */
  readonly handledBefore: ReadonlyMap<string, ForwardOutcome>;
  /** Waits no longer than until `abandon` is aborted. */
  readonly deadLetters: Pick<DeadLetters, "write">;
  readonly observer: ForwardObserver;
}

/** How a pass ended. */
export interface ForwardedPass {
  /** Why it cannot go on; absent where it was stopped. */
  readonly error?: unknown;
  /** All was handled and committed that was wanted. */
  readonly isDrained?: boolean;
  /** What was handled behind the commit, by this pass or an earlier one. */
  readonly handled: ReadonlyMap<string, ForwardOutcome>;
}

const patienceMs = 100;

export async function forwardPass(options: ForwardPassOptions): Promise<ForwardedPass> {
  const { topic, group, clock, stop, abandon, batchRecords: maxRecords, observer } = options;
  const { deadLetters, handledBefore } = options;
  const reading = options.buffer
    .subscribe(topic, {
      group,
      from: "earliest",
      maxRecords,
      ...(options.until && { until: options.until }),
    })[Symbol.asyncIterator]();
  const changed = createNotifier();
  /** Aborted when nothing more is to be read. */
  const ending = new AbortController();
  const end = (): void => ending.abort();
  ending.signal.addEventListener("abort", changed.notify, { once: true });
  let underWay = 0;
  let failure: { readonly error: unknown } | undefined;
  let isOver = false;
  let isReadToEnd = false;
  const pace = createForwardPace(clock);
  const gatherPace = createGatherPace(options.gather);
  /** The offset behind what was forwarded. */
  let forwardedTo = 0n;
  const window = createForwardWindow({
    maxRecords: options.windowRecords,
    maxBytes: options.windowBytes,
    clock,
    abandon,
    observer,
    onChange: changed.notify,
    fail,
  });

  const isEnding = (): boolean => ending.signal.aborted;

  function fail(error: unknown): void {
    if (failure === undefined) {
      failure = { error };
      observer.failed(error);
    }
    end();
    changed.notify();
  }

  /** Undefined when there is nothing more to read for this pass. */
  async function nextBatch(): Promise<RecordBatch | undefined> {
    const next = await within(clock, Infinity, reading.next(), () => undefined, ending.signal);
    if (next?.done) isReadToEnd = true;
    return next === undefined || next.done ? undefined : next.value;
  }

  async function readOn(): Promise<void> {
    while (!isEnding()) {
      const batch = await nextBatch();
      if (batch === undefined) return;
      observer.read(batch);
      await changed.until(() => isEnding() || window.fits(batch));
      await forward(batch, pace(batch));
      // Each batch is read, sent and committed: what that costs is paid by the searches.
      const gatherMs = gatherPace(batch, 1);
      if (gatherMs > 0) await pause(clock, gatherMs, ending.signal);
    }
  }

  /** A partition that does not answer holds up the others no longer than that. */
  async function untilFewAreUnderWay(atMost: number): Promise<void> {
    if (underWay <= atMost) return;
    let isLate = false;
    const cancel = clock.after(patienceMs, () => {
      isLate = true;
      changed.notify();
    });
    await changed.until(() => isEnding() || isLate || underWay <= atMost);
    cancel();
  }

  async function forward(batch: RecordBatch, stride: Stride): Promise<void> {
    let entry: WindowBatch | undefined;
    for (const [index, record] of batch.records.entries()) {
      // Lets requests in, and rejections that are on their way here: what is newer must not be
      // published behind their back.
      if (index % stride.records === 0) {
        await untilFewAreUnderWay(stride.underWay);
        await pause(clock, stride.pauseMs, stop);
      }
      if (isEnding()) return;
      entry ??= window.add(batch);
      forwardedTo = record.offset + 1n;
      const before = outcomeBefore(record);
      if (before === undefined) publish(entry, index, record);
      else window.handle(entry, index, before);
    }
  }

  function outcomeBefore(record: StoredRecord): ForwardOutcome | undefined {
    if (handledBefore.size === 0) return undefined;
    const name = recordName(record);
    return name === undefined ? undefined : handledBefore.get(name);
  }

  function publish(entry: WindowBatch, index: number, record: StoredRecord): void {
    underWay += 1;
    options.target.publish(topic, published(record, group)).then((report) => {
      underWay -= 1;
      if (isOver) return;
      observer.delivered(record, report);
      window.handle(entry, index, "delivered");
    }, (error) => refused(entry, index, record, error)).catch(fail);
  }

  function refused(entry: WindowBatch, index: number, record: StoredRecord, error: unknown): void {
    if (!(error instanceof QueueError) || !recordFaults.has(error.code) || isOver) {
      underWay -= 1;
      return fail(error);
    }
    deadLetters.write(entry.batch.partition, record, error).then(() => {
      underWay -= 1;
      observer.deadLettered(record, error.code);
      if (!isOver) window.handle(entry, index, "dead_lettered");
    }, (error) => {
      underWay -= 1;
      fail(error);
    });
  }

  stop.addEventListener("abort", end);
  abandon.addEventListener("abort", changed.notify);
  if (stop.aborted) end();
  try {
    await readOn().catch(fail);
    await changed.until(() => abandon.aborted || (underWay === 0 && !window.isCommitting));
    isOver = true;
    await window.commitBeginning().catch(fail);
    // What it did not come to, the next pass need not publish either.
    const handled = handledFrom(handledBefore, forwardedTo);
    for (const [name, outcome] of window.handled()) handled.set(name, outcome);
    const isDrained = isReadToEnd && failure === undefined && !abandon.aborted;
    return { ...failure, handled, isDrained };
  } finally {
    isOver = true;
    stop.removeEventListener("abort", end);
    abandon.removeEventListener("abort", changed.notify);
    await reading.return?.();
  }
}

function published(record: StoredRecord, group: string): EventRecord {
  const { key, value, timestamp } = record;
  const headers = headersWithoutRedrive(record.headers, group);
  return { ...(key !== null && { key }), value, headers, timestamp };
}
