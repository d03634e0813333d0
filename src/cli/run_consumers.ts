/** Consumers as processes of their own, and read models made anew. */
import type { Config } from "../config/schema.ts";
import { deadLetterTopic } from "../domain/topic_name.ts";
import { pause } from "../ports/clock.ts";
import { type ReadModelName, readModelNumbers } from "../ports/read_model.ts";
import { consumeEvents, consumerGroup, type EventConsumer } from "../use_cases/consume_events.ts";
import { rebuildReadModel } from "../use_cases/rebuild_read_model.ts";
import { CommandError } from "./command_error.ts";
import type { Address } from "./option_values.ts";
import { openSharedLog } from "./open_shared_log.ts";
import { showRebuild } from "./rebuild_progress.ts";
import { serveOperators } from "./serve_operators.ts";
import type { CliServices } from "./services.ts";

const lookMs = 1000;
const stopMs = 10_000;

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
  await using models = await services.openReadModels(config);
  const running = new Map<ReadModelName, EventConsumer>();
  const watched = names.map((name) => [name, { health: () => running.get(name)?.health() }]);
  // Before any of them begins: an address that is taken ends the command.
  const tools = { clock, stderr, telemetry, metrics };
  await using _served = admin && await serveOperators(admin, Object.fromEntries(watched), tools);
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
  const told = new Map<ReadModelName, string>();
  while (!stop.aborted) {
    for (const [name, consumer] of running) {
      const health = consumer.health();
      const state = health.status === "ok" ? "" : `${health.reason}: ${health.detail}`;
      if (state === (told.get(name) ?? "")) continue;
      told.set(name, state);
      await stderr.write(state === "" ? `Consumer "${name}" goes on\n` : `${state}\n`);
    }
    await pause(clock, lookMs, stop);
  }
  await Promise.all([...running.values()].map((consumer) => consumer.stop(stopMs)));
  return 0;
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
