import type { EventLog } from "../../src/ports/event_log.ts";
import type { RecordBatch } from "../../src/ports/event_source.ts";
import { changedBatches } from "./changed_batches.ts";

/** The log with another way to commit its batches. */
export const committing = (
  log: EventLog,
  commit: (batch: RecordBatch, ...through: Parameters<RecordBatch["commit"]>) => Promise<void>,
): EventLog =>
  changedBatches(
    log,
    (batch) => ({ ...batch, commit: (...through) => commit(batch, ...through) }),
  );
