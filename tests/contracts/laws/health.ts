/** Laws on health. */
import assert from "node:assert/strict";
import { systemClock } from "../../../src/ports/clock.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { QueueHealth } from "../../../src/ports/queue_health.ts";
import { silentTelemetry } from "../../../src/ports/telemetry.ts";
import { createEventAcceptor } from "../../../src/use_cases/event_acceptor.ts";
import { createEventReceipts } from "../../../src/use_cases/event_receipts.ts";
import { createReadiness } from "../../../src/use_cases/readiness.ts";
import { createArrayCatalogue } from "../../use_cases/array_catalogue.ts";
import { inOnePartition, type Law, publishAll, within } from "../law.ts";

/** Anything that was waited for takes longer, and a busy machine less. */
const atOnceMs = 500;

/** K8, O6: what a queue says of itself. */
export const healthLaws: readonly Law[] = [
  {
    id: "K8",
    name: "health() is ok while records are taken, and says closed after closing, at once",
    async run({ open, place }) {
      const log = await open();
      await publishAll(log, place.topic("healthy"), [inOnePartition("v")]);
      await healthBecomes(log, "ok");
      const closing = log[Symbol.asyncDispose]();
      assert.equal(reasonOf(healthOf(log)), "closed", "while it closes");
      await closing;
      assert.equal(reasonOf(healthOf(log)), "closed");
    },
  },
  {
    id: "K8",
    name: "a health check over it answers at once and never throws, also when it takes nothing",
    async run({ open, place }) {
      const log = await open();
      const topic = place.topic("health");
      await publishAll(log, topic, [inOnePartition("v")]);
      const acceptor = createEventAcceptor({
        queue: log,
        topic,
        acceptTimeoutMs: 30_000,
        clock: systemClock,
        telemetry: silentTelemetry,
        receipts: createEventReceipts({ isDelivery: false }),
      });
      const catalogue = createArrayCatalogue([]);
      const readiness = createReadiness({
        catalogue,
        queues: { log: acceptor },
        degradedSince: () => undefined,
        version: "1.0.0",
      });
      await within("accepting", acceptor.offer("event-1", inOnePartition("healthy")));
      await healthBecomes(log, "ok");
      assert.equal((await within("the check", readiness.check(), 1000)).status, "ok");
      await log[Symbol.asyncDispose]();
      await within("refusing", acceptor.offer("event-2", inOnePartition("late")));
      assert.equal((await within("the check", readiness.check(), 1000)).status, "degraded");
      await acceptor.awaitAnswers(1000);
    },
  },
];

/** Fails where it throws or takes its time. */
function healthOf(log: EventLog): QueueHealth {
  const began = performance.now();
  const health = log.health();
  const tookMs = performance.now() - began;
  assert.ok(tookMs < atOnceMs, `health() took ${tookMs} ms`);
  if (health.status === "degraded") assert.ok(health.detail.length > 0, "degraded without a word");
  return health;
}

const reasonOf = (health: QueueHealth): string =>
  health.status === "ok" ? health.status : health.reason;

/** Within five seconds. */
async function healthBecomes(log: EventLog, wanted: string): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (reasonOf(healthOf(log)) !== wanted) {
    const health = JSON.stringify(log.health());
    assert.ok(performance.now() < deadline, `health is still ${health}, wanted ${wanted}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
