/** What became of the newest events, by id. */
import type { DeliveryReport } from "../ports/event_queue.ts";

/** What is known of an event. */
export type EventReceipt =
  /** The queue has not answered yet. */
  | { readonly status: "pending" }
  /** The queue holds it. */
  | { readonly status: "accepted" }
  /** It stands in the topic of the brokers. */
  | {
    readonly status: "delivered";
    readonly topic: string;
    readonly partition: number;
    readonly offset: bigint;
  }
  /** No broker will take it: it stands in the dead letters. */
  | { readonly status: "dead_lettered"; readonly reason: string }
  /** It was held, and is no longer: retention past the forwarder, or damage that was given up. */
  | { readonly status: "dropped"; readonly reason: string }
  /** It was never held. */
  | { readonly status: "refused"; readonly reason: string };

/**
 * What became of the newest events of this process. Ids of other events are unknown to it, and
 * notes on them change nothing.
 */
export interface EventReceipts {
  /** The event was given to the queue. */
  offered(id: string): void;
  /** The queue took it. */
  accepted(id: string, report: DeliveryReport): void;
  /** The queue did not take it. */
  refused(id: string, reason: string): void;
  /** The forwarder has brought it to the brokers. */
  delivered(id: string, report: DeliveryReport): void;
  /** The forwarder gave it up. */
  deadLettered(id: string, reason: string): void;
  /**
   * The log no longer has what stood at its offsets `from` (inclusive) to `to` (exclusive); a
   * buffer had it no longer when the forwarder came to read it. Not to be said of offsets that the
   * forwarder of another process may have brought on.
   */
  skipped(from: bigint, to: bigint): void;
  /** Undefined for what it does not know, or no longer. */
  find(id: string): EventReceipt | undefined;
}

export interface EventReceiptsOptions {
  /** Whether the queue that accepts is the brokers' own. */
  readonly isDelivery: boolean;
  /** Default: 10,000; beyond it the oldest is forgotten. */
  readonly mostEvents?: number;
}

/** Changed where it stands: to put another in its place costs as much as to look for it. */
interface Known {
  receipt: EventReceipt;
  /** Its offset in the queue, once it was accepted. */
  acceptedAt: bigint | undefined;
}

const pending: EventReceipt = { status: "pending" };
const accepted: EventReceipt = { status: "accepted" };
const evicted: EventReceipt = { status: "dropped", reason: "evicted" };

/** About 400 bytes an event. */
export function createEventReceipts(options: EventReceiptsOptions): EventReceipts {
  const { isDelivery, mostEvents = 10_000 } = options;
  const events = new Map<string, Known>();
  /**
   * Their ids, the oldest at `oldest` once it is full: to look for the first of a map costs what
   * was taken away before it.
   */
  const ids: string[] = [];
  let oldest = 0;

  function note(id: string, receipt: EventReceipt): void {
    const known = events.get(id);
    if (known !== undefined) known.receipt = receipt;
  }

  function delivered(id: string, { topic, partition, offset }: DeliveryReport): void {
    note(id, { status: "delivered", topic, partition, offset });
  }

  return {
    offered(id) {
      events.set(id, { receipt: pending, acceptedAt: undefined });
      if (ids.length < mostEvents) {
        ids.push(id);
        return;
      }
      events.delete(ids[oldest]!);
      ids[oldest] = id;
      oldest = (oldest + 1) % mostEvents;
    },
    accepted(id, report) {
      if (isDelivery) return delivered(id, report);
      const known = events.get(id);
      // The forwarder may have been faster than the answer.
      if (known?.receipt === pending) {
        known.receipt = accepted;
        known.acceptedAt = report.offset;
      }
    },
    refused: (id, reason) => note(id, { status: "refused", reason }),
    delivered,
    deadLettered: (id, reason) => note(id, { status: "dead_lettered", reason }),
    skipped(from, to) {
      for (const known of events.values()) {
        const { receipt, acceptedAt } = known;
        if (receipt !== accepted || acceptedAt === undefined) continue;
        if (acceptedAt >= from && acceptedAt < to) known.receipt = evicted;
      }
    },
    find: (id) => events.get(id)?.receipt,
  };
}
