/**
 * Switching between the file log and Kafka, there and back, on one folder: nothing is lost, and the
 * backlog ships.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { requireService } from "../services/require_service.ts";
import {
  delivered,
  runTask,
  type ServiceFolder,
  serviceFolder,
  startService,
} from "./service_process.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA", "Kafka");

const config = (adapter: "file" | "kafka", topic: string): string =>
  `app: { port: 0 }
db: { sqlite: { file: DIR/shelf.db } }
mq: { adapter: ${adapter}, accept_timeout_ms: 10000, topic: ${topic}, brokers: "${address}", file: { directory: DIR/queue } }
`;

describe("switching the queue", () => {
  if (address === undefined) return;

  it("file, kafka, file, kafka: the topic has every event once, in order", async () => {
    const topic = `switch-${crypto.randomUUID()}`;
    await using folder = await serviceFolder("");
    const accepted: string[] = [];
    for (const adapter of ["file", "kafka", "file", "kafka"] as const) {
      await Deno.writeTextFile(
        folder.configFile,
        config(adapter, topic).replaceAll("DIR", folder.path),
      );
      await using shop = await startService(folder);
      for (let n = 0; n < 10; n++) accepted.push(await search(shop.url, "dune"));
      const newest = accepted.at(-1)!;
      if (adapter === "kafka") await delivered(shop.url, newest);
      assert.equal((await shop.stop()).code, 0);
    }
    assert.deepEqual(await idsInTopic(folder), accepted);
  });
});

/** @returns The id of the event, which was accepted. */
async function search(url: string, query: string): Promise<string> {
  const response = await fetch(`${url}/api/books?q=${query}`);
  await response.body?.cancel();
  assert.equal(response.headers.get("x-event-status"), "accepted");
  return response.headers.get("x-event-id")!;
}

async function idsInTopic({ configFile }: ServiceFolder): Promise<string[]> {
  const options = ["--config", configFile, "--from", "earliest", "--until-end", "--format", "json"];
  const { stdout, code, stderr } = await runTask("consume", options);
  assert.equal(code, 0, stderr);
  return stdout.trimEnd().split("\n").map((line) =>
    Object.fromEntries(JSON.parse(line).headers).ce_id
  );
}
