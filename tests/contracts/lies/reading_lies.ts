/** Logs that lie about where reading starts and what it hands out. */
import type { StartFrom, SubscribeOptions } from "../../../src/ports/event_source.ts";
import {
  batching,
  committing,
  type Distortion,
  giving,
  lazily,
  owningGroups,
  through,
} from "./distort.ts";
import type { Lie } from "./lie.ts";

const noGroup = "G11 reading without a group";
const latest = "G11 latest, which is the default";
const offset = "G11 from an offset";
const time = "G11 from a time";
const untilEnd = "G12 until end stops at the end";
const batch = "G13 a batch has at most maxRecords";

/** Starts elsewhere than it was told. */
function starting(elsewhere: (from: StartFrom, end: bigint) => StartFrom): Distortion {
  let end = 0n;
  return {
    async publish(honest, ...call) {
      const report = await honest(...call);
      end = report.offset + 1n;
      return report;
    },
    subscribe: (honest, topic, { from = "latest", ...options }) =>
      honest(topic, { ...options, from: elsewhere(from, end) }),
  };
}

const isOffset = (from: StartFrom): from is { readonly offset: bigint } =>
  typeof from === "object" && "offset" in from;
const isTime = (from: StartFrom): from is { readonly time: number } =>
  typeof from === "object" && "time" in from;

/** A subscription that never ends, or waits where it should. */
function untilEver(isConcerned: (options: SubscribeOptions) => boolean): Distortion {
  return {
    subscribe(honest, topic, options) {
      const { until: _, ...endless } = options;
      return honest(topic, options.until !== undefined && isConcerned(options) ? endless : options);
    },
  };
}

/** G11–G13, P4: logs that start, end and divide elsewhere than they should. */
export const readingLies: readonly Lie[] = [
  {
    lie: "lets commit who has no group",
    law: noGroup,
    says: /^resolved with .*, wanted a "unsupported" error$/,
    told: () => committing((batch, at) => batch.commit(at).catch(() => {})),
  },
  {
    lie: "remembers how far somebody without a group has read",
    law: noGroup,
    says: /^missing: "v0"/,
    told: () => {
      let read = 0n;
      return {
        subscribe: (honest, topic, options) =>
          through(honest(topic, { ...options, from: { offset: read } }), async function* (batches) {
            for await (const batch of batches) {
              read = batch.records.at(-1)!.offset + 1n;
              yield batch;
            }
          }),
      };
    },
  },
  {
    lie: "gives each record to one reader only",
    law: "G11 readers without a group each get every record",
    says: /^missing: "v\d"; "(v\d|one more \d+)"/,
    told: () => {
      const taken = new Set<bigint>();
      return giving((record) => {
        if (taken.has(record.offset)) return undefined;
        taken.add(record.offset);
        return record;
      });
    },
  },
  {
    lie: "takes the newest record for the end",
    law: latest,
    says: /^missing: "plain0"; "old4", which was not wanted here/,
    told: () => starting((from, end) => from === "latest" ? { offset: end - 1n } : from),
  },
  {
    lie: "skips the first record behind the end",
    law: latest,
    says: /^missing: "plain0"; "plain1" came in its place$/,
    told: () => {
      let latest = -1n;
      return {
        async publish(honest, ...call) {
          const report = await honest(...call);
          if (latest < 0n && report.offset === 5n) latest = 5n;
          return report;
        },
        ...giving((record) => record.offset === 5n ? undefined : record),
      };
    },
  },
  {
    lie: "starts with the oldest record by default",
    law: latest,
    says: /^missing: "default0"; "old0", which was not wanted here/,
    told: () => ({
      subscribe: (honest, topic, options) => honest(topic, { from: "earliest", ...options }),
    }),
  },
  {
    lie: "is ready before it knows where it starts",
    law: latest,
    says: /^missing: "plain0"; "one more \d+", which was not wanted here/,
    told: () => ({
      subscribe: (honest, topic, options) => lazily(() => honest(topic, options)),
    }),
  },
  {
    lie: "looks for the end again when the next member comes",
    law: "G11 with a group, latest is committed",
    says: /^missing: "new0"; "one more \d+", which was not wanted here/,
    told: () => owningGroups((_, __, at) => at + 1n),
  },
  {
    lie: "starts behind the offset that it is told",
    law: offset,
    says: /^missing: "v0"; "v1" came in its place$/,
    told: () => starting((from) => isOffset(from) ? { offset: from.offset + 1n } : from),
  },
  {
    lie: "starts at the oldest where the offset is past the end",
    law: offset,
    says: /^missing: "new"; "v0", which was not wanted here/,
    told: () => starting((from, end) => isOffset(from) && from.offset > end ? "earliest" : from),
  },
  {
    lie: "waits for an offset that is past the end",
    law: offset,
    says: /waiting for "new" took over/,
    isSilent: true,
    told: () => {
      let from = 0n;
      return {
        subscribe(honest, topic, options) {
          from = typeof options.from === "object" && "offset" in options.from
            ? options.from.offset
            : 0n;
          return giving((record) => record.offset < from ? undefined : record)
            .subscribe!(honest, topic, options);
        },
      };
    },
  },
  {
    lie: "starts at the oldest, whatever the time",
    law: time,
    says: /^missing: "new0"; "old0", which was not wanted here/,
    told: () => starting((from) => isTime(from) ? "earliest" : from),
  },
  {
    lie: "skips what came in the same millisecond",
    law: time,
    says: /^missing: "new0"/,
    told: () => starting((from) => isTime(from) ? { time: from.time + 5 } : from),
  },
  {
    lie: "starts a group where it is told, though it has a position",
    law: "G11 with a group, an offset or a time counts only",
    says: /^missing: "v6"/,
    told: () => ({
      subscribe(honest, topic, { group: _, ...options }) {
        return honest(topic, options);
      },
    }),
  },
  {
    lie: "reads on to the end as it has become",
    law: untilEnd,
    says: /^"later0", .* came where the subscription should have ended$/,
    told: () => ({
      subscribe: (honest, topic, options) => lazily(() => honest(topic, options)),
    }),
  },
  {
    lie: "stops one record before the end",
    law: untilEnd,
    says: /^missing: "v29"; the subscription ended before$/,
    told: () => giving((record) => record.offset === 29n ? undefined : record),
  },
  {
    lie: "waits behind the end",
    law: "G12 until end stops at once",
    says: /ending took over/,
    isSilent: true,
    told: () => untilEver(() => true),
  },
  {
    lie: "waits behind the end where a group has read all",
    law: "G12 until end stops at once",
    says: /ending took over/,
    isSilent: true,
    told: () => untilEver(({ group }) => group !== undefined),
  },
  {
    lie: "gives more records at once than it may",
    law: batch,
    says: /^a batch has 25 of 1$/,
    told: () => ({
      subscribe: (honest, topic, options) => honest(topic, { ...options, maxRecords: 500 }),
    }),
  },
  {
    lie: "gives all that it has where nothing is said",
    law: "G13 a batch has at most 500",
    says: /^a batch has 1100 records, wanted at most 500$/,
    told: () => ({
      subscribe: (honest, topic, options) => honest(topic, { maxRecords: 10_000, ...options }),
    }),
  },
  {
    lie: "takes the newest record's offset for the end",
    law: batch,
    says: /the end is the offset of the next record/,
    told: () => batching((batch) => ({ ...batch, end: batch.end - 1n })),
  },
  {
    lie: "takes the end of a batch for that of the partition",
    law: batch,
    says: /the end is the offset of the next record/,
    told: () => batching((batch) => ({ ...batch, end: batch.records.at(-1)!.offset + 1n })),
  },
  {
    lie: "says the end as it was first seen",
    law: batch,
    says: /the end is where it is now/,
    told: () => {
      let seen: bigint | undefined;
      return batching((batch) => ({ ...batch, end: seen ??= batch.end }));
    },
  },
  {
    lie: "gives a tombstone's place away",
    law: "P10 each record gets one report",
    says: /^record 0 was reported at 0\/0, where nothing stands$/,
    told: () => giving((record) => record.value === null ? undefined : record),
  },
  {
    lie: "removes what a group has committed, where it declares replay",
    law: "D2 what a group has committed can be read again",
    says: /^missing: "v0"/,
    told: () => {
      let gone = -1n;
      return {
        subscribe: (honest, topic, options) =>
          through(honest(topic, options), async function* (batches) {
            for await (const batch of batches) {
              const records = batch.records.filter(({ offset }) => offset > gone);
              if (records.length === 0) continue;
              const commit = async (through = records.at(-1)!.offset) => {
                await batch.commit(through);
                gone = through;
              };
              yield { ...batch, records, commit };
            }
          }),
      };
    },
  },
];
