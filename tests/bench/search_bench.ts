/**
 * How long searches take in a real shop while something happens to its brokers, and while what
 * piled up meanwhile drains.
 */
import type { KafkaClientName } from "../../adapters/queue/kafka/clients.ts";
import { serviceFolder, startService } from "../e2e/service_process.ts";
import { publishBeside } from "../faults/kafka/buffer_contents.ts";
import { startSearchLoad } from "../faults/kafka/search_load.ts";
import { newTopic, shopConfig } from "../faults/kafka/shop_under_fault.ts";
import type { TestKafka } from "../faults/kafka/test_kafka.ts";
import { percentile } from "../faults/kafka/verdict.ts";
import { searchRecords } from "./kafka_load.ts";

export interface SearchPlan {
  readonly ratePerSecond: number;
  /** Of a phase; of those that drain, together at least. */
  readonly searches: number;
  /** Records that are in the buffer, beside those of the searches, when it begins to drain. */
  readonly backlog: number;
}

/** Of all searches that were due in the phases of a name. */
export interface SearchPhase {
  readonly name: PhaseName;
  readonly searches: number;
  readonly accepted: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly mostMs: number;
}

export interface SearchBench {
  /** The first is `healthy`. */
  readonly phases: readonly SearchPhase[];
  /** Between the phases, too. */
  readonly asked: number;
  /** Those of them that were not answered with 200 and an event. */
  readonly failed: number;
  /** Records a second that reached the brokers while a backlog drained. */
  readonly drainedPerSecond: readonly number[];
}

const phaseNames = ["healthy", "down", "silent", "draining"] as const;
type PhaseName = (typeof phaseNames)[number];
const recordsAtOnce = 10_000;
const pollMs = 50;

/** Kills, restarts and freezes the broker, which must have no other use meanwhile. */
export async function benchSearches(
  kafka: TestKafka,
  client: KafkaClientName,
  { ratePerSecond, searches, backlog }: SearchPlan,
): Promise<SearchBench> {
  const topic = newTopic("searches");
  const config = shopConfig({ client, brokers: kafka.brokers, pageSize: 10 }, topic);
  await using folder = await serviceFolder(config);
  await using service = await startService(folder);
  await using load = startSearchLoad(service.url, ratePerSecond);

  async function phase(name: PhaseName, over: Promise<unknown>): Promise<void> {
    load.enter(name);
    await over;
    load.enter("between");
  }

  /** How many events the shop has counted as delivered. */
  async function delivered(): Promise<number> {
    const metrics = await (await fetch(`${service.url}/metrics`)).text();
    return Number(/^shelfcast_forwarder_delivered_total (\d+)/m.exec(metrics)?.[1] ?? 0);
  }

  async function untilDelivered(count: number): Promise<void> {
    while (await delivered() < count) await new Promise((resolve) => setTimeout(resolve, pollMs));
  }

  async function pileUp(): Promise<void> {
    const records = searchRecords(recordsAtOnce, { valueBytes: 200, headers: 10 });
    for (let left = backlog; left > 0; left -= recordsAtOnce) {
      await publishBeside(folder, topic, records.slice(0, left));
    }
  }

  /** @returns Records a second. */
  async function drain(): Promise<number> {
    await kafka.signal(1, "SIGSTOP");
    await pileUp();
    const before = await delivered();
    await kafka.signal(1, "SIGCONT");
    const began = performance.now();
    await phase("draining", untilDelivered(before + backlog));
    return backlog / (performance.now() - began) * 1000;
  }

  const countOf = (name: PhaseName): number =>
    load.answered.filter((search) => search.phase === name).length;

  await load.answers(searches / 2);
  await phase("healthy", load.answers(searches));
  await kafka.signal(1, "SIGKILL");
  await phase("down", load.answers(searches));
  await kafka.restart(1);
  await untilDelivered(load.answered.length);
  await phase("healthy", load.answers(searches));
  await kafka.signal(1, "SIGSTOP");
  await phase("silent", load.answers(searches));
  await kafka.signal(1, "SIGCONT");
  await untilDelivered(load.answered.length);
  await phase("healthy", load.answers(searches));
  const drainedPerSecond: number[] = [];
  while (countOf("draining") < searches) drainedPerSecond.push(await drain());
  await load.stop();

  const phases = phaseNames.map((name) => {
    const of = load.answered.filter(({ phase }) => phase === name);
    const p = (percent: number): number => percentile(of.map(({ ms }) => ms), percent);
    return {
      name,
      searches: of.length,
      accepted: of.filter(({ status }) => status === "accepted").length,
      p50Ms: p(50),
      p99Ms: p(99),
      mostMs: p(100),
    };
  });
  const failed = load.failures.length;
  return { phases, asked: load.answered.length + failed, failed, drainedPerSecond };
}
