import { healthy, type QueueHealth } from "../ports/queue_health.ts";
import type { BacklogForwarder } from "../use_cases/forward_backlogs.ts";
import type { PathOptions } from "./event_path.ts";

/**
 * Where nothing is forwarded: what waits all the same is looked for behind the first answers, and
 * what it takes is loaded then.
 */
export function lateBacklogs(options: Omit<PathOptions, "receipts">): BacklogForwarder {
  const { begun = Promise.resolve(), clock, telemetry, findBacklogs, whyNotForwarded } = options;
  let opened: BacklogForwarder | undefined;
  let fault: QueueHealth = healthy;
  let opening: Promise<void> | undefined;
  let isStopped = false;

  async function open(): Promise<void> {
    try {
      const { forwardBacklogs }: typeof import("../use_cases/forward_backlogs.ts") = await import(
        import.meta.resolve("../use_cases/forward_backlogs.ts")
      );
      const whyNot = await whyNotForwarded();
      if (isStopped) return;
      opened = forwardBacklogs({ find: () => findBacklogs(), whyNot, clock, telemetry });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const detail = `Events that wait cannot be looked for: ${why}`;
      fault = { status: "degraded", reason: "unavailable", detail };
    }
  }

  void begun.then(() => {
    if (!isStopped) opening = open();
  });
  return {
    get topics() {
      return opened?.topics ?? [];
    },
    health: () => opened?.health() ?? fault,
    async stop(deadlineMs) {
      isStopped = true;
      await opening;
      await opened?.stop(deadlineMs);
    },
  };
}
