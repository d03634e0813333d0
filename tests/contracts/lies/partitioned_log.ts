/**
 * An honest log with several partitions whose members share them, made of memory logs: one for each
 * topic, which has a topic for each partition. So the laws on sharing run where there is no Kafka,
 * and have lies of their own.
 */
import { guarantees as memory } from "../../../adapters/queue/memory/declaration.ts";
import { openMemoryLog } from "../../../adapters/queue/memory/memory_log.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type {
  RecordBatch,
  SubscribeOptions,
  Subscription,
} from "../../../src/ports/event_source.ts";
import type { LogGuarantees } from "../../../src/ports/log_guarantees.ts";
import { createNotifier, type Notifier } from "../../../src/ports/notifier.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { healthy } from "../../../src/ports/queue_health.ts";
import { encodeKey, validateTopic } from "../../../src/ports/validate_record.ts";
import { failedSubscription, validateSubscription } from "../../../src/ports/subscription_rules.ts";
import type { OpenOptions } from "../event_log_harness.ts";
import { partitionedGroups } from "./partitioned_groups.ts";

export const guarantees: LogGuarantees = {
  ...memory,
  durable: "synced disk",
  survivesRestart: true,
  processes: "many",
  order: "key",
  partitions: "many",
  groupMembers: "share",
};

/** What a liar does otherwise. */
export interface Division {
  /** Of a record with this key, the `n`-th of the topic. */
  readonly partitionOf: (key: Uint8Array, n: number) => number;
  /** Whether the `member`-th of so many has that partition. */
  readonly has: (member: number, partition: number, members: number) => boolean;
  /** Whether a partition is one member's at a time. */
  readonly isExclusive: boolean;
}

export const honestDivision: Division = {
  partitionOf: (key) => key.reduce((sum, byte) => sum + byte, 0) % partitions.length,
  has: (member, partition, members) => partition % members === member,
  isExclusive: true,
};

const partitions = [0, 1, 2];

interface Group {
  /** What each does when there are more members or fewer. */
  readonly members: (() => void)[];
  readonly changed: Notifier;
}

interface Part {
  readonly partition: number;
  readonly leaving: AbortController;
  readonly ready: Promise<void>;
  readonly batches: AsyncIterator<RecordBatch>;
  /** Where reading it begins; undefined while another member has it. */
  position: bigint | undefined;
  pending?: Promise<{ readonly part: Part; readonly result: IteratorResult<RecordBatch> }>;
  hasEnded: boolean;
}

/** The log itself; it is shared by handles, and closed by none of them. */
export function openPartitionedLog(
  { topicPolicy = "ensure", ...options }: OpenOptions,
  division: Division,
): EventLog {
  const topics = new Map<string, EventLog>();
  const groups = new Map<string, Group>();
  let published = 0;

  function requireTopic(name: string): EventLog {
    const topic = topics.get(name);
    if (topic !== undefined) return topic;
    throw new QueueError("unknown_topic", `Topic "${name}" does not exist`);
  }

  function addTopic(name: string): void {
    validateTopic(name);
    const log = openMemoryLog({ ...options, topics: partitions.map(String) });
    if (!topics.has(name)) topics.set(name, log);
  }

  function join(topic: string, log: EventLog, { group, from }: SubscribeOptions) {
    if (group === undefined) return undefined;
    const name = `${topic} ${group}`;
    const joined = groups.get(name) ?? { members: [], changed: createNotifier() };
    // The starting positions of all partitions, whoever will have them.
    if (!groups.has(name)) {
      const signal = AbortSignal.abort();
      for (const p of partitions) log.subscribe(`${p}`, { group, ...(from && { from }), signal });
    }
    groups.set(name, joined);
    return joined;
  }

  function subscribe(topic: string, subscribeOptions: SubscribeOptions): Subscription {
    const { signal = new AbortController().signal, onPlace, ...rest } = subscribeOptions;
    const log = requireTopic(topic);
    const group = join(topic, log, subscribeOptions);
    const parts = new Map<number, Part>();

    function open(partition: number): Part {
      const leaving = new AbortController();
      const name = division.isExclusive
        ? rest.group
        : `${rest.group}-${String(group?.members.indexOf(divide))}`;
      const { ready, ...batches } = log.subscribe(`${partition}`, {
        ...rest,
        ...(rest.group !== undefined && name !== undefined && { group: name }),
        signal: AbortSignal.any([signal, leaving.signal]),
        onPlace(positions) {
          part.position = positions.get(0);
          tell();
        },
      });
      const part: Part = {
        partition,
        leaving,
        ready,
        batches: batches[Symbol.asyncIterator](),
        position: undefined,
        hasEnded: false,
      };
      return part;
    }

    /** Where this member begins, once that is known of all that it has. */
    function tell(): void {
      const places = [...parts.values()].map(({ partition, position }) =>
        [partition, position] as const
      );
      const known = places.filter((place): place is readonly [number, bigint] =>
        place[1] !== undefined
      );
      if (known.length === places.length) onPlace?.(new Map(known));
    }

    /** Gives up the partitions that are another's now, and takes those that are this member's. */
    function divide(): void {
      const at = group?.members.indexOf(divide) ?? 0;
      for (const p of partitions) {
        const isMine = group === undefined || division.has(at, p, group.members.length);
        if (isMine && !parts.has(p)) parts.set(p, open(p));
        if (isMine || !parts.has(p)) continue;
        parts.get(p)!.leaving.abort();
        parts.delete(p);
        tell();
      }
      if (parts.size === 0) tell();
    }

    function leave(): void {
      for (const part of parts.values()) part.leaving.abort();
      const at = group?.members.indexOf(divide) ?? -1;
      if (at >= 0) group!.members.splice(at, 1);
      regroup();
    }

    function regroup(): void {
      for (const member of group?.members ?? [divide]) member();
      group?.changed.notify();
    }

    group?.members.push(divide);
    regroup();
    signal.addEventListener("abort", leave, { once: true });

    async function* batches(): AsyncGenerator<RecordBatch, void, void> {
      try {
        while (!signal.aborted) {
          const open = [...parts.values()].filter((part) => !part.hasEnded);
          if (parts.size > 0 && open.length === 0) return;
          const turn = new AbortController();
          const change = group?.changed.wait(AbortSignal.any([turn.signal, signal]));
          const got = await Promise.race([
            ...open.map((part) =>
              part.pending ??= part.batches.next().then((result) => ({ part, result }))
            ),
            ...(change === undefined ? [] : [change.then(() => undefined)]),
          ]);
          turn.abort();
          if (got === undefined) continue;
          const { part, result } = got;
          delete part.pending;
          part.hasEnded = result.done ?? false;
          if (result.done || parts.get(part.partition) !== part) continue;
          yield { ...result.value, topic, partition: part.partition };
        }
      } finally {
        leave();
      }
    }

    const ready = Promise.all([...parts.values()].map((part) => part.ready)).then(() => {});
    return { ready, [Symbol.asyncIterator]: batches };
  }

  return {
    async publish(topic, record, publishOptions) {
      if (topicPolicy === "ensure" && !topics.has(topic)) addTopic(topic);
      validateTopic(topic);
      const log = requireTopic(topic);
      const key = typeof record.key === "string" || record.key instanceof Uint8Array
        ? encodeKey(record.key)
        : Uint8Array.of(published);
      const partition = division.partitionOf(key, published++);
      return { ...await log.publish(`${partition}`, record, publishOptions), topic, partition };
    },
    subscribe(topic, subscribeOptions = {}) {
      try {
        validateSubscription(topic, subscribeOptions);
        return subscribe(topic, subscribeOptions);
      } catch (error) {
        return failedSubscription(error);
      }
    },
    groups: partitionedGroups(topics, requireTopic),
    health: () => healthy,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
