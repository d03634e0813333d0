/**
 * Consumers join and leave while events flow, on a real broker: each event counts once, and in the
 * end the read models are those of one undisturbed run. The whole campaign lasts 30 seconds for
 * each client.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openSqliteReadModels } from "../../../adapters/database/sqlite/sqlite_read_models.ts";
import type { KafkaClientName } from "../../../adapters/queue/kafka/clients.ts";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import { systemClock as clock } from "../../../src/ports/clock.ts";
import type { ReadModels } from "../../../src/ports/database_declaration.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { silentTelemetry as telemetry } from "../../../src/ports/telemetry.ts";
import {
  consumeEvents,
  consumerGroup,
  type EventConsumer,
} from "../../../src/use_cases/consume_events.ts";
import { clients } from "../../adapters/kafka/both_clients.ts";
import { requireService } from "../../services/require_service.ts";
import { isFull, rounds, seeded } from "../campaign.ts";
import { assertSame, contentsOf, endsOf, searched, until, untilAt } from "../consumed_events.ts";
import { startKafka } from "./test_kafka.ts";

const stormMs = rounds(30_000, 4_000);
const mostMembers = 4;
const fresh = 200;
/** The same again by SHELFCAST_FAULTS_SEED. */
const seed = Number(Deno.env.get("SHELFCAST_FAULTS_SEED") ?? Date.now() % 100_000);
const names = ["trends", "interests"] as const;

interface Member {
  readonly log: EventLog;
  readonly consumers: readonly EventConsumer[];
}

const openModels = (file: string): Promise<ReadModels> =>
  openSqliteReadModels(file, { clock, halfLifeHours: 24, visitorDays: 30 });

function consume(log: EventLog, topic: string, models: ReadModels, shop: string): Member {
  const shared = { log, topic, clock, telemetry, random: Math.random, dedupeHours: 72 };
  const consumers = names.map((name) =>
    consumeEvents({
      ...{ ...shared, name, group: consumerGroup(name, shop), model: models[name] },
      batchRecords: 20,
    })
  );
  return { log, consumers };
}

/** Not politely: its log is gone under it, as where a process ends in the middle. */
async function leave({ log, consumers }: Member, isPolite: boolean): Promise<void> {
  const stop = () => Promise.all(consumers.map((consumer) => consumer.stop(3_000)));
  if (isPolite) await stop();
  await log[Symbol.asyncDispose]();
  if (!isPolite) await stop();
}

async function storm(client: KafkaClientName, broker: string): Promise<void> {
  console.log(`seed ${seed}: SHELFCAST_FAULTS_SEED=${seed} makes the same choices again`);
  const random = seeded(seed);
  const folder = await Deno.makeTempDir({ prefix: "shelfcast_storm_" });
  const topic = `storm-${crypto.randomUUID()}`;
  const topics = [topic, `${topic}.dlq`];
  const open = () => openKafkaLog({ brokers: [broker], client, partitions: 6, topics });
  try {
    await using publisher = await open();
    await using models = await openModels(`${folder}/storm.db`);
    const startedAt = Date.now() - 3_600_000;
    let events = 0;
    let records = 0;
    const send = async (): Promise<void> => {
      const some = Array.from({ length: 20 }, () => searched(events++, startedAt));
      // As a forwarder does whose report was lost.
      const again = some.filter(() => random() < 0.1);
      records += some.length + again.length;
      for (const batch of [some, again]) {
        await Promise.all(batch.map((record) => publisher.publish(topic, record)));
      }
    };
    await send();
    const isOver = new AbortController();
    const flowing = (async () => {
      while (!isOver.signal.aborted) {
        await send();
        await breath(20);
      }
    })();
    const members: Member[] = [];
    const leaving: Promise<void>[] = [];
    const changes = { joined: 0, left: 0, closed: 0 };
    const join = async () => {
      members.push(consume(await open(), topic, models, topic));
      changes.joined++;
    };
    const endsAt = performance.now() + stormMs;
    while (performance.now() < endsAt) {
      if (members.length === 0 || (members.length < mostMembers && random() < 0.6)) await join();
      else {
        const isPolite = random() < 0.6;
        const [member] = members.splice(Math.floor(random() * members.length), 1);
        leaving.push(leave(member!, isPolite));
        changes[isPolite ? "left" : "closed"]++;
      }
      await breath(100 + random() * 900); // The storm's own rhythm.
    }
    isOver.abort();
    await flowing;
    if (members.length === 0) await join();
    await Promise.all(leaving);

    // After the storm: what was sent in it, and then fresh ones, to members that stay.
    await untilAt(models, await endsOf(publisher, topic));
    const enough = events + fresh;
    while (events < enough) await send();
    const ends = await endsOf(publisher, topic);
    await untilAt(models, ends);
    await until("commits", async () => {
      const groups = names.map((name) => publisher.groups.describe(consumerGroup(name, topic)));
      const places = (await Promise.all(groups)).flatMap(({ positions }) => positions);
      return places.every(({ lag }) => lag === 0n);
    });
    await Promise.all(members.map((member) => leave(member, true)));

    await using undisturbed = await openModels(`${folder}/calm.db`);
    const calm = consume(await open(), topic, undisturbed, `${topic}-calm`);
    await untilAt(undisturbed, ends);
    await leave(calm, true);
    const now = Date.now();
    const found = await contentsOf(models, now);
    assertSame(found, await contentsOf(undisturbed, now));
    assert.equal(Object.values(found.counts).reduce((a, b) => a + b, 0), events);
    const { joined, left, closed } = changes;
    console.log(
      `${client}: ${joined} joined, ${left} left, ${closed} closed in ${stormMs} ms; ${events} events in ${records} records, each counted once`,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const breath = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

describe("consumers that come and go for a while", () => {
  if (isFull) {
    it("G5 count each event once, as one undisturbed run does", async () => {
      await using kafka = await startKafka();
      for (const client of clients) await storm(client, kafka.brokers[0]!);
    });
    return;
  }
  const { address } = requireService("SHELFCAST_TEST_KAFKA", "a Kafka broker");
  if (address === undefined) return;
  for (const client of clients) {
    it(`G5 count each event once, as one undisturbed run does, on ${client}`, () =>
      storm(client, address));
  }
});
