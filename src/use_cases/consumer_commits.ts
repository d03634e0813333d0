import { type Clock, pause, within } from "../ports/clock.ts";
import type { RecordBatch } from "../ports/event_source.ts";
import { createNotifier } from "../ports/notifier.ts";
import { QueueError } from "../ports/queue_error.ts";

/**
 * Commits of batches whose effects are durable: begun in order and not awaited, because a group
 * that waits for each of them does ten batches a second where storing takes its time.
 */
export interface ConsumerCommits {
  /** Begins a commit; resolves when another may be begun. */
  add(batch: RecordBatch, deadLettered: readonly bigint[]): Promise<void>;
  /** Resolves when none is under way. */
  settle(): Promise<void>;
}

export interface ConsumerCommitsOptions {
  readonly clock: Clock;
  /** After so long without an answer a commit is repeated. */
  readonly patienceMs: number;
  /** Ends repeating. */
  readonly abandon: AbortSignal;
  /** A commit failed and is repeated. */
  readonly onFault: (error: unknown) => void;
  readonly onCommitted: (position: bigint, partition: number) => void;
  /** A commit failed for good. */
  readonly fail: (error: unknown) => void;
}

const mostOutstanding = 8;
const retryMs = 1000;

export function createConsumerCommits(options: ConsumerCommitsOptions): ConsumerCommits {
  const { clock, patienceMs, abandon, onFault, onCommitted, fail } = options;
  const changed = createNotifier();
  let outstanding = 0;

  async function commit(batch: RecordBatch, deadLettered: readonly bigint[]): Promise<void> {
    const through = batch.records.at(-1)!.offset;
    while (!abandon.aborted) {
      try {
        await within(clock, patienceMs, batch.commit(through, { deadLettered }), () => {
          throw new QueueError(
            "timeout",
            `Commit has not ended for ${patienceMs} ms, wanted an end`,
          );
        });
        return onCommitted(through + 1n, batch.partition);
      } catch (error) {
        const code = error instanceof QueueError ? error.code : undefined;
        // Its records come to another member, whose read model knows them already.
        if (code === "revoked") return;
        if (!(error instanceof QueueError) || !error.retriable) return fail(error);
        onFault(error);
        await pause(clock, retryMs, abandon);
      }
    }
  }

  return {
    async add(batch, deadLettered) {
      outstanding += 1;
      void commit(batch, deadLettered).finally(() => {
        outstanding -= 1;
        changed.notify();
      });
      await changed.until(() => abandon.aborted || outstanding < mostOutstanding);
    },
    settle: () => changed.until(() => abandon.aborted || outstanding === 0, abandon),
  };
}
