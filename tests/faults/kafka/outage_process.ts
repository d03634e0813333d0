/**
 * The parts of a shop that carry its events, in a process of their own: a buffer, a way to the
 * brokers and the forwarder between them. Accepts so many events as fast as the buffer takes them
 * and prints `MS GROWTH_BYTES`, the time that this took and how much memory more than before it
 * takes at most; then forwards until it is killed.
 */
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { systemClock } from "../../../src/ports/clock.ts";
import { silentTelemetry } from "../../../src/ports/telemetry.ts";
import { createEventReceipts } from "../../../src/use_cases/event_receipts.ts";
import { forwardEvents } from "../../../src/use_cases/forward_events.ts";
import { forwarderGroup } from "../../../src/use_cases/forwarder_group.ts";

const [directory = "", topic = "", broker = "", count = "0"] = Deno.args;
const atOnce = 250;
const encoder = new TextEncoder();
const value = new Uint8Array(250).fill(120);

const buffer = await openFileLog({ directory, requiredGroups: [forwarderGroup], topics: [topic] });
const target = await openKafkaLog({
  brokers: [broker],
  topics: [topic],
  partitions: 3,
  maxBytes: 32 * 1024 * 1024,
  deliveryTimeoutMs: Infinity,
});
forwardEvents({
  buffer,
  target,
  topic,
  receipts: createEventReceipts({ isDelivery: false }),
  clock: systemClock,
  telemetry: silentTelemetry,
  random: Math.random,
});

function accept(number: number) {
  const id = `00000000-0000-7000-8000-${number.toString(16).padStart(12, "0")}`;
  const headers = [["ce_id", encoder.encode(id)]] as const;
  return buffer.publish(topic, { key: `k${number % 16}`, value, headers });
}

await accept(0);
const before = Deno.memoryUsage().rss;
let growth = 0;
const began = performance.now();
for (let next = 1; next < Number(count); next += atOnce) {
  const many = Math.min(atOnce, Number(count) - next);
  await Promise.all(Array.from({ length: many }, (_, n) => accept(next + n)));
  growth = Math.max(growth, Deno.memoryUsage().rss - before);
}
console.log(Math.round(performance.now() - began), growth);
