/**
 * The wing `consume` reads: a subscription hands out what fetchers bring, partition by partition;
 * with a group it is a member, reads the partitions that fall to it and commits; without one it is
 * nothing to the broker but fetches.
 *
 * This file is the subscription itself: starting positions, an iterable over what is fetched, an
 * end.
 */
import type {
  RecordBatch,
  SubscribeOptions,
  Subscription,
} from "../../../../src/ports/event_source.ts";
import { createNotifier } from "../../../../src/ports/notifier.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { validateCommit } from "../../../../src/ports/subscription_rules.ts";
import type { TopicLeaders } from "../cluster/topic_leaders.ts";
import type { KafkaConnections } from "../driver/driver.ts";
import { keepTrying, type Retry, Stopped } from "../driver/keep_trying.ts";
import { createGroupReader } from "./group_reader.ts";
import { createPartitionFetcher, tellHeldBack } from "./partition_fetcher.ts";
import { readAlone, type Reading, type ReadMode, type ReadTiming } from "./read_mode.ts";
import type { SharedFetches } from "./shared_fetches.ts";
import { createTenure, type Tenure } from "./tenure.ts";
import { createFindOffsets } from "./topic_offsets.ts";

/** The end that was to be reached is one of a topic that is not there any more. */
function remadeError(topic: string): QueueError {
  const is = `Topic "${topic}" was deleted and made again while it was read to its end`;
  return new QueueError("unknown_topic", `${is}; read it once more`);
}

export interface KafkaSubscription extends Subscription {
  /** Ends it with `closed`, and leaves its group. */
  close(): Promise<void>;
}

export interface KafkaSubscriptionOptions {
  readonly retry: Omit<Retry, "signal">;
  readonly connect: () => KafkaConnections;
  readonly openLeaders: (connections: KafkaConnections, signal: AbortSignal) => TopicLeaders;
  readonly timing: ReadTiming;
  /** Members of groups stand at the same places. */
  readonly sharedFetches: SharedFetches;
  /** Called once, when everything that it had is given back. */
  readonly onEnded: () => void;
}

export function openKafkaSubscription(
  topic: string,
  options: SubscribeOptions,
  { retry: shared, connect, openLeaders, timing, sharedFetches, onEnded }: KafkaSubscriptionOptions,
): KafkaSubscription {
  const { maxRecords = 500 } = options;
  const stop = new AbortController();
  const retry: Retry = { ...shared, signal: stop.signal };
  const connections = connect();
  const leaders = openLeaders(connections, stop.signal);
  const tenures = new Map<number, Tenure>();
  const fetches = options.group === undefined
    ? undefined
    : sharedFetches.join(topic, connections, stop.signal);
  const changed = createNotifier();
  const ready = Promise.withResolvers<void>();
  ready.promise.catch(() => {}); // Not awaiting `ready` is allowed.
  const findOffsets = createFindOffsets(
    topic,
    connections,
    leaders,
    shared.clock,
    timing.requestTimeoutMs,
  );
  let failure: unknown;
  let mode: ReadMode | undefined;
  let isBegun = false;
  let lastPartition = -1;
  let leaving: Promise<void> | undefined;

  const fetcher = createPartitionFetcher({
    retry,
    connections: { ...connections, ...(fetches && { fetch: fetches.fetch }) },
    leaders,
    tenures,
    maxWaitMs: timing.maxWaitMs,
    requestTimeoutMs: timing.requestTimeoutMs,
    onFilled: changed.notify,
    onLeaders: (found) => {
      if (isBegun) mode?.onPartitions([...found.keys()]);
    },
    onError: fail,
  });

  function onChange(): void {
    fetcher.look();
    changed.notify();
  }

  async function begin(): Promise<void> {
    const { until } = options;
    // Asked for before the end: where that is behind it, somebody's transaction is open.
    const written = until && await keepTrying(retry, () => findOffsets("written"));
    const endsAtStart = await keepTrying(retry, () => findOffsets("latest"));
    for (const [partition, end] of written ?? []) {
      const held = end - (endsAtStart.get(partition) ?? end);
      if (held > 0n) tellHeldBack(retry, partition, held);
    }
    const reading: Reading = {
      topic,
      options,
      retry,
      connections,
      connect,
      timing,
      tenures,
      findOffsets,
      endsAtStart,
      open(partition, start) {
        const stopAt = options.until === "end" ? endsAtStart.get(partition) ?? 0n : undefined;
        const topicId = leaders.idOf(topic);
        tenures.set(partition, createTenure(partition, start, stopAt, maxRecords, topicId));
      },
      topicId: () => leaders.idOf(topic),
      isRemade() {
        const topicId = leaders.idOf(topic);
        return topicId !== undefined &&
          [...tenures.values()].some((tenure) => tenure.topicId !== topicId);
      },
      remade() {
        if (options.until === "end" && reading.isRemade()) throw remadeError(topic);
        const message = "Topic {topic} was deleted and made again; it is read from its start";
        shared.reporter.warn("topic_made_again", message, { topic });
      },
      ended: () => failure instanceof QueueError ? failure : undefined,
      changed,
      onChange,
    };
    mode = options.group === undefined
      ? readAlone(reading)
      : createGroupReader(options.group, reading, fail);
    await mode.begin();
    isBegun = true;
    ready.resolve();
    onChange();
  }

  function fail(error: unknown): void {
    if (error instanceof Stopped || failure !== undefined || stop.signal.aborted) return;
    failure = error;
    ready.reject(error);
    void leave();
  }

  function leave(): Promise<void> {
    return leaving ??= (async () => {
      options.signal?.removeEventListener("abort", leave);
      stop.abort();
      changed.notify();
      fetches?.leave();
      await mode?.leave();
      connections.close();
      await Promise.all([begun, fetcher.ended()]);
      ready.resolve();
      onEnded();
    })();
  }

  function nextTenure(): Tenure | undefined {
    const full = [...tenures.values()].filter((tenure) => tenure.waiting > 0)
      .toSorted((a, b) => a.partition - b.partition);
    return full.find((tenure) => tenure.partition > lastPartition) ?? full[0];
  }

  function handOut(tenure: Tenure, mode: ReadMode): RecordBatch {
    const { records, next } = tenure.take(maxRecords);
    const [first, last] = [records[0]!.offset, records.at(-1)!.offset];
    lastPartition = tenure.partition;
    fetcher.look();
    return {
      topic,
      partition: tenure.partition,
      records,
      end: tenure.end,
      async commit(through = last) {
        validateCommit(options.group !== undefined, through, first, last);
        await mode.commit?.(tenure, first, through === last ? next : through + 1n);
      },
    };
  }

  async function next(): Promise<IteratorResult<RecordBatch, undefined>> {
    while (true) {
      if (failure !== undefined) {
        await leave();
        throw failure;
      }
      if (leaving !== undefined) return { done: true, value: undefined };
      if (isBegun && mode?.isOpen) {
        const tenure = nextTenure();
        if (tenure !== undefined) return { done: false, value: handOut(tenure, mode) };
        if (options.until === "end" && [...tenures.values()].every((each) => each.isDone)) {
          await leave();
          continue;
        }
      }
      await changed.wait();
    }
  }

  if (options.signal?.aborted) stop.abort();
  const begun = stop.signal.aborted ? Promise.resolve() : begin().catch(fail);
  if (stop.signal.aborted) void leave();
  else options.signal?.addEventListener("abort", leave, { once: true });

  const iterator: AsyncIterator<RecordBatch, undefined> = {
    next,
    async return() {
      await leave();
      return { done: true, value: undefined };
    },
  };
  return {
    ready: ready.promise,
    [Symbol.asyncIterator]: () => iterator,
    close() {
      fail(new QueueError("closed", "Log is closed"));
      return leave();
    },
  };
}
