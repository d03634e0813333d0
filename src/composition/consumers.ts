/** The consumers that run inside the shop, and the read models that it answers from. */
import type { Config } from "../config/schema.ts";
import type { Clock } from "../ports/clock.ts";
import type { ReadModels } from "../ports/database_declaration.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { QueueHealth } from "../ports/queue_health.ts";
import type { ReadModelName } from "../ports/read_model.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { DrainStep } from "../process/drain.ts";
import type { EventConsumer } from "../use_cases/consume_events.ts";
import type { WatchedQueues } from "../use_cases/readiness.ts";
import { databaseNamed, databaseValues } from "./catalogues.ts";
import { openLate } from "./late_read_models.ts";
import type { ReadModelReaders } from "./wire_shop.ts";

/** Of the shutdown's 20 s; they end before the forwarder does. */
const consumersDeadlineMs = 3_000;

/** What is there of them; nothing of it is open before `begin`. */
export interface ShopConsumers {
  readonly readModels: ReadModelReaders;
  /** By the names that operators see. */
  readonly watched: WatchedQueues;
  /** Opens the read models and starts the consumers, behind whoever calls. */
  begin(): void;
  /** Before what they read from is closed. */
  readonly endSteps: readonly DrainStep[];
}

export interface ShopConsumersOptions {
  /** Where events are meant to be. */
  readonly log: EventLog;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Names of the consumers that this configuration wants. */
export const consumerNames = ({ consumers }: Config): readonly ReadModelName[] =>
  consumers.trends === "on" ? ["trends", "interests"] : ["interests"];

/** Undefined where the database keeps none. */
export function shopConsumers(
  config: Config,
  { log, clock, telemetry }: ShopConsumersOptions,
): ShopConsumers | undefined {
  if (databaseNamed(config.db.driver).readModels === undefined) return undefined;
  const { run, trends, trend_min_searches: trendMinSearches } = config.consumers;
  const names = run === "inline" ? consumerNames(config) : [];
  let running: ReadonlyMap<ReadModelName, EventConsumer> = new Map();
  let start = (): void => {};
  const models = openLate(async () => {
    const { startConsumers } = await loadStart();
    start = () => {
      running = startConsumers(config, names, { models, log, clock, telemetry });
    };
    return await openReadModels(config, clock);
  }, clock);
  const opening = () => models.fault === undefined ? undefined : waitsFor(models.fault);
  return {
    readModels: {
      ...(trends === "on" && { trends: models.trends }),
      interests: models.interests,
      trendMinSearches,
    },
    watched: Object.fromEntries(
      names.map((name) => [name, { health: () => running.get(name)?.health() ?? opening() }]),
    ),
    begin: () => models.begin(() => start()),
    endSteps: [
      {
        name: "end consuming",
        async run() {
          const stops = [...running.values()].map(({ stop }) => stop(consumersDeadlineMs));
          await Promise.all(stops);
        },
      },
      { name: "close the read models", run: () => models[Symbol.asyncDispose]() },
    ],
  };
}

/** Of what consumers are made no answer needs anything. */
async function loadStart(): Promise<typeof import("./start_consumers.ts")> {
  return await import(import.meta.resolve("./start_consumers.ts"));
}

function waitsFor(fault: unknown): QueueHealth {
  const why = fault instanceof Error ? fault.message : "they cannot be opened";
  const detail = `Consumers wait for their read models: ${why}`;
  return { status: "degraded", reason: "unavailable", detail };
}

/** @throws {StoreError} by rejection. */
export async function openReadModels(config: Config, clock: Clock): Promise<ReadModels> {
  const { db, consumers } = config;
  const { readModels } = databaseNamed(db.driver);
  if (readModels === undefined) {
    throw new RangeError(`Database is "${db.driver}", wanted one that keeps read models`);
  }
  return await readModels.open(databaseValues(config), {
    clock,
    halfLifeHours: consumers.half_life_hours,
    visitorDays: consumers.visitor_days,
  });
}
