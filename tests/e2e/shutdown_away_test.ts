/** S2: a shop that ends while its brokers are away. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { freePort, runTask, serviceFolder, startService } from "./service_process.ts";

const searches = 20;

describe("a shop whose brokers are away", () => {
  it("ends within its deadline, keeps its events in the buffer and says how many", async () => {
    await using folder = await serviceFolder(
      [
        "app: { port: PORT }",
        "db: { sqlite: { file: DIR/shelf.db } }",
        `mq: { brokers: ["127.0.0.1:${freePort()}"], topic: away, accept_timeout_ms: 10000, file: { directory: DIR/queue } }`,
      ].join("\n"),
    );
    await using shop = await startService(folder);
    for (let n = 0; n < searches; n++) {
      const response = await fetch(`${shop.url}/api/books?q=dune`);
      assert.equal(response.status, 200);
      assert.equal(response.headers.get("x-event-status"), "accepted");
      await response.body?.cancel();
    }
    const began = Date.now();
    const { code, stderr } = await shop.stop();
    assert.ok(Date.now() - began < 20_000, `${Date.now() - began} ms`);
    assert.equal(code, 0, stderr);
    assert.match(stderr, new RegExp(`${searches} events of .+ stay in the buffer`));

    const inspected = await runTask("log", ["inspect", `${folder.path}/queue`, "--format", "json"]);
    assert.equal(inspected.code, 0, inspected.stderr);
    const [{ groups: [forwarder] }] = JSON.parse(inspected.stdout).topics;
    assert.deepEqual([forwarder.name, forwarder.lag], ["forwarder", `${searches}`]);
  });
});
