/**
 * A forwarder, and a consumer of trends and one of interests on what it publishes to, as a process
 * that a test kills.
 */
import { openMysqlReadModels } from "../../adapters/database/mysql/mysql_read_models.ts";
import { openSqliteReadModels } from "../../adapters/database/sqlite/sqlite_read_models.ts";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import type { KafkaClientName } from "../../adapters/queue/kafka/clients.ts";
import { openKafkaLog } from "../../adapters/queue/kafka/kafka_log.ts";
import { systemClock as clock } from "../../src/ports/clock.ts";
import type { ReadModels } from "../../src/ports/database_declaration.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import { silentTelemetry as telemetry } from "../../src/ports/telemetry.ts";
import { consumeEvents, consumerGroup } from "../../src/use_cases/consume_events.ts";
import { createEventReceipts } from "../../src/use_cases/event_receipts.ts";
import { forwardEvents } from "../../src/use_cases/forward_events.ts";
import { forwarderGroup } from "../../src/use_cases/forwarder_group.ts";
import type { MysqlLogin } from "../contracts/harnesses/mysql_database.ts";

/** Where read models are. */
export type ConsumedStore = { readonly file: string } | { readonly login: MysqlLogin };

export interface ConsumerPlace {
  /** Of the buffer. */
  readonly directory: string;
  readonly topic: string;
  readonly target:
    | { readonly directory: string }
    | { readonly broker: string; readonly client: KafkaClientName };
  readonly store: ConsumedStore;
}

export function openReadModelsAt(store: ConsumedStore): Promise<ReadModels> {
  const options = { clock, halfLifeHours: 24, visitorDays: 30 };
  return "file" in store
    ? openSqliteReadModels(store.file, options)
    : openMysqlReadModels(store.login, options);
}

/** Opens what the forwarder publishes to. */
export function openTarget(target: ConsumerPlace["target"], topic: string): Promise<EventLog> {
  const topics = [topic, `${topic}.dlq`];
  return "directory" in target
    ? openFileLog({ directory: target.directory, topics })
    : openKafkaLog({ brokers: [target.broker], client: target.client, partitions: 3, topics });
}

async function run({ directory, topic, target, store }: ConsumerPlace): Promise<void> {
  const buffer = await openFileLog({ directory, requiredGroups: [forwarderGroup] });
  const log = await openTarget(target, topic);
  const models = await openReadModelsAt(store);
  const shared = { topic, clock, telemetry, random: Math.random };
  const receipts = createEventReceipts({ isDelivery: false });
  forwardEvents({ ...shared, buffer, target: log, receipts });
  for (const name of ["trends", "interests"] as const) {
    const group = consumerGroup(name, topic);
    const model = models[name];
    consumeEvents({ ...shared, name, group, log, model, dedupeHours: 72, batchRecords: 20 });
  }
  console.log("consuming");
}

if (import.meta.main) await run(JSON.parse(Deno.args[0] ?? "{}"));
