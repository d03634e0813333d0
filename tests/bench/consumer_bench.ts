/** Events through a consumer into its read model, beside a bare loop of the same SQL, in turn. */
import { openMysqlReadModels } from "../../adapters/database/mysql/mysql_read_models.ts";
import { openSqliteReadModels } from "../../adapters/database/sqlite/sqlite_read_models.ts";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { systemClock } from "../../src/ports/clock.ts";
import type { ReadModels } from "../../src/ports/database_declaration.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import type { ReadModel, ReadModelName, SearchedEvent } from "../../src/ports/read_model.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { consumeEvents } from "../../src/use_cases/consume_events.ts";
import { searchedEventOf } from "../../src/use_cases/searched_event.ts";
import { createMysqlDatabase } from "../contracts/harnesses/mysql_database.ts";
import type { ModelTask } from "../../adapters/database/schema/read_models/model_tasks.ts";
import { bareMysql, bareSqlite, modelTasks } from "./bare_model_sql.ts";
import { type Spent, type Stopwatch, stopwatch } from "./stopwatch.ts";
import { searchEvents } from "./search_events.ts";

export const consumedNames = ["trends", "interests"] as const;
export type ConsumedDatabase = "SQLite" | "MariaDB";

/** Events a second, a round each, and what an event takes of this process's processor time. */
export interface ConsumerRates {
  readonly name: ReadModelName;
  readonly database: ConsumedDatabase;
  readonly consumed: readonly number[];
  readonly bare: readonly number[];
  readonly consumedCpuUs: readonly number[];
  readonly bareCpuUs: readonly number[];
}

interface Rates extends ConsumerRates {
  readonly consumed: number[];
  readonly bare: number[];
  readonly consumedCpuUs: number[];
  readonly bareCpuUs: number[];
}

export interface ConsumerPlan {
  readonly events: number;
  readonly batchRecords: number;
  readonly rounds: number;
  readonly databases: readonly ConsumedDatabase[];
}

const options = { clock: systemClock, halfLifeHours: 24, visitorDays: 30 };

/** The first round, in which the code is compiled, does not count. */
export async function benchConsumers(plan: ConsumerPlan): Promise<readonly ConsumerRates[]> {
  const directory = await Deno.makeTempDir({ prefix: "bench_consumers_" });
  await using log = await openFileLog({ directory });
  try {
    const records = searchEvents(plan.events);
    const events = await readEvents(log, await fill(log, records));
    const results = plan.databases.flatMap((database) =>
      consumedNames.map((name): Rates => ({
        name,
        database,
        consumed: [],
        bare: [],
        consumedCpuUs: [],
        bareCpuUs: [],
      }))
    );
    for (let round = 0; round <= plan.rounds; round++) {
      for (const { name, database, ...rates } of results) {
        await using place = await places[database]();
        const bare = await place.bare(modelTasks(name, events, plan.batchRecords));
        const topic = await fill(log, records);
        const model = place.models[name];
        const consumed = await consume(log, topic, { ...plan, name, model });
        if (round === 0) continue;
        rates.bare.push(bare.events / bare.tookMs * 1000);
        rates.bareCpuUs.push(bare.cpuUs / bare.events);
        rates.consumed.push(consumed.events / consumed.tookMs * 1000);
        rates.consumedCpuUs.push(consumed.cpuUs / consumed.events);
      }
    }
    return results;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

let topics = 0;
const publishedAtOnce = 2_000;

/** Each time a topic of its own: a group stands at the end of what it has read. */
export async function fill(log: EventLog, records: readonly EventRecord[]): Promise<string> {
  const topic = `bench-consumers-${++topics}`;
  // More than the log holds in memory, all at once, would be refused.
  for (let from = 0; from < records.length; from += publishedAtOnce) {
    const some = records.slice(from, from + publishedAtOnce);
    await Promise.all(some.map((record) => log.publish(topic, record)));
  }
  return topic;
}

async function readEvents(log: EventLog, topic: string): Promise<readonly SearchedEvent[]> {
  const events: SearchedEvent[] = [];
  for await (const { records } of log.subscribe(topic, { from: "earliest", until: "end" })) {
    for (const record of records) {
      events.push(await searchedEventOf({ topic, partition: 0 }, record));
    }
  }
  return events;
}

/** From the first batch that the read model has to the last: a group takes its time to begin. */
async function consume(
  log: EventLog,
  topic: string,
  { name, model, events, batchRecords }: Pick<ConsumerPlan, "events" | "batchRecords"> & {
    readonly name: ReadModelName;
    readonly model: ReadModel;
  },
): Promise<Spent> {
  const done = Promise.withResolvers<Spent>();
  let began: { readonly at: Stopwatch; readonly position: number } | undefined;
  const consumer = consumeEvents({
    name,
    log,
    topic,
    model: {
      ...model,
      async apply(batch) {
        const outcome = await model.apply(batch);
        const position = Number(batch.next);
        began ??= { at: stopwatch(), position };
        if (position === events) done.resolve(began.at(position - began.position));
        return outcome;
      },
    },
    clock: systemClock,
    telemetry: silentTelemetry,
    random: Math.random,
    dedupeHours: 72,
    batchRecords,
  });
  const spent = await done.promise;
  await consumer.stop(5_000);
  return spent;
}

/** Two empty read models on one kind of database. */
interface Place extends AsyncDisposable {
  readonly models: ReadModels;
  bare(tasks: readonly ModelTask[]): Promise<Spent>;
}

const places: Record<ConsumedDatabase, () => Promise<Place>> = {
  async SQLite() {
    const folder = await Deno.makeTempDir({ prefix: "bench_consumers_" });
    const models = await openSqliteReadModels(`${folder}/read_models.db`, options);
    return {
      models,
      bare: (tasks) => bareSqlite(tasks, folder),
      async [Symbol.asyncDispose]() {
        await models[Symbol.asyncDispose]();
        await Deno.remove(folder, { recursive: true });
      },
    };
  },
  async MariaDB() {
    await using opened = new AsyncDisposableStack();
    const login = async () => opened.use(await createMysqlDatabase()).login;
    const [own, noted, bare] = [await login(), await login(), await login()];
    const models = opened.use(await openMysqlReadModels(own, options));
    for (const login of [noted, bare]) {
      await (await openMysqlReadModels(login, options))[Symbol.asyncDispose]();
    }
    const all = opened.move();
    return {
      models,
      bare: (tasks) => bareMysql(tasks, noted, bare),
      [Symbol.asyncDispose]: () => all.disposeAsync(),
    };
  },
};
