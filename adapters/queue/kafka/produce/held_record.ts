import type { DeliveryReport } from "../../../../src/ports/event_queue.ts";
import type { RecordHeader } from "../../../../src/ports/event_record.ts";
import { QueueError, type QueueErrorCode } from "../../../../src/ports/queue_error.ts";
import type { WireRecord } from "../wire/batch_format.ts";

/** A record that the publisher has taken and has not reported yet. One object each: there are many of them, and they are short-lived. */
export interface HeldRecord extends WireRecord {
  headers: readonly RecordHeader[];
  timestamp: number;
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
  /** It is held no longer; called before it is reported. */
  readonly release: (held: HeldRecord) => void;
  readonly resolve: (report: DeliveryReport) => void;
  readonly reject: (error: QueueError) => void;
}

export function confirm(held: HeldRecord, report: DeliveryReport): void {
  held.release(held);
  held.resolve(report);
}

/** Rejects a record that is given up: with `outcome_unknown` where it may stand, unless `timeout` says so already. */
export function giveUp(
  held: HeldRecord,
  code: QueueErrorCode,
  message: string,
  cause?: unknown,
): void {
  const told = held.mayStand && code !== "timeout" ? "outcome_unknown" : code;
  held.release(held);
  held.reject(new QueueError(told, message, cause === undefined ? {} : { cause }));
}
