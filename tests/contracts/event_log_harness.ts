import type { EventLog } from "../../src/ports/event_log.ts";
import type { TopicPolicy } from "../../src/ports/event_queue.ts";
import type { LogGuarantees } from "../../src/ports/log_guarantees.ts";

/** What the contract suite needs of an adapter in order to judge it. One row an adapter (and Kafka client). */
export interface EventLogHarness {
  readonly guarantees: LogGuarantees;
  /** Why the laws cannot run here (a service that is missing), or undefined. Printed; a failure where CI is set. */
  readonly missing?: string;
  /** An empty place (a directory, a broker with topics of its own, a process) in which logs can be opened. */
  prepare(): Promise<LogPlace>;
}

export interface LogPlace extends AsyncDisposable {
  /**
   * Opens a log on this place, as a new process would. The suite opens several at once only where the adapter declares
   * `processes: "many"`, and again after closing only where it declares `survivesRestart`.
   */
  open(options?: OpenOptions): Promise<EventLog>;
  /** A topic's name that nothing has used in this place, made of `stem`. */
  topic(stem: string): string;
  /** A group's name, likewise. */
  group(stem: string): string;
}

export interface OpenOptions {
  /** Default: `ensure`. */
  readonly topicPolicy?: TopicPolicy;
  /** Bytes that the log may hold before `publish` rejects with `full`; where the adapter has such a bound. */
  readonly maxBytes?: number;
  /** The largest record, in bytes; where the adapter lets it be set. */
  readonly maxRecordBytes?: number;
}
