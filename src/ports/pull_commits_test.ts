/** A commit is stored when all before it are, whatever order they come in. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { createPullCommits, type PassedRecords } from "./pull_commits.ts";

const record = (offset: number) => ({
  key: null,
  value: null,
  headers: [],
  timestamp: 0,
  offset: BigInt(offset),
});

describe("commits of a pull subscription", () => {
  it("each record is counted once when the position passes it, whatever the order, repeats and failures", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 5 }), {
          minLength: 1,
          maxLength: 8,
        }),
        fc.array(fc.tuple(fc.nat(7), fc.nat(4), fc.boolean()), { maxLength: 40 }),
        async (steps, calls) => {
          let offset = 0;
          const batches = steps.map((gaps) => gaps.map((gap) => record(offset += gap)));
          const isDead = (n: bigint): boolean => n % 3n === 0n;
          const stored: { position: bigint; passed: PassedRecords }[] = [];
          let fails = false;
          const commits = createPullCommits("t", (position, passed) => {
            if (fails) return Promise.reject(new Error("no"));
            stored.push({ position, passed });
            return Promise.resolve();
          }, () => false);
          for (const batch of batches) commits.handOut(batch);
          for (const [index, upTo, failing] of calls) {
            const batch = batches[index];
            const through = batch?.[upTo]?.offset;
            if (batch === undefined || through === undefined) continue;
            fails = failing;
            const deadLettered = batch.map((r) => r.offset).filter((o) =>
              o <= through && isDead(o)
            );
            const ends = [batch[0]!.offset, batch.at(-1)!.offset] as const;
            await commits.commit(...ends, through, { deadLettered }).catch(() => {});
          }
          for (const { position, passed } of stored) {
            const behind = batches.flat().filter((r) => r.offset < position);
            assert.equal(passed.records, behind.length);
            assert.equal(passed.deadLettered, behind.filter((r) => isDead(r.offset)).length);
          }
        },
        // A batch that is committed in two parts.
      ),
      { examples: [[[[1, 1]], [[0, 0, false], [0, 1, false]]]] },
    );
  });

  it("one that could not be stored is stored when it is repeated; one that is stored is not again", async () => {
    const stored: bigint[] = [];
    let fails = true;
    const commits = createPullCommits("t", (position) => {
      if (fails) return Promise.reject(new Error("no"));
      stored.push(position);
      return Promise.resolve();
    }, () => false);
    commits.handOut([record(0), record(1)]);
    await assert.rejects(commits.commit(0n, 1n, 1n));
    fails = false;
    for (const through of [1n, 1n, 0n]) await commits.commit(0n, 1n, through);
    assert.deepEqual(stored, [2n]);
  });

  it("are refused where a member has left, and for what is not of the batch", async () => {
    let hasLeft = false;
    const commits = createPullCommits("t", () => Promise.resolve(), () => hasLeft);
    commits.handOut([record(3), record(4)]);
    for (const through of [2n, 5n]) {
      await assert.rejects(commits.commit(3n, 4n, through), { code: "invalid_record" });
    }
    hasLeft = true;
    await assert.rejects(commits.commit(3n, 4n, 4n), { code: "revoked" });
  });
});
