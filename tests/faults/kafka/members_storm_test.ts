/**
 * Members of a group come and go while records flow, on a real broker: what the law of taking over
 * says of one change, under many. The whole campaign lasts 30 seconds for each client.
 */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import type { KafkaClientName } from "../../../adapters/queue/kafka/clients.ts";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { RecordBatch } from "../../../src/ports/event_source.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { clients } from "../../adapters/kafka/both_clients.ts";
import { bytes, text, within } from "../../contracts/law.ts";
import { requireService } from "../../services/require_service.ts";
import { isFull, rounds, seeded } from "../campaign.ts";
import { startKafka } from "./test_kafka.ts";

const stormMs = rounds(30_000, 4000);
/** A member that was closed abruptly is missed for a session, 10 s. */
const afterStormMs = 60_000;
const mostMembers = 4;
const keyCount = 12;
const fresh = 200;
/** The same again by SHELFCAST_FAULTS_SEED. */
const seed = Number(Deno.env.get("SHELFCAST_FAULTS_SEED") ?? Date.now() % 100_000);

/** What the members have got between them. */
function createCount() {
  const next = new Map<string, number>();
  const seen = new Set<string>();
  let repeated = 0;
  let faults: readonly string[] = [];
  return {
    seen,
    get repeated() {
      return repeated;
    },
    get faults() {
      return faults;
    },
    note({ records }: RecordBatch): void {
      for (const value of records.map((record) => text(record.value))) {
        if (seen.has(value)) {
          repeated++;
          continue;
        }
        seen.add(value);
        const [key = "", n] = value.split(":");
        const wanted = next.get(key) ?? 0;
        // First occurrences come in order: nobody begins behind what nobody has handled.
        if (Number(n) !== wanted) {
          faults = [...faults, `"${value}" came, wanted "${key}:${wanted}"`];
        }
        next.set(key, Number(n) + 1);
      }
    },
  };
}

type Count = ReturnType<typeof createCount>;

interface Member {
  readonly log: EventLog;
  readonly leaving: AbortController;
  readonly ended: Promise<void>;
}

interface Place {
  readonly open: () => Promise<EventLog>;
  readonly topic: string;
  readonly group: string;
  readonly count: Count;
  readonly random: () => number;
}

async function join({ open, topic, group, count, random }: Place): Promise<Member> {
  const log = await open();
  const leaving = new AbortController();
  const options = { group, from: "earliest", signal: leaving.signal, maxRecords: 20 } as const;
  const read = async (): Promise<void> => {
    for await (const batch of log.subscribe(topic, options)) {
      count.note(batch);
      // Some commits are awaited, some are under way when the next batch comes or the member goes.
      const committed = batch.commit().catch(bearable);
      if (random() < 0.5) await committed;
    }
  };
  return { log, leaving, ended: read().catch(bearable) };
}

/** Who loses a partition, or its log, is told; the records go to another. */
function bearable(error: unknown): void {
  const codes = ["revoked", "closed", "unavailable", "timeout"];
  if (!(error instanceof QueueError && codes.includes(error.code))) throw error;
}

async function goes({ log, leaving, ended }: Member, isPolite: boolean): Promise<void> {
  if (isPolite) leaving.abort();
  if (isPolite) await ended;
  await log[Symbol.asyncDispose]();
  await ended;
}

async function storm(client: KafkaClientName, broker: string): Promise<void> {
  console.log(`seed ${seed}: SHELFCAST_FAULTS_SEED=${seed} makes the same choices again`);
  const random = seeded(seed);
  const id = crypto.randomUUID().slice(0, 8);
  const open = () => openKafkaLog({ brokers: [broker], client, partitions: 6 });
  const count = createCount();
  const place: Place = { open, topic: `storm-${id}`, group: `storm-${id}`, count, random };
  await using publisher = await open();
  const sent: string[] = [];
  let numbers = 0;
  const send = async (): Promise<void> => {
    const round = numbers++;
    await Promise.all(Array.from({ length: keyCount }, (_, k) => {
      const value = `k${k}:${round}`;
      sent.push(value);
      return publisher.publish(place.topic, { key: `k${k}`, value: bytes(value) });
    }));
  };
  await send();

  const isOver = new AbortController();
  const flowing = (async () => {
    while (!isOver.signal.aborted) {
      await send();
      await breath(20); // A flow that is not as fast as it can be, so that members keep up.
    }
  })();
  const members: Member[] = [];
  const leaving: Promise<void>[] = [];
  const changes = { joined: 0, left: 0, closed: 0 };
  const endsAt = performance.now() + stormMs;
  while (performance.now() < endsAt) {
    const comes = members.length === 0 || (members.length < mostMembers && random() < 0.6);
    if (comes) {
      members.push(await join(place));
      changes.joined++;
    } else {
      const isPolite = random() < 0.6;
      const [member] = members.splice(Math.floor(random() * members.length), 1);
      leaving.push(goes(member!, isPolite));
      changes[isPolite ? "left" : "closed"]++;
    }
    await breath(100 + random() * 900); // The storm's own rhythm.
  }
  isOver.abort();
  await flowing;
  if (members.length === 0) members.push(await join(place));
  await within("leaving", Promise.all(leaving), afterStormMs);

  // After the storm: what was sent in it, and then fresh ones, to members that stay.
  await until(`${sent.length} records`, () => sent.every((value) => count.seen.has(value)), () => {
    const missing = sent.filter((value) => !count.seen.has(value));
    return `${missing.length} of ${sent.length} are missing: ${missing.slice(0, 10).join(", ")}`;
  });
  const repeatedInStorm = count.repeated;
  const enough = sent.length + fresh;
  while (sent.length < enough) await send();
  await until("fresh records", () => sent.every((value) => count.seen.has(value)), () => "missing");
  assert.deepEqual(count.faults, []);
  assert.equal(count.repeated, repeatedInStorm, "fresh records came twice, to members that stayed");
  const lags = async (): Promise<readonly (bigint | undefined)[]> => {
    const { positions } = await publisher.groups.describe(place.group);
    return positions.map(({ lag }) => lag);
  };
  await until(
    "commits",
    async () => (await lags()).every((lag) => lag === 0n),
    () => "lag is left",
  );
  await within("leaving", Promise.all(members.map((member) => goes(member, true))), afterStormMs);
  const rest: string[] = [];
  const options = { group: place.group, until: "end" } as const;
  for await (const batch of publisher.subscribe(place.topic, options)) {
    rest.push(...batch.records.map(({ value }) => text(value)));
  }
  assert.deepEqual(rest, [], "came again after all was committed");
  const { joined, left, closed } = changes;
  console.log(
    `${client}: ${joined} joined, ${left} left, ${closed} closed in ${stormMs} ms; ${sent.length} records, 0 lost, ${count.repeated} twice`,
  );
}

const breath = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function until(
  what: string,
  isSo: () => boolean | Promise<boolean>,
  say: () => string,
): Promise<void> {
  const deadline = performance.now() + afterStormMs;
  while (!await isSo()) {
    assert.ok(performance.now() < deadline, `${what}, seed ${seed}: ${say()}`);
    await breath(20);
  }
}

describe("members of a group that come and go for a while", () => {
  if (isFull) {
    it("G5 none is lost, first occurrences keep their order, and then none comes twice", async () => {
      await using kafka = await startKafka();
      for (const client of clients) await storm(client, kafka.brokers[0]!);
    });
    return;
  }
  const { address } = requireService("SHELFCAST_TEST_KAFKA", "a Kafka broker");
  if (address === undefined) return;
  for (const client of clients) {
    it(`G5 none is lost, and then none comes twice, on ${client}`, () => storm(client, address));
  }
});
