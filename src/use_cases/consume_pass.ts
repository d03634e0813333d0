/**
 * One pass of a consumer: reads on from the group's position, applies what it reads, and commits
 * what was applied, until it is stopped or reading cannot go on. Before it goes on, and whenever
 * the read model says so, it reads again what the read model lacks.
 */
import { type Clock, pause, within } from "../ports/clock.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { RecordBatch } from "../ports/event_source.ts";
import { createNotifier } from "../ports/notifier.ts";
import { QueueError } from "../ports/queue_error.ts";
import type { ApplyOutcome, ConsumedBatch, ReadModel } from "../ports/read_model.ts";
import { applyBatch, insist } from "./ask_store.ts";
import type { ConsumeObserver } from "./consume_progress.ts";
import { createConsumerCommits } from "./consumer_commits.ts";
import type { DeadLetters } from "./dead_letters.ts";
import { decodeBatch } from "./decode_batch.ts";
import { createDedupeHorizon } from "./dedupe_horizon.ts";
import { fillGaps } from "./fill_gaps.ts";
import { gapsBetween, isOtherTopic } from "./find_gaps.ts";
import { createForwardPace } from "./forward_pace.ts";
import { createGatherPace, type GatherBounds } from "./gather_pace.ts";
import type { DecodeRecord } from "./shared_decoding.ts";
import { type BatchesTogether, createWaitingBatches } from "./waiting_batches.ts";
import { type PassedOver, watchGroup } from "./watch_group.ts";

export interface ConsumePassOptions {
  readonly log: EventLog;
  readonly topic: string;
  readonly group: string;
  readonly model: ReadModel;
  readonly decode: DecodeRecord;
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  readonly batchRecords: number;
  /** How long events gather before the next are read. */
  readonly gather: GatherBounds;
  readonly dedupeHours: number;
  /** How long an answer of store or log is waited for. */
  readonly patienceMs: number;
  /** Ends reading; what is being applied is awaited, and committed. */
  readonly stop: AbortSignal;
  /** Ends waiting. */
  readonly abandon: AbortSignal;
  readonly deadLetters: Pick<DeadLetters, "write">;
  readonly observer: ConsumeObserver;
}

/** So often the read model is tidied, and looked at where nothing is read. */
const tidyMs = 60_000;
const mostPrunes = 20;
/** What was read waits so long for more that is known to be there. */
const holdMs = 20;
/** For a subscription that does not end. */
const leaveMs = 1000;

/** @returns Why it cannot go on; undefined where it was stopped. */
export async function consumePass(options: ConsumePassOptions): Promise<unknown> {
  const { log, topic, group, model, clock, stop, abandon, deadLetters, observer } = options;
  const { batchRecords: maxRecords, gather, dedupeHours, patienceMs } = options;
  const changed = createNotifier();
  const ending = new AbortController();
  const pace = createForwardPace(clock);
  const gatherPace = createGatherPace(gather);
  /** Partition → the position up to which this pass has applied; of those that fall to it. */
  const places = new Map<number, bigint>();
  /** Partitions whose position is known to be of this very topic. */
  const verified = new Set<number>();
  let horizon = createDedupeHorizon(clock, dedupeHours);
  let failure: { readonly error: unknown } | undefined;
  let mustLook = false;
  let isTidyDue = true;
  let passedOver: readonly PassedOver[] = [];
  const waiting = createWaitingBatches(maxRecords);
  let isApplying = false;
  let isMoreToCome = false;
  let cancelHold = (): void => {};
  let applying = Promise.resolve();

  const store = {
    model,
    clock,
    random: options.random,
    stop: abandon,
    onFault: observer.storeFailed,
    onAnswer: observer.storeAnswers,
    patienceMs,
  };
  const commits = createConsumerCommits({
    clock,
    patienceMs,
    abandon,
    onFault: observer.commitFailed,
    onCommitted: observer.committed,
    fail,
  });

  function fail(error: unknown): void {
    failure ??= { error };
    end();
  }

  function end(): void {
    ending.abort();
    changed.notify();
  }

  function onPlace(now: ReadonlyMap<number, bigint>): void {
    for (const partition of places.keys()) if (!now.has(partition)) places.delete(partition);
    for (const [partition, position] of now) {
      if (!places.has(partition)) places.set(partition, position);
    }
    horizon.assigned(now.keys());
    observer.assigned(now.keys());
    mustLook = now.size > 0;
    changed.notify();
  }

  async function readOn(): Promise<void> {
    let arrived: IteratorResult<RecordBatch> | undefined;
    let isAsked = false;
    while (!ending.signal.aborted) {
      if (!isAsked) {
        isAsked = true;
        reading.next().then((result) => {
          arrived = result;
          changed.notify();
        }, fail);
      }
      await changed.until(() =>
        ending.signal.aborted || mustLook || isTidyDue || passedOver.length > 0 ||
        arrived !== undefined
      );
      if (ending.signal.aborted) return;
      if (mustLook || isTidyDue || passedOver.length > 0) {
        await applying;
        if (isTidyDue) await tidy();
        mustLook = false;
        const others = passedOver;
        passedOver = [];
        await closeGaps(new Map(others.map(({ partition, to }) => [partition, to])), others);
      } else if (arrived!.done) {
        return fail(new QueueError("closed", "Subscription has ended, wanted it to go on"));
      } else {
        const { value } = arrived!;
        [arrived, isAsked] = [undefined, false];
        await consume(value);
        // Each batch is a transaction and a commit: in a shop they are paid by the searches.
        const gatherMs = gatherPace(value, places.size);
        if (gatherMs > 0) await pause(clock, gatherMs, ending.signal);
      }
    }
  }

  /** Decodes while the batches before are being applied. */
  async function consume(batch: RecordBatch): Promise<void> {
    observer.read(batch);
    cancelHold();
    const decoded = await decode(batch);
    waiting.add({ batch, ...decoded });
    isMoreToCome = batch.records.at(-1)!.offset + 1n < batch.end;
    if (isMoreToCome) cancelHold = clock.after(holdMs, onHeld);
    applyWaiting();
    await changed.until(() => ending.signal.aborted || !waiting.isFull);
  }

  /** Where something else than a record stands at the end, no more comes. */
  function onHeld(): void {
    isMoreToCome = false;
    applyWaiting();
  }

  const mayApply = () =>
    !ending.signal.aborted && !waiting.isEmpty && (waiting.isFull || !isMoreToCome);

  /** All that waits, in as few transactions as can be. */
  function applyWaiting(): void {
    if (isApplying || !mayApply()) return;
    isApplying = true;
    applying = (async () => {
      while (mayApply()) {
        const together = waiting.take();
        changed.notify();
        await finish(together);
      }
    })().finally(() => isApplying = false);
    applying.catch(fail);
  }

  async function finish({ partition, first, last, events, parts }: BatchesTogether) {
    for (const { poison } of parts) {
      for (const { record, cause } of poison) {
        await deadLetters.write(partition, record, cause);
        observer.deadLettered(cause.code);
      }
    }
    const known = places.get(partition) ?? first.offset;
    const consumed: ConsumedBatch = {
      topic,
      partition,
      from: known < first.offset ? known : first.offset,
      next: last.offset + 1n,
      lastTimestamp: last.timestamp,
      events,
    };
    while (!abandon.aborted) {
      const { hour: horizonHour } = horizon;
      const outcome = await apply({
        ...consumed,
        ...(horizonHour !== undefined && { horizonHour }),
      });
      if (outcome.status === "applied") break;
      await closeGaps(new Map([[partition, consumed.from]]));
      if (ending.signal.aborted) return;
    }
    if (abandon.aborted) return;
    if (places.has(partition)) places.set(partition, consumed.next);
    observer.applied(partition, consumed.next);
    for (const { batch, poison } of parts) {
      horizon.read(batch);
      await commits.add(batch, poison.map(({ record }) => record.offset));
    }
  }

  async function apply(batch: ConsumedBatch): Promise<ApplyOutcome> {
    const outcome = await applyBatch(batch, store);
    if (outcome.status === "applied") observer.counted(outcome);
    return outcome;
  }

  const decode = (batch: RecordBatch) =>
    decodeBatch(batch, group, { decode: options.decode, clock, stride: pace(batch), stop });

  /**
   * @param more Partitions that need not have fallen to this pass any more.
   * @param byOthers What is known of those whose records others have committed.
   */
  async function closeGaps(
    more: ReadonlyMap<number, bigint> = new Map(),
    byOthers: readonly PassedOver[] = [],
  ): Promise<void> {
    while (!ending.signal.aborted) {
      const positions = await insist(() => model.positions(), store);
      const others = new Set<number>();
      for (const known of positions) {
        const { partition } = known;
        if (known.topic !== topic || !places.has(partition) || verified.has(partition)) continue;
        if (await isOtherTopic(log, known, ending.signal)) others.add(partition);
        else verified.add(partition);
      }
      if (ending.signal.aborted) return;
      const gaps = gapsBetween(topic, positions, new Map([...more, ...places]), others);
      if (gaps.length === 0) return;
      for (const gap of gaps) observer.foundGap(gap);
      const otherOf = new Map(byOthers.map((other) => [other.partition, other]));
      // What was forgotten may come for the first time now.
      horizon = createDedupeHorizon(clock, dedupeHours);
      const onFilled: ConsumeObserver["filled"] = (gap, records) =>
        observer.filled(gap, records, otherOf.get(gap.partition));
      await fillGaps(gaps, {
        log,
        topic,
        maxRecords,
        stop: ending.signal,
        decode,
        apply,
        onFilled,
      });
    }
  }

  async function tidy(): Promise<void> {
    isTidyDue = false;
    cancelTidy();
    cancelTidy = clock.after(tidyMs, () => {
      isTidyDue = true;
      changed.notify();
    });
    for (let prunes = 0; prunes < mostPrunes && !ending.signal.aborted; prunes++) {
      if (await insist(() => model.prune(clock.now()), store) === 0) return;
      await pause(clock, 0, ending.signal);
    }
  }

  let cancelTidy = (): void => {};
  stop.addEventListener("abort", end);
  abandon.addEventListener("abort", changed.notify);
  if (stop.aborted) end();
  void watchGroup({
    ...{ groups: log.groups, group, topic, clock, stop: ending.signal },
    positions: () => model.positions(),
    isOurs: (partition) => places.has(partition),
    onLooked(seen) {
      passedOver = seen.passedOver;
      horizon.othersWait(seen.waitingSince);
      observer.lookedForOthers(seen);
      changed.notify();
    },
  });
  const reading = log
    .subscribe(topic, { group, from: "earliest", maxRecords, onPlace })[Symbol.asyncIterator]();
  try {
    await readOn().catch(fail);
    await within(clock, Infinity, applying, () => undefined, abandon).catch(fail);
    await commits.settle();
    return failure?.error;
  } finally {
    cancelTidy();
    cancelHold();
    stop.removeEventListener("abort", end);
    abandon.removeEventListener("abort", changed.notify);
    await within(clock, leaveMs, Promise.resolve(reading.return?.()), () => undefined);
  }
}
