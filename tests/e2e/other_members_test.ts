/**
 * Another program in the group of a consumer (kcat, Kafka's console consumer): whoever operates
 * the shop is told who it is and what to do, and when it has gone all is well by itself.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { KafkaClientName } from "../../adapters/queue/kafka/clients.ts";
import { openKafkaLog } from "../../adapters/queue/kafka/kafka_log.ts";
import { createUuidV7 } from "../../src/domain/uuid.ts";
import { type Clock, systemClock } from "../../src/ports/clock.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { consumeEvents, consumerGroup } from "../../src/use_cases/consume_events.ts";
import { encodeBooksSearched } from "../../src/wire/encode_books_searched.ts";
import { clients } from "../adapters/kafka/both_clients.ts";
import { hasKcat } from "../adapters/kafka/kcat.ts";
import { until } from "../cli/run_command.ts";
import { reportMissing } from "../services/report_missing.ts";
import { requireService } from "../services/require_service.ts";
import { createRecordingModel } from "../use_cases/recording_model.ts";
import { type ServiceFolder, serviceFolder, startService } from "./service_process.ts";

const { address } = requireService("SHELFCAST_TEST_KAFKA", "Kafka");
const root = new URL("../../", import.meta.url);
const patienceMs = 60_000;
const isKcatHere = await hasKcat();

/** Groups have names of their own here: other tests use the same brokers. */
const config = (client: string, topic: string): string =>
  `app: { port: PORT }
db: { sqlite: { file: DIR/shelf.db } }
consumers: { group: ${topic} }
mq:
  adapter: kafka
  accept_timeout_ms: 10000
  topic: ${topic}
  brokers: "${address}"
  kafka: { client: ${client} }
  file: { directory: DIR/queue }
`;

/** A process of another program; disposing ends it. */
function other(command: string, args: readonly string[]): AsyncDisposable {
  const child = new Deno.Command(command, {
    args: [...args],
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  let isOver = false;
  child.status.then(() => isOver = true);
  return {
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill("SIGTERM");
      await child.status;
    },
  };
}

/** With the protocol in which brokers divide the partitions: it can be in any group. */
async function consoleConsumerIn(name: string, topic: string): Promise<AsyncDisposable> {
  const installer = new URL("tests/services/kafka.sh", root).pathname;
  const installed = await new Deno.Command(installer, { args: ["install"] }).output();
  const jars = `${new TextDecoder().decode(installed.stdout).trim()}/*`;
  const source = new URL("tests/adapters/kafka/JavaConsumer.java", root).pathname;
  const options = ["-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", jars, source];
  return other("java", [...options, address!, name, topic, "consumer"]);
}

/** A command that runs on, and what it has written. */
function command(folder: ServiceFolder, args: readonly string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", "--no-prompt", "src/cli.ts", ...args, "--config", folder.configFile],
    cwd: root,
    env: { NO_COLOR: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "piped",
  }).spawn();
  let stderr = "";
  const gathered = (async () => {
    for await (const text of child.stderr.pipeThrough(new TextDecoderStream())) stderr += text;
  })();
  const ended = Promise.all([child.status, gathered])
    .then(([{ code }]) => ({ code, stderr }));
  let isOver = false;
  ended.then(() => isOver = true);
  return {
    says: (pattern: RegExp) => until(() => pattern.test(stderr), patienceMs),
    ended,
    async [Symbol.asyncDispose]() {
      if (!isOver) child.kill("SIGTERM");
      await ended;
    },
  };
}

interface TrendsHealth {
  readonly status: string;
  readonly reason?: string;
  readonly detail?: string;
}

const trendsAt = async (url: string): Promise<TrendsHealth> =>
  (await (await fetch(`${url}/readyz`)).json()).queues.trends;

const metricsAt = async (url: string): Promise<string> =>
  await (await fetch(`${url}/metrics`)).text();

/** How often "dune" was searched, as the shop tells. */
async function dunes(url: string): Promise<number> {
  const [first]: readonly { searches: number }[] = await (await fetch(`${url}/api/trends`)).json();
  return first?.searches ?? 0;
}

const newTopic = (): string => `others-${crypto.randomUUID()}`;

/** A clock ten times as fast. */
const fastClock: Clock = {
  now: systemClock.now,
  after: (delayMs, task, options) => systemClock.after(delayMs / 10, task, options),
};

describe("another program in the group of a consumer", () => {
  if (address === undefined) return;
  const place = (client: KafkaClientName) => ({ brokers: [address], client, partitions: 2 });

  for (const client of clients) {
    if (!isKcatHere) reportMissing(`kcat in a group, on ${client}`, "kcat is not installed");
    else {
      it(`${client}: one that divides partitions in another way is named, until it leaves`, async () => {
        const topic = newTopic();
        const group = consumerGroup("trends", topic);
        await using log = await openKafkaLog({ ...place(client), topics: [topic] });
        await log.publish(topic, { key: "no search", value: null });
        await using folder = await serviceFolder(config(client, topic));
        const held =
          /group "others-\S+-trends" is held by another program, "rdkafka-\S+ at 127\.0\.0\.1" \(of 1\), .*end it/;
        const kcat = other("kcat", ["-b", address, "-G", group, topic]);
        try {
          await until(() => isIn(log, group, /^rdkafka-/), patienceMs);
          await using shop = await startService(folder);
          await using running = command(folder, ["consumers", "run", "trends"]);
          await using printing = command(folder, ["consume", "--group", group]);
          for (let n = 0; n < 4; n++) {
            const answer = await fetch(`${shop.url}/api/books?q=dune`);
            await answer.body?.cancel();
          }
          await shop.logged(/(is held by another program)/);
          const { reason, detail = "" } = await trendsAt(shop.url);
          assert.equal(reason, "group_active");
          assert.match(detail, held);
          const metrics = await metricsAt(shop.url);
          assert.match(metrics, /shelfcast_queue_healthy\{queue="trends"\} 0/);
          assert.match(metrics, /shelfcast_consumer_faults_total\{.*kind="group_active".*\} \d/);
          await running.says(held);
          const printed = await printing.ended;
          assert.equal(printed.code, 1, printed.stderr);
          assert.match(printed.stderr, held);
          await kcat[Symbol.asyncDispose]();
          await running.says(/goes on/);
          await until(async () => await dunes(shop.url) === 4, patienceMs);
          await until(async () => (await trendsAt(shop.url)).status === "ok", patienceMs);
        } finally {
          await kcat[Symbol.asyncDispose]();
        }
      });
    }

    it(`${client}: one that is given partitions is named, and what it takes counts all the same`, async () => {
      const topic = newTopic();
      const group = consumerGroup("trends", topic);
      await using log = await openKafkaLog({ ...place(client), topics: [topic] });
      const model = createRecordingModel();
      const wanted: string[] = [];
      const search = async (word: string): Promise<void> => {
        // So many that both partitions have some.
        for (let n = 0; n < 12; n++) {
          wanted.push(`${word} ${n}`);
          await log.publish(topic, searched(`${word} ${n}`));
        }
      };
      const areCounted = () =>
        until(() => model.queries.toSorted().join() === wanted.toSorted().join(), patienceMs);
      const consumer = consumeEvents(
        {
          ...{ name: "trends", log, topic, model, clock: fastClock, telemetry: silentTelemetry },
          ...{ group, random: Math.random, dedupeHours: 72 },
        } as const,
      );
      try {
        await search("before");
        await areCounted();
        {
          await using _java = await consoleConsumerIn(group, topic);
          await until(() => isIn(log, group, /^console-consumer/), patienceMs);
          await search("beside");
          await areCounted();
          const health = consumer.health();
          assert.equal(health.status === "degraded" && health.reason, "group_active");
          assert.match(
            health.status === "degraded" ? health.detail : "",
            /another program in its group "others-\S+-trends", console-consumer \S+ at 127.*end it/,
          );
        }
        await until(() => consumer.health().status === "ok", patienceMs);
        await search("after");
        await areCounted();
      } finally {
        await consumer.stop(1000);
      }
    });
  }
});

/** Whether such a member holds a partition. */
async function isIn(log: EventLog, group: string, name: RegExp): Promise<boolean> {
  const found = await log.groups.describe(group).catch(() => undefined);
  return found?.positions.some(({ holder = "" }) => name.test(holder)) === true;
}

const newId = createUuidV7(Date.now, () => crypto.randomUUID());

function searched(query: string): EventRecord {
  const json = new TextEncoder().encode("[]");
  return encodeBooksSearched({
    id: newId(),
    query,
    page: 1,
    json,
    count: 0,
    searchedAt: Date.now(),
  });
}
