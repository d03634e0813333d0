import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { type Footprint, growthOf, slopePerMinute, watchFootprint } from "./footprint.ts";

const limit = { bytesPerMinute: 2 ** 20, descriptorsPerMinute: 0.5 };

/** A minute apart. */
const rounds = (of: (n: number) => Partial<Footprint>): Footprint[] =>
  Array.from({ length: 10 }, (_, n) => {
    return { atMs: n * 60_000, residentBytes: 200 * 2 ** 20, descriptors: 40, ...of(n) };
  });

describe("a footprint", () => {
  it("that grows is told, one that only wavers is not", () => {
    assert.equal(growthOf(rounds(() => ({})), limit), undefined);
    const wavering = rounds((n) => ({ residentBytes: (200 + 20 * (n % 2)) * 2 ** 20 }));
    assert.equal(growthOf(wavering, limit), undefined);
    const leak = rounds((n) => ({ residentBytes: (200 + 3 * n + n % 2) * 2 ** 20 }));
    assert.match(growthOf(leak, limit) ?? "", /^memory grows by 3\.\d\d MiB a minute$/);
    const files = rounds((n) => ({ descriptors: 40 + n }));
    assert.equal(growthOf(files, limit), "descriptors grow by 1.00 a minute");
    assert.equal(slopePerMinute(files, ({ descriptors }) => descriptors), 1);
  });

  it("is the process's own", async () => {
    await using watch = watchFootprint(Deno.pid);
    const before = await watch.low();
    assert.ok(before.residentBytes > 2 ** 20);
    const open = await Promise.all(
      Array.from({ length: 20 }, () => Deno.open(new URL(import.meta.url))),
    );
    const meanwhile = await watch.low();
    for (const file of open) file.close();
    assert.ok(meanwhile.descriptors >= before.descriptors + 20);
  });
});
