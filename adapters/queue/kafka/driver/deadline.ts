import type { Clock } from "../../../../src/ports/clock.ts";
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
