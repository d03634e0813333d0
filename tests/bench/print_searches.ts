import { type KafkaClientName, kafkaClients } from "../../adapters/queue/kafka/clients.ts";
import type { TestKafka } from "../faults/kafka/test_kafka.ts";
import { head, row, thousands } from "./markdown.ts";
import { samples } from "./samples.ts";
import { benchSearches, type SearchBench } from "./search_bench.ts";

const plan = { ratePerSecond: 200, searches: 1000, backlog: 100_000 };

/** Kills, restarts and freezes the broker. */
export async function printSearches(kafka: TestKafka): Promise<void> {
  const { ratePerSecond, backlog } = plan;
  console.log(
    `\n${ratePerSecond} searches a second in a shop of its own, measured from when each was due. In turn: healthy, down ` +
      "(killed), healthy, silent (SIGSTOP), healthy, " +
      `draining ${backlog.toLocaleString("en")} events as often as it takes.\n`,
  );
  head(
    "client",
    "brokers",
    "searches",
    "accepted within",
    "p50, ms",
    "p99, ms",
    "most, ms",
    "p99 ÷ healthy",
    "drained a second",
  );
  let [failed, asked] = [0, 0];
  for (const client of Object.keys(kafkaClients) as KafkaClientName[]) {
    const result = await benchSearches(kafka, client, plan);
    printClient(client, result);
    failed += result.failed;
    asked += result.asked;
  }
  console.log(`\n- ${failed} of ${asked.toLocaleString("en")} searches failed.`);
}

function printClient(client: KafkaClientName, { phases, drainedPerSecond }: SearchBench): void {
  const healthyP99 = phases.find(({ name }) => name === "healthy")?.p99Ms ?? NaN;
  for (const phase of phases) {
    row(
      client,
      phase.name,
      phase.searches,
      phase.accepted,
      ...[phase.p50Ms, phase.p99Ms, phase.mostMs].map((ms) => ms.toFixed(1)),
      (phase.p99Ms / healthyP99).toFixed(2),
      phase.name === "draining" ? thousands(samples(drainedPerSecond).median) : "",
    );
  }
}
