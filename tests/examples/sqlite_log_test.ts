/** The README's worked example is a real adapter: the whole contract suite judges it. */
import { join } from "node:path";
import { judgeEventLog } from "../contracts/event_log.ts";
import { guarantees, openSqliteLog } from "./sqlite_log.ts";

judgeEventLog("example/sqlite", {
  guarantees,
  async prepare() {
    const directory = await Deno.makeTempDir({ prefix: "shelfcast-example-" });
    return {
      open: ({ topicPolicy, maxRecordBytes } = {}) =>
        Promise.resolve(openSqliteLog({
          file: join(directory, "log.db"),
          ensure: topicPolicy !== "never",
          ...(maxRecordBytes !== undefined && { maxRecordBytes }),
        })),
      topic: (stem) => stem,
      group: (stem) => stem,
      [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }),
    };
  },
});
