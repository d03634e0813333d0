/** Starts the consumers that run inside the shop; loaded behind the first answers. */
import type { Config } from "../config/schema.ts";
import type { ReadModels } from "../ports/database_declaration.ts";
import type { ReadModelName } from "../ports/read_model.ts";
import { consumeEvents, consumerGroup, type EventConsumer } from "../use_cases/consume_events.ts";
import { shareDecoding } from "../use_cases/shared_decoding.ts";
import type { ShopConsumersOptions } from "./consumers.ts";
import { queueNamed } from "./queues.ts";

/** Each batch is a transaction and a commit, which take from the searches of the same machine. */
const gather = { leastMs: 50, mostMs: 500 };

export interface StartConsumersOptions extends ShopConsumersOptions {
  readonly models: Pick<ReadModels, "trends" | "interests">;
}

/** As the configuration wants them. They begin at once. */
export function startConsumers(
  { mq, consumers }: Config,
  names: readonly ReadModelName[],
  { models, ...options }: StartConsumersOptions,
): ReadonlyMap<ReadModelName, EventConsumer> {
  const decode = shareDecoding(names.length);
  const outlastsProcess = queueNamed(mq.adapter).guarantees.survivesRestart;
  return new Map(names.map((name) => [
    name,
    consumeEvents({
      ...options,
      name,
      group: consumerGroup(name, consumers.group),
      topic: mq.topic,
      model: models[name],
      decode,
      dedupeHours: consumers.dedupe_hours,
      gather,
      outlastsProcess,
      random: Math.random,
    }),
  ]));
}
