import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { createUuidV7, isUuid, uuidBytes } from "./uuid.ts";

const random = () => crypto.randomUUID();
const timeOf = (id: string) => Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);

describe("createUuidV7()", () => {
  it("gives the example of RFC 9562, appendix A.6, its time, version and variant", () => {
    // 017F22E2-79B0-7CC3-98C4-DC0C0C07398F, but for the counter's top bit, which starts at zero.
    const next = createUuidV7(() => 0x017f22e279b0, () => "cc3e02a5-3f5e-4d02-98c4-dc0c0c07398f");
    assert.equal(next(), "017f22e2-79b0-74c3-98c4-dc0c0c07398f");
  });

  it("grows within a millisecond, also past the counter's end", () => {
    const next = createUuidV7(() => 1_700_000_000_000, random);
    const ids = Array.from({ length: 10_000 }, next);
    assert.deepEqual(ids.toSorted(), ids);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(ids.every(isUuid));
  });

  it("grows while the clock is a few seconds back, and follows it when it is further", () => {
    let now = 1_700_000_000_000;
    const next = createUuidV7(() => now, random);
    const first = next();
    now -= 9_000;
    const second = next();
    assert.ok(second > first);
    now -= 3_600_000;
    assert.equal(timeOf(next()), now);
  });
});

describe("uuidBytes()", () => {
  it("gives the bytes of what isUuid() takes for one, and of nothing else", () => {
    const id = "017f22e2-79b0-7cc3-98C4-DC0C0c0739bf";
    assert.equal(uuidBytes(id)?.toHex(), id.replaceAll("-", "").toLowerCase());
    for (let at = 0; at <= id.length; at++) {
      for (const text of ["", "-", "0", "f", "G", "g", "`", "@", ":", "/", "\u0130", "00"]) {
        const changed = id.slice(0, at) + text + id.slice(at + 1);
        assert.equal(uuidBytes(changed) !== undefined, isUuid(changed), changed);
      }
    }
  });
});
