/**
 * A record that the publisher has taken and has not reported yet, and how it ends: confirmed or
 * given up. And the budget of memory that all of them share.
 */
import type { DeliveryReport } from "../../../../src/ports/event_queue.ts";
import type { RecordHeader } from "../../../../src/ports/event_record.ts";
import { QueueError, type QueueErrorCode } from "../../../../src/ports/queue_error.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import type { WireRecord } from "../wire/batch_format.ts";

/** One object each: there are many of them, and they are short-lived. */
export interface HeldRecord extends WireRecord {
  headers: readonly RecordHeader[];
  timestamp: number;
  /** What it counts against the budget. */
  readonly bytes: number;
  readonly budget: HeldBudget;
  /** What it adds to a record batch at most. */
  readonly wireBytes: number;
  readonly takenAt: number;
  readonly deadlineAt: number;
  /** A request with it has gone out and its outcome is not known. */
  mayStand: boolean;
  /** How often its timestamp was moved into what the broker takes. */
  clamps: number;
  readonly resolve: (report: DeliveryReport) => void;
  readonly reject: (error: QueueError) => void;
}

export function confirm(held: HeldRecord, report: DeliveryReport): void {
  held.budget.release(held.bytes);
  held.resolve(report);
}

/**
 * Rejects a record that is given up: with `outcome_unknown` where it may stand, unless `timeout`
 * says so already.
 */
export function giveUp(
  held: HeldRecord,
  code: QueueErrorCode,
  message: string,
  cause?: unknown,
): void {
  const told = held.mayStand && code !== "timeout" ? "outcome_unknown" : code;
  held.budget.release(held.bytes);
  held.reject(new QueueError(told, message, cause === undefined ? {} : { cause }));
}

const encoder = new TextEncoder();
const hourMs = 3_600_000;
const maxClamps = 6;

/**
 * Moves a timestamp that the broker has refused; the original goes into a header. Brokers refuse
 * what is over an hour ahead of them; whose clock is wrong is not known, so it goes back step by
 * step, each twice as long as the one before.
 *
 * @returns Whether there was a step left.
 */
export function clampTimestamp(held: HeldRecord, now: number): boolean {
  if (held.clamps === maxClamps) return false;
  const { headers, timestamp } = held;
  const back = held.clamps === 0 ? 0 : hourMs * 2 ** (held.clamps - 1);
  held.timestamp = Math.max(0, Math.min(timestamp, Math.floor(now)) - back);
  if (held.clamps === 0) {
    held.headers = [...headers, ["original-timestamp", encoder.encode(`${timestamp}`)]];
  }
  held.clamps++;
  return true;
}

/** What all held records may take of memory. */
export interface HeldBudget {
  readonly bytes: number;
  /** @throws {QueueError} `full` where there is no room for so many more. */
  take(bytes: number): void;
  release(bytes: number): void;
}

export function createHeldBudget(maxBytes: number, telemetry: Telemetry): HeldBudget {
  let heldBytes = 0;
  let telling = false;

  /** Once a turn at most: a burst of records is one change to those that look. */
  function tell(): void {
    if (telling) return;
    telling = true;
    queueMicrotask(() => {
      telling = false;
      telemetry.gauge("shelfcast.kafka.held_bytes", heldBytes);
    });
  }

  return {
    get bytes() {
      return heldBytes;
    },
    take(bytes) {
      if (heldBytes + bytes > maxBytes) {
        const is = `Records that await delivery have ${heldBytes} bytes`;
        throw new QueueError("full", `${is}, wanted at most ${maxBytes}`);
      }
      heldBytes += bytes;
      tell();
    },
    release(bytes) {
      heldBytes -= bytes;
      tell();
    },
  };
}
