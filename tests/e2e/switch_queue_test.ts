/**
 * Switching between the file log and Kafka, there and back, on one folder: nothing is lost, and the
 * backlog ships.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { requireService } from "../services/require_service.ts";
import { leaveAndReturn, smallLog } from "./left_backlog.ts";
import {
  delivered,
  freePort,
  runTask,
  type ServiceFolder,
  serviceFolder,
  type ServiceProcess,
  startService,
} from "./service_process.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA", "Kafka");

type Queue = "file" | "kafkajs" | "platformatic";

const config = (queue: Queue, topic: string, brokers = address): string =>
  `app: { port: 0 }
db: { sqlite: { file: DIR/shelf.db } }
mq: { adapter: ${
    queue === "file" ? "file" : "kafka"
  }, accept_timeout_ms: 10000, topic: ${topic}, brokers: "${brokers}",
  file: { directory: DIR/queue }, kafka: { client: ${queue === "file" ? "kafkajs" : queue} } }
`;

describe("switching the queue", () => {
  if (address === undefined) return;

  it("G14 file, Kafka, file, Kafka by another client: all once, in order; a group gets all", async () => {
    const topic = `switch-${crypto.randomUUID()}`;
    await using folder = await serviceFolder("");
    const accepted: string[] = [];
    const followed = new Set<string>();
    for (const queue of ["file", "kafkajs", "file", "platformatic"] as const) {
      await Deno.writeTextFile(
        folder.configFile,
        config(queue, topic).replaceAll("DIR", folder.path),
      );
      await using shop = await startService(folder);
      for (let n = 0; n < 10; n++) accepted.push(await search(shop.url, "dune"));
      const newest = accepted.at(-1)!;
      if (queue !== "file") await delivered(shop.url, newest);
      // Some come twice: on Kafka what was on the file log, too, and on the file log the other way
      // round. None is passed over.
      for (const id of await idsInTopic(folder, topic, "follower")) followed.add(id);
      assert.equal((await shop.stop()).code, 0);
    }
    assert.deepEqual(await idsInTopic(folder), accepted);
    assert.deepEqual([...followed], accepted);
    const { stdout } = await runTask("groups", ["--config", folder.configFile]);
    const stands = (log: string, group: string, lag: number) =>
      new RegExp(`^${log} +${group} +${topic} +\\d+ +\\d+ +\\d+ +${lag} `, "m");
    assert.match(stdout, stands("kafka", "follower", 0));
    assert.match(stdout, stands("buffer", "forwarder", 0));
    assert.match(stdout, stands("buffer", "follower", 10));
  });

  it("a topic renamed while the brokers are away: each event arrives in the topic that it was accepted for", async () => {
    const [older, newer] = [`renamed-${crypto.randomUUID()}`, `renamed-${crypto.randomUUID()}`];
    await using folder = await serviceFolder(config("kafkajs", older, `127.0.0.1:${freePort()}`));
    const before = await searched(folder, 5);
    const asItWas = await runTask("doctor", ["--config", folder.configFile]);
    await Deno.writeTextFile(
      folder.configFile,
      config("kafkajs", newer).replaceAll("DIR", folder.path),
    );
    const told = await runTask("doctor", ["--config", folder.configFile]);
    assert.doesNotMatch(asItWas.stdout, /5 events/);
    assert.match(told.stdout, new RegExp(`5 events of topic "${older}" wait, and are delivered`));
    const after = await searched(folder, 3, async ({ url }, newest) => {
      await delivered(url, newest);
      await drained(url, older);
    });
    assert.deepEqual(await idsInTopic(folder, older), before);
    assert.deepEqual(await idsInTopic(folder, newer), after);
    const { code, stdout } = await runTask("doctor", [
      "--ledger",
      "--format",
      "json",
      "--config",
      folder.configFile,
    ]);
    const seen = JSON.parse(stdout);
    const found = [seen, ...seen.older].map(({ ledger, match }) => [ledger.topic, match.found]);
    assert.deepEqual([code, found], [0, [[newer, 3], [older, 5]]]);
  });
});

describe("leaving Kafka with events still to ship", () => {
  if (address === undefined) return;

  it("they ship when it returns, with all that others accepted meanwhile; what is given up is dropped", async () => {
    const topic = `left-${crypto.randomUUID()}`;
    await using folder = await serviceFolder("");
    const text = (brokers?: string) =>
      config("kafkajs", topic, brokers).replace("{ directory: DIR/queue }", smallLog);
    await leaveAndReturn(folder, {
      topic,
      away: text(`127.0.0.1:${freePort()}`),
      back: text(),
      async shipped() {
        const { code, lines } = await printed(folder);
        return code === 0 ? lines.map(({ key }) => key) : [];
      },
    });
  });
});

/** Searches in a shop that is ended by a kill: what it accepted stays. */
async function searched(
  folder: ServiceFolder,
  count: number,
  meanwhile: (shop: ServiceProcess, newest: string) => Promise<void> = () => Promise.resolve(),
): Promise<string[]> {
  await using shop = await startService(folder);
  const ids: string[] = [];
  for (let n = 0; n < count; n++) ids.push(await search(shop.url, "dune"));
  await meanwhile(shop, ids.at(-1)!);
  await shop.stop("SIGKILL");
  return ids;
}

/** Resolves when the shop says that the forwarder has nothing left to read of a topic. */
async function drained(url: string, topic: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  const wanted = `shelfcast_forwarder_lag_records{topic="${topic}"} 0`;
  for (;;) {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    if (metrics.includes(wanted)) return;
    assert.ok(performance.now() < deadline, metrics);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** @returns The id of the event, which was accepted. */
async function search(url: string, query: string): Promise<string> {
  const response = await fetch(`${url}/api/books?q=${query}`);
  await response.body?.cancel();
  assert.equal(response.headers.get("x-event-status"), "accepted");
  return response.headers.get("x-event-id")!;
}

async function idsInTopic(
  folder: ServiceFolder,
  topic?: string,
  group?: string,
): Promise<string[]> {
  const { code, lines, stderr } = await printed(folder, topic, group);
  assert.equal(code, 0, stderr);
  return lines.map(({ headers }) => Object.fromEntries(headers).ce_id ?? "");
}

interface PrintedRecord {
  readonly key: string;
  readonly headers: readonly (readonly [string, string])[];
}

async function printed({ configFile }: ServiceFolder, topic?: string, group?: string) {
  const options = ["--config", configFile, "--from", "earliest", "--until-end", "--format", "json"];
  if (topic !== undefined) options.push("--topic", topic);
  if (group !== undefined) options.push("--group", group);
  const { stdout, code, stderr } = await runTask("consume", options);
  const lines = stdout.split("\n").filter((line) => line !== "")
    .map((line): PrintedRecord => JSON.parse(line));
  return { code, lines, stderr };
}
