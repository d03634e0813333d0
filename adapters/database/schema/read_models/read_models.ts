/** The read models over a database: what both of them share. */
import type { ReadModels } from "../../../../src/ports/database_declaration.ts";
import { interestsIn, type WeightedBook } from "../../../../src/domain/interest.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import type { InterestStore } from "../../../../src/ports/interest_store.ts";
import {
  type ReadModel,
  type ReadModelName,
  readModelNumbers,
} from "../../../../src/ports/read_model.ts";
import { healthBy } from "../../../../src/ports/store_health.ts";
import type { TrendStore } from "../../../../src/ports/trend_store.ts";
import { positionsOf } from "./consume_batch.ts";
import { interestEvent, readFirst } from "./interest_rows.ts";
import type { ModelTaskName, ModelTasks } from "./model_tasks.ts";
import type { Statements } from "./statements.ts";
import { readTrends, trendEvent } from "./trend_rows.ts";

/** How a database is asked and changed. */
export interface ModelDatabase {
  /** One durable transaction. @throws {StoreError} by rejection. */
  change<Name extends ModelTaskName>(
    task: Name,
    input: ModelTasks[Name]["input"],
  ): Promise<ModelTasks[Name]["output"]>;
  /** @throws {StoreError} by rejection. */
  read<Result>(ask: (sql: Statements) => Promise<Result>): Promise<Result>;
  close(): Promise<void>;
}

/** Of a visitor, so many books at least, by falling weight, where there are so many. */
export type ReadFirst = (visitorId: string, limit: number) => Promise<readonly WeightedBook[]>;

export interface ReadModelsOptions {
  readonly clock: Clock;
  readonly halfLifeMs: number;
  readonly visitorDays: number;
  /** Stands before reading. Default: each visitor is read each time. */
  readonly keepFirst?: (read: ReadFirst) => ReadFirst;
}

export function readModelsOver(
  database: ModelDatabase,
  { clock, halfLifeMs, visitorDays, keepFirst = (read) => read }: ReadModelsOptions,
): ReadModels {
  let closing: Promise<void> | undefined;
  const timed = () => ({ nowMs: clock.now(), halfLifeMs });

  const shared = (model: ReadModelName): Omit<ReadModel, "apply"> => ({
    positions: () => database.read((sql) => positionsOf(sql, readModelNumbers[model])),
    prune: (nowMs) => database.change("prune", { model, nowMs, halfLifeMs, visitorDays }),
    async clear() {
      await database.change("clear", { model });
    },
  });

  const trends: TrendStore = {
    ...shared("trends"),
    apply: (batch) =>
      database.change("applyTrends", {
        ...timed(),
        batch: { ...batch, events: batch.events.map(trendEvent) },
      }),
    top: (request) => database.read((sql) => readTrends(sql, true, request, halfLifeMs)),
    misses: (request) => database.read((sql) => readTrends(sql, false, request, halfLifeMs)),
  };

  const first = keepFirst((visitorId, limit) =>
    database.read((sql) => readFirst(sql, visitorId, limit))
  );
  const interests: InterestStore = {
    ...shared("interests"),
    apply: (batch) =>
      database.change("applyInterests", {
        ...timed(),
        batch: { ...batch, events: batch.events.map(interestEvent) },
      }),
    async interestsOf(visitorId, { limit, nowMs }) {
      return interestsIn(await first(visitorId, limit), limit, { nowMs, halfLifeMs });
    },
    async forget(visitorId, nowMs) {
      await database.change("forget", { visitorId, nowMs });
    },
  };

  return {
    trends,
    interests,
    health: () => healthBy(() => database.read((sql) => positionsOf(sql, 0))),
    [Symbol.asyncDispose]: () => closing ??= database.close(),
  };
}
