/** What brings events on from the buffer; loaded where there is one. */
import type { Config } from "../config/schema.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { QueueHealth } from "../ports/queue_health.ts";
import { type BacklogForwarder, forwardBacklogs } from "../use_cases/forward_backlogs.ts";
import { type EventForwarder, forwardEvents } from "../use_cases/forward_events.ts";
import type { PathOptions } from "./event_path.ts";
import { queueNamed, queueValues } from "./queues.ts";

/** How much more than for the topic of today may be under way for those of earlier days. */
const backlogsPart = 1 / 4;

/** Few are brought on at once; many in fewer and larger requests, which searches pay for. */
const gather = { leastMs: 0, mostMs: 50 };

/** The topic that searches go to now, and beside it those of earlier configurations. */
export function forwardAll(
  mq: Config["mq"],
  { accepting: buffer, target }: { readonly accepting: EventLog; readonly target: EventLog },
  options: PathOptions,
): {
  readonly forwarder: Pick<EventForwarder, "health" | "stop">;
  readonly backlogs: BacklogForwarder;
} {
  const { topic, adapter } = mq;
  const { clock, telemetry, receipts } = options;
  const common = { receipts, clock, telemetry, buffer, target, random: Math.random };
  const { remote } = queueNamed(adapter);
  const windowBytes = remote?.windowBytes?.(queueValues(mq, adapter)) ?? 32 * 2 ** 20;
  const current = forwardEvents({ ...common, topic, windowBytes, gather });
  const backlogs = forwardBacklogs({
    find: () => options.findBacklogs(topic),
    forward: (older, share) =>
      forwardEvents({
        ...common,
        topic: older,
        until: "end",
        means: `Events that were accepted for topic "${older}" wait in the buffer`,
        windowBytes: windowBytes * backlogsPart * share,
        // Offsets of one topic say nothing of another's events.
        receipts: { ...receipts, skipped() {} },
      }),
    clock,
    telemetry,
  });
  return {
    backlogs,
    forwarder: {
      health: () => both(current.health(), backlogs.health()),
      async stop(deadlineMs) {
        await Promise.all([current.stop(deadlineMs), backlogs.stop(deadlineMs)]);
      },
    },
  };
}

function both(current: QueueHealth, older: QueueHealth): QueueHealth {
  if (current.status === "ok") return older;
  if (older.status === "ok") return current;
  return { ...current, detail: `${current.detail}; and: ${older.detail}` };
}
