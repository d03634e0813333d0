/**
 * A log in this process's memory, for trying things out and as the oracle of the other logs' tests.
 * It is bounded: beyond `maxRecords` or `maxBytes`, over all topics, the oldest record is dropped,
 * counted as `shelfcast.queue.dropped`.
 */
import { type Clock, systemClock } from "../../../src/ports/clock.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { TopicPolicy } from "../../../src/ports/event_queue.ts";
import type { EventRecord, StoredRecord } from "../../../src/ports/event_record.ts";
import type { StartFrom, SubscribeOptions } from "../../../src/ports/event_source.ts";
import { createNotifier, type Notifier } from "../../../src/ports/notifier.ts";
import { pullGroups } from "../../../src/ports/pull_groups.ts";
import { type PullReader, pullSubscription } from "../../../src/ports/pull_subscription.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { closedHealth, healthy } from "../../../src/ports/queue_health.ts";
import { startingOffset } from "../../../src/ports/subscription_rules.ts";
import { silentTelemetry, type Telemetry } from "../../../src/ports/telemetry.ts";
import { unlessAborted } from "../../../src/ports/unless_aborted.ts";
import {
  encodeKey,
  recordOverheadBytes,
  validateRecord,
  validateSize,
  validateTopic,
} from "../../../src/ports/validate_record.ts";
import { guarantees } from "./declaration.ts";

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
  /** Dead letters, likewise: nobody else could make their topic. Default: none. */
  readonly reservedTopics?: readonly string[];
  readonly clock?: Clock;
  readonly telemetry?: Telemetry;
}

interface Held {
  readonly record: StoredRecord;
  readonly bytes: number;
  /** Counts over all topics: the smallest is the oldest. */
  readonly sequence: number;
  /** Milliseconds since the epoch; never less than that of an earlier record. */
  readonly takenAt: number;
}

interface Topic {
  readonly name: string;
  held: Held[];
  /**
   * Index in `held` of the oldest record: what stands before it is dropped and awaits compaction.
   */
  first: number;
  next: bigint;
  readonly groups: Map<string, Group>;
  /** There is a record, a free place in a group, or the end of the log. */
  readonly changed: Notifier;
}

interface Group {
  position: bigint;
  /** The first is active, the others stand by. */
  readonly members: symbol[];
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
  const { topics: wanted = [], reservedTopics = [] } = options;
  for (const name of [...wanted, ...reservedTopics]) addTopic(name);

  function addTopic(name: string): Topic {
    validateTopic(name);
    const topic: Topic = {
      name,
      held: [],
      first: 0,
      next: 0n,
      groups: new Map(),
      changed: createNotifier(),
    };
    topics.set(name, topic);
    return topic;
  }

  function requireTopic(name: string): Topic {
    const topic = topics.get(name);
    if (topic !== undefined) return topic;
    throw new QueueError("unknown_topic", `Topic "${name}" does not exist`);
  }

  function requireOpen(): void {
    if (closed) throw new QueueError("closed", "Log is closed");
  }

  function append(name: string, record: EventRecord): StoredRecord {
    requireOpen();
    const size = validateRecord(name, record);
    validateSize(name, size, maxRecordBytes);
    const topic = topicPolicy === "ensure" && !topics.has(name)
      ? addTopic(name)
      : requireTopic(name);
    const stored: StoredRecord = {
      key: record.key === undefined ? null : encodeKey(record.key),
      value: record.value,
      headers: record.headers ?? [],
      timestamp: record.timestamp ?? clock.now(),
      offset: topic.next++,
    };
    const bytes = size + recordOverheadBytes;
    const takenAt = Math.max(clock.now(), topic.held.at(-1)?.takenAt ?? 0);
    topic.held.push({ record: stored, bytes, sequence: sequence++, takenAt });
    heldRecords++;
    heldBytes += bytes;
    // The newest always stays, also where its bytes alone are over a tiny bound.
    while ((heldRecords > maxRecords || heldBytes > maxBytes) && heldRecords > 1) dropOldest();
    topic.changed.notify();
    return stored;
  }

  function dropOldest(): void {
    const oldest = [...topics.values()]
      .filter((topic) => topic.first < topic.held.length)
      .reduce((a, b) => headSequence(a) < headSequence(b) ? a : b);
    heldRecords--;
    heldBytes -= oldest.held[oldest.first]?.bytes ?? 0;
    oldest.first++;
    if (oldest.first > 1024 && oldest.first * 2 > oldest.held.length) {
      oldest.held = oldest.held.slice(oldest.first);
      oldest.first = 0;
    }
    telemetry.count("shelfcast.queue.dropped", { topic: oldest.name, reason: "evicted" });
  }

  function openReader(name: string, options: SubscribeOptions): PullReader {
    requireOpen();
    const topic = requireTopic(name);
    const start = startOf(topic, options.from);
    const group = options.group === undefined ? undefined : joinGroup(topic, options.group, start);
    const member = Symbol(options.group);
    group?.members.push(member);
    return {
      partition: 0,
      end: topic.next,
      async turn(signal, onStandBy) {
        if (group !== undefined && group.members[0] !== member) onStandBy();
        while (group !== undefined && group.members[0] !== member && !signal.aborted) {
          await topic.changed.wait(signal);
          requireOpen();
        }
        return group?.position ?? start;
      },
      read(position, maxRecords) {
        requireOpen();
        return Promise.resolve({
          records: recordsFrom(topic, position, maxRecords),
          end: topic.next,
        });
      },
      // Looked at here again: what came since `read` looked has woken nobody.
      wait: (position, signal) =>
        topic.changed.until(() => closed || position < topic.next, signal),
      ...(group && {
        commit(position: bigint) {
          requireOpen();
          group.position = position;
          return Promise.resolve();
        },
      }),
      leave() {
        group?.members.splice(group.members.indexOf(member), 1);
        topic.changed.notify();
      },
    };
  }

  return {
    publish: (topic, record, { signal } = {}) =>
      unlessAborted(signal, () => {
        const { offset, timestamp } = append(topic, record);
        return Promise.resolve({ topic, partition: 0, offset, timestamp });
      }),
    subscribe: (topic, options = {}) =>
      pullSubscription(topic, options, () => openReader(topic, options)),
    groups: pullGroups({
      topics() {
        requireOpen();
        return [...topics.keys()];
      },
      extent(name) {
        requireOpen();
        const topic = requireTopic(name);
        return { first: firstOffset(topic), end: topic.next };
      },
      groups: (name) =>
        new Map(
          [...requireTopic(name).groups].map(([group, { position, members }]) =>
            [group, { position, isActive: members.length > 0 }] as const
          ),
        ),
      startOf: (name, to) => startOf(requireTopic(name), to),
      timeAt: (name, position) => recordsFrom(requireTopic(name), position, 1)[0]?.timestamp,
      move(name, group, position) {
        joinGroup(requireTopic(name), group, position).position = position;
      },
    }),
    health: () => closed ? closedHealth : healthy,
    [Symbol.asyncDispose]() {
      closed = true;
      for (const { changed } of topics.values()) changed.notify();
      return Promise.resolve();
    },
  };
}

/**
 * The group, made with its first position where it is new: the position is fixed before anything is
 * handed out.
 */
function joinGroup(topic: Topic, name: string, start: bigint): Group {
  const group = topic.groups.get(name) ?? { position: start, members: [] };
  topic.groups.set(name, group);
  return group;
}

function firstOffset(topic: Topic): bigint {
  return topic.held[topic.first]?.record.offset ?? topic.next;
}

function startOf(topic: Topic, from: StartFrom = "latest"): bigint {
  if (typeof from === "string" || "offset" in from) {
    return startingOffset(from, firstOffset(topic), topic.next);
  }
  const held = topic.held.find(({ takenAt }, n) => n >= topic.first && takenAt >= from.time);
  return held?.record.offset ?? topic.next;
}

function headSequence(topic: Topic): number {
  return topic.held[topic.first]?.sequence ?? Infinity;
}

function recordsFrom(topic: Topic, position: bigint, maxRecords: number): readonly StoredRecord[] {
  const from = topic.first + Math.max(0, Number(position - firstOffset(topic)));
  return topic.held.slice(from, from + maxRecords).map((held) => held.record);
}
