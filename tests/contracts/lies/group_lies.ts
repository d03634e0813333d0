/** Logs that lie about groups and their positions. */
import type { StoredRecord } from "../../../src/ports/event_record.ts";
import type { RecordBatch } from "../../../src/ports/event_source.ts";
import {
  batching,
  committing,
  type Distortion,
  owningGroups,
  type Subscribe,
  through,
} from "./distort.ts";
import type { Lie } from "./lie.ts";

const standBy = "G2 while a member is active the others wait";
const goesOn = "G3 a group continues after its commit";

/** What a member does that had to wait for its place. */
function takingOver(
  change: (
    batches: AsyncIterable<RecordBatch>,
    honest: Subscribe,
    seen: readonly StoredRecord[],
  ) => AsyncIterator<RecordBatch>,
): Distortion {
  const members = new Map<string, number>();
  const seen: StoredRecord[] = [];
  return {
    subscribe(honest, topic, options) {
      const { group } = options;
      if (group === undefined) return honest(topic, options);
      const before = members.get(`${topic} ${group}`) ?? 0;
      members.set(`${topic} ${group}`, before + 1);
      return through(honest(topic, options), async function* (batches) {
        if (before > 0) return yield* iterated(change(batches, honest, seen));
        for await (const batch of batches) {
          seen.push(...batch.records);
          yield batch;
        }
      });
    },
  };
}

const iterated = (iterator: AsyncIterator<RecordBatch>) => ({
  [Symbol.asyncIterator]: () => iterator,
});

/** The members after so many are active, too, and nobody's group. */
function activeAfter(count: number): Distortion {
  const members = new Map<string, number>();
  return {
    subscribe(honest, topic, options) {
      const { group, ...rest } = options;
      if (group === undefined) return honest(topic, options);
      const before = members.get(`${topic} ${group}`) ?? 0;
      members.set(`${topic} ${group}`, before + 1);
      if (before < count) return honest(topic, options);
      return committing(() => Promise.resolve()).subscribe!(honest, topic, rest);
    },
  };
}

/** While a group is read on one topic, it waits on all others. */
function blockingNames(): Distortion {
  const holders = new Map<string, string>();
  return {
    subscribe(honest, topic, options) {
      const { group = "" } = options;
      const holder = holders.get(group) ?? topic;
      holders.set(group, holder);
      return through(honest(topic, options), async function* (batches) {
        if (holder !== topic) await new Promise(() => {});
        yield* batches;
      });
    },
  };
}

const inOrder = (position: bigint | undefined, through: bigint): bigint =>
  position === undefined || through + 1n > position ? through + 1n : position;

const isNext = (position: bigint | undefined, batch: RecordBatch): boolean =>
  batch.records[0]!.offset <= (position ?? 0n);

/**
 * G1–G6: logs that mix groups up, let members have each other's records, and commit what nobody
 * did.
 */
export const groupLies: readonly Lie[] = [
  {
    lie: "has one position for all groups",
    law: "G1 two groups each get every record",
    says: /^missing: "v0"; "one more \d+", which was not wanted here/,
    told: () => ({
      subscribe: (honest, topic, options) =>
        honest(topic, options.group === undefined ? options : { ...options, group: "all" }),
    }),
  },
  {
    lie: "has one position for a group on all topics",
    law: "G1 a group's name on one topic",
    says: /^missing: "same-two0"; "same-two3", which was not wanted here/,
    told: () => owningGroups((position, _, at) => inOrder(position, at), (_, group) => group),
  },
  {
    lie: "lets a group's name on one topic block the same name on another",
    law: "G1 a group's name on one topic",
    says: /waiting for "same-two0".* took over/,
    isSilent: true,
    told: blockingNames,
  },
  {
    lie: "gives two members the same records",
    law: "G2 two members of a group",
    says: /^came twice: "first"$/,
    told: () => activeAfter(1),
  },
  {
    lie: "lets a third member be active at once",
    law: standBy,
    says: /^"v0".* came to a member that should wait for its place$/,
    told: () => activeAfter(2),
  },
  {
    lie: "lets a third consumer be active at once, among many",
    law: "P9 three publishers and three consumers",
    says: /^came twice: /,
    told: () => activeAfter(2),
  },
  {
    lie: "skips a record when a member takes over",
    law: standBy,
    says: /^missing: "x0"; "x1" came in its place/,
    told: () =>
      takingOver(async function* (batches) {
        let isFirst = true;
        for await (const batch of batches) {
          yield isFirst ? { ...batch, records: batch.records.slice(1) } : batch;
          isFirst = false;
        }
      }),
  },
  {
    lie: "repeats a record when a member takes over",
    law: standBy,
    says: /^missing: "x0"; "w4" came in its place/,
    told: () =>
      takingOver(async function* (batches, _, seen) {
        let last = seen.at(-1);
        for await (const batch of batches) {
          last = seen.at(-1);
          yield { ...batch, records: last ? [last, ...batch.records] : batch.records };
        }
      }),
  },
  {
    lie: "starts at 0 when a member takes over",
    law: standBy,
    says: /^missing: "x0"; "v0" came in its place/,
    told: () =>
      takingOver(async function* (batches, honest) {
        for await (const { topic } of batches) yield* honest(topic, { from: "earliest" });
      }),
  },
  {
    lie: "starts at the end when a member takes over",
    law: "G2 a member that leaves is taken over",
    says: /^missing: "v5"; "one more \d+", which was not wanted here/,
    told: () =>
      takingOver(async function* (batches, honest) {
        for await (const { topic } of batches) yield* honest(topic, { from: "latest" });
      }),
  },
  {
    lie: "lets a member commit that has left",
    law: "G5 a commit after the member has left",
    says: /^resolved with .*, wanted a "revoked" error$/,
    told: () => committing((batch, at) => batch.commit(at).catch(() => {})),
  },
  {
    lie: "moves the position when a member commits that has left",
    law: "G5 a commit after the member has left",
    says: /^resolved with .*, wanted a "revoked" error$/,
    told: () => owningGroups((position, _, at) => inOrder(position, at)),
  },
  {
    lie: "forgets commits",
    law: goesOn,
    says: /^missing: "v8"; "v0", which was not wanted here/,
    told: () => committing(() => Promise.resolve()),
  },
  {
    lie: "commits one record less",
    law: goesOn,
    says: /^missing: "v8"; "v7", which was not wanted here/,
    told: () => owningGroups((position, _, at) => inOrder(position, at - 1n)),
  },
  {
    lie: "commits one record more",
    law: goesOn,
    says: /^missing: "v8"; "v9" came in its place$/,
    told: () => owningGroups((position, _, at) => inOrder(position, at + 1n)),
  },
  {
    lie: "forgets commits when it is closed",
    law: "G3 a commit is there after closing and opening again",
    says: /^missing: "v8"; "v0", which was not wanted here/,
    told: () => {
      let opened = 0;
      return {
        subscribe: (honest, topic, options) =>
          honest(topic, { ...options, group: `${options.group}-${opened}` }),
        close(honest) {
          opened++;
          return honest();
        },
      };
    },
  },
  {
    lie: "loses the last commit when it is closed under a member",
    law: "G3 a commit is there after closing under the member",
    says: /^missing: "v8"; "v4", which was not wanted here/,
    told: () => {
      let held: (() => Promise<void>) | undefined;
      return committing(async (batch, at) => {
        await held?.();
        held = () => batch.commit(at);
      });
    },
  },
  {
    lie: "commits the whole batch, whatever is said",
    law: "G3 commit(through) in the middle",
    says: /^missing: "v3"/,
    told: () => committing((batch) => batch.commit()),
  },
  {
    lie: "goes back where less is committed than before",
    law: "G3 committing again, or less far",
    says: /^missing: "v6"; "v2", which was not wanted here/,
    told: () => owningGroups((_, __, at) => at + 1n),
  },
  {
    lie: "takes what it has handed out for handled",
    law: "G3 what was handed out and not committed",
    says: /^missing: "v0"/,
    told: () => ({
      subscribe: (honest, topic, options) =>
        through(honest(topic, options), async function* (batches) {
          for await (const batch of batches) {
            await batch.commit();
            yield batch;
          }
        }),
    }),
  },
  {
    lie: "commits whatever offset it is told",
    law: "G3 commit() refuses an offset",
    says: /^resolved with .*, wanted a "invalid_record" error$/,
    told: () => owningGroups((position, _, at) => inOrder(position, at)),
  },
  {
    lie: "lets a commit pass a batch that nobody has handled",
    law: "G4 a commit does not pass a batch",
    says: /^missing: "v3", "v4", "v5", "v6", "v7" and 1 more; the subscription ended before$/,
    told: () => owningGroups((position, _, at) => inOrder(position, at)),
  },
  {
    lie: "lets a commit pass the rest of a batch",
    law: "G4 a commit does not pass the rest",
    says: /^missing: "v2"/,
    told: () => {
      const begun = new Set<bigint>();
      return owningGroups((position, batch, at) => {
        begun.add(batch.records[0]!.offset);
        return inOrder(position, at);
      });
    },
  },
  {
    lie: "forgets commits that come before their turn",
    law: "G4 batches committed out of order",
    says: /^missing: "v9"; "v3", which was not wanted here/,
    told: () =>
      owningGroups((position, batch, at) =>
        isNext(position, batch) ? inOrder(position, at) : position
      ),
  },
  {
    lie: "lets the last commit win",
    law: "G4 batches committed out of order",
    says: /^missing: "v9"; "v3", which was not wanted here/,
    told: () => owningGroups((_, __, at) => at + 1n),
  },
  {
    lie: "loses commits that are under way at the same time",
    law: "G4 commits that are under way",
    says: /^missing: "v9"; "v\d", which was not wanted here/,
    told: () => {
      let isUnderWay = false;
      return committing(async (batch, at) => {
        if (isUnderWay) return;
        isUnderWay = true;
        await batch.commit(at);
        isUnderWay = false;
      });
    },
  },
  {
    lie: "keeps the place of a member that has left its loop",
    law: "G2 a member that leaves its loop",
    says: /waiting for "v3".* took over/,
    isSilent: true,
    told: () => {
      let members = 0;
      return {
        subscribe: (honest, topic, options) =>
          through(honest(topic, options), async function* (batches) {
            if (members++ > 0) await new Promise(() => {});
            yield* batches;
          }),
      };
    },
  },
  {
    lie: "gives an empty batch where it hands out nothing",
    law: "G13 a batch is of its topic",
    says: /^a batch has no records$/,
    told: () => ({
      subscribe: (honest, topic, options) =>
        through(honest(topic, options), async function* (batches) {
          for await (const batch of batches) {
            yield { ...batch, records: [] };
            yield batch;
          }
        }),
    }),
  },
  {
    lie: "names another topic in its batches",
    law: "G13 a batch is of its topic",
    says: /another/,
    told: () => batching((batch) => ({ ...batch, topic: "another" })),
  },
  {
    lie: "commits what it hands out",
    law: "G6 a store that refuses",
    says: /^read_again/,
    told: () => ({
      subscribe: (honest, topic, options) =>
        through(honest(topic, options), async function* (batches) {
          for await (const batch of batches) {
            if (options.group !== undefined) await batch.commit();
            yield batch;
          }
        }),
    }),
  },
  {
    lie: "hands out again what is not committed yet",
    law: "G6 a store that refuses",
    says: /^repeated/,
    told: () => ({
      subscribe: (honest, topic, options) =>
        through(honest(topic, options), async function* (batches) {
          for await (const batch of batches) {
            yield batch;
            if (options.group !== undefined) yield batch;
          }
        }),
    }),
  },
];
