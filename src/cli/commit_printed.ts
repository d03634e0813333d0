import { backoffMs, pause } from "../ports/clock.ts";
import type { RecordBatch } from "../ports/event_source.ts";
import { QueueError } from "../ports/queue_error.ts";
import type { CliServices } from "./services.ts";

const maxAttempts = 5;
const betweenAttempts = { firstMs: 500, mostMs: 2000 };

/**
 * Commits what was printed, up to and with the record at `through`. A queue that is away for a
 * moment is asked again; a partition that went to another member is none of ours any more, which is
 * told and no failure.
 *
 * @throws {QueueError} where it cannot be committed.
 */
export async function commitPrinted(
  batch: RecordBatch,
  through: bigint,
  { stderr, clock, stop }: Pick<CliServices, "stderr" | "clock" | "stop">,
): Promise<void> {
  for (let attempt = 1;; attempt++) {
    try {
      return await batch.commit(through);
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      if (error.code === "revoked") {
        const first = batch.records[0]?.offset;
        return await stderr.write(
          `Partition ${batch.partition} went to another member of the group, which reads again from offset ${first} or before\n`,
        );
      }
      if (!error.retriable || attempt === maxAttempts || stop.aborted) throw error;
      await pause(clock, backoffMs(attempt, betweenAttempts), stop);
    }
  }
}
