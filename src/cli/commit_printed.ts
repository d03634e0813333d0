import type { RecordBatch } from "../ports/event_source.ts";
import { QueueError } from "../ports/queue_error.ts";
import type { CliServices } from "./services.ts";

const maxAttempts = 5;
const retryAfterMs = 500;

/**
 * Commits what was printed, up to and with the record at `through`. A queue that is away for a moment is asked again; a partition
 * that went to another member is none of ours any more, which is told and no failure.
 *
 * @throws {QueueError} where it cannot be committed.
 */
export async function commitPrinted(
  batch: RecordBatch,
  through: bigint,
  { stderr, clock }: Pick<CliServices, "stderr" | "clock">,
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
      if (!error.retriable || attempt === maxAttempts) throw error;
      await new Promise<void>((resolve) => clock.after(retryAfterMs * attempt, resolve));
    }
  }
}
