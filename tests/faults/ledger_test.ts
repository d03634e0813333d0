import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { balanceAfter, ledgerSteps } from "./ledger_steps.ts";
import { isFull, rounds } from "./campaign.ts";

const runs = rounds(1000, 60);

describe("the ledger of the file log", () => {
  it("K5 balances after each step, and equals what the test counted", async () => {
    const seed = Date.now() & 0x7fffffff;
    const done: Record<string, number> = {};
    console.log(`ledger: seed ${seed}, ${runs} runs`);
    await fc.assert(
      fc.asyncProperty(ledgerSteps, async (script) => {
        for (const [what, count] of Object.entries(await balanceAfter(script))) {
          done[what] = (done[what] ?? 0) + count;
        }
      }),
      { numRuns: runs, seed },
    );
    console.log(`ledger: ${Object.entries(done).map(([k, n]) => `${n} × ${k}`).join(", ")}`);
    // What the run is about did happen.
    if (isFull) assert.ok(done.dropped! > 0 && done.lost! > 0 && done["record taken away"]! > 0);
  });
});
