/** The power fails behind every step that a log takes on its disk (S11). */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { FileLogOptions } from "../../adapters/queue/file_log/file_log_options.ts";
import {
  assertSurvived,
  consumeOn,
  group,
  openOn,
  publishOn,
  runScenario,
} from "../adapters/file_log/crash_scenario.ts";
import {
  afterPowerCut,
  createMemoryDisk,
  type DiskStep,
  type Luck,
} from "../adapters/file_log/memory_disk.ts";
import { rounds, seeded } from "./campaign.ts";

/**
 * Power cuts behind every `stride`th step from `first` on, each with several fates of what was not
 * synced.
 */
async function cutEverywhere(
  steps: readonly DiskStep[],
  first: number,
  stride: number,
  draws: number,
  options: Partial<FileLogOptions> = {},
): Promise<number> {
  let states = 0;
  for (let length = first; length <= steps.length; length += stride) {
    if (steps[length - 1]?.kind === "note") continue;
    const before = steps.slice(0, length);
    const lucks: Luck[] = ["all lost", "all kept"];
    for (let draw = 0; draw < draws; draw++) lucks.push(seeded(length * 1000 + draw));
    for (const [n, luck] of lucks.entries()) {
      states++;
      const disk = createMemoryDisk(afterPowerCut(before, luck));
      try {
        await assertSurvived(before, disk, options);
      } catch (error) {
        throw new Error(`After step ${length} of ${steps.length}, fate ${n}`, { cause: error });
      }
    }
  }
  return states;
}

async function recorded(
  options: Partial<FileLogOptions> = {},
): Promise<readonly DiskStep[]> {
  const disk = createMemoryDisk();
  await runScenario(disk, options);
  return [...disk.steps];
}

/** Steps as a program would leave them that forgets some of its syncs. */
const without = (kind: DiskStep["kind"], steps: readonly DiskStep[]): readonly DiskStep[] =>
  steps.filter((step) => step.kind !== kind);

describe("file log under power cuts", () => {
  it("keeps what it accepted, in order, wherever the power is cut", async () => {
    const steps = await recorded();
    const states = await cutEverywhere(steps, 1, 1, rounds(60, 14));
    console.log(`power cuts: ${states} states over ${steps.length} steps`);
    assert.ok(states > rounds(7000, 1800), `${states}`);
  });

  it("keeps what it accepted after a writer was killed, another went on, and then the power is cut", async () => {
    const steps = await recorded();
    let states = 0;
    for (let killedAt = 1; killedAt < steps.length; killedAt += rounds(2, 5)) {
      const disk = createMemoryDisk(steps.slice(0, killedAt));
      const before = disk.steps.length;
      await using log = await openOn(disk);
      await publishOn(disk, log, "again", 6);
      await consumeOn(disk, log);
      states += await cutEverywhere([...disk.steps], before, rounds(3, 5), 2);
    }
    console.log(`power cuts after a kill: ${states} states`);
    assert.ok(states > rounds(3000, 600));
  });

  it("keeps what it accepted where the power is cut again while it recovers", async () => {
    const steps = await recorded();
    const random = seeded(2);
    let states = 0;
    for (let cutAt = 1; cutAt < steps.length; cutAt += rounds(2, 16)) {
      const before = steps.slice(0, cutAt);
      const notes = before.filter(({ kind }) => kind === "note");
      const disk = createMemoryDisk([...notes, ...afterPowerCut(before, random)]);
      const recovering = disk.steps.length;
      await using log = await openOn(disk);
      await publishOn(disk, log, "again", 3);
      await consumeOn(disk, log);
      states += await cutEverywhere([...disk.steps], recovering, rounds(3, 5), 2);
    }
    console.log(`power cuts after a power cut: ${states} states`);
    assert.ok(states > rounds(3000, 150));
  });

  it("takes nothing away that a required group has not read, wherever the power is cut", async () => {
    const retention = { requiredGroups: [group], keepDeliveredMs: 0, segmentBytes: 6 * 1024 };
    const steps = await recorded(retention);
    const removed = steps.filter((step) => step.kind === "remove");
    assert.ok(removed.length >= 2, `${removed.length} segments taken away`);
    const states = await cutEverywhere(steps, 1, rounds(1, 3), rounds(20, 4), retention);
    console.log(`power cuts with retention: ${states} states, ${removed.length} segments removed`);
    assert.ok(states > rounds(3000, 300));
  });

  for (const kind of ["sync", "sync directory"] as const) {
    it(`the model finds a log that forgets to ${kind}`, async () => {
      const steps = without(kind, await recorded());
      await assert.rejects(cutEverywhere(steps, 1, 5, 1), /After step/);
    });
  }
});
