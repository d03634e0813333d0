import type { DeliveryReport, EventQueue } from "../../src/ports/event_queue.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { healthy, type QueueHealth } from "../../src/ports/queue_health.ts";

/** A publish that waits for the test to decide. */
export interface HeldPublish {
  readonly topic: string;
  readonly record: EventRecord;
  accept(): void;
  reject(error: unknown): void;
}

/** A queue that does what the test says, and keeps what it was given. */
export interface ScriptedQueue extends EventQueue {
  readonly publishes: readonly HeldPublish[];
  /** Default: `accept`. `hold` answers when told, or never; `throw` breaks the port's law. */
  behaviour: "accept" | "hold" | { readonly reject: unknown } | { readonly throw: unknown };
  /** What `health()` says. Default: ok. */
  state: QueueHealth;
}

export function createScriptedQueue(): ScriptedQueue {
  const publishes: HeldPublish[] = [];
  const queue: ScriptedQueue = {
    publishes,
    behaviour: "accept",
    state: healthy,
    health: () => queue.state,
    publish(topic, record) {
      const { promise, resolve, reject } = Promise.withResolvers<DeliveryReport>();
      const offset = BigInt(publishes.length);
      const accept = () => resolve({ topic, partition: 0, offset, timestamp: 0 });
      publishes.push({ topic, record, accept, reject });
      // Nobody is given this promise where the queue throws.
      promise.catch(() => {});

      const { behaviour } = queue;
      if (behaviour === "accept") accept();
      else if (behaviour !== "hold" && "reject" in behaviour) reject(behaviour.reject);
      else if (behaviour !== "hold") throw behaviour.throw;
      return promise;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return queue;
}
