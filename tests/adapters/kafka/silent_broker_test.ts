/** Sockets that are never answered: nothing waits for ever. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { type KafkaLogOptions, openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { rejectsWith, within } from "../../contracts/law.ts";
import { collectLogs } from "../../use_cases/log_lines.ts";
import { clients } from "./both_clients.ts";
import { produceApi, startSilentBroker } from "./silent_broker.ts";

const value = new Uint8Array(100);
const topic = "silent";
const hasty = {
  connectTimeoutMs: 200,
  requestTimeoutMs: 400,
  deliveryTimeoutMs: 500,
  closeTimeoutMs: 300,
} satisfies Partial<KafkaLogOptions>;

async function elapsedMs(work: PromiseLike<unknown>): Promise<number> {
  const start = performance.now();
  await work;
  return performance.now() - start;
}

for (const client of clients) {
  describe(`kafka on ${client}, where the broker does not answer`, () => {
    it("opening does not wait; publishing is bounded in time and in bytes; closing is bounded", async () => {
      await using broker = startSilentBroker();
      const opening = openKafkaLog({ client, brokers: [broker.address], ...hasty, maxBytes: 1000 });
      const log = await within("opening", opening, 1000);
      const held = [log.publish(topic, { value }), log.publish(topic, { value })];
      await rejectsWith("full", log.publish(topic, { value }));
      const took = await elapsedMs(Promise.all(held.map((each) => rejectsWith("timeout", each))));
      assert.ok(took < 2000, `gave up after ${took} ms`);
      const last = log.publish(topic, { value });
      const lastOutcome = rejectsWith("closed", last);
      assert.ok(await elapsedMs(log[Symbol.asyncDispose]()) < 2000);
      await lastOutcome;
    });

    it("what is given up may still be under way, and nothing newer is sent beside it", async () => {
      await using broker = startSilentBroker(topic);
      const options = { ...hasty, requestTimeoutMs: 1500, deliveryTimeoutMs: 300 };
      const log = await openKafkaLog({ client, brokers: [broker.address], ...options });
      await rejectsWith("timeout", log.publish(topic, { key: "k", value }));
      assert.equal(broker.received.get(produceApi), 1, "the broker has it, and may yet append it");
      await rejectsWith("timeout", log.publish(topic, { key: "k", value }));
      assert.equal(broker.received.get(produceApi), 1, "the second waits for the end of the first");
      await log[Symbol.asyncDispose]();
    });

    it("closing tells that what was sent may stand, and does not take its own end for the broker's fault", async () => {
      using logs = collectLogs();
      await using broker = startSilentBroker(topic);
      const log = await openKafkaLog({
        client,
        brokers: [broker.address],
        ...hasty,
        requestTimeoutMs: 5000,
        deliveryTimeoutMs: 5000,
      });
      const sent = rejectsWith("outcome_unknown", log.publish(topic, { value }));
      while (broker.received.get(produceApi) === undefined) {
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
      assert.ok(await elapsedMs(log[Symbol.asyncDispose]()) < 2000);
      await sent;
      const warnings = logs.lines.map(({ rawMessage }) => String(rawMessage));
      assert.deepEqual(warnings.filter((line) => line.includes("does not take records")), []);
    });

    it("a subscription waits, ends when it is aborted, and with closed when its log is closed", async () => {
      await using broker = startSilentBroker();
      const log = await openKafkaLog({ client, brokers: [broker.address], ...hasty });
      for (const named of [{}, { group: "g" }]) {
        const abort = new AbortController();
        const subscription = log.subscribe(topic, { ...named, signal: abort.signal });
        const next = subscription[Symbol.asyncIterator]().next();
        while (broker.connections === 0) await new Promise((resolve) => setTimeout(resolve, 5));
        abort.abort();
        assert.equal((await within("ending", next)).done, true);
      }
      const waiting = rejectsWith("closed", log.subscribe(topic).ready);
      assert.ok(await elapsedMs(log[Symbol.asyncDispose]()) < 3500);
      await waiting;
    });
  });

  describe(`kafka on ${client}, where no broker listens`, () => {
    it("opening succeeds, publishing gives up in time, a subscription waits", async () => {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      listener.close();
      const log = await openKafkaLog({
        client,
        brokers: [`127.0.0.1:${port}`],
        topics: [topic],
        ...hasty,
      });
      const abort = new AbortController();
      const iterator = log.subscribe(topic, { signal: abort.signal })[Symbol.asyncIterator]();
      const error = await rejectsWith("timeout", log.publish(topic, { value }));
      assert.match(String(error.cause), /cannot be reached/);
      abort.abort();
      assert.equal((await within("ending", iterator.next())).done, true);
      assert.ok(await elapsedMs(log[Symbol.asyncDispose]()) < 1000);
    });

    it("a connection that is lost during the login is not a refused password", async () => {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      const accepting = (async () => {
        for await (const connection of listener) connection.close();
      })();
      const log = await openKafkaLog({
        client,
        brokers: [`127.0.0.1:${port}`],
        ...hasty,
        security: { protocol: "SASL_PLAINTEXT", username: "u", password: "p" },
      });
      await rejectsWith("timeout", log.publish(topic, { value }));
      await log[Symbol.asyncDispose]();
      listener.close();
      await accepting;
    });

    it("attempts are paced while a broker ends every connection", async () => {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const { port } = listener.addr as Deno.NetAddr;
      let attempts = 0;
      const accepting = (async () => {
        for await (const connection of listener) {
          attempts++;
          connection.close();
        }
      })();
      const log = await openKafkaLog({
        client,
        brokers: [`127.0.0.1:${port}`],
        ...hasty,
        deliveryTimeoutMs: 1500,
        random: () => 0.5,
      });
      const sent = Array.from(
        { length: 100 },
        (_, n) => log.publish(topic, { key: `${n}`, value }),
      );
      await Promise.all(sent.map((each) => rejectsWith("timeout", each)));
      assert.ok(attempts >= 2 && attempts <= 12, `${attempts} attempts in 1.5 s`);
      await log[Symbol.asyncDispose]();
      listener.close();
      await accepting;
    });
  });
}

describe("kafka", () => {
  it("brokers that cannot be meant are refused at once", async () => {
    for (const brokers of [[], ["localhost"], ["localhost:x"], ["http://localhost:9092/"]]) {
      await rejectsWith("invalid_record", openKafkaLog({ brokers }));
    }
  });
});
