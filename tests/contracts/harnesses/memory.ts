import { guarantees } from "../../../adapters/queue/memory/declaration.ts";
import { openMemoryLog } from "../../../adapters/queue/memory/memory_log.ts";
import type { EventLogHarness } from "../event_log_harness.ts";

export const memoryHarness: EventLogHarness = {
  guarantees,
  prepare: () =>
    Promise.resolve({
      open: (options = {}) => Promise.resolve(openMemoryLog(options)),
      topic: (stem) => stem,
      group: (stem) => stem,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    }),
};
