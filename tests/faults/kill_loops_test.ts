import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { rounds, seeded } from "./campaign.ts";
import { missingFrom, runUnderLoad, segmentsIn } from "./process_under_load.ts";

const loops = rounds(200, 10);

describe("file log under load", () => {
  it("S5 killed by SIGKILL again and again, over rolling segments: nothing accepted is missing", async () => {
    const directory = await Deno.makeTempDir({ prefix: "kill_loops_" });
    const random = seeded(4);
    const accepted = new Map<string, string>();
    for (let loop = 0; loop < loops; loop++) {
      const killAfterLines = 1 + Math.floor(random() * 600);
      const writer = `loop${loop}`;
      const load = { directory, writer, count: 1_000_000, killAfterLines };
      for (const [name, offset] of (await runUnderLoad(load)).accepted) accepted.set(name, offset);
      if (loop % 50 === 49) assert.deepEqual(await missingFrom(directory, accepted), []);
    }
    const missing = await missingFrom(directory, accepted);
    const segments = segmentsIn(directory);
    await Deno.remove(directory, { recursive: true });
    console.log(
      `kill -9: ${loops} loops, ${segments} segments, ${accepted.size} acknowledged, ${missing.length} missing`,
    );
    assert.deepEqual(missing, []);
    assert.ok(accepted.size > loops * 20 && segments > loops / 2);
  });
});
