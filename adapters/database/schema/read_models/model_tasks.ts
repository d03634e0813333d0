/**
 * All that changes read models, each a transaction: name → what goes in, what comes out. What goes
 * in is data, as SQLite's changes are made in a Worker.
 */
import {
  type ApplyOutcome,
  type ReadModelName,
  readModelNumbers,
} from "../../../../src/ports/read_model.ts";
import { weightAt } from "../../../../src/domain/decaying_weight.ts";
import { type BatchOf, clearConsumed, consumeBatch, pruneKeys } from "./consume_batch.ts";
import {
  addToInterests,
  clearInterests,
  forgetVisitor,
  type InterestEvent,
  pruneInterests,
  raiseInterests,
} from "./interest_rows.ts";
import type { Statements } from "./statements.ts";
import {
  addToTrends,
  clearTrends,
  pruneTrends,
  raiseTrends,
  type TrendEvent,
} from "./trend_rows.ts";

interface Timed {
  readonly nowMs: number;
  readonly halfLifeMs: number;
}

export interface ModelTasks {
  /** Takes over with another half-life: all scores of the moment stay what they are. */
  adopt: { input: Timed; output: null };
  applyTrends: { input: Timed & { readonly batch: BatchOf<TrendEvent> }; output: ApplyOutcome };
  applyInterests: {
    input: Timed & { readonly batch: BatchOf<InterestEvent> };
    output: ApplyOutcome;
  };
  prune: {
    input: Timed & { readonly model: ReadModelName; readonly visitorDays: number };
    output: number;
  };
  clear: { input: { readonly model: ReadModelName }; output: null };
  forget: { input: { readonly visitorId: string; readonly nowMs: number }; output: null };
}

export type ModelTaskName = keyof ModelTasks;

/** A task and what goes in. */
export type ModelTask = {
  [Name in ModelTaskName]: { readonly task: Name; readonly input: ModelTasks[Name]["input"] };
}[ModelTaskName];

/** Which read models a task changes, by number: their rows are locked first. */
export function consumersOf(task: ModelTask): readonly number[] {
  const { trends, interests } = readModelNumbers;
  switch (task.task) {
    case "adopt":
      return [trends, interests];
    case "applyTrends":
      return [trends];
    case "applyInterests":
    case "forget":
      return [interests];
    case "prune":
    case "clear":
      return [readModelNumbers[task.input.model]];
  }
}

/** Within a transaction, in which nobody else changes these read models. */
export async function performTask(
  sql: Statements,
  { task, input }: ModelTask,
): Promise<ModelTasks[ModelTaskName]["output"]> {
  const { trends, interests } = readModelNumbers;
  switch (task) {
    case "adopt":
      return await adopt(sql, input);
    case "applyTrends":
      return await consumeBatch(
        sql,
        trends,
        input.batch,
        (events) => addToTrends(sql, events, input.halfLifeMs, input.nowMs),
      );
    case "applyInterests":
      return await consumeBatch(
        sql,
        interests,
        input.batch,
        (events) => addToInterests(sql, events, input.halfLifeMs, input.nowMs),
      );
    case "prune":
      return await pruneKeys(sql, readModelNumbers[input.model]) +
        (input.model === "trends"
          ? await pruneTrends(sql, input.nowMs, input.halfLifeMs)
          : await pruneInterests(sql, input.nowMs, input.visitorDays));
    case "clear":
      await clearConsumed(sql, readModelNumbers[input.model]);
      await (input.model === "trends" ? clearTrends(sql) : clearInterests(sql));
      return null;
    case "forget":
      await forgetVisitor(sql, input.visitorId, input.nowMs);
      return null;
  }
}

async function adopt(sql: Statements, { nowMs, halfLifeMs }: Timed): Promise<null> {
  const raise = { trends: raiseTrends, interests: raiseInterests };
  for (const name of ["trends", "interests"] as const) {
    const consumer = readModelNumbers[name];
    const [row] = await sql.rows(
      "SELECT half_life_ms FROM shelfcast_consumers WHERE consumer = ?",
      consumer,
    );
    if (row === undefined) {
      await sql.replace("shelfcast_consumers", ["consumer", "half_life_ms", "horizon_hour"], 1, [
        [consumer, halfLifeMs, null],
      ]);
      continue;
    }
    const before = Number(row.half_life_ms);
    if (before === halfLifeMs) continue;
    await raise[name](sql, weightAt(nowMs, halfLifeMs) - weightAt(nowMs, before));
    await sql.run(
      "UPDATE shelfcast_consumers SET half_life_ms = ? WHERE consumer = ?",
      halfLifeMs,
      consumer,
    );
  }
  return null;
}
