import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { murmur2, partitionOfKey } from "./key_partition.ts";

const encoder = new TextEncoder();

describe("murmur2", () => {
  // org.apache.kafka.common.utils.UtilsTest.testMurmur2
  const vectors: readonly (readonly [string, number])[] = [
    ["21", -973932308],
    ["foobar", -790332482],
    ["a-little-bit-long-string", -985981536],
    ["a-little-bit-longer-string", -1486304829],
    ["lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58897971],
    ["abc", 479470107],
  ];
  it("gives what the Java client gives", () => {
    for (const [key, hash] of vectors) assert.equal(murmur2(encoder.encode(key)), hash, key);
  });

  it("chooses a partition from the hash without its sign", () => {
    assert.equal(partitionOfKey(encoder.encode("21"), 7), (-973932308 & 0x7fffffff) % 7);
    assert.equal(partitionOfKey(new Uint8Array(0), 1), 0);
  });
});
