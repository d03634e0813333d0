import type { DeliveryReport } from "./event_queue.ts";
import { QueueError } from "./queue_error.ts";

/**
 * The rule of `EventQueue.publish` for its signal, and for what is thrown: nothing is published
 * where the signal was aborted before, the report is not waited for any longer when it is aborted
 * then, and an error that `publish` throws is a rejection.
 *
 * Not async: without a signal that would be two more promises for each record.
 */
export function unlessAborted(
  signal: AbortSignal | undefined,
  publish: () => Promise<DeliveryReport>,
): Promise<DeliveryReport> {
  try {
    if (signal === undefined) return publish();
    if (signal.aborted) throw new QueueError("aborted", "Publishing was aborted before it began");
    return untilAborted(signal, publish());
  } catch (error) {
    return Promise.reject(error);
  }
}

function untilAborted<T>(signal: AbortSignal, report: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void =>
      reject(new QueueError("aborted", "Publishing was aborted: the record may stand"));
    signal.addEventListener("abort", onAbort);
    report.finally(() => signal.removeEventListener("abort", onAbort)).then(resolve, reject);
  });
}
