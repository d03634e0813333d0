/**
 * `deno task soak`: a real shop in front of a real Kafka, for half an hour, under mixed load, with
 * faults on both sides: brokers that go away, stall, crawl and reset; consumers that are killed;
 * clients that flood, send half of a request, or a body that never ends.
 *
 * No search may fail; memory and descriptors stay flat; the ledger balances; each event stands in
 * the topic once or more, in order, and counts in the trends exactly once.
 *
 * SHELFCAST_SOAK_MINUTES: how long; default 30, in CI 2.
 */
import assert from "node:assert/strict";
import {
  runTask,
  serviceFolder,
  type ServiceProcess,
  startService,
} from "../e2e/service_process.ts";
import { type FaultProxy, openFaultProxy, type ProxyMode } from "../faults/kafka/fault_proxy.ts";
import { newTopic, report } from "../faults/kafka/shop_under_fault.ts";
import { startKafka } from "../faults/kafka/test_kafka.ts";
import { readTopic } from "../faults/kafka/topic_contents.ts";
import { judge, percentile } from "../faults/kafka/verdict.ts";
import { openConnections } from "../hostile/connections.ts";
import { type Footprint, growthOf, mib, slopePerMinute, watchFootprint } from "./footprint.ts";
import { type KilledConsumers, killedConsumers } from "./killed_consumers.ts";
import { pause, startMixedLoad } from "./mixed_load.ts";

const minutes = Number(Deno.env.get("SHELFCAST_SOAK_MINUTES") ?? 30);
const isLong = minutes >= 10;
const roundMs = isLong ? 60_000 : 30_000;
/** What a process still takes while it gets to know its work is no leak. */
const warmUp = isLong ? 1 / 3 : 1 / 4;
/** In a few minutes nothing finer can be told from what the engine keeps for later. */
const limit = isLong
  ? { bytesPerMinute: 1 * 2 ** 20, descriptorsPerMinute: 0.5 }
  : { bytesPerMinute: 40 * 2 ** 20, descriptorsPerMinute: 8 };
const settleMs = 120_000;
/**
 * With all the room that it likes the engine collects late, and memory grows without a leak. In
 * little room it cannot: what grows then is kept by somebody.
 */
const smallHeap = { DENO_V8_FLAGS: "--max-old-space-size=40,--max-semi-space-size=1" };

const halfHead = "GET /api/books?q=the HTTP/1.1\r\nHo";
const endlessBody = "POST /api/books HTTP/1.1\r\nHost: 127.0.0.1\r\n" +
  "Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{";

/** One round of all faults; what is at its end as at its beginning is what is given back. */
async function faults(
  { url }: ServiceProcess,
  proxy: FaultProxy,
  consumers: KilledConsumers,
): Promise<void> {
  const brokers = async (mode: ProxyMode, share: number) => {
    await proxy.set(mode);
    await pause(share * roundMs);
  };
  consumers.start();
  await brokers({ kind: "pass" }, 0.2);
  await consumers.kill();
  await brokers({ kind: "refuse" }, 0.2);
  consumers.start();
  {
    await using _heads = await openConnections(url, 200, halfHead);
    await brokers({ kind: "pass" }, 0.1);
  }
  {
    await using _idle = await openConnections(url, 300, "");
    await brokers({ kind: "stall" }, 0.1);
  }
  await consumers.kill();
  {
    await using _bodies = await openConnections(url, 30, endlessBody);
    await brokers({ kind: "slow", bytesPerSecond: 20_000 }, 0.1);
  }
  await brokers({ kind: "reset", afterBytes: 20_000 }, 0.1);
  await brokers({ kind: "pass" }, 0.2);
}

/** Asks until it is so. */
async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadlineMs = performance.now() + settleMs;
  while (!await isSo()) {
    assert.ok(performance.now() < deadlineMs, `${what}: not after ${settleMs} ms`);
    await pause(500);
  }
}

const json = async (address: string) => await (await fetch(address)).json();

async function countedSearches(url: string): Promise<number> {
  const trends: { searches: number }[] = await json(`${url}/api/trends?ps=100`);
  return trends.reduce((sum, { searches }) => sum + searches, 0);
}

function tell(lows: readonly Footprint[], judged: readonly Footprint[]): void {
  for (const { atMs, residentBytes, descriptors } of lows) {
    const at = (atMs / 60_000).toFixed(1);
    console.log(`after ${at} min: ${mib(residentBytes)} MiB, ${descriptors} descriptors`);
  }
  const memory = slopePerMinute(judged, ({ residentBytes }) => residentBytes);
  const descriptors = slopePerMinute(judged, (low) => low.descriptors);
  console.log(
    `slope over the last ${judged.length} rounds: memory ${mib(memory)} MiB a minute, ` +
      `descriptors ${descriptors.toFixed(3)} a minute`,
  );
}

await using kafka = await startKafka();
await using proxy = await openFaultProxy(kafka.proxyPort, kafka.proxiedPort);
const topic = newTopic("soak");
await using folder = await serviceFolder(`
app: { port: PORT, page_size: 3, visitor_secret_file: DIR/visitor_secret }
db: { sqlite: { file: DIR/shelf.db } }
consumers: { trend_min_searches: 1 }
mq: { adapter: kafka, topic: ${topic}, brokers: "127.0.0.1:${kafka.proxyPort}", file: { directory: DIR/queue } }
`);
await using shop = await startService(folder, { env: smallHeap });
await using consumers = await killedConsumers(folder);
const { url } = shop;
await until("the shop is ready", async () => {
  const trends = await fetch(`${url}/api/trends`);
  await trends.body?.cancel();
  return trends.ok && (await json(`${url}/readyz`)).status === "ok";
});

const lows: Footprint[] = [];
const load = startMixedLoad(url);
{
  await using watch = watchFootprint(shop.pid);
  const rounds = Math.max(2, Math.round(minutes * 60_000 / roundMs));
  for (let round = 0; round < rounds; round++) {
    await faults(shop, proxy, consumers);
    lows.push(await watch.low());
    console.log(
      `round ${round + 1} of ${rounds}: ${mib(lows.at(-1)?.residentBytes ?? 0)} MiB, ` +
        `${lows.at(-1)?.descriptors} descriptors, ${load.answered().length} searches, ` +
        `${load.searchFailures().length} failed`,
    );
  }
}
await load.stop();
const answered = load.answered();
const judged = lows.slice(Math.floor(lows.length * warmUp));
tell(lows, judged);

const stored = () => readTopic(kafka.inner, topic);
await until("all that was accepted is in the topic", async () => {
  const there = new Set((await stored()).map(({ id }) => id));
  return answered.every(({ id, status }) => status !== "accepted" || there.has(id));
});
const events = await stored();
const verdict = judge(answered, events);
report(`${minutes} minutes`, load.searchFailures().length, verdict);
const different = new Set(events.map(({ id }) => id)).size;
await until(
  "each event counts once in the trends",
  async () => await countedSearches(url) === different,
);
console.log(
  `${different} different events, as many searches in the trends; ${consumers.kills} consumers ` +
    `killed; ${load.others()} other requests, ${load.otherFailures.length} failed; searches p50 ` +
    [50, 99].map((p) => percentile(answered.map(({ ms }) => ms), p).toFixed(1)).join(" / p99 ") +
    " ms",
);
const ledger = await runTask("doctor", ["--ledger", "--config", folder.configFile]);
console.log(ledger.stdout);
const { code, stderr } = await shop.stop();

assert.deepEqual(load.searchFailures().slice(0, 3), [], "failed searches");
assert.deepEqual(load.otherFailures.slice(0, 3), [], "other requests that failed");
const { missing, invented, refused, outOfOrder } = verdict;
assert.deepEqual({ missing, invented, refused, outOfOrder }, {
  missing: 0,
  invented: 0,
  refused: 0,
  outOfOrder: 0,
});
assert.equal(growthOf(judged, limit), undefined);
assert.equal(ledger.code, 0, ledger.stdout + ledger.stderr);
assert.equal(code, 0, stderr);
console.log(
  `soaked: nothing failed, nothing lost, nothing grows by more than ${mib(limit.bytesPerMinute)} ` +
    `MiB and ${limit.descriptorsPerMinute} descriptors a minute`,
);
