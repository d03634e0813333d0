/** The command line as a process: signals, pipes that close, paths, exit codes. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { finished } from "../finished_process.ts";

/**
 * Starts the command line as a process of its own, on a log with so many records of 1,000 bytes.
 */
function start(
  count: number,
  args: readonly string[],
  options: Pick<Deno.CommandOptions, "env"> = {},
): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-read",
      "--allow-env",
      "tests/cli/process_fixture.ts",
      String(count),
      ...args,
    ],
    ...options,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Writes the input and ends it, and gathers what the process left. */
const finish = (child: Deno.ChildProcess, input: string | Uint8Array = "") =>
  finished(child, { input });

describe("the process", () => {
  it("ends quietly, with exit code 0, when the reader of its output has gone", async () => {
    // Far more than a pipe holds.
    const child = start(2000, ["consume", "--from", "earliest"]);
    const reader = child.stdout.getReader();
    assert.match(new TextDecoder().decode((await reader.read()).value), /^Consumed message/);
    await reader.cancel();
    await child.stdin.close();
    const stderr = await new Response(child.stderr).text();
    assert.deepEqual([(await child.status).code, stderr], [0, ""]);
  });

  it("says with its exit code what it found, though nobody reads the words", async () => {
    for (const args of [["doctor"], ["doctor", "--format", "json"]]) {
      const child = start(1, args);
      await child.stdout.cancel();
      await child.stdin.close();
      const stderr = await new Response(child.stderr).text();
      assert.deepEqual([(await child.status).code, stderr], [0, ""]);
    }
  });

  it("prints all of a large topic to a pipe", async () => {
    const args = ["consume", "--from", "earliest", "--until-end", "--format", "json"];
    const { code, stdout } = await finish(start(2000, args));
    const offsets = stdout.trimEnd().split("\n").map((line) => JSON.parse(line).offset);
    assert.deepEqual([code, offsets.length, offsets.at(-1)], [0, 2000, "1999"]);
  });

  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    it(`${signal} ends consuming with exit code 0`, async () => {
      const child = start(1, ["consume", "--from", "earliest"]);
      const reader = child.stdout.getReader();
      await reader.read();
      reader.releaseLock();
      // Twice, as a Ctrl-C comes through `deno task`.
      child.kill(signal);
      child.kill(signal);
      const { code, stderr } = await finish(child);
      assert.deepEqual([code, stderr], [0, "Aborted by user\n"]);
    });
  }

  it("publishes the lines that are piped into it", async () => {
    const lines = Array.from({ length: 5000 }, (_, index) => `${index}\n`).join("");
    const { code, stdout, stderr } = await finish(start(0, ["produce", "--stdin"]), lines);
    assert.deepEqual([code, stderr], [0, ""]);
    const reports = stdout.trimEnd().split("\n");
    assert.equal(reports.length, 5000);
    assert.equal(reports.at(-1), "Message delivered to lr-book-searches [0] @ offset 4999");
  });

  it("SIGINT ends reading its input, and publishes what was read", async () => {
    const child = start(0, ["produce", "--stdin"]);
    const writer = child.stdin.getWriter();
    await writer.write(new TextEncoder().encode("a\nb\nhalf a li"));
    const reader = child.stdout.getReader();
    let reports = "";
    while (!/offset 1\n/.test(reports)) {
      reports += new TextDecoder().decode((await reader.read()).value);
    }
    reader.releaseLock();
    child.kill("SIGINT");
    const { code, stdout, stderr } = await finished(child);
    assert.deepEqual([code, stderr], [130, "Aborted by user\n"]);
    assert.equal(stdout.length, 0);
    await writer.close().catch(() => {});
  });

  it("finds a file from the directory where the user stands", async () => {
    const directory = await Deno.makeTempDir();
    try {
      await Deno.writeFile(`${directory}/bytes`, Uint8Array.of(0, 255));
      const env = { INIT_CWD: directory };
      const { code, stderr } = await finish(start(0, ["produce", "--file", "bytes"], { env }));
      assert.deepEqual([code, stderr], [0, ""]);
      const missing = await finish(start(0, ["produce", "--value", "x", "--config", "c"], { env }));
      assert.match(missing.stderr, new RegExp(`${directory}/c does not exist`));
    } finally {
      await Deno.remove(directory, { recursive: true });
    }
  });
});
