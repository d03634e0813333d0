/**
 * The wing `cluster` is what is known of the cluster: where brokers are, which of them leads which
 * partition, whether the topics are there and may be written to, and what became of the last
 * requests.
 *
 * This file is which node leads which partition, and the making of topics that are missing.
 */
import { type Clock, pause } from "../../../../src/ports/clock.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import type { KafkaConnections, TopicMetadata } from "../driver/driver.ts";
import type { KafkaFault } from "../driver/fault.ts";
import { errorCodes, KafkaProtocolError } from "../wire/protocol_error.ts";

export type Leaders = TopicMetadata["leaders"];

/** Which node leads which partition, as fresh as is needed. */
export interface TopicLeaders {
  /**
   * Asks the cluster where nothing is known, what is known is older than five minutes, or it was
   * forgotten.
   *
   * @throws {QueueError} `unknown_topic`, once fresh metadata has said so twice and the topic is
   *   not to be made.
   */
  of(topic: string): Promise<Leaders>;
  /** Something was wrong with it: the next call asks again. */
  forget(topic: string): void;
  /** The topic's id as last heard; undefined where the brokers tell none. */
  idOf(topic: string): string | undefined;
  /** As last heard; undefined where the topic was never heard of, or is gone. */
  partitionCount(topic: string): number | undefined;
}

export interface TopicLeadersOptions {
  readonly connections: KafkaConnections;
  readonly faultOf: (error: unknown) => KafkaFault;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Present: missing topics are made. */
  readonly make?: {
    readonly partitions: number;
    /** Default: 3, or as many as there are brokers. */
    readonly replication?: number;
  };
}

const maxAgeMs = 5 * 60_000;
const newTopicPauseMs = 100;
/**
 * A new topic has leaders within some hundred milliseconds; the caller's own retries go on from
 * there.
 */
const newTopicLooks = 50;

/** Of a topic that is made, where the configuration leaves it to the cluster. */
export const defaultReplication = (brokerCount: number): number => Math.min(3, brokerCount);

export function createTopicLeaders(options: TopicLeadersOptions): TopicLeaders {
  const { connections, faultOf, clock, signal, make } = options;
  interface Entry extends Found {
    readonly at: number;
    stale: boolean;
  }
  interface Found {
    readonly leaders: Leaders;
    readonly id: string | undefined;
  }
  const known = new Map<string, Entry>();
  const asking = new Map<string, Promise<Leaders>>();

  async function ask(topic: string) {
    const metadata = await connections.metadata([topic]);
    const found = metadata.topics.get(topic);
    const missing = found === undefined || found.errorCode === errorCodes.unknownTopicOrPartition;
    if (!missing && found.errorCode !== 0) {
      throw new KafkaProtocolError(found.errorCode, "Metadata");
    }
    return { found: missing ? undefined : found, brokerCount: metadata.brokerCount };
  }

  async function load(topic: string): Promise<Leaders> {
    let { found, brokerCount } = await ask(topic);
    if (found === undefined) {
      // A broker that has just started, or has not heard of a new topic yet, says so too.
      await pause(clock, newTopicPauseMs, signal);
      ({ found, brokerCount } = await ask(topic));
    }
    if (found === undefined) {
      if (make === undefined) throw gone(topic);
      found = await create(topic, brokerCount, make);
    }
    const { leaders, id } = found;
    known.set(topic, { leaders, id, at: clock.now(), stale: false });
    return leaders;
  }

  function gone(topic: string): QueueError {
    known.delete(topic);
    return new QueueError("unknown_topic", `Topic "${topic}" does not exist`);
  }

  async function create(
    topic: string,
    brokerCount: number,
    { partitions, replication = defaultReplication(brokerCount) }: NonNullable<typeof make>,
  ): Promise<TopicMetadata> {
    try {
      await connections.createTopic({ topic, partitions, replication });
    } catch (error) {
      if (faultOf(error) !== "topic_exists") throw error;
    }
    for (let attempt = 0; attempt < newTopicLooks && !signal.aborted; attempt++) {
      const { found } = await ask(topic);
      const leaders = [...found?.leaders.values() ?? [undefined]];
      if (found && leaders.length > 0 && !leaders.includes(undefined)) return found;
      await pause(clock, newTopicPauseMs, signal);
    }
    throw new KafkaProtocolError(errorCodes.leaderNotAvailable, "Metadata");
  }

  return {
    of(topic) {
      const entry = known.get(topic);
      if (entry && !entry.stale && Math.abs(clock.now() - entry.at) < maxAgeMs) {
        return Promise.resolve(entry.leaders);
      }
      let under = asking.get(topic);
      if (under === undefined) {
        under = load(topic).finally(() => asking.delete(topic));
        asking.set(topic, under);
      }
      return under;
    },
    forget(topic) {
      const entry = known.get(topic);
      if (entry !== undefined) entry.stale = true;
    },
    idOf: (topic) => known.get(topic)?.id,
    partitionCount: (topic) => known.get(topic)?.leaders.size,
  };
}
