/**
 * Consumers beside a shop on Kafka, with each client: in the shop, and as processes of their own.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { until } from "../cli/run_command.ts";
import { requireService } from "../services/require_service.ts";
import { serviceFolder, startService } from "./service_process.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA", "Kafka");

const config = (client: string, run: "inline" | "off"): string =>
  `app: { port: PORT }
db: { sqlite: { file: DIR/shelf.db } }
consumers: { run: ${run} }
mq:
  adapter: kafka
  accept_timeout_ms: 10000
  topic: consumers-${crypto.randomUUID()}
  brokers: "${address}"
  kafka: { client: ${client} }
  file: { directory: DIR/queue }
`;

const patienceMs = 60_000;

async function search(url: string, query: string, times: number): Promise<void> {
  for (let n = 0; n < times; n++) {
    const response = await fetch(`${url}/api/books?q=${query}`);
    await response.body?.cancel();
    assert.equal(response.headers.get("x-event-status"), "accepted");
  }
}

const trends = async (url: string): Promise<readonly (readonly [string, number])[]> => {
  const found: readonly { query: string; searches: number }[] =
    await (await fetch(`${url}/api/trends`)).json();
  return found.map(({ query, searches }) => [query, searches] as const).toSorted();
};

describe("consumers of a shop that switches its queue", () => {
  if (address === undefined) return;

  it("G14 between the file log and Kafka, on both clients, some of them killed: each event counts once", async () => {
    await using folder = await serviceFolder(config("kafkajs", "inline"));
    const onKafka = await Deno.readTextFile(folder.configFile);
    const queries = ["dune", "emma", "hunger", "king", "love", "war"];
    for (
      const [turn, queue] of ["file", "kafkajs", "file", "platformatic", "file", "kafkajs"]
        .entries()
    ) {
      const text = queue === "file"
        ? onKafka.replace("adapter: kafka", "adapter: file")
        : onKafka.replace("client: kafkajs", `client: ${queue}`);
      await Deno.writeTextFile(folder.configFile, text);
      await using shop = await startService(folder);
      // Enough for each of the topic's partitions.
      for (const query of queries) await search(shop.url, query, 3);
      if (queue === "file" && turn > 0) {
        // With events that nobody has counted yet.
        await shop.stop("SIGKILL");
        continue;
      }
      const wanted = JSON.stringify(queries.map((query) => [query, 3 * (turn + 1)]));
      const found = async () => JSON.stringify(await trends(shop.url));
      await until(async () => await found() === wanted, patienceMs).catch(async () => {
        assert.equal(await found(), wanted, `on ${queue}, turn ${turn}`);
      });
      assert.equal((await shop.stop()).code, 0);
    }
  });
});

describe("consumers of a shop on Kafka", () => {
  if (address === undefined) return;

  for (const client of ["kafkajs", "platformatic"]) {
    it(`${client}: in the shop, each event counts once, over a restart`, async () => {
      await using folder = await serviceFolder(config(client, "inline"));
      for (const [restart, expected] of [5, 10].entries()) {
        await using shop = await startService(folder);
        await search(shop.url, "dune", 5);
        await search(shop.url, "emma", restart === 0 ? 3 : 0);
        const wanted = JSON.stringify([["dune", expected], ["emma", 3]]);
        await until(async () => JSON.stringify(await trends(shop.url)) === wanted, patienceMs);
        assert.equal((await shop.stop()).code, 0);
      }
    });

    it(`${client}: as two processes they share the work, each event counts once`, async () => {
      await using folder = await serviceFolder(config(client, "off"));
      await using shop = await startService(folder);
      const root = new URL("../../", import.meta.url);
      const start = () =>
        new Deno.Command(Deno.execPath(), {
          args: ["run", "-A", "--no-prompt", "src/cli.ts", "consumers", "run", "trends"].concat([
            "--config",
            folder.configFile,
          ]),
          cwd: root,
          stdin: "null",
          stdout: "null",
          stderr: "null",
        }).spawn();
      await search(shop.url, "dune", 20);
      const processes = [start(), start()];
      try {
        for (const query of ["emma", "hunger", "king", "love"]) await search(shop.url, query, 10);
        const wanted = JSON.stringify(
          [["dune", 20], ...["emma", "hunger", "king", "love"].map((query) => [query, 10])],
        );
        await until(async () => JSON.stringify(await trends(shop.url)) === wanted, patienceMs);
      } finally {
        for (const each of processes) each.kill("SIGTERM");
        await Promise.all(processes.map(({ status }) => status));
      }
    });
  }
});
