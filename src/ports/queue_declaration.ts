/** What a queue adapter declares. */
import type { AdapterDeclaration, Probe } from "./adapter_declaration.ts";
import type { Clock } from "./clock.ts";
import type { EventLedger } from "./event_ledger.ts";
import type { EventLog } from "./event_log.ts";
import type { TopicPolicy } from "./event_queue.ts";
import type { EventSource } from "./event_source.ts";
import type { LogGuarantees } from "./log_guarantees.ts";
import type { LogTools } from "./log_tools.ts";
import type { Settings, Values } from "./setting.ts";
import type { Telemetry } from "./telemetry.ts";
import type { ReadTopicExtent } from "./topic_extent.ts";

/** What the program knows of a queue adapter. */
export interface QueueDeclaration<
  Section extends Settings = Settings,
  Beside extends Settings = Settings,
> extends AdapterDeclaration<Section, Beside> {
  /** The contract suite is driven by them, the README's table made of them. */
  readonly guarantees: LogGuarantees;
  /** Where its records live, for messages: `the memory of the service`. */
  readonly place: string;
  /** Opens the log: imports the adapter and calls its factory. */
  open(values: Values<Section> & Values<Beside>, options: OpenQueueOptions): Promise<EventLog>;
  /** What `doctor` looks at. */
  probe(values: Values<Section> & Values<Beside>, options: ProbeOptions): Probe;
  /**
   * Present where what it publishes to is not on this machine, and may be away: then store and
   * forward stands before it, and its section has a key `buffer` more, which names the log that
   * searches go to first, or `none`.
   */
  readonly remote?: RemoteQueue<Values<Section> & Values<Beside>>;
  /**
   * Present where the log is files of its own, which outlast the process. Such a log can be the
   * buffer of a remote one.
   */
  readonly files?: QueueFiles<Values<Section> & Values<Beside>>;
}

/** Checks a declaration, and says of which keys it is. */
export function declareQueue<
  Section extends Settings,
  Beside extends Settings = Record<never, never>,
>(declaration: QueueDeclaration<Section, Beside>): QueueDeclaration<Section, Beside> {
  return declaration;
}

/** What all queues take. */
export interface OpenQueueOptions {
  /**
   * Topics that are made or looked for at once, as `topicPolicy` says; none for a log that is only
   * read.
   */
  readonly topics: readonly string[];
  /** What becomes of a topic that is missing. */
  readonly topicPolicy: TopicPolicy;
  /**
   * Topics that will be needed when the log is full, for which room is kept where it can be. A log
   * that no other program makes topics in makes them, whatever `topicPolicy` says.
   */
  readonly reservedTopics: readonly string[];
  /**
   * Groups besides those of the configuration that must have read a record before it is taken away.
   */
  readonly requiredGroups: readonly string[];
  /**
   * A buffer holds all that is published here until this log has reported it: nothing is given up
   * or refused for want of room, and closing need not wait.
   */
  readonly isBuffered: boolean;
  /**
   * How long closing waits for what has not been taken. Default: as long as the adapter sees fit.
   */
  readonly closeTimeoutMs?: number;
  /** Default: the system's. */
  readonly clock?: Clock;
  /** Default: nothing is measured. */
  readonly telemetry?: Telemetry;
}

/** What a probe is given besides the adapter's own keys. */
export interface ProbeOptions {
  /** That searches go to. */
  readonly topic: string;
  /** What becomes of it where it is missing. */
  readonly topicPolicy: TopicPolicy;
  /** Time. */
  readonly clock: Clock;
  /**
   * Where a buffer stands before it: when the oldest record was made that is still to come from
   * there; undefined: there is none.
   */
  readonly oldestWaiting?: () => Promise<number | undefined>;
}

/** A queue that may be away. */
export interface RemoteQueue<Values> {
  /** What is at the other end, for messages: `the brokers`. */
  readonly peer: string;
  /** Where that is, for messages. */
  address(values: Values): string;
  /** The most bytes that are on the way there from the buffer. Default: the forwarder's. */
  windowBytes?(values: Values): number;
  /**
   * Opens it for looking events up, changing nothing. Default: it cannot be compared with what was
   * sent.
   */
  openToCompare?(values: Values, clock: Clock): Promise<ComparedLog>;
}

/** A log at the other end, to be read. */
export interface ComparedLog {
  /** The caller closes it. */
  readonly source: EventSource;
  /** Where its topics begin and end. */
  readonly readExtent: ReadTopicExtent;
}

/** A log of files. */
export interface QueueFiles<Values> {
  /** Where they are. */
  directory(values: Values): string;
  /** Groups that the configuration names as required. */
  requiredGroups(values: Values): readonly string[];
  /** For operators; of a directory, whatever the configuration says. */
  openTools(directory: string, clock: Clock): Promise<LogTools>;
  /** What it took, and what became of it. */
  openLedger(directory: string, clock: Clock): Promise<EventLedger>;
}
