import type { SubscribeOptions, Subscription } from "./event_source.ts";
import { QueueError } from "./queue_error.ts";
import { validateGroup, validateTopic } from "./validate_record.ts";

/**
 * Checks what every queue demands of a subscription.
 *
 * @throws {QueueError} `invalid_record`: what is, and what is wanted.
 */
export function validateSubscription(topic: string, options: SubscribeOptions): void {
  validateTopic(topic);
  const { group, maxRecords } = options;
  if (group !== undefined) validateGroup(group);
  if (maxRecords === undefined || (Number.isSafeInteger(maxRecords) && maxRecords >= 1)) return;
  throw new QueueError(
    "invalid_record",
    `maxRecords is ${maxRecords}, wanted a whole number from 1 on`,
  );
}

/** A subscription that ends with `error` at once: `subscribe` itself does not throw. */
export function failedSubscription(error: unknown): Subscription {
  const ready = Promise.reject(error);
  ready.catch(() => {}); // Not awaiting `ready` is allowed.
  return {
    ready,
    [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(error) }),
  };
}
