import type { EventQueue } from "./event_queue.ts";
import type { EventSource } from "./event_source.ts";

/** What an adapter's factory opens: both ends of a log. Closing it closes both. */
export interface EventLog extends EventQueue, EventSource {}
