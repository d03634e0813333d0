/** Lies about where groups stand, and about moving them: G10. */
import type {
  DescribedGroup,
  EventGroups,
  GroupPosition,
} from "../../../src/ports/event_groups.ts";
import type { StartFrom } from "../../../src/ports/event_source.ts";
import { committing, type Distortion } from "./distort.ts";
import type { Lie } from "./lie.ts";

type Reset = EventGroups["reset"];

/** Moves groups otherwise than it is told. */
const moving = (reset: (honest: Reset, ...call: Parameters<Reset>) => ReturnType<Reset>) => () => ({
  groups: (honest: EventGroups) => ({
    reset: (...call: Parameters<Reset>) => reset(honest.reset, ...call),
  }),
});

/** Moves groups to another place than it is told. */
const insteadOf = (change: (to: StartFrom) => StartFrom) =>
  moving((honest, group, topic, to, options) => honest(group, topic, change(to), options));

/** Says something else of a group than what is so. */
const describing = (change: (group: DescribedGroup) => DescribedGroup) => (): Distortion => ({
  groups: (honest) => ({ describe: async (group) => change(await honest.describe(group)) }),
});

const ofEach = (change: (position: GroupPosition) => GroupPosition) =>
  describing((group) => ({ ...group, positions: group.positions.map(change) }));

const isTime = (to: StartFrom): to is { readonly time: number } =>
  typeof to === "object" && "time" in to;

const stands = "G10 every group is listed, and says where it stands";
const differs = /^Expected values to be strictly deep-equal/;

export const positionLies: readonly Lie[] = [
  {
    lie: "lists one group and no other",
    law: stands,
    says: /^listed: \w+\n/,
    told: () => ({ groups: (honest) => ({ list: async () => (await honest.list()).slice(0, 1) }) }),
  },
  {
    lie: "counts all of a partition as lag",
    law: stands,
    says: differs,
    told: ofEach((position) => ({ ...position, lag: position.end ?? 0n })),
  },
  {
    lie: "says the last record that was handled for the next",
    law: stands,
    says: differs,
    told: ofEach((position) => ({ ...position, position: (position.position ?? 1n) - 1n })),
  },
  {
    lie: "takes a group that nobody reads for an active one",
    law: stands,
    says: /^"other" has no member|^"moved" has no member/,
    told: describing((group) => ({ ...group, isActive: true })),
  },
  {
    lie: "says the time of the oldest record for that of the next",
    law: "G10 a group says since when",
    says: /^Expected values to be strictly equal/,
    told: ofEach((position) => ({ ...position, waitingSince: 1_700_000_000_000 })),
  },
  {
    lie: "does not know who reads",
    law: "G10 a group that is read says by whom",
    says: /^"held" is read, and said not to be/,
    told: describing((group) => ({ ...group, isActive: false })),
  },
  {
    lie: "moves a group that it should say of where it would move",
    law: "G10 looking at groups and at a reset moves nothing",
    says: /^missing: "v4"; "v0", which was not wanted here, came/,
    told: moving((honest, group, topic, to) => honest(group, topic, to, { execute: true })),
  },
  {
    lie: "says that it has moved a group, and has not",
    law: "G10 a reset moves a group to the oldest record",
    says: differs,
    told: moving((honest, group, topic, to) => honest(group, topic, to)),
  },
  {
    lie: "takes the end for the beginning",
    law: "G10 a reset moves a group to the end",
    says: differs,
    told: insteadOf((to) => to === "latest" ? "earliest" : to),
  },
  {
    lie: "takes an offset for the one behind it",
    law: "G10 a reset moves a group to the offset that is given",
    says: differs,
    told: insteadOf((to) =>
      typeof to === "object" && "offset" in to ? { offset: to.offset + 1n } : to
    ),
  },
  {
    lie: "moves a group past the end",
    law: "G10 a reset moves a group to an offset past the end",
    says: differs,
    told: moving(async (honest, group, topic, to, options) => {
      const after = typeof to === "object" && "offset" in to ? to.offset : undefined;
      const done = await honest(group, topic, to, options);
      return done.map((each) => ({ ...each, after: after ?? each.after }));
    }),
  },
  {
    lie: "never moves a group ahead",
    law: "G10 a reset moves a group ahead",
    says: differs,
    told: insteadOf((to) => typeof to === "object" && "offset" in to ? { offset: 0n } : to),
  },
  {
    lie: "takes a time for the oldest record",
    law: "G10 a reset moves a group to the first record of a time",
    says: differs,
    told: insteadOf((to) => isTime(to) ? "earliest" : to),
  },
  {
    lie: "takes a time that has not come for the oldest record",
    law: "G10 a reset moves a group to a time that is still to come",
    says: differs,
    told: insteadOf((to) => isTime(to) && to.time > Date.now() ? "earliest" : to),
  },
  {
    lie: "says that it moves a group that somebody reads for",
    law: "G10 a group is not moved while a member is active",
    says: /^resolved with .*, wanted a "group_active" error$/,
    told: moving((honest, group, topic, to, options) =>
      honest(group, topic, to, options).catch(() => honest(group, topic, to))
    ),
  },
  {
    lie: "moves all groups of a topic with one",
    law: "G10 a reset moves no other group",
    says: /^missing: "v3"; "v0", which was not wanted here, came/,
    told: () => ({
      groups: (honest) => ({
        async reset(group, topic, to, options) {
          for (const other of await honest.list()) {
            await honest.reset(other.group, topic, to, options).catch(() => {});
          }
          return await honest.reset(group, topic, to, options);
        },
      }),
    }),
  },
  {
    lie: "moves a group in all topics",
    law: "G10 a reset moves no other group",
    says: /^missing: "v2"; "v0", which was not wanted here, came/,
    told: () => ({
      groups: (honest) => ({
        async reset(group, topic, to, options) {
          for (const other of (await honest.describe(group)).positions) {
            await honest.reset(group, other.topic, to, options);
          }
          return await honest.reset(group, topic, to);
        },
      }),
    }),
  },
  {
    lie: "moves a group in one partition",
    law: "G10 a reset moves a group in all partitions",
    says: /^1 partitions were moved/,
    division: {},
    told: moving(async (honest, ...call) => (await honest(...call)).slice(0, 1)),
  },
  {
    lie: "forgets a reset when it is closed",
    law: "G10 a reset outlasts the process",
    says: /^missing: "v6"/,
    told: () => {
      let undo: (() => Promise<unknown>) | undefined;
      return {
        groups: (honest) => ({
          async reset(group, topic, to, options) {
            const [done] = await honest.reset(group, topic, to, options);
            const before = { offset: done?.before ?? 0n };
            if (options?.execute) {
              undo = () => honest.reset(group, topic, before, { execute: true });
            }
            return done === undefined ? [] : [done];
          },
        }),
        async close(honest) {
          await undo?.();
          undo = undefined;
          await honest();
        },
      };
    },
  },
  {
    lie: "loses the commits of a group that was moved",
    law: "G10 a reset group counts on",
    says: /^missing: "v3"; "v1", which was not wanted here, came/,
    told: () => {
      let wasMoved = false;
      return {
        ...committing((batch, through) => wasMoved ? Promise.resolve() : batch.commit(through)),
        groups: (honest) => ({
          reset(...call) {
            wasMoved = true;
            return honest.reset(...call);
          },
        }),
      };
    },
  },
  {
    lie: "takes a group that is not there for one without positions",
    law: "G10 what is not there is told",
    says: /^resolved with .*, wanted a "unknown_group" error$/,
    told: () => ({
      groups: (honest) => ({
        describe: (group) =>
          honest.describe(group).catch(() => ({ group, kind: "consumer", positions: [] })),
      }),
    }),
  },
  {
    lie: "says that it moves a group that is not there",
    law: "G10 what is not there is told",
    says: /^resolved with .*, wanted a "unknown_group" error$/,
    told: moving((honest, ...call) => honest(...call).catch(() => [])),
  },
  {
    lie: "lists groups when it is closed",
    law: "G10 groups of a closed log",
    says: /^resolved with .*, wanted a "closed" error$/,
    told: () => ({ groups: (honest) => ({ list: () => honest.list().catch(() => []) }) }),
  },
];
