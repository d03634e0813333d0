import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { createEventTally } from "../../src/use_cases/event_tally.ts";

/** Few values, so that keys differ in any one word and meet again. */
const key = fc.array(fc.constantFrom(0, 1, 2 ** 31, 2 ** 32 - 1), { minLength: 4, maxLength: 4 });

describe("event tally", () => {
  it("counts as a map does", () => {
    const seed = Date.now() & 0x7fffffff;
    console.log(`event tally: seed ${seed}`);
    const steps = fc.array(fc.tuple(fc.constantFrom("add", "find", "mark", "take"), key));
    fc.assert(
      fc.property(steps, (script) => {
        const tally = createEventTally(0);
        const map = new Map<string, { found: number; isMarked: boolean; isTaken: boolean }>();
        for (const [step, words] of script) {
          const id = words.join();
          const known = map.get(id);
          const bytes = Uint32Array.from(words);
          if (step === "add") {
            assert.equal(tally.add(bytes), known === undefined);
            map.set(id, known ?? { found: 0, isMarked: false, isTaken: false });
          } else if (step === "find") {
            assert.equal(tally.find(bytes), known !== undefined);
            if (known) known.found += 1;
          } else if (step === "mark") {
            assert.equal(tally.markDeadLettered(bytes), known !== undefined);
            if (known) known.isMarked = true;
          } else {
            const isMissing = known !== undefined && known.found === 0 && !known.isMarked;
            assert.equal(tally.takeMissing(bytes), isMissing && !known.isTaken);
            if (isMissing) known.isTaken = true;
          }
        }
        const all = [...map.values()];
        const found = all.filter((each) => each.found > 0).length;
        const deadLettered = all.filter((each) => each.found === 0 && each.isMarked).length;
        assert.deepEqual(tally.summary(), {
          found,
          repeats: all.reduce((sum, each) => sum + Math.max(0, each.found - 1), 0),
          deadLettered,
          missing: map.size - found - deadLettered,
        });
        assert.equal(tally.size, map.size);
      }),
      { seed },
    );
  });

  it("loses none while it grows", () => {
    const tally = createEventTally(0);
    const keyOf = (n: number) => Uint32Array.of(n, 0, 0, 7);
    for (let n = 0; n < 20_000; n++) assert.ok(tally.add(keyOf(n)));
    for (let n = 0; n < 20_000; n += 2) assert.ok(tally.find(keyOf(n)));
    assert.ok(!tally.find(keyOf(20_000)));
    assert.deepEqual(tally.summary(), {
      found: 10_000,
      repeats: 0,
      deadLettered: 0,
      missing: 10_000,
    });
  });
});
