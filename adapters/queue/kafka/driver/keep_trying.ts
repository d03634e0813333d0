import { backoffMs, type Clock, pause } from "../../../../src/ports/clock.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import { explained } from "./advice.ts";
import { betweenAttempts } from "./deadline.ts";
import type { KafkaFault } from "./fault.ts";
import type { Reporter } from "./reporter.ts";

/** Thrown out of what was under way when a subscription ends. */
export class Stopped extends Error {
  override readonly name = "Stopped";
}

/** Reading outlives whatever a broker does; only this ends it. */
const final: readonly KafkaFault[] = ["unauthorized", "unsupported", "other_members", "corrupt"];

export interface Retry {
  readonly topic: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly signal: AbortSignal;
  readonly faultOf: (error: unknown) => KafkaFault;
  readonly reporter: Reporter;
  readonly telemetry: Telemetry;
}

/**
 * What reading cannot go on after, as its consumer is to see it; undefined where trying again is
 * right.
 */
export function finalError(
  { topic, faultOf }: Retry,
  cause: unknown,
): QueueError | undefined {
  if (cause instanceof QueueError) return cause;
  const fault = faultOf(cause);
  if (!final.includes(fault)) return undefined;
  return explained(cause, fault, `read topic "${topic}"`);
}

/**
 * Tries until it succeeds, with back-off.
 *
 * @throws {QueueError} where trying again does not help.
 * @throws {Stopped} when the signal is aborted.
 */
export async function keepTrying<T>(
  retry: Retry,
  attempt: () => Promise<T>,
  onFault: (fault: KafkaFault) => void = () => {},
): Promise<T> {
  const { topic, clock, random, signal, faultOf, reporter } = retry;
  for (let failures = 1;; failures++) {
    if (signal.aborted) throw new Stopped();
    try {
      return await attempt();
    } catch (error) {
      if (signal.aborted) throw new Stopped();
      const ended = finalError(retry, error);
      if (ended !== undefined) throw ended;
      const fault = faultOf(error);
      onFault(fault);
      if (failures > 1) {
        reporter.failed({ topic, fault, error, purpose: "read" });
      }
      await pause(clock, backoffMs(failures, betweenAttempts, random), signal);
    }
  }
}
