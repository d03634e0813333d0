/** Consumers as processes of their own, and read models made anew. */
import type { Config } from "../config/schema.ts";
import { deadLetterTopic } from "../domain/topic_name.ts";
import { backoffMs, pause } from "../ports/clock.ts";
import type { ReadModels } from "../ports/database_declaration.ts";
import type { QueueHealth } from "../ports/queue_health.ts";
import { type ReadModelName, readModelNumbers } from "../ports/read_model.ts";
import { StoreError } from "../ports/store_error.ts";
import { consumeEvents, consumerGroup, type EventConsumer } from "../use_cases/consume_events.ts";
import type { WatchedQueues } from "../use_cases/readiness.ts";
import { rebuildReadModel } from "../use_cases/rebuild_read_model.ts";
import { CommandError } from "./command_error.ts";
import type { Address } from "./option_values.ts";
import { openSharedLog } from "./open_shared_log.ts";
import { showRebuild } from "./rebuild_progress.ts";
import { serveOperators } from "./serve_operators.ts";
import type { CliServices } from "./services.ts";

const lookMs = 1000;
const stopMs = 10_000;
const betweenAttempts = { firstMs: 500, mostMs: 15_000 };

/** The options of `consumers run`, as the command line gives them. */
export interface RunOptions {
  /** Where operators look; absent: nowhere. */
  readonly admin?: Address;
}

/** Runs them until the user stops them. @returns The exit code. */
export async function runConsumers(
  words: readonly string[],
  { admin }: RunOptions,
  config: Config,
  services: CliServices,
): Promise<number> {
  const names = [...new Set(words.map((word) => consumerNamed(word, config)))];
  const { clock, stop, stderr } = services;
  const { topic } = config.mq;
  const { telemetry, metrics } = services.openTelemetry();
  await using log = await openSharedLog(config, services, [topic, deadLetterTopic(topic)]);
  const running = new Map<ReadModelName, EventConsumer>();
  let opening: QueueHealth | undefined;
  const consumers = names.map((name) => [
    name,
    { health: () => running.get(name)?.health() ?? opening },
  ]);
  // A queue that is away looks to consumers as one in which nothing comes.
  const watched: WatchedQueues = { [config.mq.adapter]: log, ...Object.fromEntries(consumers) };
  // Before any of them begins: an address that is taken ends the command.
  const tools = { clock, stderr, telemetry, metrics };
  await using _served = admin && await serveOperators(admin, watched, tools);
  await using models = await openPatiently(config, services, (health) => opening = health);
  if (models === undefined) return 0;
  for (const name of names) {
    running.set(
      name,
      consumeEvents({
        name,
        group: consumerGroup(name, config.consumers.group),
        log,
        topic,
        model: models[name],
        clock,
        telemetry,
        random: Math.random,
        dedupeHours: config.consumers.dedupe_hours,
      }),
    );
  }
  const quoted = names.map((name) => `"${name}"`).join(" and ");
  await stderr.write(`Consuming "${topic}" for ${quoted}; Ctrl-C ends it\n`);
  const told = new Map<string, string>();
  while (!stop.aborted) {
    for (const [name, { health }] of Object.entries(watched)) {
      const now = health();
      const state = now?.status === "degraded" ? `${now.reason}: ${now.detail}` : "";
      if (state === (told.get(name) ?? "")) continue;
      told.set(name, state);
      const who = name === config.mq.adapter ? "Queue" : "Consumer";
      await stderr.write(state === "" ? `${who} "${name}" goes on\n` : `${state}\n`);
    }
    await pause(clock, lookMs, stop);
  }
  await Promise.all([...running.values()].map((consumer) => consumer.stop(stopMs)));
  return 0;
}

/**
 * Opens what consumers keep, whenever its database is there; undefined where the user stopped it.
 *
 * @throws {StoreError} by rejection, where waiting would not help.
 */
async function openPatiently(
  config: Config,
  { clock, stop, stderr, openReadModels }: CliServices,
  onHealth: (health: QueueHealth | undefined) => void,
): Promise<ReadModels | undefined> {
  for (let failures = 1; !stop.aborted; failures++) {
    try {
      const models = await openReadModels(config);
      onHealth(undefined);
      return models;
    } catch (error) {
      if (!(error instanceof StoreError && error.code === "unavailable")) throw error;
      const detail = `Consumers wait for their read models: ${error.message}`;
      onHealth({ status: "degraded", reason: "unavailable", detail });
      if (failures === 1) await stderr.write(`${detail}\n`);
      await pause(clock, backoffMs(failures, betweenAttempts, Math.random), stop);
    }
  }
  return undefined;
}

/** @returns The exit code. */
export async function rebuildConsumer(
  word: string,
  config: Config,
  services: CliServices,
): Promise<number> {
  const name = consumerNamed(word, config);
  const { clock, stop, stdout, stderr } = services;
  const { topic } = config.mq;
  await using log = await openSharedLog(config, services, []);
  await using models = await services.openReadModels(config);
  const shown = showRebuild(clock);
  const onFault = (error: unknown) =>
    void stderr.write(`${error instanceof Error ? error.message : error}; trying again\n`);
  const { read, applied, unreadable } = await rebuildReadModel({
    log,
    topic,
    group: consumerGroup(name, config.consumers.group),
    model: models[name],
    clock,
    stop,
    onProgress: shown.show,
    onFault,
  }).finally(shown.stop);
  const skipped = unreadable === 0 ? "" : `; ${unreadable} are no searches`;
  await stdout.write(`Read ${read} records of "${topic}", applied ${applied}${skipped}\n`);
  if (!stop.aborted) return 0;
  await stderr.write(`Ended early: consumer "${name}" reads the rest, or run it again\n`);
  return 130;
}

function consumerNamed(word: string, { consumers }: Config): ReadModelName {
  if (!Object.hasOwn(readModelNumbers, word)) {
    throw new CommandError(`Consumer is "${word}", wanted "trends" or "interests"`);
  }
  if (word === "trends" && consumers.trends === "off") {
    throw new CommandError(
      `Setting "consumers.trends" is "off", wanted "on" for consumer "trends"`,
    );
  }
  return word as ReadModelName;
}
