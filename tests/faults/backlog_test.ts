import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { rounds } from "./campaign.ts";

const records = rounds(1_000_000, 100_000);
const atOnce = 10_000;
const mebibyte = 1024 * 1024;

async function fill(directory: string): Promise<void> {
  await using log = await openFileLog({ directory });
  const value = new Uint8Array(250).fill(120);
  for (let n = 0; n < records; n += atOnce) {
    await Promise.all(Array.from({ length: atOnce }, () => log.publish("events", { value })));
  }
}

describe("file log with a backlog", () => {
  it("S10 opens within a second and 100 MB, also where the power took its durable slot", async () => {
    const directory = await Deno.makeTempDir({ prefix: "backlog_" });
    await fill(directory);
    for (const end of ["closed in order", "without its slot"]) {
      if (end === "without its slot") {
        await Deno.writeFile(`${directory}/events/durable`, new Uint8Array(4096));
      }
      const script = new URL("./backlog_process.ts", import.meta.url).pathname;
      const { stdout, success } = await new Deno.Command(Deno.execPath(), {
        args: [
          "run",
          "--no-prompt",
          "--allow-read",
          `--allow-write=${directory}`,
          script,
          directory,
        ],
        stderr: "inherit",
      }).output();
      assert.ok(success);
      const [openMs, opened, read, found] = new TextDecoder().decode(stdout).trim().split(" ")
        .map(Number) as [number, number, number, number];
      console.log(
        `backlog of ${records} records, ${end}: open ${openMs} ms, ${
          Math.round(opened / mebibyte)
        } MB; all read with ${Math.round(read / mebibyte)} MB`,
      );
      assert.ok(found > records);
      assert.ok(openMs < 1000, `open took ${openMs} ms`);
      assert.ok(opened < 100 * mebibyte);
    }
    await Deno.remove(directory, { recursive: true });
  });
});
