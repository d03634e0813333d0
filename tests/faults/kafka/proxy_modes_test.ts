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
  /** Nothing comes through at all: /readyz has to say so. */
  readonly isTotal: boolean;
  /** How long what is accepted may take to arrive when the fault is over. Default: 15 s. */
  readonly recoveryMs?: number;
}

const faults: readonly Fault[] = [
  { name: "refused", mode: { kind: "refuse" }, isTotal: true },
  { name: "hung up", mode: { kind: "hang_up" }, isTotal: true },
  { name: "stalled", mode: { kind: "stall" }, isTotal: true },
  { name: "reset", mode: { kind: "reset", afterBytes: 5000 }, isTotal: false },
  { name: "slow", mode: { kind: "slow", bytesPerSecond: 500 }, isTotal: false },
  // Only the time-out of a request, 30 s, tells that the other machine is gone.
  { name: "gone", mode: { kind: "black_hole" }, isTotal: true, recoveryMs: 50_000 },
];
const searches = rounds(256, 60);
const ratePerSecond = 64;
/** O6: so soon /readyz says that the broker is away, and that it is back. */
const toldMs = 5000;
/** Other programs take their share of the machine: what a fault costs is what it costs in the best of so many. */
const measurements = 3;

/** One search in a hundred may wait this much longer than it does without a fault. */
const allowedMs = (healthyMs: number): number => Math.max(1.2 * healthyMs, healthyMs + 5);

/** Healthy, under the fault, and while what it left drains. @returns The 99th percentiles. */
async function goThrough(
  { shop, kafka }: Opened,
  { name, mode, isTotal, recoveryMs = 15_000 }: Fault,
): Promise<{ readonly healthyMs: number; readonly faultMs: number; readonly drainMs: number }> {
  const { load } = shop;
  const phase = (stem: string): string => `${stem} ${name} ${load.answered.length}`;
  const phases = [phase("before"), phase("during"), phase("after")] as const;
  load.enter(phases[0]);
  await load.answers(searches);
  await kafka.proxy.set(mode);
  load.enter(phases[1]);
  const [degradedMs] = await Promise.all([
    isTotal && isFull ? shop.untilReadiness("degraded", toldMs) : 0,
    load.answers(searches),
  ]);
  await kafka.proxy.set({ kind: "pass" });
  load.enter(phases[2]);
  const [okMs, drainedMs] = await Promise.all([
    isFull ? shop.untilReadiness("ok", isTotal ? toldMs : recoveryMs) : 0,
    shop.drained(recoveryMs),
    load.answers(searches / 2),
  ]);
  const [healthyMs, faultMs, drainMs] = [
    shop.p(99, phases[0]),
    shop.p(99, phases[1]),
    shop.p(99, phases[2]),
  ];
  const numbers = [healthyMs, faultMs, drainMs].map((ms) => ms.toFixed(1)).join(", ");
  const [told, untold, drained] = [degradedMs, okMs, drainedMs].map(Math.round);
  console.log(
    `${name}: p99 before, during, while draining ${numbers} ms; degraded after ${told} ms, ` +
      `ok after ${untold} ms, all there after ${drained} ms`,
  );
  return { healthyMs, faultMs, drainMs };
}

interface Opened {
  readonly shop: ShopUnderFault;
  readonly kafka: ProxiedKafka;
}

async function goThroughAll(client: KafkaClientName, chosen: readonly Fault[]): Promise<void> {
  await using kafka = await openProxiedKafka();
  await kafka.proxy.set({ kind: "refuse" });
  await using shop = await openShopUnderFault({ ...kafka, client, ratePerSecond });
  await shop.load.answers(searches / 4);
  assert.ok(shop.load.answered.some(({ status }) => status === "accepted"));
  await kafka.proxy.set({ kind: "pass" });
  await shop.drained(15_000);
  for (const fault of chosen) {
    for (let attempt = 1;; attempt++) {
      const { healthyMs, faultMs, drainMs } = await goThrough({ shop, kafka }, fault);
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
      it(`O1 O3 O4 O6 O7 away at the start, ${names}: no search fails or waits, all accepted arrives in order`, () =>
        goThroughAll(client, chosen));
    });
  }
}
