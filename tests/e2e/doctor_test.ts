/** The real command: on a fresh machine, on a file log, and with events in a real cluster. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { openKafkaLog } from "../../adapters/queue/kafka/kafka_log.ts";
import { readTopicExtent } from "../../adapters/queue/kafka/topic_extent.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { requireService } from "../services/require_service.ts";
import { until } from "../cli/run_command.ts";
import { freePort, runTask, serviceFolder, startService } from "./service_process.ts";

const kafka = requireService("SHELFCAST_TEST_KAFKA", "Kafka");
const db = "db: { sqlite: { file: DIR/shelf.db } }";

describe("deno task doctor", () => {
  it("on a fresh machine all is well, and nothing is made", async () => {
    await using folder = await serviceFolder(`{ ${db}, mq: { file: { directory: DIR/queue } } }`);
    const { code, stdout, stderr } = await runTask("doctor", ["--config", folder.configFile]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.equal(stdout.match(/^ok /gm)?.length, 6, stdout);
    assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["config.yml"]);
  });

  it("brokers that are not there are told, and the database all the same", async () => {
    const brokers = `127.0.0.1:${freePort()}`;
    const mq = `mq: { adapter: kafka, brokers: "${brokers}"}`;
    await using folder = await serviceFolder(`{ ${db}, ${mq} }`);
    const { code, stdout } = await runTask("doctor", ["--config", folder.configFile]);
    assert.equal(code, 1);
    assert.match(stdout, /^ok {4}database[^]*^ok {4}file log[^]*^FAIL {2}brokers/m);
  });

  if (kafka.address === undefined) return;
  const { address } = kafka;

  it("where nobody makes topics, that of consumers' dead letters has to be there", async () => {
    const topic = `doctor-${crypto.randomUUID()}`;
    const mq = `mq: { adapter: kafka, brokers: "${address}", topic: ${topic}, topics: POLICY, ` +
      "file: { directory: DIR/queue } }";
    await using cluster = await openKafkaLog({ brokers: [address], partitions: 1 });
    await cluster.publish(topic, { value: null });
    for (const policy of ["validate", "never"]) {
      const config = `{ ${db}, ${mq} }`.replace("POLICY", policy);
      await using folder = await serviceFolder(config);
      const { code, stdout } = await runTask("doctor", ["--config", folder.configFile]);
      assert.equal(code, 1, stdout);
      const missing = `Topic "${topic}.dlq" does not exist: make it, or set mq.topics to ensure`;
      assert.match(stdout, /^ok {4}brokers/m);
      assert.match(stdout, /^FAIL {2}dead letters/m);
      assert.ok(stdout.includes(missing), stdout);
    }
    await cluster.publish(`${topic}.dlq`, { value: null });
    await using folder = await serviceFolder(`{ ${db}, ${mq} }`.replace("POLICY", "validate"));
    const { stdout } = await runTask("doctor", ["--config", folder.configFile]);
    assert.match(stdout, /^ok {4}dead letters/m);
  });

  it("--ledger matches the buffer with a real topic, on either client", async () => {
    const topic = `doctor-${Deno.pid}-${Date.now()}`;
    const mq = `mq: { adapter: kafka, brokers: "${address}", topic: ${topic}, ` +
      "file: { directory: DIR/queue }, kafka: { client: CLIENT } }";
    for (const client of ["kafkajs", "platformatic"] as const) {
      const config = `{ ${db}, ${mq} }`.replace("CLIENT", client);
      await using folder = await serviceFolder(config);
      const events = Array.from({ length: 20 }, (_, n): EventRecord => ({
        key: `k${n}`,
        value: new Uint8Array(n),
        headers: [["ce_id", new TextEncoder().encode(`${client}-${n}`)]],
      }));
      {
        await using buffer = await openFileLog({ directory: `${folder.path}/queue` });
        for (const event of events) await buffer.publish(topic, event);
        const reading = buffer.subscribe(topic, {
          group: "forwarder",
          from: "earliest",
          until: "end",
        });
        for await (const batch of reading) await batch.commit();
        await using cluster = await openKafkaLog({ brokers: [address], partitions: 2 });
        for (const event of events.slice(1)) await cluster.publish(topic, event);
      }
      const args = ["--ledger", "--format", "json", "--config", folder.configFile];
      const { code, stdout, stderr } = await runTask("doctor", args);
      assert.equal(stderr, "");
      const { match } = JSON.parse(stdout);
      assert.deepEqual([code, match.found, match.missing], [1, 19, 1], stdout);
      assert.equal(match.missingEvents[0].id, `${client}-0`);
      const extents = await readTopicExtent({ brokers: [address], client }, topic);
      assert.deepEqual(extents.map(({ partition, begin }) => [partition, begin]), [[0, 0n], [
        1,
        0n,
      ]]);
    }
  });

  it("--ledger finds the events of a running shop", async () => {
    const topic = `doctor-shop-${Deno.pid}-${Date.now()}`;
    const mq = `mq: { adapter: kafka, brokers: "${address}", topic: ${topic}, ` +
      "file: { directory: DIR/queue } }";
    await using folder = await serviceFolder(`{ app: { port: PORT }, ${db}, ${mq} }`);
    await using service = await startService(folder);
    const ids: (string | null)[] = [];
    for (const q of ["dune", "hunger", "emma"]) {
      const answer = await fetch(`${service.url}/api/books?q=${q}`);
      await answer.text();
      ids.push(answer.headers.get("x-event-id"));
    }
    await until(async () => {
      const receipts = ids.map((id) => fetch(`${service.url}/api/events/${id}`));
      const seen = await Promise.all(receipts.map(async (answer) => await (await answer).json()));
      return seen.every(({ status }) => status === "delivered");
    }, 20_000);
    let stdout = "";
    // A receipt may come before the commit.
    await until(async () => {
      const args = ["--ledger", "--format", "json", "--config", folder.configFile];
      const run = await runTask("doctor", args);
      assert.equal(run.code, 0, run.stderr + run.stdout);
      stdout = run.stdout;
      return JSON.parse(stdout).match?.compared === 3;
    }, 20_000);
    const { ledger, match } = JSON.parse(stdout);
    assert.deepEqual([ledger.accepted, match.found, match.missing, match.others], [3, 3, 0, 0]);
  });
});
