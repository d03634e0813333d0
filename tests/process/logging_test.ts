import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { LogLevel, LogRecord } from "../../src/ports/logger.ts";
import { StoreError } from "../../src/ports/store_error.ts";
import { printable } from "../../src/process/logging.ts";

const error = new StoreError("failed", "SQLite cannot search", {
  cause: new Error("no such table\n  in SELECT"),
});
const reason = "SQLite cannot search: no such table in SELECT";

const recordAt = (level: LogLevel): LogRecord => ({
  category: ["shelfcast"],
  level,
  timestamp: 0,
  rawMessage: "It failed: {error}",
  message: ["It failed: ", error, ""],
  properties: { error },
});

describe("an error in a log line", () => {
  for (const level of ["info", "warning", "error", "fatal"] as const) {
    it(`is its reason at level ${level}, for people and machines`, () => {
      const text = printable("person")(recordAt(level));
      assert.ok(text.endsWith(`It failed: "${reason}"\n`), text);
      const { message, properties } = JSON.parse(printable("machine")(recordAt(level)));
      assert.equal(message, `It failed: "${reason}"`);
      assert.match(properties.error.stack, /logging_test/);
    });
  }

  it("shows its stack to people at debug level", () => {
    assert.match(printable("person")(recordAt("debug")), /logging_test/);
    const { message } = JSON.parse(printable("machine")(recordAt("debug")));
    assert.equal(message, `It failed: "${reason}"`);
  });
});
