/** What a subscription and its member of a group know of each other. */
import type { SubscribeOptions } from "../../../../src/ports/event_source.ts";
import type { QueueError } from "../../../../src/ports/queue_error.ts";
import type { KafkaConnections } from "../driver/driver.ts";
import type { Retry } from "../driver/keep_trying.ts";
import type { Tenure } from "./tenure.ts";
import type { createFindOffsets, Offsets } from "./topic_offsets.ts";

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
  /** Where partitions ended when the subscription began; one that was made later has no entry, and is read from its start. */
  readonly endsAtStart: Offsets;
  open(partition: number, start: bigint): void;
  /** Why nothing can be committed any more, or undefined. */
  ended(): QueueError | undefined;
  /** Tenures have come or gone, or may be handed out again. */
  onChange(): void;
}

/** Handing out and committing, where they differ between reading with a group and without. */
export interface ReadMode {
  /** Resolves when the first positions are fixed; goes on by itself until the signal is aborted. */
  begin(): Promise<void>;
  /** Whether batches may be handed out now. */
  readonly isOpen: boolean;
  commit(tenure: Tenure, from: bigint, end: bigint): Promise<void>;
  /** New partitions were made. */
  onPartitions(partitions: readonly number[]): void;
  leave(): Promise<void>;
}
