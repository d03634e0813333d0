/**
 * A topic log on a Kafka cluster. The client library is a driver (`clients.ts`) that is loaded when
 * the log is opened; what decides stands above it. Nothing here waits for a broker before it is
 * needed: opening succeeds while the cluster is away.
 *
 * The front puts the wings together. From above: `produce` and `consume`, beside them the client
 * libraries `kafkajs` and `platformatic`; below them `cluster`, `driver` and, lowest, `wire`.
 */
import { getLogger } from "../../../src/ports/logger.ts";
import { type Clock, systemClock } from "../../../src/ports/clock.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { TopicPolicy } from "../../../src/ports/event_queue.ts";
import type { SubscribeOptions, Subscription } from "../../../src/ports/event_source.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { closedHealth } from "../../../src/ports/queue_health.ts";
import { silentTelemetry, type Telemetry } from "../../../src/ports/telemetry.ts";
import { failedSubscription, validateSubscription } from "../../../src/ports/subscription_rules.ts";
import { guarantees } from "./declaration.ts";
import { type ClusterAddress, openDriver } from "./clients.ts";
import { createClusterProbe } from "./cluster/cluster_probe.ts";
import { createDeliveryFaults } from "./cluster/delivery_faults.ts";
import { createRetentionWatch } from "./cluster/retention_watch.ts";
import { createTopicLeaders } from "./cluster/topic_leaders.ts";
import { createKnownRules } from "./cluster/topic_rules.ts";
import { createEventGroups } from "./consume/event_groups.ts";
import { createSharedFetches } from "./consume/shared_fetches.ts";
import { type KafkaSubscription, openKafkaSubscription } from "./consume/subscription.ts";
import type { KafkaDriver } from "./driver/driver.ts";
import { faultOf as classify } from "./driver/fault.ts";
import { createReporter } from "./driver/reporter.ts";
import { createPublisher } from "./produce/publisher.ts";
import type { Compression } from "./wire/compression.ts";

export interface KafkaLogOptions extends ClusterAddress {
  /** Default: `ensure`. */
  readonly topicPolicy?: TopicPolicy;
  /**
   * Made or looked for from the start, in the background; `health()` tells when one is missing.
   * Default: none.
   */
  readonly topics?: readonly string[];
  /** Of a topic that is made. Default: 1. */
  readonly partitions?: number;
  /** Of a topic that is made. Default: 3, or as many as there are brokers. */
  readonly replication?: number;
  /**
   * How long the first record of a batch waits for others, unless `worthSendingBytes` are there.
   * Default: 5, as the Java client's since Kafka 4.0.
   */
  readonly lingerMs?: number;
  /**
   * With so many bytes a batch waits for no more company. Default: 16 KiB, the Java client's
   * `batch.size`.
   */
  readonly worthSendingBytes?: number;
  /**
   * The most that a request for one partition carries, but for a larger record. Default: 1,048,000.
   */
  readonly batchBytes?: number;
  /** Packing of what is sent. Default: `none`. */
  readonly compression?: Compression;
  /**
   * Batches are numbered, so that one that is repeated after a lost answer is appended once.
   * Default: false, as readers know an event by its id; it takes the right IdempotentWrite of
   * clusters before 3.0, and a place for each partition in the brokers' memory.
   */
  readonly idempotent?: boolean;
  /**
   * The largest record: key, value and headers. Default: 1,048,000; the topic's `max.message.bytes`
   * (1,048,588 by default) is for the record batch, which adds some 100 bytes and 10 a header.
   */
  readonly maxRecordBytes?: number;
  /**
   * What records that await delivery may have, 250 bytes for each added; beyond it, `full`.
   * Default: 64 MiB.
   */
  readonly maxBytes?: number;
  /** After so long a record is given up with `timeout`; infinite: never. Default: 120,000. */
  readonly deliveryTimeoutMs?: number;
  /** How long closing waits for what is held. Default: 10,000. */
  readonly closeTimeoutMs?: number;
  /** Until a connection stands. Default: 10,000; TLS to a cloud takes over one second. */
  readonly connectTimeoutMs?: number;
  /** Until a request is answered. Default: 30,000. */
  readonly requestTimeoutMs?: number;
  readonly telemetry?: Telemetry;
  readonly clock?: Clock;
  /** From 0 up to 1. */
  readonly random?: () => number;
}

/**
 * @throws {QueueError} Never because the cluster is away: `invalid_record` where the options cannot
 *   be meant.
 */
export async function openKafkaLog(options: KafkaLogOptions): Promise<EventLog> {
  validateBrokers(options.brokers);
  const { connectTimeoutMs = 10_000, requestTimeoutMs = 30_000, clock = systemClock } = options;
  const driver = await openDriver(options, { connectTimeoutMs, requestTimeoutMs, clock });
  return createKafkaLog(driver, options);
}

/** The log over a driver that is there already. */
export function createKafkaLog(
  driver: KafkaDriver,
  options: Omit<KafkaLogOptions, keyof ClusterAddress>,
): EventLog {
  const {
    topicPolicy = "ensure",
    topics = [],
    partitions = 1,
    replication,
    maxRecordBytes = guarantees.maxRecordBytes,
    connectTimeoutMs = 10_000,
    requestTimeoutMs = 30_000,
    telemetry = silentTelemetry,
    clock = systemClock,
    random = Math.random,
  } = options;
  const logger = getLogger(["shelfcast", "kafka"]);
  const reporter = createReporter(logger, clock);
  const faultOf = (error: unknown) => classify(error, driver.faultNames);
  const closed = new AbortController();
  const connections = driver.connect();
  const make = { partitions, ...(replication === undefined ? {} : { replication }) };
  const leaders = createTopicLeaders({
    connections,
    faultOf,
    clock,
    signal: closed.signal,
    ...(topicPolicy === "ensure" ? { make } : {}),
  });
  const probing = driver.connect();
  const rules = createKnownRules({ connections: probing, clock });
  const retention = createRetentionWatch({ rules, clock, telemetry, reporter });
  const deliveries = createDeliveryFaults({ clock, telemetry, reporter });
  const publisher = createPublisher({
    connections,
    leaders,
    rules,
    retention,
    faultOf,
    reporter,
    deliveries,
    telemetry,
    clock,
    random,
    lingerMs: options.lingerMs ?? 5,
    batchBytes: options.batchBytes ?? guarantees.maxRecordBytes,
    worthSendingBytes: options.worthSendingBytes ?? 16_384,
    compression: options.compression ?? "none",
    idempotent: options.idempotent ?? false,
    maxRecordBytes,
    maxBytes: options.maxBytes ?? 64 * 1024 * 1024,
    deliveryTimeoutMs: options.deliveryTimeoutMs ?? 120_000,
    sendDeadlineMs: connectTimeoutMs + requestTimeoutMs + 1000,
  });
  const shared = { clock, random, faultOf, reporter, telemetry };
  const probe = createClusterProbe({
    connections: probing,
    rules,
    lookAtWaiting: () => retention.look(publisher.waiting()),
    leaders,
    topics,
    topicPolicy,
    deliveries,
    faultOf,
    clock,
  });
  // A log with no topic to look after, and of which nobody asks, needs no connection for it.
  if (topics.length > 0) probe.start();
  const sharedFetches = createSharedFetches(clock);
  const subscriptions = new Set<KafkaSubscription>();
  let closing: Promise<void> | undefined;

  function subscribe(topic: string, subscribeOptions: SubscribeOptions = {}): Subscription {
    try {
      if (closing !== undefined) throw new QueueError("closed", "Log is closed");
      validateSubscription(topic, subscribeOptions);
    } catch (error) {
      return failedSubscription(error);
    }
    const subscription = openKafkaSubscription(topic, subscribeOptions, {
      retry: { ...shared, topic },
      connect: () => driver.connect(),
      openLeaders: (own, signal) =>
        createTopicLeaders({ connections: own, faultOf, clock, signal }),
      timing: readTiming(requestTimeoutMs),
      sharedFetches,
      onEnded: () => void subscriptions.delete(subscription),
    });
    subscriptions.add(subscription);
    return subscription;
  }

  const groups = createEventGroups({
    connect: () => driver.connect(),
    openLeaders: (own, signal) => createTopicLeaders({ connections: own, faultOf, clock, signal }),
    faultOf,
    clock,
    random,
    requestTimeoutMs,
    requireOpen() {
      if (closing !== undefined) throw new QueueError("closed", "Log is closed");
    },
  });

  async function close(): Promise<void> {
    probe.close();
    await Promise.all([
      publisher.close(options.closeTimeoutMs ?? 10_000),
      ...[...subscriptions].map((subscription) => subscription.close()),
    ]);
    closed.abort();
    await probe.ended();
  }

  return {
    publish: publisher.publish,
    subscribe,
    groups,
    health() {
      if (closing !== undefined) return closedHealth;
      probe.start();
      return probe.health();
    },
    [Symbol.asyncDispose]: () => closing ??= close(),
  };
}

function readTiming(requestTimeoutMs: number) {
  return {
    requestTimeoutMs,
    maxWaitMs: 500,
    sessionTimeoutMs: 10_000,
    // Members learn of each other's coming and going by it: the Java client's 3 s would be the
    // pause of every rebalance.
    heartbeatMs: 1000,
    // With the request time-out it must stay below the sockets' own: a member waits so long for an
    // answer to joining.
    rebalanceTimeoutMs: Math.min(30_000, requestTimeoutMs),
    commitTimeoutMs: 30_000,
    graceMs: 3000,
  };
}

function validateBrokers(brokers: readonly string[]): void {
  const bad = brokers.find((broker) => !/^(\[[0-9a-fA-F:]+\]|[^\s:]+):\d{1,5}$/.test(broker));
  if (bad === undefined && brokers.length > 0) return;
  const is = bad === undefined ? "There is no broker" : `Broker is "${bad}"`;
  throw new QueueError("invalid_record", `${is}, wanted host:port`);
}
