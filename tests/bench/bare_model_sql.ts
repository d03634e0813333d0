/**
 * The SQL of the read models without all that is around it: what the store says to its database is
 * noted down once, statement by statement, and said again to another one in a bare loop.
 */
import type { DatabaseSync, SQLInputValue } from "node:sqlite";
import { type Connection, createConnection } from "mysql2/promise";
import { transact } from "../../adapters/database/mysql/mysql_read_models.ts";
import { interestEvent } from "../../adapters/database/schema/read_models/interest_rows.ts";
import {
  type ModelTask,
  performTask,
} from "../../adapters/database/schema/read_models/model_tasks.ts";
import { trendEvent } from "../../adapters/database/schema/read_models/trend_rows.ts";
import { openModelFile } from "../../adapters/database/sqlite/model_file.ts";
import { statementsOn } from "../../adapters/database/sqlite/model_statements.ts";
import type { ReadModelName, SearchedEvent } from "../../src/ports/read_model.ts";
import { type Spent, stopwatch } from "./stopwatch.ts";
import type { MysqlLogin } from "../contracts/harnesses/mysql_database.ts";

const halfLifeMs = 86_400_000;
const madeAt = "2026-01-01 00:00:00";

/** What changes a read model of these events, a transaction each. */
export function modelTasks(
  name: ReadModelName,
  events: readonly SearchedEvent[],
  batchRecords: number,
): readonly ModelTask[] {
  const nowMs = Date.now();
  const tasks: ModelTask[] = [];
  for (let from = 0; from < events.length; from += batchRecords) {
    const some = events.slice(from, from + batchRecords);
    const place = { topic: "bench", partition: 0, from: BigInt(from) };
    const batch = { ...place, next: BigInt(from + some.length), lastTimestamp: nowMs };
    const timed = { nowMs, halfLifeMs };
    tasks.push(
      name === "trends"
        ? {
          task: "applyTrends",
          input: { ...timed, batch: { ...batch, events: some.map(trendEvent) } },
        }
        : {
          task: "applyInterests",
          input: { ...timed, batch: { ...batch, events: some.map(interestEvent) } },
        },
    );
  }
  return tasks;
}

const eventsIn = (tasks: readonly ModelTask[]): number =>
  tasks.reduce((sum, { input }) => sum + ("batch" in input ? input.batch.events.length : 0), 0);

type Said<Value> = readonly { readonly sql: string; readonly values: readonly Value[] }[];

/** In the way it was said: all rows are asked for, or one, or none. */
type SaidToSqlite = Said<SQLInputValue>[number] & { readonly as: "all" | "get" | "run" };

/** What mysql2 takes: also lists of lists. */
type Bound = NonNullable<unknown> | null;

const adopt: ModelTask = { task: "adopt", input: { nowMs: 0, halfLifeMs } };

/** Says the statements of these tasks to a new file. */
export async function bareSqlite(tasks: readonly ModelTask[], folder: string): Promise<Spent> {
  const said = await saidToSqlite(tasks, `${folder}/noted.db`);
  const database = openModelFile(`${folder}/bare.db`, madeAt);
  try {
    await performTask(statementsOn(database), adopt);
    const statements = new Map(
      said.flat().map(({ sql }) => [sql, database.prepare(sql)]),
    );
    const spent = stopwatch();
    for (const transaction of said) {
      database.exec("BEGIN IMMEDIATE");
      for (const { sql, values, as } of transaction) statements.get(sql)![as](...values);
      database.exec("COMMIT");
    }
    return spent(eventsIn(tasks));
  } finally {
    database.close();
  }
}

/** Does the tasks on a new file, in this thread. */
export async function applyToSqlite(tasks: readonly ModelTask[], folder: string): Promise<Spent> {
  const database = openModelFile(`${folder}/applied.db`, madeAt);
  try {
    const sql = statementsOn(database);
    await performTask(sql, adopt);
    const spent = stopwatch();
    for (const task of tasks) {
      database.exec("BEGIN IMMEDIATE");
      await performTask(sql, task);
      database.exec("COMMIT");
    }
    return spent(eventsIn(tasks));
  } finally {
    database.close();
  }
}

async function saidToSqlite(
  tasks: readonly ModelTask[],
  file: string,
): Promise<readonly (readonly SaidToSqlite[])[]> {
  const database = openModelFile(file, madeAt);
  let said: SaidToSqlite[] = [];
  const noting = {
    prepare(sql: string) {
      const statement = database.prepare(sql);
      const noted = (as: SaidToSqlite["as"]) => (...values: SQLInputValue[]) => {
        said.push({ sql, values, as });
        return statement[as](...values);
      };
      return { all: noted("all"), get: noted("get"), run: noted("run") };
    },
  };
  try {
    await performTask(statementsOn(database), adopt);
    // It has all that the statements use of a database.
    const sql = statementsOn(noting as unknown as DatabaseSync);
    const all: (readonly SaidToSqlite[])[] = [];
    for (const task of tasks) {
      said = [];
      await performTask(sql, task);
      all.push(said);
    }
    return all;
  } finally {
    database.close();
  }
}

/** The same on two empty databases of MySQL or MariaDB that have the tables. */
export async function bareMysql(
  tasks: readonly ModelTask[],
  noted: MysqlLogin,
  bare: MysqlLogin,
): Promise<Spent> {
  const said = await saidToMysql(tasks, noted);
  const connection = await createConnection(bare);
  try {
    await transact(connection, adopt);
    const spent = stopwatch();
    for (const { sql, values } of said) await connection.query(sql, [...values]);
    return spent(eventsIn(tasks));
  } finally {
    await connection.end();
  }
}

async function saidToMysql(
  tasks: readonly ModelTask[],
  login: MysqlLogin,
): Promise<Said<Bound>> {
  const connection = await createConnection(login);
  const said: { sql: string; values: readonly Bound[] }[] = [];
  const query = (sql: string, values: readonly Bound[] = []) => {
    said.push({ sql, values });
    return connection.query(sql, [...values]);
  };
  const noting = {
    query,
    beginTransaction: () => query("START TRANSACTION"),
    commit: () => query("COMMIT"),
  };
  try {
    await transact(connection, adopt);
    // It has all that a transaction uses of a connection.
    for (const task of tasks) await transact(noting as unknown as Connection, task);
    return said;
  } finally {
    await connection.end();
  }
}
