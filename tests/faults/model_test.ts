import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import { rounds } from "./campaign.ts";
import { runSteps, type Step, steps } from "./model_steps.ts";

const runs = rounds(1000, 50);

describe("file log and the log in memory", () => {
  it("M1 hold the same records, order, positions and bytes after each step", async () => {
    const seed = Date.now() & 0x7fffffff;
    const done = new Map<Step["kind"] | "segment" | "record taken away", number>();
    const count = (kind: Step["kind"] | "segment" | "record taken away", by = 1) =>
      done.set(kind, (done.get(kind) ?? 0) + by);
    console.log(`model: seed ${seed}, ${runs} runs`);
    await fc.assert(
      fc.asyncProperty(steps, async (script) => {
        await using oracle = openMemoryLog();
        const { segments, removed } = await runSteps(script, oracle);
        count("segment", segments);
        count("record taken away", removed);
        for (const { kind } of script) count(kind);
      }),
      { numRuns: runs, seed },
    );
    console.log(`model: ${[...done].map(([kind, count]) => `${count} × ${kind}`).join(", ")}`);
  });
});
