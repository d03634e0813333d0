/**
 * Whether somebody else reads for a consumer's group. A group is only a name: a program that is
 * told the same one (a console consumer, `consume --group`) is given some of its partitions, and
 * their records pass the read model by in silence.
 *
 * Consumers of ours apply a record before they commit it. So where a group stands ahead of the read
 * model, another has committed; and what no member brings on is held by one that does not commit.
 */
import { type Clock, pause } from "../ports/clock.ts";
import type { EventGroups } from "../ports/event_groups.ts";
import type { ConsumedPosition } from "../ports/read_model.ts";

/** Records that were committed for the group without having been consumed. */
export interface PassedOver {
  readonly partition: number;
  /** They end before this position. */
  readonly to: bigint;
  /** Who has the partition now, for people; absent: nobody. */
  readonly holder?: string;
}

/** A partition that does not get on. */
export interface HeldUp {
  readonly partition: number;
  readonly holder: string;
}

/** What one look has found, mostly nothing. */
export interface SeenGroup {
  readonly passedOver: readonly PassedOver[];
  readonly heldUp: readonly HeldUp[];
  /** Partition → when its oldest record to come was made, of those that others have, or nobody. */
  readonly waitingSince: ReadonlyMap<number, number>;
  /** Who has partitions now. */
  readonly holders: ReadonlySet<string>;
}

export interface WatchGroupOptions {
  readonly groups: EventGroups;
  readonly group: string;
  readonly topic: string;
  readonly clock: Clock;
  readonly positions: () => Promise<readonly ConsumedPosition[]>;
  /** Whether the partition has fallen to the one who watches: it knows itself how that stands. */
  readonly isOurs: (partition: number) => boolean;
  /** Called after each look that succeeded. */
  readonly onLooked: (seen: SeenGroup) => void;
  /** Ends watching. */
  readonly stop: AbortSignal;
}

/** So often it is looked. */
const lookMs = 10_000;
/** A member that has not brought its partition on for so long is not at work. */
const heldUpMs = 60_000;

/** Looks until it is stopped. Never rejects: that a log or store is away, others tell. */
export async function watchGroup(options: WatchGroupOptions): Promise<void> {
  const { groups, group, topic, clock, positions, isOurs, onLooked, stop } = options;
  /** Partition → since when its records have waited at this position. */
  let waiting = new Map<number, { readonly at: bigint; readonly since: number }>();

  async function look(): Promise<void> {
    // The group first: whatever of ours is committed then is in the read model that is asked next.
    const described = await groups.describe(group);
    const someone = described.isActive === true ? { holder: "a member" } : {};
    const consumed = new Map(
      (await positions()).filter((one) => one.topic === topic)
        .map(({ partition, position }) => [partition, position] as const),
    );
    const now = clock.now();
    const passedOver: PassedOver[] = [];
    const heldUp: HeldUp[] = [];
    const waitingSince = new Map<number, number>();
    const next: typeof waiting = new Map();
    for (const { partition, position, end, holder, ...place } of described.positions) {
      if (place.topic !== topic || place.isOfAnother || isOurs(partition)) continue;
      if (place.waitingSince !== undefined) waitingSince.set(partition, place.waitingSince);
      const at = consumed.get(partition) ?? 0n;
      const who = holder === undefined ? someone : { holder };
      if (position !== undefined && at < position) {
        passedOver.push({ partition, to: position, ...who });
      } else if (end !== undefined && at < end) {
        const before = waiting.get(partition);
        const since = before?.at === at ? before.since : now;
        next.set(partition, { at, since });
        const isHeldUp = who.holder !== undefined && now - since >= heldUpMs;
        if (isHeldUp) heldUp.push({ partition, holder: who.holder });
      }
    }
    waiting = next;
    const holders = new Set(described.positions.flatMap(({ holder }) => holder ?? []));
    onLooked({ passedOver, heldUp, waitingSince, holders });
  }

  while (!stop.aborted) {
    await pause(clock, lookMs, stop);
    if (!stop.aborted) await look().catch(() => {});
  }
}
