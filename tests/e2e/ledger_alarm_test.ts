import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { denoDisk } from "../../adapters/queue/file_log/disk/deno_disk.ts";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { decodeIdentity } from "../../adapters/queue/file_log/format/stored_page.ts";
import { readGroupState, writeGroupState } from "../../adapters/queue/file_log/segments/slots.ts";
import { until } from "../cli/run_command.ts";
import { freePort, serviceFolder, startService } from "./service_process.ts";

const topic = "lr-book-searches";
/** A group for which the log keeps its records; the brokers of the second shop are away. */
const shops = {
  audit: "{ file: { directory: DIR/queue, required_groups: [audit] } }",
  forwarder:
    `{ adapter: kafka, brokers: "127.0.0.1:${freePort()}", file: { directory: DIR/queue } }`,
};

for (const [group, mq] of Object.entries(shops)) {
  describe(`a shop whose ledger does not balance for group ${group}`, () => {
    it("says so at start, in its log and its metrics, and serves all the same", async () => {
      const config = `{ app: { port: PORT }, db: { sqlite: { file: DIR/shelf.db } }, mq: ${mq} }`;
      await using folder = await serviceFolder(config);
      const directory = `${folder.path}/queue`;
      {
        await using log = await openFileLog({ directory });
        for (let n = 0; n < 5; n++) await log.publish(topic, { value: null });
        const reading = log.subscribe(topic, { group, from: "earliest", until: "end" });
        for await (const batch of reading) await batch.commit();
      }
      const logId = decodeIdentity(Deno.readFileSync(`${directory}/${topic}/id`));
      const file = await denoDisk.open(`${directory}/${topic}/group.${group}`, "write");
      const state = await readGroupState(file, logId as Uint8Array);
      assert.ok(typeof state === "object");
      const falsified = { ...state, sequence: state.sequence + 1, delivered: 3 };
      await writeGroupState(file, logId as Uint8Array, falsified);
      file.close();

      await using service = await startService(folder);
      let metrics = "";
      await until(async () => {
        metrics = await (await fetch(`${service.url}/metrics`)).text();
        return metrics.includes(`ledger_mismatch{account="group",group="${group}"} 2\n`);
      });
      const labels = `{topic="lr-book-searches",group="${group}"}`;
      assert.ok(metrics.includes(`shelfcast_ledger_delivered${labels} 3\n`), metrics);
      assert.match(metrics, /shelfcast_ledger_accepted\{topic="lr-book-searches"\} 5\n/);
      const { stderr } = await service.stop();
      assert.match(stderr, /The ledger does not balance, .*2 missing.*deno task doctor --ledger/);
    });
  });
}
