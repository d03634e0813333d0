/**
 * What became of the requests of the publisher, as far as no question to the cluster can tell it:
 * told, counted, kept for health.
 */
import type { Clock } from "../../../../src/ports/clock.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import { adviseOn, type Degraded, degraded } from "../driver/advice.ts";
import { causesOf, type KafkaFault, protocolCodeOf } from "../driver/fault.ts";
import type { Reporter } from "../driver/reporter.ts";
import { errorCodes } from "../wire/protocol_error.ts";

export interface DeliveryFaults {
  /** Topics that records were published to, with success or without. */
  readonly topics: ReadonlySet<string>;
  /** A request is under way; call what it gives when it has ended. */
  sent(topic: string): () => void;
  /** So many records stand. */
  delivered(topic: string, count: number): void;
  /** An attempt has failed, whatever becomes of it. */
  failed(topic: string, fault: KafkaFault, error: unknown): void;
  /** This end ends its connections: what fails from now on is not the brokers' fault. */
  end(): void;
  /** Whether the right to write was missing when it was last needed. */
  isRefused(topic: string): boolean;
  /** It is there again. */
  granted(topic: string): void;
  worst(): Degraded | undefined;
}

interface Failure {
  readonly fault: KafkaFault;
  readonly error: unknown;
  readonly at: number;
}

/**
 * A request that fails is repeated within two seconds: one that was not seen for so long is over.
 */
const countsMs = 5000;
/** A request that is under way for longer is held up, though the brokers answer others. */
const slowMs = 5000;

/** What says nothing about the topic: the record's own fault, and what a probe sees better. */
const unheeded: readonly KafkaFault[] = [
  "too_large",
  "invalid_record",
  "unreachable",
  "connection",
  "timeout",
  "stale_metadata",
];

export interface DeliveryFaultsOptions {
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly reporter: Reporter;
}

export function createDeliveryFaults(options: DeliveryFaultsOptions): DeliveryFaults {
  const { clock, telemetry, reporter } = options;
  const topics = new Set<string>();
  const refused = new Set<string>();
  const failures = new Map<string, Failure>();
  const underWay = new Set<{ readonly topic: string; readonly since: number }>();
  let isOver = false;

  return {
    topics,
    sent(topic) {
      const request = { topic, since: clock.now() };
      underWay.add(request);
      return () => void underWay.delete(request);
    },
    delivered(topic, count) {
      telemetry.count("shelfcast.kafka.records_delivered", { topic }, count);
      telemetry.histogram("shelfcast.kafka.batch_records", count, { topic });
      topics.add(topic);
      refused.delete(topic);
      failures.delete(topic);
    },
    failed(topic, fault, error) {
      if (isOver) return;
      telemetry.count("shelfcast.kafka.send_failures", { topic, reason: fault });
      reporter.failed({ topic, fault, error, purpose: "write to" });
      topics.add(topic);
      // That it does not exist is seen by whoever looks.
      if (error instanceof QueueError) return;
      const isRefusal = [...causesOf(error)].some((link) =>
        protocolCodeOf(link) === errorCodes.topicAuthorizationFailed
      );
      if (isRefusal) refused.add(topic);
      else if (fault !== "unauthorized" && !unheeded.includes(fault)) {
        failures.set(topic, { fault, error, at: clock.now() });
      }
    },
    end() {
      isOver = true;
    },
    isRefused: (topic) => refused.has(topic),
    granted: (topic) => void refused.delete(topic),
    worst() {
      const [refusing] = refused;
      if (refusing !== undefined) return writeRefused(refusing);
      for (const [topic, { fault, error, at }] of failures) {
        if (Math.abs(clock.now() - at) < countsMs) {
          return adviseOn(error, fault, `write to topic "${topic}"`);
        }
      }
      const [oldest] = underWay;
      if (oldest === undefined) return undefined;
      const tookMs = Math.abs(clock.now() - oldest.since);
      return tookMs < slowMs ? undefined : slow(oldest.topic, tookMs);
    },
  };
}

function slow(topic: string, tookMs: number): Degraded {
  const what = `A write to topic "${topic}" has had no answer for ${tookMs} ms`;
  const advice = "look whether the broker hangs or throttles, or something between drops packets";
  return degraded("timeout", `${what}: ${advice}`);
}

export const writeRefused = (topic: string): Degraded =>
  degraded("unauthorized", `No right to write to topic "${topic}": grant its user Write on it`);
