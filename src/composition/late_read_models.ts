/**
 * Read models that are opened while the shop already serves: a start does not wait for them, and a
 * database that is away or wrong takes nothing down.
 */
import { backoffMs, type Clock, pause, within } from "../ports/clock.ts";
import type { ReadModels } from "../ports/database_declaration.ts";
import type { InterestStore } from "../ports/interest_store.ts";
import type { ReadModel, ReadModelName } from "../ports/read_model.ts";
import { StoreError } from "../ports/store_error.ts";
import { healthBy } from "../ports/store_health.ts";
import type { TrendStore } from "../ports/trend_store.ts";

/**
 * A call waits until opening has succeeded or failed once; until they are open, it then rejects
 * with why they are not.
 */
export interface LateReadModels extends ReadModels {
  /**
   * Begins opening them; tried again until it succeeds, or they are closed. Never throws.
   *
   * @param onOpened Called once, when they are open.
   */
  begin(onOpened: () => void): void;
  /** Why they are not open, once opening them has failed. */
  readonly fault: unknown;
}

const betweenAttempts = { firstMs: 500, mostMs: 15_000 };
/** For a first attempt that neither succeeds nor fails. */
const firstAttemptMs = 5_000;

export function openLate(open: () => Promise<ReadModels>, clock: Clock): LateReadModels {
  const closing = new AbortController();
  const attempted = Promise.withResolvers<void>();
  let opened: ReadModels | undefined;
  let fault: unknown;
  let running: Promise<void> | undefined;
  let closed: Promise<void> | undefined;

  async function run(onOpened: () => void): Promise<void> {
    for (let failures = 1; !closing.signal.aborted; failures++) {
      try {
        opened = await open();
        fault = undefined;
        attempted.resolve();
        if (!closing.signal.aborted) onOpened();
        return;
      } catch (error) {
        fault = error;
        attempted.resolve();
        await pause(clock, backoffMs(failures, betweenAttempts, Math.random), closing.signal);
      }
    }
  }

  async function use<Result>(ask: (models: ReadModels) => Promise<Result>): Promise<Result> {
    if (opened === undefined && fault === undefined) {
      await within(clock, firstAttemptMs, attempted.promise, () => {}, closing.signal);
    }
    if (opened === undefined) throw fault ?? notYet();
    return await ask(opened);
  }

  const shared = (name: ReadModelName): ReadModel => ({
    apply: (batch) => use((models) => models[name].apply(batch)),
    positions: () => use((models) => models[name].positions()),
    prune: (nowMs) => use((models) => models[name].prune(nowMs)),
    clear: () => use((models) => models[name].clear()),
  });
  const trends: TrendStore = {
    ...shared("trends"),
    top: (request) => use((models) => models.trends.top(request)),
    misses: (request) => use((models) => models.trends.misses(request)),
  };
  const interests: InterestStore = {
    ...shared("interests"),
    interestsOf: (visitorId, request) =>
      use((models) => models.interests.interestsOf(visitorId, request)),
    forget: (visitorId, nowMs) => use((models) => models.interests.forget(visitorId, nowMs)),
  };

  async function close(): Promise<void> {
    closing.abort();
    await running;
    await opened?.[Symbol.asyncDispose]();
  }

  return {
    trends,
    interests,
    health: () => opened?.health() ?? healthBy(() => Promise.reject(fault ?? notYet())),
    begin(onOpened) {
      running ??= run(onOpened);
    },
    get fault() {
      return fault;
    },
    [Symbol.asyncDispose]: () => closed ??= close(),
  };
}

const notYet = (): StoreError => new StoreError("unavailable", "Read models are not open yet");
