/** What goes wrong with a disk, and what that means to the callers of a queue. */
import { CodedError } from "../../../../src/ports/coded_error.ts";
import { QueueError, type QueueErrorCode } from "../../../../src/ports/queue_error.ts";

export type DiskErrorCode =
  /** No space or quota left. */
  | "full"
  /** No right to do this, or a file system that is read-only. */
  | "denied"
  /** No such file or directory. */
  | "missing"
  /** Anything else: the device failed. */
  | "failed";

export class DiskError extends CodedError<DiskErrorCode> {
  override readonly name = "DiskError";
}

const codes: Record<DiskErrorCode, QueueErrorCode> = {
  full: "full",
  denied: "unauthorized",
  missing: "unavailable",
  failed: "unavailable",
};

/** What a fault of the disk means to the callers of a queue. `QueueError`s pass as they are. */
export function diskRefusal(error: unknown, doing: string): QueueError {
  if (error instanceof QueueError) return error;
  const code = error instanceof DiskError ? codes[error.code] : "unavailable";
  const reason = error instanceof Error ? error.message : String(error);
  return new QueueError(code, `Could not ${doing}: ${reason}`, { cause: error });
}
