import type { EventGroups } from "./event_groups.ts";
import type { EventQueue } from "./event_queue.ts";
import type { EventSource } from "./event_source.ts";

/** What an adapter's factory opens: both ends of a log, and its groups. Closing it closes all. */
export interface EventLog extends EventQueue, EventSource {
  /** The groups that read from this log. */
  readonly groups: EventGroups;
}
