import type { EventLog } from "../../src/ports/event_log.ts";
import type { TopicPolicy } from "../../src/ports/event_queue.ts";
import type { LogGuarantees } from "../../src/ports/log_guarantees.ts";

/**
 * What the contract suite needs of an adapter in order to judge it. One row an adapter (and Kafka
 * client).
 */
export interface EventLogHarness {
  readonly guarantees: LogGuarantees;
  /**
   * Why the laws cannot run here (a service that is missing), or undefined. Printed; a failure
   * where CI is set.
   */
  readonly missing?: string;
  /**
   * An empty place (a directory, a broker with topics of its own, a process) in which logs can be
   * opened.
   */
  prepare(): Promise<LogPlace>;
}

export interface LogPlace extends AsyncDisposable {
  /**
   * Opens a log on this place, as a new process would. The suite opens several at once only where
   * the adapter declares `processes: "many"`. Where it declares `partitions: "many"`, a topic that
   * is made has at least two.
   */
  open(options?: OpenOptions): Promise<EventLog>;
  /**
   * How another process opens a log on this place. Wanted where one can, and where records survive
   * the process.
   */
  readonly door?: LogDoor;
  /** A topic's name that nothing has used in this place, made of `stem`. */
  topic(stem: string): string;
  /** A group's name, likewise. */
  group(stem: string): string;
}

/** A module that exports an `openDoor`, and what to give it. */
export interface LogDoor {
  readonly module: URL;
  readonly address: string;
}

export type OpenDoor = (address: string) => Promise<EventLog>;

export interface OpenOptions {
  /** Default: `ensure`. */
  readonly topicPolicy?: TopicPolicy;
  /**
   * Bytes that the log may hold before `publish` rejects with `full`; where the adapter has such a
   * bound.
   */
  readonly maxBytes?: number;
  /** The largest record, in bytes; where the adapter lets it be set. */
  readonly maxRecordBytes?: number;
}
