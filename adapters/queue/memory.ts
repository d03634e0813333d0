/**
 * A log in this process's memory, for trying things out and as the oracle of the other logs' tests. It is bounded: beyond
 * `maxRecords` or `maxBytes`, over all topics, the oldest record is dropped, counted as `shelfcast.queue.dropped`.
 */
import type { EventLog } from "../../src/ports/event_log.ts";
import type { TopicPolicy } from "../../src/ports/event_queue.ts";
import type { EventRecord, StoredRecord } from "../../src/ports/event_record.ts";
import type { RecordBatch, SubscribeOptions, Subscription } from "../../src/ports/event_source.ts";
import { type Clock, systemClock } from "../../src/ports/clock.ts";
import type { LogGuarantees } from "../../src/ports/log_guarantees.ts";
import { createOrderedCommits } from "../../src/ports/ordered_commits.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { silentTelemetry, type Telemetry } from "../../src/ports/telemetry.ts";
import {
  encodeKey,
  recordOverheadBytes,
  validateGroup,
  validateRecord,
  validateTopic,
} from "../../src/ports/validate_record.ts";

export const guarantees: LogGuarantees = {
  durable: "process memory",
  survivesRestart: false,
  order: "topic",
  partitions: "one",
  processes: "one",
  groupMembers: "stand by",
  replay: true,
  headerOrder: "exact",
  maxRecordBytes: 1_000_000,
  needs: "nothing",
};

export interface MemoryLogOptions {
  /** Default: 100,000. */
  readonly maxRecords?: number;
  /** Key, value, headers and 250 bytes a record. Default: 64 MiB. */
  readonly maxBytes?: number;
  /** The largest record. Default: 1,000,000 bytes, below what a Kafka topic takes by default. */
  readonly maxRecordBytes?: number;
  /** Default: `ensure`. */
  readonly topicPolicy?: TopicPolicy;
  /** Topics that exist from the start. Default: none. */
  readonly topics?: readonly string[];
  readonly clock?: Clock;
  readonly telemetry?: Telemetry;
}

interface Held {
  readonly record: StoredRecord;
  readonly bytes: number;
  /** Counts over all topics: the smallest is the oldest. */
  readonly sequence: number;
}

interface Topic {
  readonly name: string;
  held: Held[];
  /** Index in `held` of the oldest record: what stands before it is dropped and awaits compaction. */
  first: number;
  next: bigint;
  readonly groups: Map<string, Group>;
  readonly waiters: Set<() => void>;
}

interface Group {
  position: bigint;
  /** The first is active, the others stand by. */
  readonly members: Member[];
}

interface Member {
  wake(): void;
}

export function openMemoryLog(options: MemoryLogOptions = {}): EventLog {
  const {
    maxRecords = 100_000,
    maxBytes = 64 * 1024 * 1024,
    topicPolicy = "ensure",
    clock = systemClock,
    telemetry = silentTelemetry,
  } = options;
  const maxRecordBytes = Math.min(options.maxRecordBytes ?? guarantees.maxRecordBytes, maxBytes);
  const topics = new Map<string, Topic>();
  let heldRecords = 0;
  let heldBytes = 0;
  let sequence = 0;
  let closed = false;

  function addTopic(name: string): Topic {
    validateTopic(name);
    const topic: Topic = {
      name,
      held: [],
      first: 0,
      next: 0n,
      groups: new Map(),
      waiters: new Set(),
    };
    topics.set(name, topic);
    return topic;
  }
  for (const name of options.topics ?? []) addTopic(name);

  function requireTopic(name: string): Topic {
    validateTopic(name);
    const topic = topics.get(name);
    if (topic === undefined) throw unknownTopic(name);
    return topic;
  }

  function append(name: string, record: EventRecord): StoredRecord {
    if (closed) throw logIsClosed();
    const size = validateRecord(name, record);
    if (size > maxRecordBytes) {
      throw new QueueError(
        "too_large",
        `Record has ${size} bytes, wanted at most ${maxRecordBytes}`,
      );
    }
    const topic = topics.get(name) ??
      (topicPolicy === "ensure" ? addTopic(name) : requireTopic(name));
    const stored: StoredRecord = {
      key: record.key === undefined ? null : encodeKey(record.key),
      value: record.value,
      headers: record.headers ?? [],
      timestamp: record.timestamp ?? clock.now(),
      offset: topic.next++,
    };
    const bytes = size + recordOverheadBytes;
    topic.held.push({ record: stored, bytes, sequence: sequence++ });
    heldRecords++;
    heldBytes += bytes;
    // The newest always stays, also where its bytes alone are over a tiny bound.
    while ((heldRecords > maxRecords || heldBytes > maxBytes) && heldRecords > 1) dropOldest();
    for (const wake of [...topic.waiters]) wake();
    return stored;
  }

  function dropOldest(): void {
    let oldest: Topic | undefined;
    for (const topic of topics.values()) {
      const head = topic.held[topic.first];
      if (head === undefined) continue;
      const best = oldest?.held[oldest.first];
      if (best === undefined || head.sequence < best.sequence) oldest = topic;
    }
    const head = oldest?.held[oldest.first];
    if (oldest === undefined || head === undefined) return;
    heldRecords--;
    heldBytes -= head.bytes;
    oldest.first++;
    if (oldest.first > 1024 && oldest.first * 2 > oldest.held.length) {
      oldest.held = oldest.held.slice(oldest.first);
      oldest.first = 0;
    }
    telemetry.count("shelfcast.queue.dropped", { topic: oldest.name, reason: "evicted" });
  }

  function subscribe(name: string, options: SubscribeOptions = {}): Subscription {
    try {
      if (closed) throw logIsClosed();
      const topic = requireTopic(name);
      if (options.group !== undefined) validateGroup(options.group);
      validateMaxRecords(options.maxRecords);
      return openSubscription(topic, options, () => closed);
    } catch (error) {
      return failedSubscription(error);
    }
  }

  return {
    publish(topic, record, options) {
      try {
        if (options?.signal?.aborted) throw new QueueError("aborted", "Publishing was aborted");
        const { offset, timestamp } = append(topic, record);
        return Promise.resolve({ topic, partition: 0, offset, timestamp });
      } catch (error) {
        return Promise.reject(error);
      }
    },
    subscribe,
    [Symbol.asyncDispose]() {
      closed = true;
      for (const topic of topics.values()) for (const wake of [...topic.waiters]) wake();
      return Promise.resolve();
    },
  };
}

function openSubscription(
  topic: Topic,
  options: SubscribeOptions,
  isClosed: () => boolean,
): Subscription {
  const { signal, maxRecords = 500 } = options;
  const start = options.from === "earliest" ? firstOffset(topic) : topic.next;
  const end = options.until === "end" ? topic.next : undefined;
  const group = options.group === undefined ? undefined : joinable(topic, options.group, start);
  const commits = createOrderedCommits();
  let wake = (): void => {};
  let left = false;
  const member: Member = { wake: () => wake() };
  const onWake = (): void => wake();
  group?.members.push(member);
  topic.waiters.add(onWake);
  signal?.addEventListener("abort", leave, { once: true });
  if (signal?.aborted) leave();

  function leave(): void {
    if (left) return;
    left = true;
    signal?.removeEventListener("abort", leave);
    topic.waiters.delete(onWake);
    if (group !== undefined) {
      group.members.splice(group.members.indexOf(member), 1);
      group.members[0]?.wake();
    }
    wake();
  }

  async function* batches(): AsyncGenerator<RecordBatch, void, void> {
    let position: bigint | undefined;
    try {
      while (!left) {
        if (isClosed()) throw logIsClosed();
        if (group === undefined || group.members[0] === member) {
          position ??= group?.position ?? start;
          const records = recordsFrom(topic, position, end, maxRecords);
          const [first, last] = [records[0], records.at(-1)];
          if (first !== undefined && last !== undefined) {
            position = last.offset + 1n;
            commits.handOut(first.offset, position);
            yield {
              topic: topic.name,
              partition: 0,
              records,
              end: topic.next,
              commit: (through = last.offset) => commit(first.offset, last.offset, through),
            };
            continue;
          }
          if (end !== undefined && position >= end) return;
        }
        await new Promise<void>((resolve) => wake = resolve);
      }
    } finally {
      leave();
    }
  }

  function commit(from: bigint, last: bigint, through: bigint): Promise<void> {
    if (group === undefined) return Promise.reject(noGroup());
    if (isClosed()) return Promise.reject(logIsClosed());
    if (left) {
      return Promise.reject(
        new QueueError("revoked", `Member has left topic "${topic.name}", so it cannot commit`),
      );
    }
    if (through < from || through > last) {
      return Promise.reject(
        new QueueError(
          "invalid_record",
          `Offset to commit is ${through}, wanted ${from} to ${last}, the offsets of the batch`,
        ),
      );
    }
    group.position = commits.commit(from, through + 1n) ?? group.position;
    return Promise.resolve();
  }

  const reading = batches();
  const iterator: AsyncIterator<RecordBatch> = {
    next: () => reading.next(),
    // A generator's own return() would wait behind a pending next().
    return() {
      leave();
      return reading.return();
    },
  };
  return { ready: Promise.resolve(), [Symbol.asyncIterator]: () => iterator };
}

/** The group, made with its first position where it is new: the position is committed before anything is handed out. */
function joinable(topic: Topic, name: string, start: bigint): Group {
  let group = topic.groups.get(name);
  if (group === undefined) {
    group = { position: start, members: [] };
    topic.groups.set(name, group);
  }
  return group;
}

function firstOffset(topic: Topic): bigint {
  return topic.held[topic.first]?.record.offset ?? topic.next;
}

function recordsFrom(
  topic: Topic,
  position: bigint,
  end: bigint | undefined,
  maxRecords: number,
): readonly StoredRecord[] {
  const behind = position - firstOffset(topic);
  const from = topic.first + Math.max(0, Number(behind));
  const records = topic.held.slice(from, from + maxRecords).map((held) => held.record);
  return end === undefined ? records : records.filter((record) => record.offset < end);
}

function failedSubscription(error: unknown): Subscription {
  const ready = Promise.reject(error);
  ready.catch(() => {}); // Not awaiting `ready` is allowed.
  return {
    ready,
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
  };
}

function validateMaxRecords(maxRecords: number | undefined): void {
  if (maxRecords === undefined || (Number.isSafeInteger(maxRecords) && maxRecords >= 1)) return;
  throw new QueueError(
    "invalid_record",
    `maxRecords is ${maxRecords}, wanted a whole number from 1 on`,
  );
}

const logIsClosed = (): QueueError => new QueueError("closed", "Log is closed");
const unknownTopic = (name: string): QueueError =>
  new QueueError("unknown_topic", `Topic "${name}" does not exist`);
const noGroup = (): QueueError =>
  new QueueError("unsupported", "Subscription has no group, so it cannot commit");
