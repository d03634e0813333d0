import type { DeliveryReport } from "../../../src/ports/event_queue.ts";
import { QueueError, type QueueErrorCode } from "../../../src/ports/queue_error.ts";
import type { WireRecord } from "./driver.ts";

/** A record that the publisher has taken and has not reported yet. */
export interface HeldRecord {
  record: WireRecord;
  /** What it counts against the budget. */
  readonly bytes: number;
  /** What it adds to a record batch at most. */
  readonly wireBytes: number;
  readonly takenAt: number;
  readonly deadlineAt: number;
  /** A request with it has gone out and its outcome is not known. */
  mayStand: boolean;
  /** How often its timestamp was moved into what the broker takes. */
  clamps: number;
  resolve(report: DeliveryReport): void;
  reject(error: QueueError): void;
}

/** Rejects a record that is given up: with `outcome_unknown` where it may stand, unless `timeout` says so already. */
export function giveUp(
  held: HeldRecord,
  code: QueueErrorCode,
  message: string,
  cause?: unknown,
): void {
  const told = held.mayStand && code !== "timeout" ? "outcome_unknown" : code;
  held.reject(new QueueError(told, message, cause === undefined ? {} : { cause }));
}
