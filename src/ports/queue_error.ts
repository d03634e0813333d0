import { CodedError } from "./coded_error.ts";

/**
 * What can go wrong with a queue, as a closed set. Programs act upon the code, never upon the
 * message: the message is for people, and the client library's own error is the `cause`.
 */
export type QueueErrorCode = keyof typeof queueErrorCodes;

/** What follows from a code. */
export interface QueueErrorCodeFacts {
  /** The same call, unchanged, can succeed later. */
  readonly retriable: boolean;
}

/** All codes: the contract suite proves each of them. */
export const queueErrorCodes = {
  /** The queue cannot be reached, or cannot take or give records now. */
  unavailable: { retriable: true },
  /** No answer within the adapter's deadline; the record or commit may stand. */
  timeout: { retriable: true },
  /** The topic does not exist, and this caller does not create it. */
  unknown_topic: { retriable: true },
  /** The group has no position where one is looked for, and no member. */
  unknown_group: { retriable: true },
  /** The record is over the topic's limit; the message says its size and the limit. */
  too_large: { retriable: false },
  /** The record, a name or an option breaks a rule that holds on every queue. */
  invalid_record: { retriable: false },
  /** No room: a bound of memory or disk is reached. */
  full: { retriable: true },
  /** Wrong credentials or missing rights. */
  unauthorized: { retriable: true },
  /** What was stored and acknowledged cannot be read any more. */
  corrupt: { retriable: false },
  /** The log was closed. */
  closed: { retriable: false },
  /** The caller's signal was aborted; the record may stand. */
  aborted: { retriable: false },
  /** The group has an active member, and the operation needs it to have none. */
  group_active: { retriable: true },
  /** The member lost the partition; its records go to another member. */
  revoked: { retriable: false },
  /** A write failed half-way: the record may stand. Publishing again may make it stand twice. */
  outcome_unknown: { retriable: true },
  /** The adapter cannot do this, and declares so. */
  unsupported: { retriable: false },
} as const satisfies Record<string, QueueErrorCodeFacts>;

/** The record itself is at fault, and no queue would take it: its neighbours are not concerned. */
export const recordFaults: ReadonlySet<QueueErrorCode> = new Set(["too_large", "invalid_record"]);

/** The only error that a queue's promises reject with. */
export class QueueError extends CodedError<QueueErrorCode> {
  /** Survives minification and structured logging. */
  override readonly name = "QueueError";

  /** Whether the same call, unchanged, can succeed later. */
  get retriable(): boolean {
    return queueErrorCodes[this.code].retriable;
  }
}
