/** Asking a read model, for as long as it takes to be answered. */
import { backoffMs, type Clock, pause, within } from "../ports/clock.ts";
import { QueueError } from "../ports/queue_error.ts";
import type { ApplyOutcome, ConsumedBatch, ReadModel } from "../ports/read_model.ts";
import { StoreError } from "../ports/store_error.ts";

export interface InsistOptions {
  readonly clock: Clock;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** Ends waiting and repeating. */
  readonly stop: AbortSignal;
  /** The store refused; it is asked again. */
  readonly onFault: (error: unknown) => void;
  /** It had refused, and has answered. */
  readonly onAnswer?: () => void;
  /** After so long without an answer it is given up, and with it the pass. */
  readonly patienceMs: number;
}

const betweenAttempts = { firstMs: 100, mostMs: 5000 };

/**
 * A store's error never says anything about what it was asked, so it is asked again until it
 * answers: nothing is passed over. One that neither answers nor refuses is given up, because others
 * could do its work.
 *
 * @throws {QueueError} by rejection: `aborted` by `stop`, `timeout` where the store did not answer.
 */
export async function insist<Answer>(
  ask: () => Promise<Answer>,
  { clock, random, stop, onFault, onAnswer, patienceMs }: InsistOptions,
): Promise<Answer> {
  const late = (): never => {
    if (stop.aborted) throw new QueueError("aborted", "Consumer was stopped");
    const message = `Read model has not answered for ${patienceMs} ms, wanted an answer`;
    throw new QueueError("timeout", message);
  };
  for (let failures = 1;; failures++) {
    if (stop.aborted) return late();
    try {
      const answer = await within(clock, patienceMs, ask(), late, stop);
      if (failures > 1) onAnswer?.();
      return answer;
    } catch (error) {
      if (!(error instanceof StoreError)) throw error;
      onFault(asQueueError(error));
      await pause(clock, backoffMs(failures, betweenAttempts, random), stop);
    }
  }
}

/** Applies a batch, whenever the store comes to do so. */
export function applyBatch(
  batch: ConsumedBatch,
  { model, ...options }: InsistOptions & { readonly model: Pick<ReadModel, "apply"> },
): Promise<ApplyOutcome> {
  return insist(() => model.apply(batch), options);
}

/** A store's error in the words of a group's health, which knows queues. */
export function asQueueError(error: unknown): unknown {
  if (!(error instanceof StoreError)) return error;
  return new QueueError("unavailable", error.message, { cause: error });
}
