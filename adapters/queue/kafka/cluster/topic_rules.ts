/**
 * What a topic's own settings say about its records: how long they are kept, and which times they
 * may have. Asked for now and then; who has no right to ask does without.
 */
import type { Clock } from "../../../../src/ports/clock.ts";
import { withDeadline } from "../driver/deadline.ts";
import type { KafkaConnections } from "../driver/driver.ts";

export interface TopicRules {
  /** `retention.ms`; absent: without end. */
  readonly retentionMs?: number;
  /** `retention.bytes`, of each partition; absent: without bound. */
  readonly retentionBytes?: number;
  readonly isCompacted: boolean;
  /** The broker gives records the time at which they come (`LogAppendTime`). */
  readonly givesTimes: boolean;
  /** How much older than now a record's time may be; absent: without bound. */
  readonly oldestMs?: number;
  /** How much newer. */
  readonly newestMs?: number;
}

export interface KnownRules {
  /** As last heard; undefined where nobody has told them. */
  of(topic: string): TopicRules | undefined;
  /** Asks, where what is known is older than a minute. Never rejects. */
  learn(topic: string): Promise<void>;
}

export interface KnownRulesOptions {
  readonly connections: KafkaConnections;
  readonly clock: Clock;
}

const maxAgeMs = 60_000;
const patienceMs = 2000;

export function createKnownRules({ connections, clock }: KnownRulesOptions): KnownRules {
  const known = new Map<string, TopicRules>();
  const askedAt = new Map<string, number>();
  const asking = new Map<string, Promise<void>>();

  async function ask(topic: string): Promise<void> {
    askedAt.set(topic, clock.now());
    try {
      known.set(topic, await readTopicRules(connections, clock, topic, patienceMs));
    } catch {
      // What goes wrong with the cluster is told by what needs it; what was known may still hold.
    } finally {
      asking.delete(topic);
    }
  }

  return {
    of: (topic) => known.get(topic),
    async learn(topic) {
      const at = askedAt.get(topic);
      if (at !== undefined && Math.abs(clock.now() - at) < maxAgeMs) return await asking.get(topic);
      const under = ask(topic);
      asking.set(topic, under);
      await under;
    },
  };
}

/** Rejects as `KafkaConnections.topicConfig` does. */
export async function readTopicRules(
  connections: KafkaConnections,
  clock: Clock,
  topic: string,
  deadlineMs: number,
): Promise<TopicRules> {
  const answer = connections.topicConfig(topic, Object.values(settings));
  const found = await withDeadline(clock, deadlineMs, "DescribeConfigs", answer);
  const bound = (name: keyof typeof settings): number | undefined => {
    const value = Number(found.get(settings[name]) ?? -1);
    // The largest that there is stands for none.
    return value >= 0 && value < Number.MAX_SAFE_INTEGER ? value : undefined;
  };
  const policy = found.get(settings.policy) ?? "delete";
  const isDeleted = policy.includes("delete");
  const rules = {
    ...(isDeleted &&
      { retentionMs: bound("retentionMs"), retentionBytes: bound("retentionBytes") }),
    oldestMs: bound("oldestMs"),
    newestMs: bound("newestMs"),
  };
  return {
    ...Object.fromEntries(Object.entries(rules).filter(([, value]) => value !== undefined)),
    isCompacted: policy.includes("compact"),
    givesTimes: found.get(settings.timeType) === "LogAppendTime",
  };
}

const settings = {
  retentionMs: "retention.ms",
  retentionBytes: "retention.bytes",
  policy: "cleanup.policy",
  timeType: "message.timestamp.type",
  oldestMs: "message.timestamp.before.max.ms",
  newestMs: "message.timestamp.after.max.ms",
} as const;
