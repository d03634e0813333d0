import { guarantees } from "../../../adapters/queue/file_log/declaration.ts";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import type { EventLogHarness, OpenDoor } from "../event_log_harness.ts";

export const openDoor: OpenDoor = (directory) => openFileLog({ directory });

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
      door: { module: new URL(import.meta.url), address: directory },
      topic: (stem) => stem,
      group: (stem) => stem,
      [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
    };
  },
};
