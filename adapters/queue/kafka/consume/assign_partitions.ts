import type { Assignment, GroupMember } from "../driver/driver.ts";

/**
 * Divides partitions round robin among the members that want their topic, in the order of member
 * ids: every member computes the same, and it is what kafkajs's consumers do.
 */
export function assignPartitions(
  members: readonly GroupMember[],
  partitions: ReadonlyMap<string, readonly number[]>,
): ReadonlyMap<string, Assignment> {
  const assignments = new Map<string, Map<string, number[]>>(
    members.map(({ memberId }) => [memberId, new Map()]),
  );
  const sorted = members.toSorted((a, b) => a.memberId < b.memberId ? -1 : 1);
  let turn = 0;
  for (const [topic, all] of [...partitions].toSorted(([a], [b]) => a < b ? -1 : 1)) {
    const wanting = sorted.filter((member) => member.topics.includes(topic));
    if (wanting.length === 0) continue;
    for (const partition of all.toSorted((a, b) => a - b)) {
      const own = assignments.get(wanting[turn++ % wanting.length]!.memberId)!;
      own.set(topic, [...own.get(topic) ?? [], partition]);
    }
  }
  return assignments;
}
