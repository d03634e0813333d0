/**
 * The rules of `Subscription` for adapters that read a partition by asking for records at a
 * position: starting, waiting, ending, and commits in order. Written once, so that such an adapter
 * is only its storage.
 */
import type { StoredRecord } from "./event_record.ts";
import type { RecordBatch, SubscribeOptions, Subscription } from "./event_source.ts";
import { createPullCommits, type PassedRecords } from "./pull_commits.ts";
import { validateSubscription } from "./subscription_rules.ts";

/**
 * One reader of one partition. What its methods reject with ends the subscription and reaches its
 * consumer.
 */
export interface PullReader {
  /** From 0 on. */
  readonly partition: number;
  /** The partition's end when the reader was opened. */
  readonly end: bigint;
  /**
   * Resolves with the position to start at, once this reader may read: at once without a group, for
   * a member that stands by when its turn comes. Settles soon after `signal` is aborted, with
   * whatever.
   *
   * @param onStandBy To be called when another member has the place.
   */
  turn(signal: AbortSignal, onStandBy: () => void): Promise<bigint>;
  /** At most `maxRecords` records from `position` on, in order, perhaps none; gaps are allowed. */
  read(position: bigint, maxRecords: number): Promise<PulledRecords>;
  /**
   * Resolves when there may be something at `position` or later, at once where it came since `read`
   * looked; and soon after `signal` is aborted.
   */
  wait(position: bigint, signal: AbortSignal): Promise<void>;
  /**
   * Stores the group's position, and what it has passed since the reader was opened. Absent: there
   * is no group.
   */
  commit?(position: bigint, passed: PassedRecords): Promise<void>;
  /** Called once, when the subscription has ended in whatever way: gives the member's place up. */
  leave(): void | Promise<void>;
}

/** What was found at a position. */
export interface PulledRecords {
  /** Offsets growing, from the position on. */
  readonly records: readonly StoredRecord[];
  /** The partition's end now. */
  readonly end: bigint;
  /**
   * Where to go on when there were no records: offsets before it will never be given. Default: the
   * position asked for.
   */
  readonly next?: bigint;
}

/**
 * Makes a subscription of a reader.
 *
 * @param open Called at once, so that "latest" is the end at the time of the call; may throw or
 *   reject, with `unknown_topic` for example. Fixes the starting position.
 */
export function pullSubscription(
  topic: string,
  options: SubscribeOptions,
  open: () => PullReader | Promise<PullReader>,
): Subscription {
  const { maxRecords = 500, until, onPlace } = options;
  const leaving = new AbortController();
  const signal = options.signal === undefined
    ? leaving.signal
    : AbortSignal.any([options.signal, leaving.signal]);
  const opened = attempt(() => {
    validateSubscription(topic, options);
    return open();
  });
  let left: Promise<void> | undefined;
  const leave = (): Promise<void> => left ??= opened.then((reader) => reader.leave(), () => {});
  // Also where nobody ever iterates.
  signal.addEventListener("abort", () => void leave(), { once: true });
  if (signal.aborted) void leave();

  async function* batches(): AsyncGenerator<RecordBatch, void, void> {
    const reader = await opened;
    const stopAt = until === "end" ? reader.end : undefined;
    const commits = createPullCommits(
      topic,
      reader.commit?.bind(reader),
      () => left !== undefined,
    );
    try {
      const onStandBy = (): void => onPlace?.(new Map());
      let position = signal.aborted ? 0n : await reader.turn(signal, onStandBy);
      if (!signal.aborted) onPlace?.(new Map([[reader.partition, position]]));
      while (!signal.aborted) {
        if (stopAt !== undefined && position >= stopAt) return;
        const { records: found, end, next = position } = await reader.read(position, maxRecords);
        const records = stopAt === undefined ? found : found.filter((r) => r.offset < stopAt);
        const [first, last] = [records[0], records.at(-1)];
        if (first === undefined || last === undefined) {
          if (found.length > 0) return;
          if (next > position) position = next;
          else await reader.wait(position, signal);
          continue;
        }
        position = last.offset + 1n;
        commits.handOut(records);
        yield {
          topic,
          partition: reader.partition,
          records,
          end,
          commit: (through = last.offset, outcome) =>
            commits.commit(first.offset, last.offset, through, outcome),
        };
      }
    } finally {
      await leave();
    }
  }

  const ready = opened.then(() => {});
  ready.catch(() => {}); // Not awaiting `ready` is allowed.
  const reading = batches();
  const iterator: AsyncIterator<RecordBatch> = {
    next: () => reading.next(),
    // A generator's own return() would wait behind a pending next().
    return() {
      leaving.abort();
      return reading.return();
    },
  };
  return { ready, [Symbol.asyncIterator]: () => iterator };
}

/** Calls at once, and gives what was thrown as a rejection. */
async function attempt<T>(call: () => T | Promise<T>): Promise<T> {
  return await call();
}
