/**
 * The real shop in front of a Kafka that something happens to, with an oracle that knows every
 * event.
 */
import { join } from "node:path";
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
import { readTopic, type StoredEvent } from "./topic_contents.ts";
import { judge, percentile, type Verdict } from "./verdict.ts";

export interface ShopOptions {
  readonly client: KafkaClientName;
  /** Where the shop goes. */
  readonly brokers: readonly string[];
  /** Where the oracle reads: a way that nothing happens to. */
  readonly inner: string;
  /** Default: 160. */
  readonly ratePerSecond?: number;
  /** Books in an event. Default: 3. */
  readonly pageSize?: number;
  /** Of the topic. Default: three, or as many as there are brokers. */
  readonly replication?: number;
  /** Default: 50, as configured. */
  readonly acceptTimeoutMs?: number;
  /**
   * `mq.file`, and further keys of `mq.kafka`, in YAML's flow style; `DIR` is the shop's folder.
   */
  readonly file?: string;
  readonly kafka?: string;
  /** Copied to `DIR/ca.pem`, as the shop's task reads nothing elsewhere. */
  readonly caFile?: string;
}

export interface ShopUnderFault extends AsyncDisposable {
  readonly topic: string;
  readonly folder: ServiceFolder;
  readonly service: ServiceProcess;
  readonly load: SearchLoad;
  /** Keeps in mind what is in the topic now: it may be deleted afterwards. */
  remember(): Promise<void>;
  /**
   * Waits until all that is accepted by now is in the topic, and gives the time that this took.
   * @throws after the deadline.
   */
  drained(deadlineMs: number): Promise<number>;
  /**
   * Ends the load, waits until the topic has as many events as the shop says that it accepted, late
   * ones too, and judges; prints it too.
   */
  conclude(title: string, deadlineMs: number): Promise<Verdict>;
  /**
   * Asks `/readyz` until it says so, and gives the time that this took. @throws after the deadline.
   */
  untilReadiness(status: "ok" | "degraded", deadlineMs: number): Promise<number>;
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
  if (options.caFile !== undefined) {
    await Deno.copyFile(options.caFile, join(folder.path, "ca.pem"));
  }
  const service = await startService(folder);
  const load = startSearchLoad(service.url, options.ratePerSecond ?? 160);

  const remembered: StoredEvent[] = [];
  const stored = async () => [...remembered, ...await readTopic(options.inner, topic)];

  async function drained(deadlineMs: number): Promise<number> {
    const wanted = load.answered.filter(({ status }) => status === "accepted");
    const last = wanted.at(-1)?.id;
    // Reading the whole topic over and over takes so much of a small machine that searches would
    // notice.
    const waitedMs = last === undefined ? 0 : await untilDelivered(service.url, last, deadlineMs);
    return waitedMs + await untilStored(stored, wanted.map(({ id }) => id), deadlineMs);
  }

  return {
    topic,
    folder,
    service,
    load,
    async remember() {
      remembered.push(...await readTopic(options.inner, topic));
    },
    drained,
    async conclude(title, deadlineMs) {
      await load.stop();
      await drained(deadlineMs);
      await untilAllArrived(service.url, stored, deadlineMs);
      const verdict = judge(load.answered, await stored());
      report(title, load.failures.length, verdict);
      return verdict;
    },
    untilReadiness: (status, deadlineMs) =>
      untilNothing(deadlineMs, async () => {
        const found = await (await fetch(`${service.url}/readyz`)).json();
        return found.status === status ? "" : `/readyz says ${JSON.stringify(found)}`;
      }),
    p: (percent, phase) => latencyOf(load, phase, percent),
    async [Symbol.asyncDispose]() {
      await load.stop();
      await service[Symbol.asyncDispose]();
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** The configuration of a shop with SQLite and a buffer, both in its own folder. */
export function shopConfig(options: Omit<ShopOptions, "inner">, topic: string): string {
  const { client, brokers, pageSize = 3, acceptTimeoutMs = 50, kafka = "" } = options;
  const { replication = 0, file = "{ directory: DIR/queue }" } = options;
  return [
    `app: { port: PORT, page_size: ${pageSize} }`,
    // What is judged is the way to the brokers; consumers in the shop would add work of their own.
    "consumers: { run: off }",
    "db: { sqlite: { file: DIR/shelf.db } }",
    `mq: { adapter: kafka, topic: ${topic}, brokers: ${JSON.stringify(brokers)},`,
    `  accept_timeout_ms: ${acceptTimeoutMs}, replication: ${replication}, file: ${file},`,
    `  kafka: { client: ${client}, ${kafka} } }`,
  ].join("\n");
}

/** Asks for an event's receipt until the brokers have it. */
function untilDelivered(url: string, id: string, deadlineMs: number): Promise<number> {
  return untilNothing(deadlineMs, async () => {
    const { status } = await (await fetch(`${url}/api/events/${id}`)).json();
    return status === "delivered" ? "" : `/api/events/${id} says ${status}`;
  });
}

/** Looks again and again until every one of `ids` is there. */
export function untilStored(
  stored: () => Promise<readonly StoredEvent[]>,
  ids: readonly string[],
  deadlineMs: number,
): Promise<number> {
  return untilNothing(deadlineMs, async () => {
    const there = new Set((await stored()).map(({ id }) => id));
    const missing = ids.filter((id) => !there.has(id)).length;
    return missing > 0 ? `${missing} of ${ids.length} accepted events are not in the topic` : "";
  });
}

/** K5: what the shop counts is what the oracle finds. */
function untilAllArrived(
  url: string,
  stored: () => Promise<readonly StoredEvent[]>,
  deadlineMs: number,
): Promise<number> {
  return untilNothing(deadlineMs, async () => {
    const metrics = await (await fetch(`${url}/metrics`)).text();
    const accepted = Number(/^shelfcast_events_accepted_total (\d+)/m.exec(metrics)?.[1] ?? 0);
    const ids = (await stored()).map(({ id }) => id).filter((id) => id !== "");
    const there = new Set(ids).size;
    return there === accepted ? "" : `shop accepted ${accepted} events, ${there} are in the topic`;
  });
}

/** Asks again and again what is still wrong; gives the time until nothing was, in milliseconds. */
async function untilNothing(deadlineMs: number, wrong: () => Promise<string>): Promise<number> {
  const began = performance.now();
  for (let what = await wrong(); what !== ""; what = await wrong()) {
    assert.ok(performance.now() - began < deadlineMs, `${what} after ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  return performance.now() - began;
}

const latencyOf = (load: SearchLoad, phase: string, percent: number): number =>
  percentile(load.answered.filter((search) => search.phase === phase).map(({ ms }) => ms), percent);

/** One line about a run. */
export function report(title: string, failed: number, verdict: Verdict): void {
  const { searches, ...counts } = verdict;
  const numbers = Object.entries(counts).map(([name, count]) => `${count} ${words(name)}`);
  console.log(`${title}: ${searches} searches, ${failed} failed, ${numbers.join(", ")}`);
}

const words = (name: string): string =>
  name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);

/**
 * What must hold whatever happened: no search failed, nothing is missing, invented or out of order.
 */
export function assertKept(load: SearchLoad, verdict: Verdict): void {
  assert.deepEqual(load.failures.slice(0, 3), [], "failed searches");
  const { missing, invented, refusedButThere, outOfOrder } = verdict;
  assert.deepEqual(
    { missing, invented, refusedButThere, outOfOrder },
    { missing: 0, invented: 0, refusedButThere: 0, outOfOrder: 0 },
  );
}
