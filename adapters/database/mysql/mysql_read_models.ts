/** The read models in MySQL 8 or MariaDB, in the shelf's database. */
import type { Connection } from "mysql2/promise";
import type { OpenReadModelsOptions, ReadModels } from "../../../src/ports/database_declaration.ts";
import { StoreError } from "../../../src/ports/store_error.ts";
import { createdAt } from "../schema/created_at.ts";
import {
  consumersOf,
  type ModelTask,
  type ModelTaskName,
  type ModelTasks,
  performTask,
} from "../schema/read_models/model_tasks.ts";
import { readModelsOver } from "../schema/read_models/read_models.ts";
import { openConnections } from "./connections.ts";
import { inspectModels, prepareModels } from "./model_database.ts";
import { statementsOn } from "./model_statements.ts";
import type { MysqlCatalogueOptions } from "./mysql_catalogue.ts";

type Login = Pick<
  MysqlCatalogueOptions,
  "host" | "port" | "user" | "password" | "database" | "ssl" | "publicKey"
>;

const hourMs = 3_600_000;
const connectTimeoutMs = 2_000;
const readTimeoutMs = 3_000;
/** Of a transaction, which may wait for another process's. */
const changeTimeoutMs = 30_000;
const openTimeoutMs = 60_000;
/** One for what changes, which waits for itself; the others for who asks. */
const poolSize = 4;

/** @throws {StoreError} by rejection; `unavailable` where the server is away. */
export async function openMysqlReadModels(
  login: Login,
  { clock, halfLifeHours, visitorDays }: OpenReadModelsOptions,
): Promise<ReadModels> {
  const halfLifeMs = Math.round(halfLifeHours * hourMs);
  const connections = openConnections({ ...login, poolSize, connectTimeoutMs, clock });
  let isClosed = false;

  function run<Result>(
    timeoutMs: number,
    task: (connection: Connection) => Promise<Result>,
  ): Promise<Result> {
    if (isClosed) return Promise.reject(new StoreError("failed", "Read models are closed"));
    return connections.run(timeoutMs, task);
  }

  function change<Name extends ModelTaskName>(
    name: Name,
    input: ModelTasks[Name]["input"],
    timeoutMs = changeTimeoutMs,
  ): Promise<ModelTasks[Name]["output"]> {
    // The output belongs to the task: `performTask`'s switch is checked against the same table.
    const task = { task: name, input } as ModelTask;
    return run(timeoutMs, (connection) => transact(connection, task)) as Promise<
      ModelTasks[Name]["output"]
    >;
  }

  try {
    await run(openTimeoutMs, async (connection) => {
      await prepareModels(connection, login.database, createdAt(clock.now()));
    });
    await change("adopt", { nowMs: clock.now(), halfLifeMs }, openTimeoutMs);
  } catch (error) {
    await connections.close();
    throw error;
  }

  return readModelsOver({
    change,
    read: (ask) => run(readTimeoutMs, (connection) => ask(statementsOn(connection))),
    async close() {
      isClosed = true;
      await connections.close();
    },
  }, { clock, halfLifeMs, visitorDays });
}

/**
 * Processes that change the same read model wait for each other at its row, so that what one reads
 * is what it changes. A task that throws takes its connection, and what it has done, with it.
 */
export async function transact(connection: Connection, task: ModelTask) {
  await connection.query("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
  await connection.beginTransaction();
  const sql = statementsOn(connection);
  for (const consumer of consumersOf(task)) {
    await sql.rows("SELECT 1 FROM shelfcast_consumers WHERE consumer = ? FOR UPDATE", consumer);
  }
  const result = await performTask(sql, task);
  await connection.commit();
  return result;
}

const probeTimeoutMs = 5_000;

/** What doctor finds; changes nothing. @throws {StoreError} by rejection. */
export async function probeMysqlModels(
  login: Login,
  clock: OpenReadModelsOptions["clock"],
): Promise<string> {
  const place = `database "${login.database}" at ${login.host}:${login.port}`;
  const connections = openConnections({
    ...login,
    poolSize: 1,
    connectTimeoutMs: probeTimeoutMs,
    clock,
  });
  try {
    return await connections.run(probeTimeoutMs, async (connection) => {
      const { pending } = await inspectModels(connection, login.database);
      if (pending.length > 0) return `${place} answers, and gets what it lacks at the next start`;
      const sql = "SELECT count(*) AS queries FROM shelfcast_search_trends";
      const [row] = await statementsOn(connection).rows(sql);
      return `${place} holds ${Number(row?.queries)} queries`;
    });
  } finally {
    await connections.close();
  }
}
