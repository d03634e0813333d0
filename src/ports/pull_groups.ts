/**
 * The rules of `EventGroups` for adapters whose topics have one partition and whose groups nobody
 * else moves meanwhile. Written once, so that such an adapter is only its storage.
 */
import type { DescribedGroup, EventGroups, GroupPosition } from "./event_groups.ts";
import type { StartFrom } from "./event_source.ts";
import { activeGroup, unknownGroup, validateReset } from "./subscription_rules.ts";

/** What is stored of groups. Nothing of it waits, and all of it may throw a `QueueError`. */
export interface PulledGroups {
  /** The topics' names. @throws {QueueError} `closed` */
  topics(): readonly string[];
  /** Where a topic begins and ends. @throws {QueueError} `unknown_topic` */
  extent(topic: string): { readonly first: bigint; readonly end: bigint };
  /** The groups that have a position in a topic, by their names. */
  groups(topic: string): ReadonlyMap<string, PulledGroup>;
  /** The offset that a start means now. */
  startOf(topic: string, to: StartFrom): bigint;
  /** The timestamp of the first record from a position on; undefined: there is none. */
  timeAt(topic: string, position: bigint): number | undefined;
  /** Stores a group's position, as durably as its commits. */
  move(topic: string, group: string, position: bigint): void;
}

/** A group in a topic. */
export interface PulledGroup {
  /** The offset of the next record that it gets. */
  readonly position: bigint;
  /** Whether it has a member. */
  readonly isActive: boolean;
}

const kind = "consumer";

/** Makes the port of what is stored. */
export function pullGroups(stored: PulledGroups): EventGroups {
  function describe(group: string): DescribedGroup {
    const positions = stored.topics().toSorted().flatMap((topic): GroupPosition[] => {
      const found = stored.groups(topic).get(group);
      if (found === undefined) return [];
      const { position, isActive } = found;
      const { first, end } = stored.extent(topic);
      const waitingSince = stored.timeAt(topic, position);
      return [{
        topic,
        partition: 0,
        position,
        end,
        lag: end - (position < first ? first : position),
        ...(waitingSince !== undefined && { waitingSince }),
        ...(isActive && { holder: "this process" }),
      }];
    });
    if (positions.length === 0) throw unknownGroup(group);
    return { group, kind, isActive: positions.some(({ holder }) => holder), positions };
  }

  return {
    list: () =>
      attempt(() => {
        const names = stored.topics().flatMap((topic) => [...stored.groups(topic).keys()]);
        return [...new Set(names)].toSorted().map((group) => ({ group, kind }));
      }),
    describe: (group) => attempt(() => describe(group)),
    reset: (group, topic, to, { execute = false } = {}) =>
      attempt(() => {
        validateReset(topic, to);
        const { end } = stored.extent(topic);
        const found = stored.groups(topic).get(group);
        if (found === undefined) throw unknownGroup(group, topic);
        if (execute && found.isActive) throw activeGroup(group);
        const after = stored.startOf(topic, to);
        if (execute) stored.move(topic, group, after);
        return [{ partition: 0, before: found.position, after, end }];
      }),
  };
}

/** Calls at once, and gives what was thrown as a rejection. */
function attempt<T>(call: () => T): Promise<T> {
  return new Promise((resolve) => resolve(call()));
}
