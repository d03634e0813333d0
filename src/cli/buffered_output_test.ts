import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { bufferOutput } from "./buffered_output.ts";

describe("bufferOutput", () => {
  it("flush() waits for a write that the timer has begun", async () => {
    const begun = Promise.withResolvers<void>();
    const finish = Promise.withResolvers<void>();
    const output = bufferOutput({
      write() {
        begun.resolve();
        return finish.promise;
      },
    });
    await output.write("a line");
    await begun.promise;
    let flushed = false;
    const flushing = output.flush().then(() => flushed = true);
    await new Promise((resolve) => setTimeout(resolve, 0));
    assert.equal(flushed, false);
    finish.resolve();
    await flushing;
  });

  it("an output that failed fails the next write, so that a command ends", async () => {
    const failed = new Error("closed");
    const output = bufferOutput({ write: () => Promise.reject(failed) });
    await output.write("first");
    await new Promise((resolve) => setTimeout(resolve, 1));
    await assert.rejects(output.write("second"), failed);
  });
});
