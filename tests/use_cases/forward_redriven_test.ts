/** What the forwarder does with records that came back from the dead letters (G9). */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { deadLetterOf } from "../../src/wire/dead_letter.ts";
import { redrivenRecord } from "../../src/wire/redriven_record.ts";
import { openForwarder, publish, stop } from "./forwarder_bench.ts";

describe("forwardEvents", () => {
  it("G9 a record that came back for it goes on as it was, one that came back for others as it is", async () => {
    await using bench = openForwarder();
    const { target, clock } = bench;
    const stored = { key: new Uint8Array(1), value: null, headers: [], timestamp: 7, offset: 3n };
    const cause = { topic: "t", partition: 0, reason: "too_large", message: "Big", failedAt: 9 };
    for (const group of ["forwarder", "trends"]) {
      const letter = deadLetterOf(stored, { ...cause, group });
      await publish(bench, redrivenRecord({ ...stored, headers: letter.headers ?? [] }, group));
    }
    for (const _ of ["first", "second"]) {
      await clock.advance(10);
      target.deliver(0);
    }
    await clock.advance(10);
    await stop(bench);
    const names = target.arrived[0]?.map(({ headers }) => headers?.map(([name]) => name));
    assert.deepEqual(names, [[], ["dlq-attempts", "dlq-first-failed-at", "dlq-redrive-group"]]);
    assert.deepEqual(target.arrived[0]?.map(({ timestamp }) => timestamp), [7, 7]);
  });
});
