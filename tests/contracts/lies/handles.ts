/**
 * An honest log that the lies are built on: one memory log, and handles on it that are closed and
 * opened again, as processes are at a log on a disk. To the laws it is a log that survives and that
 * several processes have; only a real process would know.
 */
import { guarantees as memory } from "../../../adapters/queue/memory/declaration.ts";
import { openMemoryLog } from "../../../adapters/queue/memory/memory_log.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import type { LogGuarantees } from "../../../src/ports/log_guarantees.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { closedHealth } from "../../../src/ports/queue_health.ts";
import { failedSubscription } from "../../../src/ports/subscription_rules.ts";
import type { EventLogHarness, OpenOptions } from "../event_log_harness.ts";
import { distort, type Distortion } from "./distort.ts";
import {
  type Division,
  guarantees as partitioned,
  honestDivision,
  openPartitionedLog,
} from "./partitioned_log.ts";

export const guarantees: LogGuarantees = {
  ...memory,
  durable: "synced disk",
  survivesRestart: true,
  processes: "many",
};

/** A handle on a log that others have handles on, too. */
export function openHandle(shared: EventLog): EventLog {
  const closing = new AbortController();
  const closed = () => new QueueError("closed", "Log is closed");
  const orClosed = <T>(work: () => Promise<T>): Promise<T> =>
    closing.signal.aborted ? Promise.reject(closed()) : work();
  return {
    publish: (...call) => orClosed(() => shared.publish(...call)),
    subscribe(topic, options = {}) {
      if (closing.signal.aborted) return failedSubscription(closed());
      const signals = options.signal === undefined ? [] : [options.signal];
      const signal = AbortSignal.any([closing.signal, ...signals]);
      const { ready, ...batches } = shared.subscribe(topic, { ...options, signal });
      const iterator = batches[Symbol.asyncIterator]();
      let left = false;
      return {
        ready,
        [Symbol.asyncIterator]: () => ({
          async next() {
            const result = await iterator.next();
            const isClosed = closing.signal.aborted && !left && options.signal?.aborted !== true;
            if (result.done && isClosed) throw closed();
            return result;
          },
          return() {
            left = true;
            return iterator.return?.() ?? Promise.resolve({ done: true, value: undefined });
          },
        }),
      };
    },
    groups: {
      list: () => orClosed(() => shared.groups.list()),
      describe: (...call) => orClosed(() => shared.groups.describe(...call)),
      reset: (...call) => orClosed(() => shared.groups.reset(...call)),
    },
    health: () => closing.signal.aborted ? closedHealth : shared.health(),
    [Symbol.asyncDispose]() {
      closing.abort();
      return Promise.resolve();
    },
  };
}

/** A place whose handles all tell the same lie; without one they are honest. */
export function handlesHarness(
  { declares = {}, told = () => ({}), division }: {
    readonly declares?: Partial<LogGuarantees>;
    readonly told?: () => Distortion;
    /** Of a log with several partitions. Default: there is one. */
    readonly division?: Partial<Division>;
  } = {},
): EventLogHarness {
  const openShared = (options: OpenOptions): EventLog =>
    division === undefined
      ? openMemoryLog(options)
      : openPartitionedLog(options, { ...honestDivision, ...division });
  return {
    guarantees: { ...(division === undefined ? guarantees : partitioned), ...declares },
    prepare() {
      let shared: EventLog | undefined;
      const lie = told();
      return Promise.resolve({
        open(options = {}) {
          shared ??= openShared(options);
          return Promise.resolve(distort(openHandle(shared), lie));
        },
        topic: (stem) => stem,
        group: (stem) => stem,
        [Symbol.asyncDispose]: () => shared?.[Symbol.asyncDispose]() ?? Promise.resolve(),
      });
    },
  };
}
