/** Logs that lie about delivery and order. */
import type { DeliveryReport } from "../../../src/ports/event_queue.ts";
import type { StoredRecord } from "../../../src/ports/event_record.ts";
import { bytes, text } from "../law.ts";
import { batching, type Distortion, giving, reporting, through } from "./distort.ts";
import type { Lie } from "./lie.ts";

const all = "P1 every published record arrives";
const reports = "P10 each record gets one report";
const large = 50_000;

const offset = (change: (report: DeliveryReport, isTombstone: boolean) => bigint): Distortion =>
  reporting((report, { value }) => ({ ...report, offset: change(report, value === null) }));

/** What is published in one turn of the event loop is appended in another order. */
function inTurns(order: <T>(calls: T[]) => T[]): Distortion {
  let calls: (() => void)[] = [];
  return {
    publish: (honest, ...call) =>
      new Promise((resolve) => {
        if (calls.length === 0) {
          queueMicrotask(() => {
            const now = order(calls);
            calls = [];
            for (const append of now) append();
          });
        }
        calls.push(() => resolve(honest(...call)));
      }),
  };
}

/** Reads to the end by itself, and has lost a record. */
function waitingFor(lost: bigint): Distortion {
  let end = 0n;
  return {
    async publish(honest, ...call) {
      const report = await honest(...call);
      end = report.offset + 1n;
      return report;
    },
    subscribe(honest, topic, { until, ...options }) {
      const stopAt = until === undefined ? undefined : end;
      return through(honest(topic, options), async function* (batches) {
        for await (const batch of batches) {
          const records = batch.records.filter(({ offset }) =>
            offset !== lost && (stopAt === undefined || offset < stopAt)
          );
          if (records.length > 0) yield { ...batch, records };
          const position = batch.records.findLast(({ offset }) => offset !== lost)?.offset ?? -1n;
          if (stopAt !== undefined && position + 1n >= stopAt) return;
        }
      });
    },
  };
}

const later = async (turns: number): Promise<void> => {
  for (let turn = 0; turn < turns; turn++) await Promise.resolve();
};

const sorted = (records: readonly StoredRecord[]) =>
  records.toSorted((a, b) => text(a.value) < text(b.value) ? -1 : 1);

/** P1, P6–P10: logs that lose, repeat, invent, reorder, or say the wrong place. */
export const deliveryLies: readonly Lie[] = [
  {
    lie: "forgets every hundredth record",
    law: all,
    says: /^missing: "event-99", "event-199".* and 5 more$/,
    told: () => giving((record) => record.offset % 100n === 99n ? undefined : record),
  },
  {
    lie: "forgets its newest record",
    law: all,
    says: /^missing: "event-999"$/,
    told: () => giving((record) => record.offset === 999n ? undefined : record),
  },
  {
    lie: "waits for a record that it has lost",
    law: all,
    says: /^missing: "event-999"$/,
    told: () => waitingFor(999n),
  },
  {
    lie: "gives a record twice",
    law: all,
    says: /^came twice: "event-7"$/,
    told: () =>
      batching((batch) => ({
        ...batch,
        records: batch.records.flatMap((r) => r.offset === 7n ? [r, r] : [r]),
      })),
  },
  {
    lie: "gives a record in another's place",
    law: all,
    says: /^missing: "event-8"; came twice: "event-7"$/,
    told: () => {
      let seven: StoredRecord | undefined;
      return giving((record) => {
        if (record.offset === 7n) seven = record;
        return record.offset === 8n && seven ? { ...seven, offset: 8n } : record;
      });
    },
  },
  {
    lie: "invents a record",
    law: all,
    says: /^missing: "event-5"; came though nobody published it: "ghost"$/,
    told: () => giving((r) => r.offset === 5n ? { ...r, value: bytes("ghost") } : r),
  },
  {
    lie: "stores what it is given twice",
    law: all,
    says: /^came twice: "event-0"/,
    told: () => ({
      publish: async (honest, ...call) => {
        await honest(...call);
        return await honest(...call);
      },
    }),
  },
  {
    lie: "lets one topic's records into another",
    law: "P8 topics do not leak",
    says: /^missing: "one0"$/,
    told: () => ({
      publish: (honest, topic, record, options) =>
        honest(text(record.value) === "one0" ? "two" : topic, record, options),
    }),
  },
  {
    lie: "appends in reverse what comes at once",
    law: "P6 records of a key keep the order",
    says: /^missing: "0"; "1584" came in its place$/,
    told: () => inTurns((calls) => calls.reverse()),
  },
  {
    lie: "lets small records overtake a large one of their key",
    law: "P6 a large record is not overtaken",
    says: /^missing: "v3"; "v4" came in its place$/,
    told: () => ({
      async publish(honest, ...call) {
        const [, { headers = [] }] = call;
        if (headers.some(([, value]) => (value?.length ?? 0) > large)) await later(3);
        return await honest(...call);
      },
    }),
  },
  {
    lie: "keeps the order of keys, where it declares that of the topic",
    law: "P6 all records of a topic keep the order",
    says: /^missing: "v0"; "v1" came in its place$/,
    told: () => ({
      async publish(honest, ...call) {
        if (call[1].key === undefined) await later(3);
        return await honest(...call);
      },
    }),
  },
  {
    lie: "sorts what it holds when it is opened again",
    law: "P7 records of a key keep their order over closing",
    says: /^missing: "2"; "10" came in its place$/,
    told: () => batching((batch) => ({ ...batch, records: sorted(batch.records) })),
  },
  {
    lie: "loses a record that stands behind a refused one",
    law: "P7 a refused record leaves the order",
    says: /^missing: "6"/,
    told: () => {
      let before = 0;
      return {
        publish(honest, ...call) {
          const [topic, , options] = call;
          const isTooLarge = (call[1].value?.length ?? 0) > large;
          if (!isTooLarge && before > large) {
            before = 0;
            return honest(`${topic}-lost`, call[1], options);
          }
          before = call[1].value?.length ?? 0;
          return honest(...call);
        },
      };
    },
  },
  {
    lie: "puts off a record that stands behind a refused one",
    law: "P7 a refused record leaves the order",
    says: /^missing: "6"; "7" came in its place$/,
    told: () => {
      let before = 0;
      return {
        async publish(honest, ...call) {
          const wasTooLarge = before > large;
          before = call[1].value?.length ?? 0;
          if (wasTooLarge) await later(5);
          return await honest(...call);
        },
      };
    },
  },
  {
    lie: "reports every offset one too far",
    law: reports,
    says: /^record 0 was reported at 0\/1, where record 1 stands/,
    told: () => offset((report) => report.offset + 1n),
  },
  {
    lie: "reports offset 0 for tombstones",
    law: reports,
    says: /^record 7 was reported at 0\/0, where record 0 stands/,
    told: () => offset((report, isTombstone) => isTombstone ? 0n : report.offset),
  },
  {
    lie: "reports wrong offsets from 1,000 on",
    law: reports,
    says: /^record 1000 was reported at 0\/999, where record 999 stands/,
    told: () => offset(({ offset }) => offset >= 1000n ? offset - 1n : offset),
  },
  {
    lie: "gives wrong offsets from 1,000 on, as it reports them",
    law: reports,
    says: /record|offset/,
    told: () => {
      const wrong = (n: bigint) => n >= 1000n ? n + 1n : n;
      return {
        ...giving((record) => ({ ...record, offset: wrong(record.offset) })),
        ...offset(({ offset }) => wrong(offset)),
      };
    },
  },
  {
    lie: "reports another partition",
    law: reports,
    says: /^record 0 was reported at 1\/0, where nothing stands/,
    told: () => reporting((report) => ({ ...report, partition: 1 })),
  },
  {
    lie: "reports another topic",
    law: reports,
    says: /^record 0 was reported at 0\/0/,
    told: () => reporting((report) => ({ ...report, topic: "another" })),
  },
  {
    lie: "reports another time",
    law: reports,
    says: /^record 0 was reported at 0\/0 with another timestamp/,
    told: () => reporting((report) => ({ ...report, timestamp: 1 })),
  },
  {
    lie: "reports offset 0 for the first record after it was opened again",
    law: "P10 the first report after opening again",
    says: /^record 1 was reported at 0\/0, where record 0 stands/,
    told: () => {
      let isFirst = true;
      return {
        ...offset(({ offset }) => {
          const first = isFirst;
          isFirst = false;
          return first ? 0n : offset;
        }),
        close(honest) {
          isFirst = true;
          return honest();
        },
      };
    },
  },
  {
    lie: "wakes nobody who waits",
    law: "P10 a record published through one handle",
    says: /the next batch took over/,
    isSilent: true,
    told: () => ({
      subscribe: (honest, topic, options) =>
        through(honest(topic, options), async function* (batches) {
          for await (const batch of batches) {
            if (text(batch.records[0]?.value ?? null) !== "zero") await new Promise(() => {});
            yield batch;
          }
        }),
    }),
  },
];
