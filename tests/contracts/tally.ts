/** What several readers get between them. */
import assert from "node:assert/strict";
import type { DeliveryReport } from "../../src/ports/event_queue.ts";
import type { RecordBatch } from "../../src/ports/event_source.ts";
import { list } from "./assert_records.ts";
import { patience, text } from "./law.ts";

/** Counts records that come in whatever order to whomever. */
export interface Tally {
  /** Notes a batch; what comes twice or is nobody's is a fault at once. */
  note(batch: RecordBatch): void;
  /**
   * Tells where each record stands, in the order of the values: from now on a gap in a partition is
   * a fault at once.
   */
  placed(reports: readonly DeliveryReport[]): void;
  /** Tells why a reader has ended. */
  fail(reason: unknown): void;
  /**
   * Resolves when all have come; may be asked again, for what came since. Rejects at the first
   * fault, and where time is up, with what is missing.
   */
  all(): Promise<void>;
}

/**
 * @param mayRepeat Members that share partitions may get a record twice while these are handed
 *   over.
 */
export function createTally(
  wanted: readonly string[],
  mayRepeat: (value: string) => boolean,
): Tally {
  const known = new Set(wanted);
  const seen = new Set<string>();
  /** Values by partition, in the order of offsets. */
  let places = new Map<number, readonly string[]>();
  let fault: { readonly reason: unknown } | undefined;
  const done = Promise.withResolvers<void>();
  done.promise.catch(() => {}); // Told by `all`.

  function check(): void {
    for (const values of places.values()) {
      const last = Math.max(0, values.findLastIndex((value) => seen.has(value)));
      const gap = values.slice(0, last).find((value) => !seen.has(value));
      assert.ok(
        gap === undefined,
        `missing: ${JSON.stringify(gap)}; ${
          JSON.stringify(values[last])
        }, which stands behind it, came`,
      );
    }
    if (seen.size === wanted.length) done.resolve();
  }

  function attempt(step: () => void): void {
    try {
      step();
    } catch (error) {
      fail(error);
    }
  }

  function fail(reason: unknown): void {
    fault ??= { reason };
    done.reject(reason);
  }

  return {
    note: (batch) =>
      attempt(() => {
        for (const value of batch.records.map((record) => text(record.value))) {
          const quoted = JSON.stringify(value);
          assert.ok(known.has(value), `came though nobody published it: ${quoted}`);
          assert.ok(mayRepeat(value) || !seen.has(value), `came twice: ${quoted}`);
          seen.add(value);
        }
        check();
      }),
    placed: (reports) =>
      attempt(() => {
        const standing = reports.map((report, n) => ({ ...report, value: wanted[n]! }))
          .sort((a, b) => Number(a.offset - b.offset));
        places = new Map(
          [...Map.groupBy(standing, ({ partition }) => partition)]
            .map(([partition, records]) => [partition, records.map(({ value }) => value)]),
        );
        check();
      }),
    fail,
    async all() {
      const timer = setTimeout(() => {
        const missing = list(wanted.filter((value) => !seen.has(value)));
        fail(new Error(`missing: ${missing}; nothing came for ${patience.deadlineMs} ms`));
      }, patience.deadlineMs);
      try {
        await done.promise;
        if (fault !== undefined) throw fault.reason;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}
