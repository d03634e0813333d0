/** How much a consumer decodes at once, on the thread that answers searches. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { decodeBatch } from "../../src/use_cases/decode_batch.ts";
import { createFakeClock } from "../fake_clock.ts";
import { readBatch } from "./read_batch.ts";

describe("decodeBatch()", () => {
  for (
    const { name, records, bytes, atOnce } of [
      { name: "of small records 100", records: 250, bytes: 1000, atOnce: 100 },
      { name: "of large ones as many as have 128 KiB", records: 10, bytes: 65_536, atOnce: 2 },
    ]
  ) {
    it(`decodes at once ${name}`, async () => {
      const clock = createFakeClock();
      let decoded = 0;
      const done = decodeBatch(readBatch({ records, bytes }), "group", {
        decode() {
          decoded += 1;
          throw new Error("It is only counted");
        },
        clock,
        stride: { records: Infinity, pauseMs: 0, underWay: Infinity },
        stop: new AbortController().signal,
      });
      assert.equal(decoded, atOnce);
      await clock.advance(0);
      assert.equal((await done).poison.length, records);
    });
  }
});
