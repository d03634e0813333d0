import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { readTopicExtent } from "../../../adapters/queue/kafka/topic_extent.ts";
import { kafkaClients } from "../../../adapters/queue/kafka/clients.ts";

describe("the extent of a topic", () => {
  for (const client of Object.keys(kafkaClients) as (keyof typeof kafkaClients)[]) {
    it(`says what to do where nobody listens: ${client}`, async () => {
      const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
      const brokers = [`127.0.0.1:${listener.addr.port}`];
      listener.close();
      await assert.rejects(readTopicExtent({ brokers, client, requestTimeoutMs: 5000 }, "events"), {
        code: "unavailable",
        message:
          /^Broker "127\.0\.0\.1:\d+" cannot be reached \(ECONNREFUSED\): .*start the broker/,
      });
    });
  }
});
