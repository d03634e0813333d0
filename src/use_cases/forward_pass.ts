import { type Clock, pause } from "../ports/clock.ts";
import type { DeliveryReport, EventQueue } from "../ports/event_queue.ts";
import type { EventRecord, StoredRecord } from "../ports/event_record.ts";
import type { EventSource, RecordBatch } from "../ports/event_source.ts";
import { QueueError, type QueueErrorCode } from "../ports/queue_error.ts";
import { recordOverheadBytes } from "../ports/validate_record.ts";
import { eventIdOf } from "../wire/event_id.ts";

/** What became of a record, other than that nothing is known yet. */
export type ForwardOutcome = "delivered" | "dead_lettered";

export interface ForwardPassOptions {
  readonly buffer: EventSource;
  readonly target: EventQueue;
  readonly topic: string;
  readonly group: string;
  readonly clock: Clock;
  /** The most that may be read and not committed. */
  readonly windowRecords: number;
  readonly windowBytes: number;
  /** The most records that are read at once: what is done without letting a request in between. */
  readonly batchRecords: number;
  /** Ends reading; what was read is still delivered. */
  readonly stop: AbortSignal;
  /** Ends waiting for what was read. */
  readonly abandon: AbortSignal;
  /** By event id: what an earlier pass had settled and not committed. */
  readonly settledBefore: ReadonlyMap<string, ForwardOutcome>;
  /** Resolves when the dead letter is durable; rejects when `abandon` was aborted before. */
  readonly deadLetter: (batch: RecordBatch, record: StoredRecord, e: QueueError) => Promise<void>;
  readonly onDelivered: (record: StoredRecord, report: DeliveryReport) => void;
  readonly onRead: (batch: RecordBatch) => void;
  readonly onWindow: (records: number) => void;
  readonly onCommitted: (position: bigint) => void;
  readonly onCommitFault: (error: QueueError) => void;
}

/** How a pass ended. */
export interface ForwardedPass {
  /** Why it cannot go on; absent where it was stopped. */
  readonly error?: unknown;
  /** What was settled behind the commit. */
  readonly settled: ReadonlyMap<string, ForwardOutcome>;
}

interface Forwarding {
  readonly batch: RecordBatch;
  readonly outcomes: (ForwardOutcome | undefined)[];
  readonly bytes: number;
  unsettled: number;
  state: "forwarding" | "committing" | "committed" | "given up";
}

const poison: ReadonlySet<QueueErrorCode> = new Set(["too_large", "invalid_record"]);
const commitRetryMs = 1000;

/**
 * Reads on from the group's position and publishes what it reads, in order, until it is stopped or a record is given up for a
 * reason that is not the record's own. Then it waits for all that is under way, so that nothing of this pass can still arrive
 * when the next one publishes again from the commit.
 */
export async function forwardPass(options: ForwardPassOptions): Promise<ForwardedPass> {
  const { topic, group, clock, stop, abandon, batchRecords } = options;
  const reading = options.buffer
    .subscribe(topic, { group, from: "earliest", maxRecords: batchRecords })
    [Symbol.asyncIterator]();
  /** Oldest first. */
  const window: Forwarding[] = [];
  let windowRecords = 0;
  let windowBytes = 0;
  let underWay = 0;
  let failure: { readonly error: unknown } | undefined;
  let isOver = false;
  let wake = (): void => {};
  const onSignal = (): void => wake();

  const isEnding = (): boolean => failure !== undefined || stop.aborted;

  function fail(error: unknown): void {
    failure ??= { error };
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
      const bytes = batch.records.reduce((sum, record) => sum + sizeOf(record), 0);
      await until(() => isEnding() || windowRecords === 0 || fits(batch.records.length, bytes));
      // Lets requests in, and rejections that are on their way here: what is newer must not be published behind their back.
      await pause(clock, 0, stop);
      if (!isEnding()) forward(batch, bytes);
    }
  }

  const fits = (records: number, bytes: number): boolean =>
    windowRecords + records <= options.windowRecords && windowBytes + bytes <= options.windowBytes;

  function forward(batch: RecordBatch, bytes: number): void {
    const { records } = batch;
    const forwarding: Forwarding = {
      batch,
      bytes,
      outcomes: records.map(() => undefined),
      unsettled: records.length,
      state: "forwarding",
    };
    window.push(forwarding);
    grow(records.length, bytes);
    for (const [index, record] of records.entries()) {
      const before = settledBefore(record);
      if (before === undefined) publish(forwarding, index, record);
      else settle(forwarding, index, before);
    }
  }

  function grow(records: number, bytes: number): void {
    windowRecords += records;
    windowBytes += bytes;
    options.onWindow(windowRecords);
  }

  function settledBefore({ headers }: StoredRecord): ForwardOutcome | undefined {
    if (options.settledBefore.size === 0) return undefined;
    const id = eventIdOf(headers);
    return id === undefined ? undefined : options.settledBefore.get(id);
  }

  function publish(forwarding: Forwarding, index: number, record: StoredRecord): void {
    underWay += 1;
    options.target.publish(topic, published(record)).then((report) => {
      underWay -= 1;
      if (isOver) return;
      options.onDelivered(record, report);
      settle(forwarding, index, "delivered");
    }, (error) => refused(forwarding, index, record, error));
  }

  function refused(forwarding: Forwarding, index: number, record: StoredRecord, error: unknown) {
    if (!(error instanceof QueueError) || !poison.has(error.code) || isOver) {
      underWay -= 1;
      return fail(error);
    }
    options.deadLetter(forwarding.batch, record, error).then(() => {
      underWay -= 1;
      settle(forwarding, index, "dead_lettered");
    }, (error) => {
      underWay -= 1;
      fail(error);
    });
  }

  function settle(forwarding: Forwarding, index: number, outcome: ForwardOutcome): void {
    if (isOver) return;
    forwarding.outcomes[index] = outcome;
    forwarding.unsettled -= 1;
    if (forwarding.unsettled === 0) commitCompleted();
    wake();
  }

  function commitCompleted(): void {
    for (const forwarding of window) {
      if (forwarding.unsettled > 0) return;
      if (forwarding.state !== "forwarding") continue;
      forwarding.state = "committing";
      void commit(forwarding);
    }
  }

  async function commit(forwarding: Forwarding): Promise<void> {
    while (!abandon.aborted) {
      try {
        await commitFirst(forwarding, forwarding.batch.records.length);
        forwarding.state = "committed";
        return release();
      } catch (error) {
        if (!(error instanceof QueueError) || !error.retriable) {
          forwarding.state = "given up";
          return fail(error);
        }
        options.onCommitFault(error);
        await pause(clock, commitRetryMs, abandon);
      }
    }
  }

  async function commitFirst({ batch, outcomes }: Forwarding, count: number): Promise<void> {
    const records = batch.records.slice(0, count);
    const deadLettered = records.flatMap(({ offset }, n) =>
      outcomes[n] === "dead_lettered" ? [offset] : []
    );
    const through = records.at(-1)!.offset;
    await batch.commit(through, { deadLettered });
    options.onCommitted(through + 1n);
  }

  function release(): void {
    while (window[0]?.state === "committed") {
      const { batch, bytes } = window.shift()!;
      grow(-batch.records.length, -bytes);
    }
    wake();
  }

  /** What is settled in front of the first record that is not: the next pass or process need not publish it again. */
  async function commitBeginning(): Promise<void> {
    const [first] = window;
    const count = first?.outcomes.indexOf(undefined) ?? 0;
    if (first === undefined || count <= 0) return;
    await commitFirst(first, count).catch((error) => fail(error));
  }

  stop.addEventListener("abort", onSignal);
  abandon.addEventListener("abort", onSignal);
  try {
    await readOn().catch(fail);
    const isCommitting = (): boolean => window.some(({ state }) => state === "committing");
    await until(() => abandon.aborted || (underWay === 0 && !isCommitting()));
    isOver = true;
    await commitBeginning();
    return { ...failure, settled: settledIn(window) };
  } finally {
    isOver = true;
    stop.removeEventListener("abort", onSignal);
    abandon.removeEventListener("abort", onSignal);
    await reading.return?.();
  }
}

function settledIn(window: readonly Forwarding[]): ReadonlyMap<string, ForwardOutcome> {
  const settled = new Map<string, ForwardOutcome>();
  for (const { batch, outcomes } of window) {
    for (const [index, { headers }] of batch.records.entries()) {
      const [outcome, id] = [outcomes[index], eventIdOf(headers)];
      if (outcome !== undefined && id !== undefined) settled.set(id, outcome);
    }
  }
  return settled;
}

function published({ key, value, headers, timestamp }: StoredRecord): EventRecord {
  return { ...(key !== null && { key }), value, headers, timestamp };
}

function sizeOf({ key, value, headers }: StoredRecord): number {
  let bytes = recordOverheadBytes + (key?.length ?? 0) + (value?.length ?? 0);
  for (const [name, content] of headers) bytes += name.length + content.length;
  return bytes;
}
