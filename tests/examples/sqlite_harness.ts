import { join } from "node:path";
import type { EventLogHarness, OpenDoor } from "../contracts/event_log_harness.ts";
import { guarantees, openSqliteLog } from "./sqlite_log.ts";

export const openDoor: OpenDoor = (file) => Promise.resolve(openSqliteLog({ file }));

/** What the contract suite needs of the example: one row, as of every adapter. */
export const sqliteHarness: EventLogHarness = {
  guarantees,
  async prepare() {
    const directory = await Deno.makeTempDir({ prefix: "shelfcast-example-" });
    const file = join(directory, "log.db");
    return {
      open: ({ topicPolicy, maxRecordBytes } = {}) =>
        Promise.resolve(openSqliteLog({
          file,
          ensure: topicPolicy !== "never",
          ...(maxRecordBytes !== undefined && { maxRecordBytes }),
        })),
      door: { module: new URL(import.meta.url), address: file },
      topic: (stem) => stem,
      group: (stem) => stem,
      [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
    };
  },
};
