/**
 * What every queue demands of subscriptions and commits, and where a subscription starts: the rules
 * of `EventSource`, once.
 */
import type { StartFrom, SubscribeOptions, Subscription } from "./event_source.ts";
import { QueueError } from "./queue_error.ts";
import { validateGroup, validateTopic } from "./validate_record.ts";

/**
 * Checks what every queue demands of a subscription.
 *
 * @throws {QueueError} `invalid_record`: what is, and what is wanted.
 */
export function validateSubscription(topic: string, options: SubscribeOptions): void {
  validateTopic(topic);
  const { group, from, maxRecords } = options;
  if (group !== undefined) validateGroup(group);
  if (from !== undefined) validateStart(from);
  if (maxRecords === undefined || (Number.isSafeInteger(maxRecords) && maxRecords >= 1)) return;
  throw new QueueError(
    "invalid_record",
    `Option "maxRecords" is ${maxRecords}, wanted a whole number from 1 on`,
  );
}

/**
 * Checks where reading starts, or where a group is moved to.
 *
 * @throws {QueueError} `invalid_record`: what is, and what is wanted.
 */
export function validateStart(from: StartFrom): void {
  if (from === "earliest" || from === "latest") return;
  const { offset, time }: { offset?: unknown; time?: unknown } = Object(from);
  if (typeof offset === "bigint" && offset >= 0n && time === undefined) return;
  if (Number.isSafeInteger(time) && Number(time) >= 0 && offset === undefined) return;
  const is = typeof from === "object" && from !== null
    ? `{${Object.entries(from).map(([name, value]) => `${name}: ${value}`).join(", ")}}`
    : JSON.stringify(from);
  throw new QueueError(
    "invalid_record",
    `Start is ${is}, wanted "earliest", "latest", {offset: a bigint from 0 on} or {time: whole milliseconds since the epoch}`,
  );
}

/**
 * Where a partition is read from, by the rule of `EventSource`: an offset is brought between the
 * oldest record and the end. A time is first made an offset by the adapter, which alone knows when
 * it took what.
 */
export function startingOffset(
  from: Exclude<StartFrom, { readonly time: number }>,
  oldest: bigint,
  end: bigint,
): bigint {
  if (from === "earliest") return oldest;
  if (from === "latest" || from.offset > end) return end;
  return from.offset < oldest ? oldest : from.offset;
}

/**
 * Checks what every queue demands of a commit through the offset `through`, for a batch from
 * `first` to `last`, both inclusive.
 *
 * @throws {QueueError} `unsupported`, `invalid_record`
 */
export function validateCommit(
  hasGroup: boolean,
  through: bigint,
  first: bigint,
  last: bigint,
): void {
  if (!hasGroup) {
    throw new QueueError("unsupported", "Subscription has no group, wanted one to commit for");
  }
  if (through >= first && through <= last) return;
  throw new QueueError(
    "invalid_record",
    `Offset to commit is ${through}, wanted ${first} to ${last}, the offsets of the batch`,
  );
}

/**
 * Checks what every queue demands of a reset. The group's name is not looked at: other programs
 * name theirs as they like, and who asks for one that cannot be is told that there is none.
 *
 * @throws {QueueError} `invalid_record`: what is, and what is wanted.
 */
export function validateReset(topic: string, to: StartFrom): void {
  validateTopic(topic);
  validateStart(to);
}

/** A group that nothing is known of, in all topics or in one. */
export function unknownGroup(group: string, topic?: string): QueueError {
  return topic === undefined
    ? new QueueError("unknown_group", `Group "${group}" does not exist`)
    : new QueueError("unknown_group", `Group "${group}" has no position in topic "${topic}"`);
}

/** A group that cannot be moved now. */
export function activeGroup(group: string, cause?: unknown): QueueError {
  return new QueueError(
    "group_active",
    `Group "${group}" has a member that reads for it, wanted none: end it first`,
    { cause },
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
