/**
 * Whatever happens on the way to the broker: searches do not notice, and every accepted event
 * arrives.
 */
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
  /**
   * How long what is accepted may take to arrive when the fault is over, and /readyz to say so.
   * Default: 15 s, 5 s.
   */
  readonly recoveryMs?: number;
}

const faults: readonly Fault[] = [
  { name: "refused", mode: { kind: "refuse" }, isTotal: true },
  { name: "hung up", mode: { kind: "hang_up" }, isTotal: true },
  { name: "stalled", mode: { kind: "stall" }, isTotal: true },
  { name: "reset", mode: { kind: "reset", afterBytes: 5000 }, isTotal: false },
  { name: "slow", mode: { kind: "slow", bytesPerSecond: 500 }, isTotal: false },
  // Only the time-out of a request, 30 s, tells that the other machine is gone; until then no event
  // passes.
  { name: "gone", mode: { kind: "black_hole" }, isTotal: true, recoveryMs: 50_000 },
];
const searches = rounds(256, 60);
const ratePerSecond = 40;
/** O6: so soon /readyz says that the broker is away, and that it is back. */
const toldMs = 5000;
/**
 * Other programs take their share of the machine: what a fault costs is what it costs in the best
 * of so many.
 */
const measurements = 8;

/**
 * One search in a hundred may wait this much longer than it does at the same time without a fault.
 */
const allowedMs = (healthyMs: number): number => Math.max(1.2 * healthyMs, healthyMs + 5);

interface Place {
  readonly kafka: ProxiedKafka;
  /** By client; all behind the proxy. */
  readonly shops: Readonly<Record<string, ShopUnderFault>>;
  /** One beside them that nothing happens to. */
  readonly healthy?: ShopUnderFault;
}

async function openPlace(stack: AsyncDisposableStack): Promise<Place> {
  const kafka = stack.use(await openProxiedKafka());
  await kafka.proxy.set({ kind: "refuse" });
  const { brokers, inner } = kafka;
  const open = async (client: KafkaClientName, brokers: readonly string[]) =>
    stack.use(await openShopUnderFault({ client, brokers, inner, ratePerSecond }));
  const shops: Record<string, ShopUnderFault> = {};
  for (const client of isFull ? clients : clients.slice(0, 1)) {
    shops[client] = await open(client, brokers);
  }
  // The short form shares the machine with all other tests, and judges no times.
  return { kafka, shops, ...(isFull && { healthy: await open("kafkajs", [inner]) }) };
}

/**
 * Under the fault, and while what it left drains. @returns What took longer than it does without
 * the fault.
 */
async function goThrough(
  { kafka, shops, healthy }: Place,
  { name, mode, isTotal, recoveryMs }: Fault,
  attempt: number,
): Promise<readonly string[]> {
  const drainMs = recoveryMs ?? 15_000;
  const okMs = recoveryMs ?? (isTotal ? toldMs : drainMs);
  const during = `${name} ${attempt}`;
  const draining = `after ${during}`;
  const entries = Object.entries(shops);
  const enter = (phase: string): void => {
    for (const { load } of [...Object.values(shops), ...(healthy ? [healthy] : [])]) {
      load.enter(phase);
    }
  };
  await kafka.proxy.set(mode);
  enter(during);
  const degradedMs = await Promise.all(entries.map(async ([, shop]) => {
    const told = isTotal && isFull ? shop.untilReadiness("degraded", toldMs) : 0;
    const [afterMs] = await Promise.all([told, shop.load.answers(searches)]);
    return afterMs;
  }));
  await kafka.proxy.set({ kind: "pass" });
  enter(draining);
  const [backMs] = await Promise.all([
    Promise.all(entries.map(([, shop]) =>
      Promise.all([
        isFull ? shop.untilReadiness("ok", okMs) : 0,
        shop.drained(drainMs),
        shop.load.answers(searches / 2),
      ])
    )),
    // What is asked of the others beside searches is asked of this one too.
    healthy?.drained(drainMs),
  ]);
  const tooLong: string[] = [];
  for (const [index, [client, shop]] of entries.entries()) {
    const p99s = [during, draining].map((phase) => {
      const [p99, healthyP99] = [shop.p(99, phase), healthy?.p(99, phase) ?? Infinity];
      if (p99 > allowedMs(healthyP99)) tooLong.push(`${client} ${phase.replace(/ \d+$/, "")}`);
      return healthy ? `${p99.toFixed(1)} (without ${healthyP99.toFixed(1)})` : p99.toFixed(1);
    });
    const [backAfterMs = 0, drainedMs = 0] = backMs[index] ?? [];
    const times = [degradedMs[index] ?? 0, backAfterMs, drainedMs].map(Math.round);
    console.log(
      `${client} ${name}: p99 during ${p99s[0]}, draining ${p99s[1]} ms; told after ${times[0]}, ` +
        `ok after ${times[1]}, all there after ${times[2]} ms`,
    );
  }
  return tooLong;
}

async function goThroughAll(chosen: readonly Fault[]): Promise<void> {
  await using stack = new AsyncDisposableStack();
  const place = await openPlace(stack);
  const shops = Object.values(place.shops);
  for (const { load } of shops) {
    // On a busy machine the first answers may be "pending".
    while (!load.answered.some(({ status }) => status === "accepted")) {
      await load.answers(searches / 4);
      assert.ok(load.answered.length < 2000, "nothing is accepted while the broker is away");
    }
  }
  await place.kafka.proxy.set({ kind: "pass" });
  for (const shop of shops) await shop.drained(15_000);
  for (const fault of chosen) {
    let tooLong = new Set(await goThrough(place, fault, 1));
    for (let attempt = 2; tooLong.size > 0; attempt++) {
      assert.ok(attempt <= measurements, `searches take too long: ${[...tooLong].join(", ")}`);
      tooLong = tooLong.intersection(new Set(await goThrough(place, fault, attempt)));
    }
  }
  for (const [client, shop] of Object.entries(place.shops)) {
    assertKept(shop.load, await shop.conclude(client, 20_000));
  }
}

if (hasKafka) {
  describe("the shop in front of Kafka, behind a proxy", () => {
    const chosen = isFull ? faults : faults.slice(0, 1);
    const names = ["away at the start", ...chosen.map(({ name }) => name)].join(", ");
    it(`O1 O3 O4 O6 O7 ${names}: no search fails or waits, all accepted arrives in order`, () =>
      goThroughAll(chosen));
  });
}
