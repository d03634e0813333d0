import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { crc32 as native } from "node:zlib";
import { crc32 } from "./crc32.ts";

describe("CRC-32 in TypeScript", () => {
  it("is zlib's, for every length, place and seed", () => {
    const bytes = crypto.getRandomValues(new Uint8Array(100));
    let seed = 0;
    for (let from = 0; from < 16; from++) {
      for (let to = from; to <= bytes.length; to++) {
        const part = bytes.subarray(from, to);
        const sum = crc32(part, seed);
        assert.equal(sum, native(part, seed), `seed ${seed}, bytes ${part.toHex()}`);
        seed = sum;
      }
    }
  });
});
