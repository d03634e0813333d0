/**
 * The two modes of reading, alone and as a member of a group: what they are told, what they give,
 * and the simple one.
 */
import type { SubscribeOptions } from "../../../../src/ports/event_source.ts";
import type { Notifier } from "../../../../src/ports/notifier.ts";
import type { QueueError } from "../../../../src/ports/queue_error.ts";
import type { KafkaConnections } from "../driver/driver.ts";
import { keepTrying, type Retry } from "../driver/keep_trying.ts";
import type { Tenure } from "./tenure.ts";
import { type createFindOffsets, type Offsets, startingOffsets } from "./topic_offsets.ts";

/** Milliseconds, all. */
export interface ReadTiming {
  readonly requestTimeoutMs: number;
  /** How long a broker may hold a fetch for which it has nothing. */
  readonly maxWaitMs: number;
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly commitTimeoutMs: number;
  /** For what was handed out to be committed before a rebalance, and for a member to leave. */
  readonly graceMs: number;
}

/** What a subscription shares with its member of a group. */
export interface Reading {
  readonly topic: string;
  readonly options: SubscribeOptions;
  readonly retry: Retry;
  readonly connections: KafkaConnections;
  readonly connect: () => KafkaConnections;
  readonly timing: ReadTiming;
  readonly tenures: Map<number, Tenure>;
  readonly findOffsets: ReturnType<typeof createFindOffsets>;
  /**
   * Where partitions ended when the subscription began; one that was made later has no entry, and
   * is read from its start.
   */
  readonly endsAtStart: Offsets;
  open(partition: number, start: bigint): void;
  /** The topic's id as last heard. */
  topicId(): string | undefined;
  /** Whether there are positions of a topic that had this name before. */
  isRemade(): boolean;
  /**
   * Tells of it.
   *
   * @throws {QueueError} where the subscription cannot go on in the new topic.
   */
  remade(): void;
  /** Why nothing can be committed any more, or undefined. */
  ended(): QueueError | undefined;
  /** Is told when there may be something new to hand out, or something handed out was committed. */
  readonly changed: Notifier;
  /** Tenures have come or gone, or may be handed out again. */
  onChange(): void;
}

/** Handing out and committing, where they differ between reading with a group and without. */
export interface ReadMode {
  /** Resolves when the first positions are fixed; goes on by itself until the signal is aborted. */
  begin(): Promise<void>;
  /** Whether batches may be handed out now. */
  readonly isOpen: boolean;
  /** Absent where reading has no group. */
  readonly commit?: (tenure: Tenure, from: bigint, end: bigint) => Promise<void>;
  /** New partitions were made, or the whole topic. */
  onPartitions(partitions: readonly number[]): void;
  leave(): Promise<void>;
}

/** Reads all partitions, and tells the broker nothing. */
export function readAlone(reading: Reading): ReadMode {
  const { options, retry, tenures, findOffsets, endsAtStart } = reading;
  return {
    isOpen: true,
    async begin() {
      const { from = "latest" } = options;
      const partitions = [...endsAtStart.keys()];
      const find = () => startingOffsets(from, partitions, endsAtStart, findOffsets);
      const starts = await keepTrying(retry, find);
      for (const [partition, start] of starts) reading.open(partition, start);
      options.onPlace?.(starts);
    },
    onPartitions(partitions) {
      if (reading.isRemade()) {
        reading.remade();
        for (const partition of [...tenures.keys()]) tenures.delete(partition);
      }
      for (const partition of partitions) {
        if (!tenures.has(partition)) reading.open(partition, 0n);
      }
      reading.onChange();
    },
    leave: () => Promise.resolve(),
  };
}
