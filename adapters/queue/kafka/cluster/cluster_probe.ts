/**
 * Looks at the cluster every two seconds, on connections of its own: whether a broker answers and
 * lets us in, whether the topics are there (missing ones are made where that is the policy),
 * whether every partition has a leader that answers, and whether the right to write is there. What
 * it found last is the log's health; nobody waits for it.
 */
import { type Clock, pause } from "../../../../src/ports/clock.ts";
import type { TopicPolicy } from "../../../../src/ports/event_queue.ts";
import { healthy, type QueueHealth } from "../../../../src/ports/queue_health.ts";
import { adviseOn, type Degraded, degraded } from "../driver/advice.ts";
import { KafkaDeadlineError, withDeadline } from "../driver/deadline.ts";
import { type KafkaConnections, listedAt, type TopicMetadata } from "../driver/driver.ts";
import type { KafkaFault } from "../driver/fault.ts";
import { encodeRecordBatch } from "../wire/encode_batch.ts";
import { errorCodes, KafkaProtocolError } from "../wire/protocol_error.ts";
import { type DeliveryFaults, writeRefused } from "./delivery_faults.ts";
import type { Leaders, TopicLeaders } from "./topic_leaders.ts";
import type { KnownRules } from "./topic_rules.ts";

export interface ClusterProbe {
  /** Begins, if it has not. */
  start(): void;
  health(): QueueHealth;
  /** Drops its connections. */
  close(): void;
  /** Resolves when nothing is under way any more. */
  ended(): Promise<void>;
}

export interface ClusterProbeOptions {
  /** The probe's alone. */
  readonly connections: KafkaConnections;
  /** The publisher's, which make missing topics where that is the policy. */
  readonly leaders: TopicLeaders;
  /**
   * Looked at from the start; others once they were published to. With the policy `never` these,
   * too.
   */
  readonly topics: readonly string[];
  readonly topicPolicy: TopicPolicy;
  readonly deliveries: DeliveryFaults;
  /** Are kept fresh. */
  readonly rules: KnownRules;
  /** Whether what waits has waited too long. */
  readonly lookAtWaiting: () => Degraded | undefined;
  readonly faultOf: (error: unknown) => KafkaFault;
  readonly clock: Clock;
}

const intervalMs = 2000;
/**
 * No answer for so long is told, and what is under way goes on: TLS to a cloud takes over one
 * second.
 */
const lateMs = 1500;
/** Then it starts anew: a connection from before a fault may never be answered. */
const abandonMs = 3000;

/** A broker says whether we may write before it says that it does not have this partition. */
const noPartition = 2 ** 31 - 1;
/** There is always this one to ask for. */
const anyTopic = "__consumer_offsets";
/**
 * How often one look asks: another broker may answer, and the leaders of a new topic need a moment.
 */
const attempts: Partial<Record<KafkaFault, number>> = {
  unreachable: 2,
  connection: 2,
  stale_metadata: 5,
};
const againMs = 200;

export function createClusterProbe(options: ClusterProbeOptions): ClusterProbe {
  const { connections, leaders, topics, topicPolicy, deliveries, faultOf, clock } = options;
  const closed = new AbortController();
  const looked = topicPolicy === "never" ? [] : topics;
  const mayWrite = new Set<string>();
  let found: QueueHealth = degraded("unavailable", "No broker has answered yet");
  let waiting: Degraded | undefined;
  let doing = "";
  /** What belongs to an earlier one was abandoned. */
  let turn = 0;
  let running: Promise<void> | undefined;

  async function run(): Promise<void> {
    while (!closed.signal.aborted) {
      await Promise.all([probe(), pause(clock, intervalMs, closed.signal)]);
    }
  }

  async function probe(): Promise<void> {
    const mine = ++turn;
    const cancelLate = clock.after(lateMs, () => {
      const late = new KafkaDeadlineError("the probe", lateMs);
      found = adviseOn(late, "timeout", doing);
    });
    try {
      found = await withDeadline(clock, abandonMs, "the probe", look(mine));
    } catch (error) {
      turn++;
      connections.drop();
      if (!(error instanceof KafkaDeadlineError)) found = adviseOn(error, faultOf(error), doing);
    } finally {
      cancelLate();
      waiting = options.lookAtWaiting();
    }
  }

  async function look(mine: number): Promise<QueueHealth> {
    for (let attempt = 1;; attempt++) {
      try {
        return await lookOnce();
      } catch (error) {
        const isLast = attempt >= (attempts[faultOf(error)] ?? 1);
        if (isLast || turn !== mine || closed.signal.aborted) throw error;
        await pause(clock, againMs, closed.signal);
      }
    }
  }

  async function lookOnce(): Promise<QueueHealth> {
    const all = [...new Set([...looked, ...deliveries.topics])];
    doing = "ask the brokers for their topics";
    const metadata = await connections.metadata(all.length === 0 ? [anyTopic] : all);
    for (const topic of all) {
      void options.rules.learn(topic);
      const fault = await lookAt(topic, metadata.topics.get(topic));
      if (fault !== undefined) return fault;
    }
    return healthy;
  }

  async function lookAt(
    topic: string,
    metadata: TopicMetadata | undefined,
  ): Promise<Degraded | undefined> {
    let known = metadata?.leaders;
    if (metadata === undefined || metadata.errorCode === errorCodes.unknownTopicOrPartition) {
      if (topicPolicy !== "ensure") {
        const advice = `make it, or set mq.topics to ensure (it is ${topicPolicy})`;
        return degraded("unknown_topic", `Topic "${topic}" does not exist: ${advice}`);
      }
      // Of those that were published to, the next record makes them again.
      if (!topics.includes(topic)) return undefined;
      doing = `make topic "${topic}", which does not exist`;
      leaders.forget(topic);
      known = await leaders.of(topic);
    } else if (metadata.errorCode !== 0) {
      doing = `look at topic "${topic}"`;
      throw new KafkaProtocolError(metadata.errorCode, "Metadata");
    }
    return await lookAtLeaders(topic, known ?? new Map());
  }

  async function lookAtLeaders(topic: string, known: Leaders): Promise<Degraded | undefined> {
    const byNode = new Map<number, number[]>();
    for (const [partition, node] of known) {
      if (node === undefined) {
        const what = `Partition ${partition} of topic "${topic}" has no leader`;
        return degraded("unavailable", `${what}: start the brokers that hold its replicas`);
      }
      byNode.set(node, [...byNode.get(node) ?? [], partition]);
    }
    doing = `reach the leaders of topic "${topic}"`;
    const timestamp = listedAt.latest;
    await Promise.all(
      [...byNode].map(([node, partitions]) =>
        connections.listOffsets(node, { topic, partitions, timestamp })
      ),
    );
    const [node] = byNode.keys();
    return node === undefined ? undefined : await lookAtRights(topic, node);
  }

  /** Asked for once, and where the publisher was refused, until it is granted. */
  async function lookAtRights(topic: string, node: number): Promise<Degraded | undefined> {
    if (mayWrite.has(topic) && !deliveries.isRefused(topic)) return undefined;
    doing = `ask whether topic "${topic}" may be written to`;
    const batch = encodeRecordBatch([{
      key: null,
      value: null,
      headers: [],
      timestamp: clock.now(),
    }]);
    const code = await connections.produce(node, { topic, partition: noPartition, batch })
      .then(() => 0, (error) => {
        if (error instanceof KafkaProtocolError) return error.code;
        throw error;
      });
    if (code === errorCodes.topicAuthorizationFailed) return writeRefused(topic);
    mayWrite.add(topic);
    deliveries.granted(topic);
    return undefined;
  }

  return {
    start() {
      running ??= run();
    },
    health() {
      const worst = found.status === "degraded" ? found : deliveries.worst();
      if (worst === undefined) return waiting ?? found;
      return waiting === undefined
        ? worst
        : { ...worst, detail: `${worst.detail}; and: ${waiting.detail}` };
    },
    close() {
      closed.abort();
      connections.close();
    },
    async ended() {
      await running;
    },
  };
}
