import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { createOrderedCommits } from "./ordered_commits.ts";

describe("ordered commits", () => {
  it("the position is the first record that nobody has committed, whatever the order of commits", () => {
    fc.assert(fc.property(
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 12 }),
      fc.array(fc.tuple(fc.nat(11), fc.integer({ min: 1, max: 5 })), { maxLength: 40 }),
      (sizes, calls) => {
        const commits = createOrderedCommits();
        const committed: boolean[] = [];
        const batches = sizes.map((size) => {
          const from = committed.length;
          for (let n = 0; n < size; n++) committed.push(false);
          commits.handOut(BigInt(from), BigInt(from + size));
          return { from, size };
        });
        for (const [index, upTo] of calls) {
          const batch = batches[index];
          if (batch === undefined || upTo > batch.size) continue;
          committed.fill(true, batch.from, batch.from + upTo);
          commits.commit(BigInt(batch.from), BigInt(batch.from + upTo));
          const first = committed.indexOf(false);
          assert.equal(commits.position ?? 0n, BigInt(first < 0 ? committed.length : first));
        }
      },
    ));
  });

  it("a commit that goes less far than before changes nothing", () => {
    const commits = createOrderedCommits();
    commits.handOut(0n, 5n);
    commits.commit(0n, 3n);
    commits.commit(0n, 2n);
    assert.equal(commits.position, 3n);
  });
});
