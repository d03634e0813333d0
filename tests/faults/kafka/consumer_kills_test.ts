/**
 * Effects exactly once on Kafka: consumers are killed, and with them the forwarder of the buffer,
 * which then sends again. A killed member is missed for a session of 10 s, so several are killed
 * side by side.
 */
import { describe, it } from "@std/testing/bdd";
import type { KafkaClientName } from "../../../adapters/queue/kafka/clients.ts";
import { clients } from "../../adapters/kafka/both_clients.ts";
import { createMysqlDatabase, mysqlMissing } from "../../contracts/harnesses/mysql_database.ts";
import { reportMissing } from "../../services/report_missing.ts";
import { requireService } from "../../services/require_service.ts";
import { isFull, rounds, seeded } from "../campaign.ts";
import { killConsumers, type Killed } from "../consumer_kills.ts";
import { openTarget } from "../consumer_process.ts";
import { startKafka } from "./test_kafka.ts";

const lanes = rounds(5, 1);
const kills = rounds(10, 1);
/** In it a process joins, waits for its predecessor's session, consumes. */
const mostMs = rounds(14_000, 1_000);

async function killOnKafka(broker: string, client: KafkaClientName): Promise<void> {
  const killed = await Promise.all(
    Array.from({ length: lanes }, (_, lane) => killLane(broker, client, lane)),
  );
  const sum = (what: keyof Killed) => killed.reduce((all, one) => all + one[what], 0);
  console.log(
    `kill -9, ${client} and MariaDB: ${lanes * kills} of the consumers and their forwarder, ` +
      `${sum("events")} events in ${sum("records")} records, each counted once`,
  );
}

async function killLane(broker: string, client: KafkaClientName, lane: number): Promise<Killed> {
  const directory = await Deno.makeTempDir({ prefix: "shelfcast_kills_" });
  try {
    await using first = await createMysqlDatabase();
    await using second = await createMysqlDatabase();
    const topic = `kills-${crypto.randomUUID()}`;
    const target = { broker, client };
    await using log = await openTarget(target, topic);
    const stores = { killed: { login: first.login }, calm: { login: second.login } };
    const random = seeded(lane);
    return await killConsumers({ kills, random, mostMs, directory, topic, target, log, stores });
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

describe("consumers on Kafka that are killed", () => {
  if (mysqlMissing !== undefined) return reportMissing("effects once on MariaDB", mysqlMissing);
  if (isFull) {
    it("have each effect exactly once, as one undisturbed run has", async () => {
      await using kafka = await startKafka();
      for (const client of clients) await killOnKafka(kafka.brokers[0]!, client);
    });
    return;
  }
  const { address } = requireService("SHELFCAST_TEST_KAFKA", "a Kafka broker");
  if (address === undefined) return;
  it("have each effect exactly once, as one undisturbed run has", () =>
    killOnKafka(address, "platformatic"));
});
