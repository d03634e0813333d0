import assert from "node:assert/strict";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { QueueHealth } from "../../../src/ports/queue_health.ts";
import { inOnePartition, type Law, publishAll } from "../law.ts";

const atOnceMs = 50;

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
  const deadline = performance.now() + 5000;
  while (reasonOf(healthOf(log)) !== wanted) {
    const health = JSON.stringify(log.health());
    assert.ok(performance.now() < deadline, `health is still ${health}, wanted ${wanted}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
