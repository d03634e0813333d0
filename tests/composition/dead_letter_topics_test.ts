import { describe, it } from "@std/testing/bdd";
import { loadShopConfig } from "../../src/composition/configuration.ts";
import { openQueue } from "../../src/composition/queues.ts";
import { rejectsWith } from "../contracts/law.ts";

describe("where mq.topics makes no topics", () => {
  for (const adapter of ["memory", "file"] as const) {
    for (const policy of ["validate", "never"] as const) {
      it(`${adapter}, ${policy}: dead letters have one all the same, and no other has`, async () => {
        const directory = await Deno.makeTempDir();
        try {
          const file = `${directory}/config.yml`;
          const own = `file: { directory: "${directory}/queue" }`;
          const mq = `{ adapter: ${adapter}, topic: t, topics: ${policy}, ${own} }`;
          await Deno.writeTextFile(file, `mq: ${mq}\n`);
          const config = await loadShopConfig({ file, env: () => undefined, envFile: "no/.env" });
          await using log = await openQueue(config.mq, adapter, {});
          await log.publish("t.dlq", { value: null });
          await rejectsWith("unknown_topic", log.publish("other", { value: null }));
        } finally {
          await Deno.remove(directory, { recursive: true });
        }
      });
    }
  }
});
