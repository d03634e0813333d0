import { guarantees, openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import type { EventLogHarness } from "../event_log_harness.ts";

export const fileHarness: EventLogHarness = {
  guarantees,
  async prepare() {
    const directory = await Deno.makeTempDir({ prefix: "file_log_" });
    return {
      open: ({ maxBytes, ...options } = {}) =>
        openFileLog({
          directory,
          ...options,
          ...(maxBytes === undefined ? {} : { maxPendingBytes: maxBytes }),
        }),
      topic: (stem) => stem,
      group: (stem) => stem,
      [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
    };
  },
};
