import type { Clock } from "../../../src/ports/clock.ts";
import { KafkaDeadlineError } from "./fault.ts";

/** `promise`, or a `KafkaDeadlineError` after `afterMs`: the clients' own time-outs do not cover every way of not answering. */
export function withDeadline<T>(
  clock: Clock,
  afterMs: number,
  what: string,
  promise: Promise<T>,
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(
      afterMs,
      () => reject(new KafkaDeadlineError(`No answer to ${what} within ${afterMs} ms`)),
    );
    promise.finally(cancel).then(resolve, reject);
  });
}

/** Resolves after `delayMs`, or at once when `signal` is aborted. */
export function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const done = (): void => {
      cancel();
      signal.removeEventListener("abort", done);
      resolve();
    };
    const cancel = clock.after(delayMs, done);
    signal.addEventListener("abort", done);
  });
}
