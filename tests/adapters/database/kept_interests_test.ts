import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { keepInterests } from "../../../adapters/database/sqlite/kept_interests.ts";
import type { WeightedBook } from "../../../src/domain/interest.ts";

const nextTurn = () => new Promise((begin) => setImmediate(begin));

/** Interests of a version of the file, and for whom it was read. */
function openKept() {
  let version = 1;
  const read: string[] = [];
  let meanwhile = (): void => {};
  const first = keepInterests(() => version)(async (visitorId, limit) => {
    const books: WeightedBook[] = [[version, visitorId, "", limit]];
    read.push(`${visitorId} ${limit} ${version}`);
    meanwhile();
    await nextTurn();
    return books;
  });
  return { first, read, change: () => version++, during: (what: () => void) => meanwhile = what };
}

describe("interests that were read", () => {
  it("are read once for each visitor, as long as nothing changes", async () => {
    const { first, read } = openKept();
    for (const visitor of ["a", "a", "b", "a"]) {
      assert.equal((await first(visitor, 6))[0]?.[1], visitor);
    }
    await first("a", 7);
    assert.deepEqual(read, ["a 6 1", "b 6 1", "a 7 1"]);
  });

  it("are read anew when anything has changed, also by who asks in the same turn", async () => {
    const { first, change } = openKept();
    await first("a", 6);
    const before = first("a", 6);
    change();
    assert.deepEqual([(await before)[0]?.[0], (await first("a", 6))[0]?.[0]], [1, 2]);
  });

  it("are not kept where another version was seen while they were read", async () => {
    const { first, change, during } = openKept();
    const others: Promise<unknown>[] = [];
    during(() => {
      during(() => {});
      change();
      others.push(nextTurn().then(() => first("b", 6)));
    });
    await first("a", 6);
    await Promise.all(others);
    assert.equal((await first("a", 6))[0]?.[0], 2);
  });
});
