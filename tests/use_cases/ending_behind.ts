import type { EventLog } from "../../src/ports/event_log.ts";
import { changedBatches } from "./changed_batches.ts";

/** The log with something at its end that is no record, as brokers have marks of transactions. */
export const endingBehind = (log: EventLog, offsets: bigint): EventLog =>
  changedBatches(log, (batch) => ({ ...batch, end: batch.end + offsets }));
