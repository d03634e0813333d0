/** Publishing many records so that they arrive in order, through failures. */
import { setImmediate } from "node:timers";
import { backoffMs, type Clock, pause } from "../ports/clock.ts";
import type { DeliveryReport, EventQueue } from "../ports/event_queue.ts";
import type { EventRecord } from "../ports/event_record.ts";
import { createNotifier } from "../ports/notifier.ts";
import { QueueError, type QueueErrorCode, recordFaults } from "../ports/queue_error.ts";

/** What is published, with something by which its report can be told. */
export type Item<Tag> =
  & { readonly tag: Tag }
  & ({ readonly record: EventRecord; readonly bytes: number } | { readonly fault: string });

/** What became of an item. */
export type Outcome = { readonly report: DeliveryReport } | { readonly error: unknown } | {
  readonly fault: string;
};

export interface PublishInOrderOptions<Tag> {
  readonly queue: EventQueue;
  readonly topic: string;
  readonly items: AsyncIterable<Item<Tag>>;
  /** Called for every item that was taken, in order. Its promise is waited for. */
  readonly onOutcome: (tag: Tag, outcome: Outcome) => Promise<void>;
  /** Called when no more items will be taken: `items` should end, also where it waits. */
  readonly onGiveUp: () => void;
  readonly clock: Clock;
  /** Once it is aborted nothing is tried again. */
  readonly stop: AbortSignal;
  /** The most items under way. Default: 1000. */
  readonly maxItems?: number;
  /** The most bytes under way, where they are more than one item. Default: 8 MiB. */
  readonly maxBytes?: number;
}

interface Held<Tag> {
  readonly item: Item<Tag>;
  outcome: Outcome | undefined;
  answered: Promise<void>;
}

/**
 * What may pass by itself while a person waits, and how many times in succession the first record
 * is tried again before all is given up. Wrong credentials, though a queue behind a service is
 * right to retry them for hours, are not among them; and who reports `timeout` has been patient
 * already.
 */
const attempts: Partial<Record<QueueErrorCode, number>> = {
  full: 10,
  unavailable: 3,
  outcome_unknown: 3,
  timeout: 1,
};

const betweenAttempts = { firstMs: 100, mostMs: 5000 };

/**
 * Publishes items as they come, many at once, in their order: when the queue gives a record up,
 * nothing newer is sent until that one and all that were rejected with it are published again, from
 * the first on. Bounded in memory, however many items there are.
 *
 * When the queue refuses for good, what is under way is reported, and no further items are taken.
 *
 * @returns Whether all items were taken.
 */
export async function publishInOrder<Tag>(options: PublishInOrderOptions<Tag>): Promise<boolean> {
  const { queue, topic, items, onOutcome, clock, stop, maxItems = 1000, maxBytes = 8 * 2 ** 20 } =
    options;
  const held: Held<Tag>[] = [];
  let heldBytes = 0;
  let rejected = false;
  let repeating = false;
  let state = "taking" as "taking" | "taken" | "given up";
  const changed = createNotifier();

  const send = (entry: Held<Tag>): void => {
    if ("fault" in entry.item) {
      entry.outcome = { fault: entry.item.fault };
      return;
    }
    entry.outcome = undefined;
    entry.answered = queue.publish(topic, entry.item.record).then(
      (report) => void (entry.outcome = { report }),
      (error) => {
        entry.outcome = { error };
        if (!isRecordFault(error)) rejected = true;
      },
    );
  };

  const giveUp = (): void => {
    if (state === "given up") return;
    state = "given up";
    options.onGiveUp();
    changed.notify();
  };

  const take = async (): Promise<void> => {
    for await (const item of items) {
      await changed.until(() =>
        state !== "taking" ||
        !(repeating || rejected || held.length >= maxItems || heldBytes >= maxBytes)
      );
      if (state === "given up") return;
      const entry: Held<Tag> = { item, outcome: undefined, answered: Promise.resolve() };
      held.push(entry);
      heldBytes += bytesOf(item);
      send(entry);
      changed.notify();
      await turn();
    }
    if (state === "taking") state = "taken";
    changed.notify();
  };

  /** Publishes again what was rejected, from the first on, up to one that is rejected once more. */
  const repeat = async (failures: number): Promise<void> => {
    repeating = true;
    await pause(clock, backoffMs(failures, betweenAttempts), stop);
    if (!stop.aborted) {
      rejected = false;
      for (const entry of [...held]) {
        if (attemptsFor(entry.outcome) === 0) continue;
        send(entry);
        await turn();
        if (rejected) break;
      }
    }
    repeating = false;
    changed.notify();
  };

  const tell = async (): Promise<void> => {
    let attempt = 0;
    for (;;) {
      const [first] = held;
      if (first === undefined) {
        if (state !== "taking") return;
        await changed.wait();
        continue;
      }
      await first.answered;
      const { outcome } = first;
      if (outcome === undefined) continue;
      if (state !== "given up" && !stop.aborted && attempt < attemptsFor(outcome)) {
        await repeat(++attempt);
        continue;
      }
      if ("report" in outcome) attempt = 0;
      else if ("error" in outcome && !isRecordFault(outcome.error)) giveUp();
      held.shift();
      heldBytes -= bytesOf(first.item);
      changed.notify();
      await onOutcome(first.item.tag, outcome);
    }
  };

  // What was taken is published and told, also where the items or the telling fail.
  const taking = take().catch((error) => {
    giveUp();
    throw error;
  });
  const telling = tell().catch((error) => {
    giveUp();
    throw error;
  });
  const ends = await Promise.allSettled([taking, telling]);
  for (const end of ends) if (end.status === "rejected") throw end.reason;
  return state === "taken";
}

const bytesOf = (item: Item<unknown>): number => "record" in item ? item.bytes : 0;

const isRecordFault = (error: unknown): boolean =>
  error instanceof QueueError && recordFaults.has(error.code);

function attemptsFor(outcome: Outcome | undefined): number {
  if (outcome === undefined || !("error" in outcome)) return 0;
  return outcome.error instanceof QueueError ? attempts[outcome.error.code] ?? 0 : 0;
}

/**
 * Lets everything run that is ready to. A rejection that comes at once ("full") is then known
 * before the next record is sent, which might be small enough to be taken and would overtake.
 */
const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
