/** The real shop in front of a Kafka that something happens to, with an oracle that knows every event. */
import assert from "node:assert/strict";
import type { KafkaClientName } from "../../../adapters/queue/kafka/clients.ts";
import { hasKcat } from "../../adapters/kafka/kcat.ts";
import {
  type ServiceFolder,
  serviceFolder,
  type ServiceProcess,
  startService,
} from "../../e2e/service_process.ts";
import { type SearchLoad, startSearchLoad } from "./search_load.ts";
import { readTopic } from "./topic_contents.ts";
import { judge, percentile, type Verdict } from "./verdict.ts";

export interface ShopOptions {
  readonly client: KafkaClientName;
  /** Where the shop goes. */
  readonly brokers: readonly string[];
  /** Where the oracle reads: a way that nothing happens to. */
  readonly inner: string;
  /** Default: 160. */
  readonly ratePerSecond?: number;
  /** Further keys of `mq`, and of `mq.kafka`, in YAML's flow style. */
  readonly mq?: string;
  readonly kafka?: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface ShopUnderFault extends AsyncDisposable {
  readonly topic: string;
  readonly folder: ServiceFolder;
  readonly service: ServiceProcess;
  readonly load: SearchLoad;
  /** Waits until all that is accepted by now is in the topic. @throws after the deadline. */
  drained(deadlineMs: number): Promise<void>;
  /** Ends the load, waits until all is in the topic, and judges; prints it too. */
  conclude(title: string, deadlineMs: number): Promise<Verdict>;
  /** Of the searches of a phase. */
  p(percent: number, phase: string): number;
}

let topics = 0;
export const newTopic = (stem: string): string =>
  `${stem}-${Deno.pid}-${Date.now().toString(36)}-${topics++}`;

export async function openShopUnderFault(options: ShopOptions): Promise<ShopUnderFault> {
  assert.ok(await hasKcat(), "kcat is not installed");
  const topic = newTopic("faults");
  const folder = await serviceFolder(shopConfig(options, topic));
  const service = await startService(folder, { env: { ...options.env } });
  const load = startSearchLoad(service.url, options.ratePerSecond ?? 160);

  async function drained(deadlineMs: number): Promise<void> {
    const wanted = load.answered.filter(({ status }) => status === "accepted");
    await untilStored(options.inner, topic, wanted.map(({ id }) => id), deadlineMs);
  }

  return {
    topic,
    folder,
    service,
    load,
    drained,
    async conclude(title, deadlineMs) {
      await load.stop();
      await drained(deadlineMs);
      const verdict = judge(load.answered, await readTopic(options.inner, topic));
      report(title, load, verdict);
      return verdict;
    },
    p: (percent, phase) => latencyOf(load, phase, percent),
    async [Symbol.asyncDispose]() {
      await load.stop();
      await service[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

function shopConfig({ client, brokers, mq = "", kafka = "" }: ShopOptions, topic: string): string {
  const list = JSON.stringify(brokers);
  return [
    "app: { port: PORT, page_size: 3 }",
    "db: { sqlite: { file: DIR/shelf.db } }",
    `mq: { adapter: kafka, topic: ${topic}, brokers: ${list}, file: { directory: DIR/queue }, ${mq}`,
    `  kafka: { client: ${client}, ${kafka} } }`,
  ].join("\n");
}

/** Reads the topic again and again until every one of `ids` is there. */
export async function untilStored(
  broker: string,
  topic: string,
  ids: readonly string[],
  deadlineMs: number,
): Promise<void> {
  const began = performance.now();
  for (;;) {
    const there = new Set((await readTopic(broker, topic)).map(({ id }) => id));
    const missing = ids.filter((id) => !there.has(id)).length;
    if (missing === 0) return;
    assert.ok(
      performance.now() - began < deadlineMs,
      `${missing} of ${ids.length} accepted events are not in the topic after ${deadlineMs} ms`,
    );
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

const latencyOf = (load: SearchLoad, phase: string, percent: number): number =>
  percentile(load.answered.filter((search) => search.phase === phase).map(({ ms }) => ms), percent);

export function report(title: string, load: SearchLoad, verdict: Verdict): void {
  const { searches, ...counts } = verdict;
  const numbers = Object.entries(counts).map(([name, count]) => `${count} ${words(name)}`);
  const failed = load.failures.length;
  console.log(`${title}: ${searches} searches, ${failed} failed, ${numbers.join(", ")}`);
}

const words = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/** What must hold whatever happened: no search failed, nothing is missing, invented or out of order. */
export function assertKept(load: SearchLoad, verdict: Verdict): void {
  assert.deepEqual(load.failures.slice(0, 3), [], "failed searches");
  const { missing, invented, refusedButThere, outOfOrder } = verdict;
  assert.deepEqual(
    { missing, invented, refusedButThere, outOfOrder },
    { missing: 0, invented: 0, refusedButThere: 0, outOfOrder: 0 },
  );
}
