/**
 * The program with the toy queue, in a copy of the tree that has it: store and forward, and what
 * operators are told.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { until } from "../cli/run_command.ts";
import {
  delivered,
  freePort,
  runTask,
  serviceFolder,
  startService,
} from "../e2e/service_process.ts";
import { leaveAndReturn, smallLog } from "../e2e/left_backlog.ts";
import { startToyServer } from "./toy_server.ts";

const config = (server: number, more = "") =>
  // What fills the log is no search, so that consumers would give it up, beside it.
  `{ app: { port: 0 }, consumers: { run: off }, db: { sqlite: { file: DIR/shelf.db } }, mq: { adapter: toy, accept_timeout_ms: 10000,
  file: { directory: DIR/queue }, toy: { servers: "127.0.0.1:${server}"${more} } } }`;

describe("a shop with the toy queue", () => {
  it("keeps events while its server is away, and ships them when it is back", async () => {
    const port = freePort();
    await using folder = await serviceFolder(config(port));
    await using shop = await startService(folder);
    const ids: string[] = [];
    for (const q of ["dune", "hunger", "emma"]) {
      const answer = await fetch(`${shop.url}/api/books?q=${q}`);
      await answer.body?.cancel();
      assert.equal(answer.headers.get("x-event-status"), "accepted");
      ids.push(answer.headers.get("x-event-id") ?? "");
    }
    const ready = async () => await (await fetch(`${shop.url}/readyz`)).json();
    await until(async () => (await ready()).queues.toy.status === "degraded");
    assert.deepEqual(Object.keys((await ready()).queues), ["buffer", "toy", "forwarder"]);
    const away = await runTask("doctor", ["--config", folder.configFile]);
    assert.equal(away.code, 1);
    assert.match(
      away.stdout,
      /ok {4}file log .*forwarder is 3 behind \(required\)\nFAIL {2}toy server/,
    );

    await using server = startToyServer(port);
    for (const id of ids) await delivered(shop.url, id);
    assert.deepEqual(server.keys, ["dune", "hunger", "emma"]);
    const { code, stderr } = await shop.stop();
    assert.equal(code, 0, stderr);
    assert.match(stderr, /"queue":"toy"/);
    assert.match(stderr, /"servers":\["127\.0\.0\.1:\d+"\]/);
  });

  it("left with events still to ship, ships them when it returns, whoever wrote meanwhile", async () => {
    await using server = startToyServer();
    await using folder = await serviceFolder("");
    const file = (text: string) => text.replace("{ directory: DIR/queue }", smallLog);
    await leaveAndReturn(folder, {
      topic: "lr-book-searches",
      away: file(config(freePort())),
      back: file(config(server.port)),
      shipped: () => Promise.resolve(server.keys),
    });
  });

  it("takes what it declares: keys, a buffer or none, variables, what other processes see", async () => {
    await using server = startToyServer();
    await using folder = await serviceFolder(config(server.port, ", window_bytes: 1"));
    const faulty = await runTask("doctor", ["--config", folder.configFile]);
    assert.match(faulty.stderr, /mq\.toy\.window_bytes is 1, wanted a whole number from 1024 /);

    await using direct = await serviceFolder(config(server.port, ", buffer: none"));
    const seen = await runTask("doctor", ["--config", direct.configFile]);
    assert.match(seen.stdout, /^ok {4}toy server +answers$/m);
    assert.doesNotMatch(seen.stdout, /file log/);
    const consumed = await runTask("consume", ["--config", direct.configFile]);
    assert.match(consumed.stderr, /live in "a toy server" and cannot be reached from another/);

    await using other = await serviceFolder("{ mq: { adapter: memory } }");
    const env = { MQ_TOY_SERVERS: "a:1" };
    const told = await runTask("doctor", ["--config", other.configFile], { env });
    assert.match(
      told.stdout,
      /MQ_TOY_SERVERS is set and has no effect, as mq\.adapter is "memory"/,
    );
  });
});
