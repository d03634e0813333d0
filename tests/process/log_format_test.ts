/** What operators and their tools read of a log: one line a record, the same for all records. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { getLogger, type LogProperties } from "../../src/ports/logger.ts";
import { printable } from "../../src/process/logging.ts";
import { collectLogs } from "../use_cases/log_lines.ts";

const logger = getLogger(["shelfcast", "part"]);

/** A warning of the first second of 1970, as each reader gets it. */
function shown(message: string, properties: LogProperties): { text: string; json: string } {
  using logs = collectLogs();
  logger.warn(message, properties);
  const [record] = logs.lines.map((line) => ({ ...line, timestamp: 82 }));
  assert.ok(record !== undefined);
  return { text: printable("person")(record), json: printable("machine")(record) };
}

describe("a log line", () => {
  it("has time, level, part and message; for machines all properties besides", () => {
    const { text, json } = shown('{n} of "{topic}" wait', { n: 2, topic: 'a"b', more: [1n] });
    assert.equal(
      text,
      '1970-01-01 00:00:00.082 +00:00 [WRN] shelfcast·part: 2 of "\'a"b\'" wait\n',
    );
    assert.equal(
      json,
      '{"@timestamp":"1970-01-01T00:00:00.082Z","level":"WARN",' +
        '"message":"2 of \\"\\"a\\\\\\"b\\"\\" wait","logger":"shelfcast.part",' +
        '"properties":{"n":2,"topic":"a\\"b","more":["1"]}}\n',
    );
  });

  it("stays one line whatever a value is: controls, circles, what is not there", () => {
    const circle: { self?: unknown } = {};
    circle.self = circle;
    for (const value of ["a\n\u001b[2J", circle, undefined, Symbol("s"), () => 1, null, 5n]) {
      const { text, json } = shown("It is {value}, not {missing}", { value });
      assert.match(text, /^[^\p{Cc}]+ \[WRN\] shelfcast·part: It is [^\p{Cc}]+, not undefined\n$/u);
      assert.match(JSON.parse(json).message, /^It is .+, not undefined$/s);
      assert.match(json, /^[^\p{Cc}]+\n$/u);
    }
  });

  it("has of an error what it is called, why, where, and whatever else it has", () => {
    const error = Object.assign(new Error("why", { cause: new Error("deeper") }), { code: "E" });
    const { error: told } = JSON.parse(shown("It failed", { error }).json).properties;
    assert.deepEqual(Object.keys(told), ["name", "message", "stack", "cause", "code"]);
    assert.equal(told.cause.message, "deeper");
  });
});

describe("a logger", () => {
  it("is silent where nobody has chosen where the log goes", () => {
    assert.ok(!logger.isEnabledFor("fatal"));
    logger.error("Nobody sees this");
    using logs = collectLogs();
    assert.ok(logger.isEnabledFor("trace"));
    logger.debug("Somebody does");
    assert.deepEqual(logs.lines.map(({ rawMessage }) => rawMessage), ["Somebody does"]);
  });
});
