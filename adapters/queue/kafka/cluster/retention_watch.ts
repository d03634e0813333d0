/**
 * Records that have waited for longer than their topic keeps any: they are gone soon after they
 * arrive, and Kafka takes them without a word. So it is told while they wait, and counted when they
 * have gone.
 */
import type { Clock } from "../../../../src/ports/clock.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import { type Degraded, degraded } from "../driver/advice.ts";
import type { Reporter } from "../driver/reporter.ts";
import type { KnownRules } from "./topic_rules.ts";

export interface RetentionWatch {
  /** Before records that were made so long ago are sent, it is asked what the topic keeps. */
  prepare(topic: string, oldest: number): Promise<void> | undefined;
  /** Records with these times stand in the topic. */
  delivered(topic: string, batch: readonly { readonly timestamp: number }[]): void;
  /**
   * Tells of those that wait, once a minute. @param waiting Topic, and when its oldest was made.
   */
  look(waiting: Iterable<readonly [topic: string, oldest: number]>): Degraded | undefined;
}

export interface RetentionWatchOptions {
  readonly rules: KnownRules;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  readonly reporter: Reporter;
}

/** Younger ones go out without a question. */
const freshMs = 60_000;
/** So long it is told after the last that has gone. */
const toldMs = 60_000;

export function createRetentionWatch(options: RetentionWatchOptions): RetentionWatch {
  const { rules, clock, telemetry, reporter } = options;
  const expired = new Map<string, { count: number; at: number }>();

  function isPast(topic: string, made: number): boolean {
    const { retentionMs = Infinity, oldestMs = Infinity } = rules.of(topic) ?? {};
    const age = clock.now() - made;
    // Those that are too old for the topic go with the time of now, and are kept from then on.
    return age > retentionMs && age <= oldestMs;
  }

  function tell(topic: string, oldest: number): Degraded {
    const detail = pastRetention(topic, oldest, rules.of(topic)?.retentionMs ?? 0);
    reporter.warn(`past_retention ${topic}`, "{detail}", { topic, detail });
    return degraded("unavailable", detail);
  }

  return {
    prepare(topic, oldest) {
      if (clock.now() - oldest < freshMs) return undefined;
      return rules.learn(topic).then(() => {
        if (isPast(topic, oldest)) tell(topic, oldest);
      });
    },
    delivered(topic, batch) {
      // The oldest come first; to look at every record of every batch would be felt.
      if (batch[0] === undefined || !isPast(topic, batch[0].timestamp)) return;
      const past = batch.filter(({ timestamp }) => isPast(topic, timestamp)).length;
      telemetry.count("shelfcast.kafka.records_past_retention", { topic }, past);
      expired.set(topic, { count: (expired.get(topic)?.count ?? 0) + past, at: clock.now() });
    },
    look(waiting) {
      for (const [topic, oldest] of waiting) if (isPast(topic, oldest)) return tell(topic, oldest);
      for (const [topic, { count, at }] of expired) {
        if (Math.abs(clock.now() - at) > toldMs) continue;
        const is = `${count} events were older than topic "${topic}" keeps records when they came`;
        return degraded("unavailable", `${is}: they are gone soon; ${advice}`);
      }
      return undefined;
    },
  };
}

const advice =
  "raise its retention.ms before older ones follow (docs/operations.md, Longer than the topic keeps)";

/** @param oldest Milliseconds since the epoch. */
export function pastRetention(topic: string, oldest: number, retentionMs: number): string {
  const since = new Date(oldest).toISOString();
  const is = `Events for topic "${topic}" wait since ${since}, longer than it keeps records`;
  return `${is} (retention.ms is ${retentionMs}): they are gone soon after they arrive; ${advice}`;
}
