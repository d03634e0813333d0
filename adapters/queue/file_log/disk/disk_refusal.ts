import { QueueError, type QueueErrorCode } from "../../../../src/ports/queue_error.ts";
import { DiskError, type DiskErrorCode } from "./disk.ts";

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
