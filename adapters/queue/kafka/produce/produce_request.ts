/**
 * The lowest step of publishing: one request to the leader of a partition, one attempt. What
 * becomes of it is told to `DeliveryFaults`; whether it is repeated is decided above.
 */
import type { Clock } from "../../../../src/ports/clock.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import type { DeliveryFaults } from "../cluster/delivery_faults.ts";
import type { Leaders, TopicLeaders } from "../cluster/topic_leaders.ts";
import { KafkaDeadlineError, withDeadline } from "../driver/deadline.ts";
import type { KafkaConnections, Produced } from "../driver/driver.ts";
import type { ProducerIdentity } from "../wire/batch_format.ts";
import { errorCodes, KafkaProtocolError } from "../wire/protocol_error.ts";

export interface ProduceRequests {
  /** Sends a record batch of `count` records, once. */
  send(topic: string, partition: number, batch: Uint8Array, count: number): Promise<Produced>;
  /** Asks for a new producer's number, once. */
  introduce(): Promise<ProducerIdentity>;
}

export interface ProduceRequestsOptions {
  readonly connections: KafkaConnections;
  readonly leaders: TopicLeaders;
  readonly deliveries: DeliveryFaults;
  readonly clock: Clock;
  /** Until a request must have ended, connecting included. */
  readonly sendDeadlineMs: number;
}

/** Of all partitions together. */
const maxParallelSends = 64;

export function createProduceRequests(options: ProduceRequestsOptions): ProduceRequests {
  const { connections, leaders, deliveries, clock, sendDeadlineMs } = options;
  const turnstile = createTurnstile(maxParallelSends);

  return {
    async send(topic, partition, batch, count) {
      const leave = await turnstile.enter();
      const answered = deliveries.sent(topic);
      try {
        const leader = leaderOf(topic, partition, await leaders.of(topic));
        const answer = connections.produce(leader, { topic, partition, batch });
        const produced = await withDeadline(clock, sendDeadlineMs, "Produce", answer);
        deliveries.delivered(topic, count);
        return produced;
      } catch (error) {
        // Whatever it was, the leader may have moved.
        leaders.forget(topic);
        // A request that does not end would else still be under way beside the next one.
        if (error instanceof KafkaDeadlineError) connections.drop();
        throw error;
      } finally {
        answered();
        leave();
      }
    },
    introduce: () =>
      withDeadline(clock, sendDeadlineMs, "InitProducerId", connections.initProducer()),
  };
}

function leaderOf(topic: string, partition: number, found: Leaders): number {
  const leader = found.get(partition);
  // Made again with fewer: its records have to find another partition, from the caller's hand.
  if (!found.has(partition)) throw partitionGone(topic, partition, found.size);
  if (leader === undefined) {
    throw new KafkaProtocolError(errorCodes.leaderNotAvailable, "Metadata");
  }
  return leader;
}

function partitionGone(topic: string, partition: number, count: number): QueueError {
  const is = `Topic "${topic}" has ${count} partitions and no partition ${partition} any more`;
  return new QueueError("unavailable", is);
}

/** Lets at most `places` through at a time, in the order in which they came. */
interface Turnstile {
  /** Resolves when there is a place; call what it gives to make room for the next. */
  enter(): Promise<() => void>;
}

function createTurnstile(places: number): Turnstile {
  const queue: (() => void)[] = [];
  let free = places;
  const leave = (): void => {
    const next = queue.shift();
    if (next === undefined) free++;
    else next();
  };
  return {
    enter() {
      if (free > 0) {
        free--;
        return Promise.resolve(leave);
      }
      return new Promise((resolve) => queue.push(() => resolve(leave)));
    },
  };
}
