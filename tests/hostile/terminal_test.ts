/** Whatever others wrote, what is printed of it gives a terminal no orders and forges no line. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { LogRecord } from "../../src/ports/logger.ts";
import fc from "fast-check";
import { probes } from "../../src/composition/operations.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { StoreError } from "../../src/ports/store_error.ts";
import {
  escapeControls,
  escapeControlsInJson,
  escapeControlsInLines,
} from "../../src/process/escape_controls.ts";
import { printable } from "../../src/process/logging.ts";
import { runCommand } from "../cli/run_command.ts";
import { topic, withStoredLog } from "../cli/stored_log.ts";
import { runTask, serviceFolder } from "../e2e/service_process.ts";
import { refuseAll } from "./mysql_server.ts";

/** Clears the screen, writes a line that looks like ours, and turns what follows around. */
const evil = "\u001b[2J\u009b31m\nok    database      all is well\r\u202egnp.exe\u2066\u200f";
const orders =
  // deno-lint-ignore no-control-regex -- control characters are what it looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;
const forged = /^ok {4}database {6}all is well/m;

function assertHarmless(...texts: readonly string[]): void {
  for (const text of texts) {
    assert.doesNotMatch(text, orders);
    assert.doesNotMatch(text, forged);
  }
}

describe("what is printed gives no orders", () => {
  it("doctor: what a database says, well or not, as text and as JSON", async () => {
    const doctor = {
      missingPermissions: () => Promise.resolve([]),
      narrowCommand: () => "deno run",
      cautions: () => [],
      openLedger: () => Promise.reject(new Error("Not asked for")),
      comparedLog: () => undefined,
      probes: () => [
        { name: "a", run: () => Promise.resolve(`answers ${evil}`) },
        { name: "b", run: () => Promise.reject(new StoreError("failed", `Says ${evil}`)) },
        { name: "c", run: () => Promise.reject(new Error(`Says ${evil}`)) },
      ],
    };
    const text = await runCommand(["doctor"], { doctor });
    assertHarmless(text.stdout, text.stderr);
    assert.match(text.stdout, /FAIL {2}b +Says \\u001b\[2J\\u009b31m\\nok/);
    const json = await runCommand(["doctor", "--format", "json"], { doctor });
    assertHarmless(json.stdout);
    const { checks } = JSON.parse(json.stdout);
    assert.equal(checks[2].what, `answers ${evil}`);
  });

  it("doctor and start: what a server says that passes for MySQL", async () => {
    await using server = refuseAll(evil);
    const db = `db: { host: 127.0.0.1, port: ${server.port}, user: u, database: d }`;
    await using folder = await serviceFolder(`{ ${db}, mq: { adapter: memory } }`);
    const doctor = {
      missingPermissions: () => Promise.resolve([]),
      narrowCommand: () => "deno run",
      cautions: () => [],
      openLedger: () => Promise.reject(new Error("Not asked for")),
      comparedLog: () => undefined,
      probes: (config: Parameters<typeof probes>[0]) => probes(config, systemClock),
    };
    const told = await runCommand(["doctor", "--config", folder.configFile], { doctor });
    assertHarmless(told.stdout, told.stderr);
    assert.match(told.stdout, /MySQL at .* answers: \\u001b\[2J/);
    const started = await runTask("start", ["--config", folder.configFile]);
    assert.equal(started.code, 1);
    assertHarmless(started.stdout, started.stderr);
    assert.match(started.stderr, /MySQL at .* answers: \\u001b\[2J/);
  });

  it("log: names of groups, and of topics that are asked for", async () => {
    await withStoredLog(async (log) => {
      await log.append(2);
      await log.read({ group: "mine" });
      const [file] = [...Deno.readDirSync(log.folder)].filter(({ name }) => name.includes("mine"));
      assert.ok(file);
      const name = file.name.replace("mine", `x${evil.replaceAll("/", "")}`);
      await Deno.copyFile(`${log.folder}/${file.name}`, `${log.folder}/${name}`);
      for (const sub of ["inspect", "verify", "repair"]) {
        for (const format of ["text", "json"]) {
          const { stdout, stderr } = await runCommand(
            ["log", sub, log.directory, "--format", format],
          );
          assertHarmless(stdout, stderr);
        }
        const asked = await runCommand(["log", sub, log.directory, "--topic", evil]);
        assertHarmless(asked.stdout, asked.stderr);
      }
      const { stdout } = await runCommand(["log", "inspect", log.directory, "--topic", topic]);
      assert.match(stdout, /^mine /m);
    });
  });

  it("faults of the configuration", async () => {
    await using folder = await serviceFolder(
      `{ app: { ${JSON.stringify(evil)}: 1, port: ${JSON.stringify(evil)} } }`,
    );
    const { code, stdout, stderr } = await runCommand(["doctor", "--config", folder.configFile]);
    assert.equal(code, 1);
    assert.match(stderr, /is not a known key/);
    assertHarmless(stdout, stderr);
  });

  it("command lines that are wrong", async () => {
    for (const args of [[evil], [`--${evil}`], ["consume", "--from", evil], ["doctor", evil]]) {
      const { code, stdout, stderr } = await runCommand(args);
      assert.equal(code, 2);
      assert.doesNotMatch(stdout + stderr, orders);
    }
  });

  it("the log, for people and for machines", () => {
    const record: LogRecord = {
      category: ["shelfcast", evil],
      level: "warning",
      timestamp: 0,
      rawMessage: "{reason}",
      message: [evil, evil, evil],
      properties: { reason: evil },
    };
    for (const reader of ["person", "machine"] as const) {
      const line = printable(reader)(record);
      assertHarmless(line);
      assert.equal(line.indexOf("\n"), line.length - 1);
    }
    assert.equal(JSON.parse(printable("machine")(record)).properties.reason, evil);
  });
});

describe("the escaper", () => {
  const texts = fc.string({ unit: "binary", maxLength: 40 });

  it("leaves nothing unsafe, and a line a line", () => {
    fc.assert(fc.property(texts, (text) => {
      assert.doesNotMatch(escapeControls(text), orders);
      assert.doesNotMatch(escapeControls(text), /[\n\t]/);
      assert.doesNotMatch(escapeControlsInLines(text), orders);
      assert.equal(escapeControlsInLines(text).split("\n").length, text.split("\n").length);
    }));
  });

  it("writes the same JSON", () => {
    fc.assert(fc.property(texts, (text) => {
      for (const escape of [escapeControlsInJson, escapeControlsInLines]) {
        assert.equal(JSON.parse(escape(JSON.stringify(text))), text);
      }
    }));
  });
});
