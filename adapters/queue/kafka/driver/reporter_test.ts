import type { Logger } from "../../../../src/ports/logger.ts";
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createReporter } from "./reporter.ts";

describe("the reporter", () => {
  it("warns once a minute for a reason, and says how often it has been silent", () => {
    let now = 0;
    const warned: unknown[] = [];
    const logger = {
      warn: (_: string, { reason, suppressed }: Record<string, unknown>) =>
        warned.push([reason, suppressed]),
    } as unknown as Logger;
    const reporter = createReporter(logger, { now: () => now, after: () => () => {} });
    for (now = 0; now < 150_000; now += 1000) reporter.warn("away", "text", {});
    reporter.warn("full", "text", {});
    assert.deepEqual(warned, [["away", 0], ["away", 59], ["away", 59], ["full", 0]]);
  });
});
