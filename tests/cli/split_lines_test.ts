import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { splitLines } from "../../src/cli/split_lines.ts";

async function split(
  chunks: readonly Uint8Array[],
  maxBytes: number,
): Promise<(string | number)[]> {
  const lines: (string | number)[] = [];
  const source = async function* () {
    yield* chunks;
  };
  for await (const line of splitLines(source(), maxBytes)) {
    lines.push("bytes" in line ? new TextDecoder().decode(line.bytes) : line.tooLongBytes);
  }
  return lines;
}

describe("splitLines()", () => {
  it("finds the same lines however the input is cut", async () => {
    const part = fc.constantFrom("a", "bc", "é", "\n", "\r\n", "\r", "");
    await fc.assert(
      fc.asyncProperty(fc.array(part), fc.integer({ min: 1, max: 7 }), async (parts, cut) => {
        const text = parts.join("");
        const bytes = new TextEncoder().encode(text);
        const chunks = Array.from(
          { length: Math.ceil(bytes.length / cut) },
          (_, index) => bytes.subarray(index * cut, (index + 1) * cut),
        );
        const wanted = text.split("\n").map((line) => line.replace(/\r$/, ""));
        if (text === "" || text.endsWith("\n")) wanted.pop();
        assert.deepEqual(await split(chunks, 1000), wanted);
      }),
    );
  });

  it("tells the length of a line that is too long, and goes on", async () => {
    const bytes = new TextEncoder().encode("1234\n12345\n1234\r\n123456789");
    for (const cut of [1, 3, 100]) {
      const chunks = Array.from({ length: 100 }, (_, i) => bytes.subarray(i * cut, (i + 1) * cut));
      assert.deepEqual(await split(chunks, 4), ["1234", 5, "1234", 9]);
    }
  });
});
