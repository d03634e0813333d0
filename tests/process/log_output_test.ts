/** A log whose reader is slow, stops or goes: nobody waits for it. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { createLogOutput } from "../../src/process/log_output.ts";
import { createFakeClock } from "../fake_clock.ts";
import { createRecordingTelemetry } from "../use_cases/recording_telemetry.ts";

/** A stream that is read when the test says so, five bytes at a time. */
function readByHand() {
  const decoder = new TextDecoder();
  let written = "";
  let gate = Promise.withResolvers<void>();
  return {
    stream: {
      async write(bytes: Uint8Array) {
        await gate.promise;
        const some = bytes.subarray(0, 5);
        written += decoder.decode(some);
        return some.length;
      },
    },
    read: () => gate.resolve(),
    stop: () => gate = Promise.withResolvers(),
    close: () => gate.reject(new Deno.errors.BrokenPipe("gone")),
    get written() {
      return written;
    },
  };
}

const open = (maxHeldBytes?: number) => {
  const reader = readByHand();
  const clock = createFakeClock();
  const note = (leftOut: number) => `(${leftOut} left out)\n`;
  const bound = maxHeldBytes === undefined ? {} : { maxHeldBytes };
  return { reader, clock, output: createLogOutput({ ...reader, clock, note, ...bound }) };
};

describe("the log's output", () => {
  it("writes lines whole and in order, also where the stream takes parts of them", async () => {
    const { reader, output } = open();
    reader.read();
    for (const line of ["first line\n", "second\n", "third\n"]) output.write(line);
    await output.flush(1000);
    assert.equal(reader.written, "first line\nsecond\nthird\n");
  });

  it("takes lines at once while nobody reads, leaves out what is too much and says how much", async () => {
    const { reader, output, clock } = open(40);
    for (let n = 0; n < 10; n++) output.write(`line ${n}...\n`);
    assert.equal(output.leftOut, 6);
    const telemetry = createRecordingTelemetry();
    output.countTo(telemetry);
    output.write("line...\n");
    assert.equal(telemetry.counters["shelfcast.log.lines_left_out"], 7);
    const flushed = output.flush(500);
    await clock.advance(500);
    await flushed;
    assert.equal(reader.written, "");

    reader.read();
    await output.flush(1000);
    output.write("again\n");
    await output.flush(1000);
    const [first, last] = ["line 0...\nline 1...\nline 2...\nline 3...\n", "again\n"];
    assert.equal(reader.written, `${first}(7 left out)\n${last}`);
    assert.equal(output.leftOut, 7);
    assert.equal(clock.timers, 0);
  });

  it("goes on quietly when its reader has gone", async () => {
    const { reader, output } = open(40);
    output.write("one\n");
    reader.close();
    await output.flush(1000);
    for (let n = 0; n < 100; n++) {
      output.write("more\n");
      await output.flush(1000);
    }
    assert.equal(output.leftOut, 0);
  });
});
