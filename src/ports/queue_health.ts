import { QueueError, type QueueErrorCode } from "./queue_error.ts";

/**
 * What a queue last saw of itself. `degraded`: a record published now would be refused or would
 * have to wait, or some of the records would.
 */
export type QueueHealth =
  | { readonly status: "ok" }
  | {
    readonly status: "degraded";
    /** What programs act upon. */
    readonly reason: QueueErrorCode;
    /** For operators: what is, and what to do about it. No secrets, keys or values of records. */
    readonly detail: string;
  };

/** Of a queue that takes records. */
export const healthy: QueueHealth = { status: "ok" };

/** Of a queue that refuses, or would refuse, with this error. */
export function degradedBy({ code, message }: QueueError): QueueHealth {
  return { status: "degraded", reason: code, detail: message };
}

/** Of a log that was closed. */
export const closedHealth: QueueHealth = degradedBy(new QueueError("closed", "Log is closed"));
