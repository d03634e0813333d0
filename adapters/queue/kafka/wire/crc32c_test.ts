import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import assert from "node:assert/strict";
import { crc32c } from "./crc32c.ts";

describe("CRC-32C", () => {
  it("gives the check values of RFC 3720, appendix B.4", () => {
    const ascending = Uint8Array.from({ length: 32 }, (_, n) => n);
    assert.equal(crc32c(new TextEncoder().encode("123456789")), 0xe3069283);
    assert.equal(crc32c(new Uint8Array(32)), 0x8a9136aa);
    assert.equal(crc32c(new Uint8Array(32).fill(255)), 0x62a8ab43);
    assert.equal(crc32c(ascending), 0x46dd794e);
    assert.equal(crc32c(ascending.toReversed()), 0x113fdb5c);
    assert.equal(crc32c(new Uint8Array(0)), 0);
  });

  it("is the same eight bytes a step as bit by bit", () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 70 }), (bytes) => {
      let crc = -1;
      for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0x82f63b78 : 0);
      }
      assert.equal(crc32c(bytes), ~crc >>> 0);
    }));
  });
});
