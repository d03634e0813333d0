/**
 * Readers of different groups in one process mostly stand at the same places of a topic: what one
 * of them fetches is given to the others, so that it comes over the network, and is decoded, once.
 *
 * Nothing is shared of a topic whose id is not known: made again, it has other records at the same
 * places.
 */
import { type Clock, within } from "../../../../src/ports/clock.ts";
import { contentBytes } from "../../../../src/ports/event_record.ts";
import type { FetchRequest, KafkaConnections } from "../driver/driver.ts";
import { Stopped } from "../driver/keep_trying.ts";
import type { FetchedPartition } from "../wire/fetch_answer.ts";

/** Of one log. */
export interface SharedFetches {
  /** A reader of the topic, with connections of its own. */
  join(topic: string, connections: Pick<KafkaConnections, "fetch">, signal: AbortSignal): Fetches;
}

/** What a reader asks instead of its connections. */
export interface Fetches {
  readonly fetch: KafkaConnections["fetch"];
  /** It reads no more: nothing is kept for it. */
  leave(): void;
}

/** A request under way. */
interface Flight {
  readonly request: FetchRequest;
  readonly beganAt: number;
  readonly readers: Set<Fetches>;
  readonly answer: Promise<readonly FetchedPartition[]>;
}

/** What some have had, and others may come for. */
interface Kept {
  readonly from: bigint;
  readonly next: bigint;
  readonly answer: FetchedPartition;
  readonly bytes: number;
  readonly at: number;
  readonly had: Set<Fetches>;
}

interface SharedTopic {
  readonly readers: Set<Fetches>;
  /** Of which the rest is. */
  topicId: string | undefined;
  readonly flights: Map<number, Flight>;
  /** Oldest first. */
  kept: readonly Kept[];
}

/** A log may lose its end when its leader is lost: what was fetched then is not given for long. */
const keptMs = 5000;
const mostBytes = 4 * 1024 * 1024;
/** Beyond the time that the broker may wait: then a reader asks for itself. */
const patienceMs = 1000;

export function createSharedFetches(clock: Clock): SharedFetches {
  const topics = new Map<string, SharedTopic>();

  function join(
    topic: string,
    connections: Pick<KafkaConnections, "fetch">,
    signal: AbortSignal,
  ): Fetches {
    const shared = topics.get(topic) ?? nothingShared();
    topics.set(topic, shared);

    async function fetch(
      node: number,
      request: FetchRequest,
    ): Promise<readonly FetchedPartition[]> {
      if (request.topicId === undefined || shared.readers.size < 2) {
        return await connections.fetch(node, request);
      }
      if (shared.topicId !== request.topicId) {
        shared.topicId = request.topicId;
        shared.kept = [];
        shared.flights.clear();
      }
      const kept = takeKept(shared, self, request, clock.now());
      if (kept.length > 0) return kept;
      const flight = shared.flights.get(node);
      if (flight === undefined || !mayJoin(flight, self, request, clock.now())) {
        return await fly(node, request);
      }
      flight.readers.add(self);
      const waitMs = request.maxWaitMs + patienceMs;
      // What fails for another need not fail for this one.
      const answer = await within(clock, waitMs, flight.answer, () => undefined, signal)
        .catch(() => undefined);
      if (signal.aborted) throw new Stopped();
      return answer ?? await fly(node, request);
    }

    async function fly(node: number, request: FetchRequest) {
      const answer = connections.fetch(node, request);
      const flight = { request, beganAt: clock.now(), readers: new Set([self]), answer };
      shared.flights.set(node, flight);
      try {
        const found = await answer;
        keep(shared, flight, found, clock.now());
        return found;
      } finally {
        if (shared.flights.get(node) === flight) shared.flights.delete(node);
      }
    }

    const self: Fetches = {
      fetch,
      leave() {
        shared.readers.delete(self);
        shared.kept = shared.kept.filter(({ had }) => isWanted(shared, had));
        if (shared.readers.size === 0 && topics.get(topic) === shared) topics.delete(topic);
      },
    };
    shared.readers.add(self);
    return self;
  }

  return { join };
}

const nothingShared = (): SharedTopic => ({
  readers: new Set(),
  topicId: undefined,
  flights: new Map(),
  kept: [],
});

const isWanted = ({ readers }: SharedTopic, had: ReadonlySet<Fetches>): boolean =>
  [...readers].some((reader) => !had.has(reader));

/** One that should have been answered long ago is not waited for. */
function mayJoin(flight: Flight, reader: Fetches, request: FetchRequest, now: number): boolean {
  const { positions, maxWaitMs, topicId, maxPartitionBytes } = flight.request;
  return !flight.readers.has(reader) && topicId === request.topicId &&
    maxWaitMs <= request.maxWaitMs && maxPartitionBytes === request.maxPartitionBytes &&
    Math.abs(now - flight.beganAt) <= maxWaitMs &&
    positions.size === request.positions.size &&
    [...positions].every(([partition, at]) => request.positions.get(partition) === at);
}

function keep(
  shared: SharedTopic,
  { request: { topicId, positions }, readers }: Flight,
  answers: readonly FetchedPartition[],
  at: number,
): void {
  if (shared.topicId !== topicId || !isWanted(shared, readers)) return;
  const fresh = answers.flatMap((answer): Kept[] => {
    const { partition, errorCode, next } = answer;
    const from = positions.get(partition);
    if (errorCode !== 0 || next === undefined || from === undefined || next <= from) return [];
    return [{ from, next, answer, bytes: contentBytes(answer.records), at, had: new Set(readers) }];
  });
  const kept = [...shared.kept, ...fresh];
  let bytes = kept.reduce((sum, one) => sum + one.bytes, 0);
  while (bytes > mostBytes) bytes -= kept.shift()!.bytes;
  shared.kept = kept;
}

function takeKept(
  shared: SharedTopic,
  reader: Fetches,
  { positions }: FetchRequest,
  now: number,
): readonly FetchedPartition[] {
  if (shared.kept.length === 0) return [];
  shared.kept = shared.kept.filter(({ at }) => Math.abs(now - at) <= keptMs);
  const taken = [...positions].flatMap(([partition, position]) => {
    const found = shared.kept.find(({ answer, from, next }) =>
      answer.partition === partition && from <= position && position < next
    );
    if (found === undefined) return [];
    found.had.add(reader);
    const { answer, from } = found;
    if (from === position) return [answer];
    return [{ ...answer, records: answer.records.filter(({ offset }) => offset >= position) }];
  });
  if (taken.length > 0) shared.kept = shared.kept.filter(({ had }) => isWanted(shared, had));
  return taken;
}
