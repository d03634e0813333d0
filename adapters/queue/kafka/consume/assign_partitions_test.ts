import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { assignPartitions } from "./assign_partitions.ts";

const topics = ["a", "b", "c"];

describe("assignPartitions", () => {
  it("gives each partition to exactly one of the members that want its topic, evenly", () => {
    const members = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 8 });
    const counts = fc.array(fc.nat(9), { minLength: 3, maxLength: 3 });
    const wants = fc.array(fc.subarray(topics, { minLength: 1 }), { minLength: 8, maxLength: 8 });
    fc.assert(fc.property(members, counts, wants, (ids, sizes, wanted) => {
      const group = ids.map((memberId, n) => ({ memberId, topics: wanted[n]! }));
      const partitions = new Map(
        topics.map((topic, n) => [topic, Array.from({ length: sizes[n]! }, (_, p) => p)] as const),
      );
      const assigned = assignPartitions(group, partitions);
      for (const [topic, all] of partitions) {
        const shares = group.filter((member) => member.topics.includes(topic))
          .map(({ memberId }) => assigned.get(memberId)?.get(topic) ?? []);
        const given = shares.flat().toSorted((x, y) => x - y);
        assert.deepEqual(given, shares.length === 0 ? [] : all);
        const most = Math.max(0, ...shares.map((share) => share.length));
        const least = Math.min(most, ...shares.map((share) => share.length));
        assert.ok(most - least <= 1);
      }
      for (const { memberId, topics: own } of group) {
        for (const topic of assigned.get(memberId)!.keys()) assert.ok(own.includes(topic));
      }
    }));
  });

  it("does not depend on the order in which members are told", () => {
    const members = ["x", "y", "z"].map((memberId) => ({ memberId, topics: ["a"] }));
    const partitions = new Map([["a", [2, 0, 1, 3]]]);
    assert.deepEqual(
      [...assignPartitions(members, partitions)].toSorted(),
      [...assignPartitions(members.toReversed(), partitions)].toSorted(),
    );
  });
});
