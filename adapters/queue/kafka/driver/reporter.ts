/**
 * What operators are told while something does not go: in log lines that do not repeat themselves.
 */
import type { Logger } from "../../../../src/ports/logger.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import { QueueError, type QueueErrorCode } from "../../../../src/ports/queue_error.ts";
import { adviseOn } from "./advice.ts";
import type { KafkaFault } from "./fault.ts";

const quietMs = 60_000;

/**
 * Warns at most once a minute for a reason, with the number of times that it has happened since.
 */
export interface Reporter {
  warn(reason: string, message: string, fields: Readonly<Record<string, unknown>>): void;
  /** Warns of a failed request. */
  failed(request: FailedRequest): void;
}

export interface FailedRequest {
  readonly topic: string;
  readonly fault: KafkaFault;
  readonly error: unknown;
  /** What it was for. */
  readonly purpose: keyof typeof purposes;
}

const purposes = {
  read: "Kafka does not give records of {topic} ({reason}): {detail}",
  "write to": "Kafka does not take records of {topic} ({reason}): {detail}",
} as const;

export function createReporter(logger: Logger, clock: Clock): Reporter {
  const seen = new Map<string, { at: number; suppressed: number }>();

  function warn(reason: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    const now = clock.now();
    const last = seen.get(reason);
    if (last !== undefined && Math.abs(now - last.at) < quietMs) {
      last.suppressed++;
      return;
    }
    logger.warn(message, { ...fields, reason, suppressed: last?.suppressed ?? 0 });
    seen.set(reason, { at: now, suppressed: 0 });
  }

  return {
    warn,
    failed({ topic, fault, error, purpose }) {
      const { reason, ...told } = tellOf(error, fault, `${purpose} topic "${topic}"`);
      warn(reason, purposes[purpose], { topic, ...told });
    },
  };
}

/**
 * For a log line: its stack only where nobody has thought of the error; of the others the advice
 * says more, in one line.
 */
export function tellOf(error: unknown, fault: KafkaFault, what: string): ToldFault {
  const { detail } = adviseOn(error, fault, what);
  if (error instanceof QueueError) return { reason: error.code, detail };
  return { reason: fault, detail, ...(fault === "unknown" && { error }) };
}

export interface ToldFault {
  readonly reason: KafkaFault | QueueErrorCode;
  readonly detail: string;
  readonly error?: unknown;
}
