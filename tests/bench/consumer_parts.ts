/** What an event costs on its way into a read model on SQLite: each part by itself, in turn. */
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { interestEvent } from "../../adapters/database/schema/read_models/interest_rows.ts";
import { trendEvent } from "../../adapters/database/schema/read_models/trend_rows.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { StoredRecord } from "../../src/ports/event_record.ts";
import type { ReadModelName, SearchedEvent } from "../../src/ports/read_model.ts";
import { searchedEventOf } from "../../src/use_cases/searched_event.ts";
import { applyToSqlite, bareSqlite, modelTasks } from "./bare_model_sql.ts";
import { type ConsumerPlan, fill } from "./consumer_bench.ts";
import { searchEvents } from "./search_events.ts";
import { stopwatch } from "./stopwatch.ts";

/** In the order in which they happen; the last two in the Worker of the read models. */
export const consumerParts = [
  "read it from the file log",
  "decode and check it",
  "take what the read model needs",
  "hand it to the Worker",
  "what is done around the SQL",
  "the SQL: the bare loop",
] as const;

type Part = typeof consumerParts[number];

/** Microseconds of the processor an event, a round each. */
export type PartCosts = Readonly<Record<ReadModelName, Readonly<Record<Part, readonly number[]>>>>;

const take = { trends: trendEvent, interests: interestEvent };
const place = { topic: "bench", partition: 0 };

const noCosts = () =>
  Object.fromEntries(consumerParts.map((part) => [part, []])) as unknown as Record<Part, number[]>;

/** The first round, in which the code is compiled, does not count. */
export async function benchConsumerParts(
  { events: count, batchRecords, rounds }: Pick<ConsumerPlan, "events" | "batchRecords" | "rounds">,
): Promise<PartCosts> {
  const directory = await Deno.makeTempDir({ prefix: "bench_consumers_" });
  const costs = { trends: noCosts(), interests: noCosts() };
  try {
    await using log = await openFileLog({ directory });
    const topic = await fill(log, searchEvents(count));
    for (let round = 0; round <= rounds; round++) {
      for (const name of ["trends", "interests"] as const) {
        const folder = await Deno.makeTempDir({ dir: directory });
        const spent = await roundOf(name, log, topic, batchRecords, folder);
        await Deno.remove(folder, { recursive: true });
        if (round === 0) continue;
        for (const part of consumerParts) costs[name][part].push(spent[part] / count);
      }
    }
    return costs;
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
}

async function roundOf(
  name: ReadModelName,
  log: EventLog,
  topic: string,
  batchRecords: number,
  folder: string,
): Promise<Record<Part, number>> {
  const cpuOf = async <Result>(work: () => Result | Promise<Result>) => {
    const spent = stopwatch();
    const result = await work();
    return { result, us: spent(1).cpuUs };
  };
  const read = await cpuOf(() => readAll(log, topic));
  const decoded = await cpuOf(() => decodeAll(read.result));
  const taken = await cpuOf(() => decoded.result.map((event) => take[name](event)));
  const tasks = modelTasks(name, decoded.result, batchRecords);
  const handed = await cpuOf(() => tasks.map((task) => structuredClone(task)));
  const [{ cpuUs: bare }, { cpuUs: applied }] = [
    await bareSqlite(tasks, folder),
    await applyToSqlite(tasks, folder),
  ];
  return {
    "read it from the file log": read.us,
    "decode and check it": decoded.us,
    "take what the read model needs": taken.us,
    "hand it to the Worker": handed.us,
    "what is done around the SQL": applied - bare,
    "the SQL: the bare loop": bare,
  };
}

async function readAll(log: EventLog, topic: string): Promise<readonly StoredRecord[]> {
  const all: StoredRecord[] = [];
  for await (const { records } of log.subscribe(topic, { from: "earliest", until: "end" })) {
    all.push(...records);
  }
  return all;
}

async function decodeAll(records: readonly StoredRecord[]): Promise<readonly SearchedEvent[]> {
  const events: SearchedEvent[] = [];
  for (const record of records) {
    const event = searchedEventOf(place, record);
    events.push(event instanceof Promise ? await event : event);
  }
  return events;
}
