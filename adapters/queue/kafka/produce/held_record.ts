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
  /** How many other times it was given, as the broker did not take its own. */
  moves: number;
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
