/**
 * The groups of the partitioned log: each of its topics is a log with a topic for each partition.
 */
import type { EventGroups, GroupPosition } from "../../../src/ports/event_groups.ts";
import type { EventLog } from "../../../src/ports/event_log.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { activeGroup, unknownGroup, validateReset } from "../../../src/ports/subscription_rules.ts";

export function partitionedGroups(
  topics: ReadonlyMap<string, EventLog>,
  requireTopic: (name: string) => EventLog,
): EventGroups {
  async function positionsIn(name: string, log: EventLog, group: string) {
    try {
      const { positions } = await log.groups.describe(group);
      return positions.map((position): GroupPosition => ({
        ...position,
        topic: name,
        partition: Number(position.topic),
      }));
    } catch (error) {
      if (error instanceof QueueError && error.code === "unknown_group") return [];
      throw error;
    }
  }

  return {
    async list() {
      const lists = await Promise.all([...topics.values()].map((log) => log.groups.list()));
      const names = new Set(lists.flat().map(({ group }) => group));
      return [...names].toSorted().map((group) => ({ group, kind: "consumer" }));
    },
    async describe(group) {
      const sorted = [...topics].toSorted(([a], [b]) => a < b ? -1 : 1);
      const found = await Promise.all(sorted.map(([name, log]) => positionsIn(name, log, group)));
      const positions = found.flat();
      if (positions.length === 0) throw unknownGroup(group);
      const isActive = positions.some(({ holder }) => holder !== undefined);
      return { group, kind: "consumer", isActive, positions };
    },
    async reset(group, topic, to, { execute = false } = {}) {
      validateReset(topic, to);
      const log = requireTopic(topic);
      const positions = await positionsIn(topic, log, group);
      if (positions.length === 0) throw unknownGroup(group, topic);
      if (execute && positions.some(({ holder }) => holder !== undefined)) throw activeGroup(group);
      const resets = positions.map(async ({ partition }) => {
        const [moved] = await log.groups.reset(group, `${partition}`, to, { execute });
        return { ...moved!, partition };
      });
      return await Promise.all(resets);
    },
  };
}
