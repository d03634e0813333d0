/**
 * `deno task bench:kafka`: publishing through the adapter against its driver alone and against the
 * client library's own producer, on a broker that discards everything and on a real one;
 * forwarding; searches while something happens to the brokers. Prints Markdown, which
 * docs/performance.md quotes.
 */
import { type KafkaClientName, kafkaClients } from "../../adapters/queue/kafka/clients.ts";
import { hasKcat } from "../adapters/kafka/kcat.ts";
import { startKafka } from "../faults/kafka/test_kafka.ts";
import { bareClients } from "./bare_client.ts";
import { startDiscardBroker } from "./discard_broker.ts";
import { forwardingLoad } from "./forwarding_load.ts";
import {
  adapterLoad,
  driverLoad,
  type KafkaLoad,
  partitionCount,
  searchRecords,
} from "./kafka_load.ts";
import { kcatRate } from "./kcat_rate.ts";
import { head, machine, row, thousands, withSpread } from "./markdown.ts";
import { printSearches } from "./print_searches.ts";
import { type Samples, samples } from "./samples.ts";

const rounds = 5;
const forMs = 150;
/** So many that they are not all in the processor's cache. */
const distinctRecords = 2000;
const cases = [
  { valueBytes: 200, headers: 10, outstanding: 256 },
  { valueBytes: 200, headers: 10, outstanding: 2000 },
  { valueBytes: 200, headers: 2, outstanding: 2000 },
  { valueBytes: 2000, headers: 2, outstanding: 2000 },
] as const;

/** In turn, so that all meet the same machine. */
async function interleaved(
  loads: readonly KafkaLoad[],
  outstanding: number,
): Promise<readonly (readonly number[])[]> {
  const rates: number[][] = loads.map(() => []);
  // The first round is not counted: a shop runs for days, what is measured is code that has been
  // compiled.
  for (let round = 0; round <= rounds; round++) {
    for (const [n, load] of loads.entries()) {
      const rate = await load.rate(outstanding, forMs);
      if (round > 0) rates[n]?.push(rate);
    }
  }
  return rates;
}

const ratios = (some: readonly number[], others: readonly number[]): Samples =>
  samples(some.map((rate, n) => rate / (others[n] ?? NaN)));

async function benchClient(broker: string, address: string, client: KafkaClientName) {
  for (const { valueBytes, headers, outstanding } of cases) {
    const topic = `bench-${client}-${valueBytes}-${headers}-${outstanding}`;
    const records = searchRecords(distinctRecords, { valueBytes, headers });
    await using adapter = await adapterLoad(address, client, topic, records);
    // Makes the topic, for the others too.
    await adapter.rate(1, 1);
    await using driver = await driverLoad(address, client, topic, records);
    await using bare = await bareClients[client](address, topic, records);
    const [ours = [], driven = [], theirs = []] = await interleaved(
      [adapter, driver, bare],
      outstanding,
    );
    row(
      broker,
      client,
      `${valueBytes} B, ${headers}`,
      outstanding,
      thousands(samples(theirs).median),
      thousands(samples(driven).median),
      thousands(samples(ours).median),
      withSpread(ratios(ours, theirs)),
      withSpread(ratios(ours, driven)),
    );
  }
}

/** Against the adapter with the same records, in turn. */
async function printForwarding(broker: string, address: string, client: KafkaClientName) {
  const records = searchRecords(30_000, { valueBytes: 200, headers: 10 });
  const topic = `bench-forwarding-${client}`;
  await using adapter = await adapterLoad(address, client, topic, records);
  await using forwarding = await forwardingLoad(address, client, topic, records);
  const [ours, forwarded]: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const [direct, fromLog] = [await adapter.rate(2000, forMs), await forwarding.rate()];
    if (round === 0) continue;
    ours.push(direct);
    forwarded.push(fromLog);
  }
  console.log(
    `- Forwarding a backlog of 30,000 from the file log (200 B, 10 headers), ${broker} broker, ${client}: ${
      thousands(samples(forwarded).median)
    } records a second, ${
      withSpread(ratios(forwarded, ours))
    } of the adapter with 2,000 outstanding.`,
  );
}

async function printKcat(address: string): Promise<void> {
  if (!await hasKcat()) return console.log("kcat is not installed: nothing to compare with.");
  for (const valueBytes of [200, 2000]) {
    const topic = `bench-kafkajs-${valueBytes}-2-2000`;
    const rates: number[] = [];
    for (let round = 0; round < 3; round++) rates.push(await kcatRate(address, topic, valueBytes));
    const { median, least, most } = samples(rates);
    console.log(
      `- kcat (librdkafka, C), real broker, ${valueBytes} B, 2 headers: ${thousands(median)} (${
        thousands(least)
      }–${thousands(most)}) records a second.`,
    );
  }
}

await using discarding = await startDiscardBroker(partitionCount);
await using real = await startKafka();
const addresses = { discarding: discarding.address, real: real.brokers[0] ?? "" };
console.log(`Median of ${rounds} rounds (least–most), ${machine()}. Records a second.\n`);
head(
  "broker",
  "client",
  "value, headers",
  "outstanding",
  "client's producer",
  "driver",
  "adapter",
  "adapter ÷ client's producer",
  "adapter ÷ driver",
);
for (const [broker, address] of Object.entries(addresses)) {
  for (const client of Object.keys(kafkaClients) as KafkaClientName[]) {
    await benchClient(broker, address, client);
  }
}
console.log("");
for (const [broker, address] of Object.entries(addresses)) {
  for (const client of Object.keys(kafkaClients) as KafkaClientName[]) {
    await printForwarding(broker, address, client);
  }
}
await printKcat(addresses.real);
await printSearches(real);
