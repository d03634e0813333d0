import type { BatchSequence, ProducerIdentity } from "../wire/batch_format.ts";

/**
 * The numbers of one partition's records. It is a producer of its own, so that nothing that happens
 * to one partition gives up another's numbers.
 */
export interface ProducerSequence {
  /** Of the next batch; the same until `advance`. */
  current(): Promise<BatchSequence>;
  /** So many records stand. */
  advance(count: number): void;
  /** What stands is not known, or the broker has forgotten it: goes on as another producer. */
  restart(): void;
}

export function createProducerSequence(
  introduce: () => Promise<ProducerIdentity>,
): ProducerSequence {
  let identity: ProducerIdentity | undefined;
  let first = 0;
  return {
    async current() {
      identity ??= await introduce();
      return { ...identity, first };
    },
    advance(count) {
      // As brokers count: after the largest 32-bit number comes 0.
      first = (first + count) % 2 ** 31;
    },
    restart() {
      identity = undefined;
      first = 0;
    },
  };
}
