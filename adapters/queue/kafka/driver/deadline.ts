/** How long an answer is waited for, and how long until a request is repeated. */
import { type BackoffBounds, type Clock, within } from "../../../../src/ports/clock.ts";

/** No answer within the deadline that is set round every call. */
export class KafkaDeadlineError extends Error {
  override readonly name = "KafkaDeadlineError";

  constructor(what: string, afterMs: number) {
    super(`No answer to ${what} within ${afterMs} ms`);
  }
}

/**
 * `promise`, or a `KafkaDeadlineError` after `afterMs`: the clients' own time-outs do not cover
 * every way of not answering.
 */
export function withDeadline<T>(
  clock: Clock,
  afterMs: number,
  what: string,
  promise: Promise<T>,
): Promise<T> {
  return within(clock, afterMs, promise, () => {
    throw new KafkaDeadlineError(what, afterMs);
  });
}

/** Between attempts, whatever is attempted. */
export const betweenAttempts: BackoffBounds = { firstMs: 50, mostMs: 2000 };
