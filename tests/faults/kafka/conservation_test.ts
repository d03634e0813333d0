/**
 * M2: minutes of random faults between the shop and its broker; at the end every accepted event is
 * there, and a fresh one passes.
 */
import { describe, it } from "@std/testing/bdd";
import { clients } from "../../adapters/kafka/both_clients.ts";
import { isFull, seeded } from "../campaign.ts";
import { type FaultProxy, openFaultProxy, type ProxyMode } from "./fault_proxy.ts";
import { assertKept, openShopUnderFault, type ShopUnderFault } from "./shop_under_fault.ts";
import { startKafka, type TestKafka } from "./test_kafka.ts";

const ratePerSecond = 24;
/** Longer by SHELFCAST_FAULTS_SECONDS; the same again by SHELFCAST_FAULTS_SEED. */
const seconds = Number(Deno.env.get("SHELFCAST_FAULTS_SECONDS") ?? 180);
const seed = Number(Deno.env.get("SHELFCAST_FAULTS_SEED") ?? Date.now() % 100_000);
/** The last request under way may have to time out before the rest goes on. */
const recoveryMs = 60_000;

interface Place {
  readonly kafka: TestKafka;
  readonly proxy: FaultProxy;
  readonly searched: (seconds: number) => Promise<void>;
}

type Fault = (place: Place, random: () => number, seconds: number) => Promise<void>;

const behindProxy =
  (mode: (random: () => number) => ProxyMode): Fault =>
  async ({ proxy, searched }, random, seconds) => {
    await proxy.set(mode(random));
    await searched(seconds);
    await proxy.set({ kind: "pass" });
  };

const faults: Readonly<Record<string, Fault>> = {
  refused: behindProxy(() => ({ kind: "refuse" })),
  "hung up": behindProxy(() => ({ kind: "hang_up" })),
  stalled: behindProxy(() => ({ kind: "stall" })),
  reset: behindProxy((random) => ({ kind: "reset", afterBytes: Math.ceil(random() * 20_000) })),
  slow: behindProxy((random) => ({ kind: "slow", bytesPerSecond: 1 + Math.ceil(random() * 5000) })),
  gone: behindProxy(() => ({ kind: "black_hole" })),
  async frozen({ kafka, searched }, _random, seconds) {
    await kafka.signal(1, "SIGSTOP");
    await searched(seconds);
    await kafka.signal(1, "SIGCONT");
  },
  async killed({ kafka, searched }, _random, seconds) {
    await kafka.signal(1, "SIGKILL");
    await searched(seconds);
    await kafka.restart(1);
  },
};

async function conserve(): Promise<void> {
  const random = seeded(seed);
  const kafka = `idempotent: ${random() < 0.5}`;
  console.log(`seed ${seed} (${kafka}): SHELFCAST_FAULTS_SEED=${seed} runs the same again`);
  await using stack = new AsyncDisposableStack();
  const broker = stack.use(await startKafka());
  const { inner, proxyPort, proxiedPort } = broker;
  const proxy = stack.use(await openFaultProxy(proxyPort, proxiedPort));
  const way = { inner, brokers: [`127.0.0.1:${proxyPort}`], ratePerSecond, kafka };
  const shops = await Promise.all(
    clients.map(async (client) => stack.use(await openShopUnderFault({ ...way, client }))),
  );
  const searched = async (seconds: number): Promise<void> => {
    await Promise.all(shops.map(({ load }) => load.answers(Math.ceil(ratePerSecond * seconds))));
  };

  const counts: Record<string, number> = {};
  const endsAt = performance.now() + seconds * 1000;
  while (performance.now() < endsAt) {
    const names = Object.keys(faults);
    const name = names[Math.floor(random() * names.length)] ?? "refused";
    counts[name] = (counts[name] ?? 0) + 1;
    await faults[name]?.({ kafka: broker, proxy, searched }, random, 0.5 + random() * 5);
    await searched(random() * 4);
  }
  const what = Object.entries(counts).map(([name, count]) => `${count} ${name}`).join(", ");
  console.log(`conservation run of ${seconds} s: ${what}`);
  for (const [index, shop] of shops.entries()) await judged(shop, clients[index] ?? "");
}

async function judged(shop: ShopUnderFault, client: string): Promise<void> {
  await shop.drained(recoveryMs);
  // Fresh ones pass, and soon.
  await shop.load.answers(ratePerSecond);
  await shop.drained(10_000);
  assertKept(shop.load, await shop.conclude(`conservation, ${client}`, 10_000));
}

if (isFull) {
  describe("the shop in front of Kafka, under random faults", () => {
    it("M2 every accepted event is there in the end, in order, and a fresh one passes", conserve);
  });
}
