import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { openDriver } from "../../../adapters/queue/kafka/clients.ts";
import { KafkaDeadlineError } from "../../../adapters/queue/kafka/driver/deadline.ts";
import { BrokerUnreachable } from "../../../adapters/queue/kafka/driver/fault.ts";
import { within } from "../../contracts/law.ts";
import { createFakeClock } from "../../fake_clock.ts";
import { clients } from "./both_clients.ts";
import { startSilentBroker } from "./silent_broker.ts";

describe("a driver's time is its clock's", () => {
  for (const client of clients) {
    it(`${client} gives up connecting when the clock says so, not before`, async () => {
      await using broker = startSilentBroker();
      const clock = createFakeClock();
      // By the machine's own time the library would go on for minutes.
      const timing = { connectTimeoutMs: 200_000, requestTimeoutMs: 300_000, clock };
      const driver = await openDriver({ brokers: [broker.address], client }, timing);
      const connections = driver.connect();
      let isOver = false;
      const asking = connections.metadata(["t"]).then(() => undefined, (error: unknown) => error)
        .finally(() => isOver = true);
      await clock.advance(199_999);
      assert.equal(isOver, false);
      await clock.advance(1);
      const failed = await within("giving up", asking);
      assert.ok(failed instanceof BrokerUnreachable, `${failed}`);
      assert.ok(failed.cause instanceof KafkaDeadlineError, `${failed.cause}`);
      assert.equal(clock.timers, 0);
      connections.close();
    });
  }
});
