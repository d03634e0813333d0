/**
 * Fetches into tenures: one loop for each node that leads some of them, so that a node with nothing
 * new does not hold up the others. It stops asking for a partition while enough of it is waiting to
 * be handed out.
 */
import { pause } from "../../../../src/ports/clock.ts";
import { createNotifier } from "../../../../src/ports/notifier.ts";
import type { Leaders, TopicLeaders } from "../cluster/topic_leaders.ts";
import { withDeadline } from "../driver/deadline.ts";
import { type KafkaConnections, listedAt } from "../driver/driver.ts";
import { faultOfCode } from "../driver/fault.ts";
import { finalError, keepTrying, type Retry, Stopped } from "../driver/keep_trying.ts";
import type { FetchedPartition } from "../wire/fetch_answer.ts";
import { KafkaProtocolError } from "../wire/protocol_error.ts";
import type { Tenure } from "./tenure.ts";

export interface PartitionFetcher {
  /** Tenures have come or gone, or have room again. */
  look(): void;
  /** Resolves when no loop runs any more, after the signal is aborted. */
  ended(): Promise<void>;
}

export interface PartitionFetcherOptions {
  readonly retry: Retry;
  readonly connections: Pick<KafkaConnections, "fetch" | "listOffsets">;
  readonly leaders: TopicLeaders;
  readonly tenures: ReadonlyMap<number, Tenure>;
  readonly maxWaitMs: number;
  readonly requestTimeoutMs: number;
  /** There are records to hand out, or a tenure is done. */
  readonly onFilled: () => void;
  readonly onLeaders: (leaders: Leaders) => void;
  readonly onError: (error: unknown) => void;
}

/** Transactions are open for some milliseconds; from then on one is told of. */
const heldBackMs = 5000;

/** Records are there, and cannot be read: without a word a reader would take it for silence. */
export function tellHeldBack({ topic, reporter }: Retry, partition: number, held: bigint): void {
  reporter.warn(
    `open_transaction ${topic} ${partition}`,
    "Records of {topic} are not read: {heldBack} offsets of partition {partition} are behind somebody's open transaction; end or abort it",
    { topic, partition, heldBack: `${held}` },
  );
}

const maxPartitionBytes = 1024 * 1024;
/**
 * While a partition that is behind waits for room, which may come at any time, the others' long
 * poll must be short.
 */
const shortWaitMs = 50;
const retryMs = 200;

export function createPartitionFetcher(options: PartitionFetcherOptions): PartitionFetcher {
  const { retry, connections, leaders, tenures } = options;
  const { topic, clock, signal, reporter, telemetry } = retry;
  const loops = new Map<number, Promise<void>>();
  const heldSince = new WeakMap<Tenure, number>();
  const looked = createNotifier();
  let starting: Promise<void> | undefined;
  let latest: Leaders = new Map();

  async function refresh(): Promise<void> {
    const found = await leaders.of(topic);
    if (found === latest) return;
    latest = found;
    options.onLeaders(found);
    look();
  }

  const ledBy = (node: number): readonly Tenure[] =>
    [...tenures.values()].filter((tenure) => latest.get(tenure.partition) === node);
  const isServed = (tenure: Tenure): boolean => {
    const node = latest.get(tenure.partition);
    return node !== undefined && loops.has(node);
  };

  async function start(): Promise<void> {
    while (!signal.aborted && ![...tenures.values()].every(isServed)) {
      await keepTrying(retry, refresh, () => leaders.forget(topic));
      for (const node of new Set(latest.values())) {
        if (node === undefined || loops.has(node) || ledBy(node).length === 0) continue;
        loops.set(node, guarded(run(node)));
      }
      if ([...tenures.values()].every(isServed)) break;
      leaders.forget(topic);
      await pause(clock, retryMs, signal);
    }
    starting = undefined;
  }

  async function run(node: number): Promise<void> {
    try {
      while (!signal.aborted) {
        const own = ledBy(node);
        if (own.length === 0) return;
        const open = own.filter((tenure) => tenure.hasRoom);
        if (open.length === 0) await looked.wait(signal);
        else {
          await fetchOnce(node, open, open.length < own.length);
          await untilTaken(node);
        }
      }
    } finally {
      loops.delete(node);
    }
  }

  /**
   * What has come since the end was read is fetched when some of it is handed out: a request for
   * each few records costs both sides more than the records.
   */
  async function untilTaken(node: number): Promise<void> {
    const waiting = (): number => ledBy(node).reduce((sum, tenure) => sum + tenure.waiting, 0);
    const before = waiting();
    if (before === 0 || ledBy(node).some((tenure) => tenure.position < tenure.end)) return;
    const late = new AbortController();
    const cancel = clock.after(options.maxWaitMs, () => late.abort());
    await looked.until(() => signal.aborted || waiting() < before, late.signal);
    cancel();
  }

  async function fetchOnce(node: number, open: readonly Tenure[], hurried: boolean): Promise<void> {
    const maxWaitMs = hurried ? Math.min(shortWaitMs, options.maxWaitMs) : options.maxWaitMs;
    // Those of a topic that was made again are fetched once the others are gone.
    const topicId = open[0]!.topicId;
    const alike = open.filter((tenure) => tenure.topicId === topicId);
    const asked = new Map(alike.map((tenure) => [tenure, tenure.position]));
    const positions = new Map(alike.map((tenure) => [tenure.partition, tenure.position]));
    let moved = false;
    const answers = await keepTrying(
      retry,
      async () => {
        // A node that does not answer may not lead any more: `run` decides anew.
        if (moved) return [];
        const request = { topic, topicId, positions, maxWaitMs, maxPartitionBytes };
        const deadlineMs = maxWaitMs + options.requestTimeoutMs;
        return await withDeadline(clock, deadlineMs, "Fetch", connections.fetch(node, request));
      },
      () => {
        moved = true;
        leaders.forget(topic);
      },
    );
    if (signal.aborted) return;
    const nothing = answers.every((answer) => answer.next === undefined);
    for (const answer of answers) {
      const tenure = tenures.get(answer.partition);
      // Somebody else's by now, or set elsewhere meanwhile.
      if (tenure === undefined || asked.get(tenure) !== tenure.position) continue;
      await take(node, tenure, answer, nothing);
    }
    await keepTrying(retry, refresh, () => leaders.forget(topic));
    options.onFilled();
  }

  async function take(
    node: number,
    tenure: Tenure,
    answer: FetchedPartition,
    nothing: boolean,
  ): Promise<void> {
    if (answer.errorCode === 0) {
      watchHeldBack(tenure, answer);
      return tenure.fill(answer, nothing);
    }
    if (faultOfCode(answer.errorCode) === "offset_out_of_range") return await reset(node, tenure);
    const ended = finalError(retry, new KafkaProtocolError(answer.errorCode, "Fetch"));
    if (ended !== undefined) throw ended;
    leaders.forget(topic);
    await pause(clock, retryMs, signal);
  }

  function watchHeldBack(tenure: Tenure, { end, written }: FetchedPartition): void {
    if (tenure.position < end || written <= end) return void heldSince.delete(tenure);
    const since = heldSince.get(tenure) ?? clock.now();
    heldSince.set(tenure, since);
    if (Math.abs(clock.now() - since) < heldBackMs) return;
    tellHeldBack(retry, tenure.partition, written - end);
  }

  /**
   * Retention has removed what was to be read, or, where the brokers tell no ids, the topic was
   * made anew. Nothing that is there is skipped.
   */
  async function reset(node: number, tenure: Tenure): Promise<void> {
    const request = { topic, partitions: [tenure.partition], timestamp: listedAt.earliest };
    const earliest = await keepTrying(retry, () => connections.listOffsets(node, request));
    const to = earliest.get(tenure.partition) ?? 0n;
    const { partition, position } = tenure;
    const gone = to > position ? to - position : 0n;
    if (gone > 0n) telemetry.count("shelfcast.kafka.records_gone", { topic }, Number(gone));
    const where = { topic, partition, position: `${position}`, goesOnAt: `${to}` };
    if (gone > 0n) {
      reporter.warn(
        `offset_out_of_range ${topic} ${partition}`,
        "{gone} records of {topic}, partition {partition}, were gone before they were read: reading goes on from {position} " +
          "at {goesOnAt}, the oldest that is there. Where retention took them, raise the topic's retention.ms or retention.bytes",
        { ...where, gone: `${gone}` },
      );
    } else {
      reporter.warn(
        `offset_out_of_range ${topic} ${partition}`,
        "Position {position} in {topic}, partition {partition}, is behind its end: reading begins anew at {goesOnAt}, " +
          "the oldest that is there. Somebody has set it so, or the topic has lost its end",
        where,
      );
    }
    tenure.jump(to);
  }

  async function guarded(work: Promise<void>): Promise<void> {
    try {
      await work;
    } catch (error) {
      if (!(error instanceof Stopped)) options.onError(error);
    }
  }

  function look(): void {
    looked.notify();
    if (![...tenures.values()].every(isServed)) starting ??= guarded(start());
  }

  signal.addEventListener("abort", look, { once: true });
  return {
    look,
    async ended() {
      await starting;
      await Promise.all(loops.values());
    },
  };
}
