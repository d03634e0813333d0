/** Whatever happens on the way to the broker: searches do not notice, and every accepted event arrives. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { KafkaClientName } from "../../../adapters/queue/kafka/clients.ts";
import { clients } from "../../adapters/kafka/both_clients.ts";
import { isFull, rounds } from "../campaign.ts";
import type { ProxyMode } from "./fault_proxy.ts";
import { hasKafka, openProxiedKafka, type ProxiedKafka } from "./proxied_kafka.ts";
import { assertKept, openShopUnderFault, type ShopUnderFault } from "./shop_under_fault.ts";

interface Fault {
  readonly name: string;
  readonly mode: ProxyMode;
  /** How long what is accepted may take to arrive when the fault is over. Default: 15 s. */
  readonly recoveryMs?: number;
}

const faults: readonly Fault[] = [
  { name: "refused", mode: { kind: "refuse" } },
  { name: "hung up", mode: { kind: "hang_up" } },
  { name: "stalled", mode: { kind: "stall" } },
  { name: "reset", mode: { kind: "reset", afterBytes: 5000 } },
  { name: "slow", mode: { kind: "slow", bytesPerSecond: 500 } },
  // Only the time-out of a request, 30 s, tells that the other machine is gone.
  { name: "gone", mode: { kind: "black_hole" }, recoveryMs: 50_000 },
];
const searches = rounds(256, 60);
const ratePerSecond = 64;
/** Other programs take their share of the machine: what a fault costs is what it costs in the best of so many. */
const measurements = 3;

/** One search in a hundred may wait this much longer than it does without a fault. */
const allowedMs = (healthyMs: number): number => Math.max(1.2 * healthyMs, healthyMs + 5);

/** Healthy, under the fault, and while what it left drains. */
async function goThrough(
  { shop, kafka }: Opened,
  { name, mode, recoveryMs = 15_000 }: Fault,
  attempt: number,
): Promise<{ readonly healthyMs: number; readonly faultMs: number; readonly drainMs: number }> {
  const [healthy, during, drain] = ["healthy before", "", "drain after"]
    .map((stem) => `${stem} ${name} ${attempt}`.trim()) as [string, string, string];
  shop.load.enter(healthy);
  await shop.load.answers(searches);
  await kafka.proxy.set(mode);
  shop.load.enter(during);
  await shop.load.answers(searches);
  await kafka.proxy.set({ kind: "pass" });
  shop.load.enter(drain);
  await Promise.all([shop.drained(recoveryMs), shop.load.answers(searches / 2)]);
  const [healthyMs, faultMs, drainMs] = [healthy, during, drain].map((phase) => shop.p(99, phase));
  return { healthyMs: healthyMs!, faultMs: faultMs!, drainMs: drainMs! };
}

interface Opened {
  readonly shop: ShopUnderFault;
  readonly kafka: ProxiedKafka;
}

async function goThroughAll(client: KafkaClientName, chosen: readonly Fault[]): Promise<void> {
  await using kafka = await openProxiedKafka();
  await using shop = await openShopUnderFault({ ...kafka, client, ratePerSecond });
  await shop.load.answers(searches / 2);
  for (const fault of chosen) {
    for (let attempt = 1;; attempt++) {
      const { healthyMs, faultMs, drainMs } = await goThrough({ shop, kafka }, fault, attempt);
      const numbers = [healthyMs, faultMs, drainMs].map((ms) => ms.toFixed(1)).join(", ");
      console.log(`${client} ${fault.name}: p99 healthy, during, draining ${numbers} ms`);
      // The short form shares the machine with all other tests.
      if (!isFull || Math.max(faultMs, drainMs) <= allowedMs(healthyMs)) break;
      assert.ok(attempt < measurements, `${fault.name}: p99 is over ${allowedMs(healthyMs)} ms`);
    }
  }
  assertKept(shop.load, await shop.conclude(client, 20_000));
}

if (hasKafka) {
  for (const client of isFull ? clients : clients.slice(0, 1)) {
    describe(`kafka/${client}, behind a proxy`, () => {
      const chosen = isFull ? faults : faults.slice(0, 1);
      const names = chosen.map(({ name }) => name).join(", ");
      it(`O1 O3 O4 ${names}: no search fails or waits, all accepted arrives in order`, () =>
        goThroughAll(client, chosen));
    });
  }
}
