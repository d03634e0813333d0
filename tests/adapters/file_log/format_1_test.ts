import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openFileLog } from "../../../adapters/queue/file_log/file_log.ts";
import { openFileLogTools } from "../../../adapters/queue/file_log/operate/log_tools.ts";

const topic = "events";

/**
 * A copy of files that a program of 2026-11-21 left: 12 records in several segments, of which the
 * group `audit` passed 2.
 */
async function oldLog(): Promise<AsyncDisposable & { readonly directory: string }> {
  const directory = await Deno.makeTempDir({ prefix: "format_1_" });
  const files = new URL(`./format_1/${topic}/`, import.meta.url);
  await Deno.mkdir(`${directory}/${topic}`);
  for await (const { name } of Deno.readDir(files)) {
    await Deno.copyFile(new URL(name, files), `${directory}/${topic}/${name}`);
  }
  return { directory, [Symbol.asyncDispose]: () => Deno.remove(directory, { recursive: true }) };
}

const encoder = new TextEncoder();
const expected = Array.from({ length: 12 }, (_, n) => ({
  key: n % 3 === 0 ? null : encoder.encode(n % 3 === 1 ? "" : `key ${n}`),
  value: n === 5 ? null : encoder.encode(`value ${n} `.padEnd(700, "ü")),
  headers: [
    ["a", Uint8Array.of(n, 255)],
    ["a", new Uint8Array(0)],
    ["traceparent", encoder.encode(`t${n}`)],
  ],
  timestamp: 1_700_000_000_000 + n,
  offset: BigInt(n),
}));

describe("files of format version 1", () => {
  it("S9 are read as they were written, and appended to", async () => {
    await using old = await oldLog();
    await using log = await openFileLog({ directory: old.directory, maxAgeMs: Infinity });
    const read = [];
    for await (const batch of log.subscribe(topic, { from: "earliest", until: "end" })) {
      read.push(...batch.records);
    }
    assert.deepEqual(read, expected);
    const report = await log.publish(topic, { value: null });
    assert.equal(report.offset, 12n);
    const offsets: bigint[] = [];
    for await (const batch of log.subscribe(topic, { group: "audit", until: "end" })) {
      offsets.push(...batch.records.map(({ offset }) => offset));
    }
    assert.deepEqual(offsets, Array.from({ length: 11 }, (_, n) => BigInt(n + 2)));
  });

  it("S9 are found whole by the tools", async () => {
    await using old = await oldLog();
    const tools = await openFileLogTools({ directory: old.directory });
    const { findings, records } = await tools.verify(topic);
    assert.deepEqual([findings, records], [[], 12n]);
    const { segments, groups } = await tools.inspect(topic);
    assert.ok(segments.length >= 2);
    assert.deepEqual(groups.map(({ name, position }) => [name, position]), [["audit", 2n]]);
  });
});
