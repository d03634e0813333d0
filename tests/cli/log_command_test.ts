/** `log`: what its commands print, and their exit codes. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { within } from "../contracts/law.ts";
import { finished } from "../finished_process.ts";
import { runCommand, startCommand, until } from "./run_command.ts";
import { contents, logTool, topic, withStoredLog } from "./stored_log.ts";

describe("log inspect", () => {
  it("shows segments that follow one upon the other, and groups with their lag", async () => {
    await withStoredLog(async (log) => {
      await log.append(80);
      await log.read({ group: "audit" });
      await log.append(3);
      const { code, durable, segments, groups, logId } = await logTool("inspect", log);
      assert.deepEqual([code, durable.next, durable.records], [0, "83", "83"]);
      assert.match(logId, /^[0-9a-f]{32}$/);
      assert.ok(segments.length >= 3);
      for (const [n, { next, state }] of segments.entries()) {
        const isLast = n === segments.length - 1;
        assert.equal(next, isLast ? "83" : segments[n + 1].base);
        assert.equal(state, isLast ? "open" : "roll");
      }
      const [{ progressAt, ...group }] = groups;
      assert.deepEqual(group, {
        name: "audit",
        position: "80",
        lag: "3",
        delivered: "80",
        deadLettered: "0",
        dropped: "0",
        pid: Deno.pid,
        hold: "none",
        unread: "3",
        isActive: false,
      });
      assert.ok(Math.abs(Date.now() - progressAt) < 60_000);
    });
  });

  it("says in lines whether a member is active, while the log is in use", async () => {
    await withStoredLog(async (log) => {
      await using open = await log.open();
      await open.publish(topic, { value: null });
      const stop = new AbortController();
      const batches = open.subscribe(topic, {
        group: "audit",
        from: "earliest",
        signal: stop.signal,
      })[Symbol.asyncIterator]();
      await within("the first batch", batches.next());
      const { code, stdout } = await runCommand(["log", "inspect", log.folder]);
      assert.equal(code, 0);
      assert.match(
        stdout,
        /^Topic events in .*, log [0-9a-f]{32}\nDurable up to offset 1, 1 records/,
      );
      assert.match(
        stdout,
        new RegExp(`audit +0 +1 +0 +0 +0 +no +0 s ago +active, last commit by process ${Deno.pid}`),
      );
      stop.abort();
    });
  });
});

describe("log verify", () => {
  it("finds a log whole that is written to at the same time, and changes nothing", async () => {
    await withStoredLog(async (log) => {
      await using open = await log.open();
      await open.publish(topic, { value: null });
      let isDone = false;
      const writing = (async () => {
        while (!isDone) await open.publish(topic, { value: new Uint8Array(300) });
      })();
      try {
        for (let n = 0; n < 10; n++) {
          const { code, findings } = await logTool("verify", log);
          assert.deepEqual([findings, code], [[], 0]);
        }
      } finally {
        isDone = true;
        await within("the last record", writing);
      }
    });
  });

  it("finds a log whole whose oldest segments are taken away meanwhile", async () => {
    await withStoredLog(async (log) => {
      await using open = await log.open({ maxBytes: 64 * 1024, requiredGroups: [] });
      const value = new Uint8Array(3000);
      await open.publish(topic, { value });
      let isDone = false;
      const writing = (async () => {
        while (!isDone) await open.publish(topic, { value });
      })();
      try {
        const [first] = log.segments();
        const deadline = performance.now() + 30_000;
        for (let n = 0; n < 20 || log.segments()[0] === first; n++) {
          assert.ok(performance.now() < deadline, "nothing was taken away");
          const { code, findings, error } = await logTool("verify", log);
          assert.deepEqual([findings, code], [[], 0], error);
        }
      } finally {
        isDone = true;
        await within("the last record", writing);
      }
    });
  });

  it("says of a flipped bit where it is, what is lost and who has not read it", async () => {
    await withStoredLog(async (log) => {
      await log.append(80);
      await log.read({ group: "audit" });
      const first = log.segments()[0]!;
      const byte = log.placeOf(first, "value 7;");
      log.flip(first, byte);
      const before = contents(log);
      const { code, records, findings } = await logTool("verify", log);
      assert.deepEqual([code, records, findings.length], [1, "79", 1]);
      const [{ byte: at, what, ...finding }] = findings;
      assert.ok(at < byte && byte - at < 200, `reported byte ${at}, flipped ${byte}`);
      assert.equal(what, "acknowledged records cannot be read");
      const expected = { kind: "corrupt", file: first, offset: "7", records: "1", groups: [] };
      assert.deepEqual(finding, expected);
      assert.deepEqual(contents(log), before);
      const { code: textCode, stdout } = await runCommand(["log", "verify", log.directory]);
      assert.equal(textCode, 1);
      assert.match(
        stdout,
        /corrupt: 0{20}\.segment at byte \d+, offset 7: .*; lost at most: 1 records; groups that have not read them: none/,
      );
    });
  });

  it("names the groups that have not read what is lost", async () => {
    await withStoredLog(async (log) => {
      await log.append(10);
      await log.read({ group: "audit" });
      await log.append(13);
      const [segment = ""] = log.segments();
      log.flip(segment, log.placeOf(segment, "value 5;"));
      log.flip(segment, log.placeOf(segment, "value 12;"));
      const { findings } = await logTool("verify", log);
      assert.deepEqual(findings.map(({ groups }: { groups: string[] }) => groups), [[], ["audit"]]);
    });
  });

  it("calls garbage behind the end torn, which is no damage", async () => {
    await withStoredLog(async (log) => {
      await log.append(3);
      const [segment = ""] = log.segments();
      const path = `${log.folder}/${segment}`;
      await Deno.writeFile(path, new Uint8Array(100).fill(0x5a), { append: true });
      const { code, findings } = await logTool("verify", log);
      assert.deepEqual([code, findings.length, findings[0].kind], [0, 1, "torn"]);
      assert.equal(findings[0].offset, "3");
    });
  });

  it("finds every flipped byte of what was acknowledged", async () => {
    await withStoredLog(async (log) => {
      await log.append(3);
      const [segment = ""] = log.segments();
      const { segments: [{ usedBytes }] } = await logTool("inspect", log);
      for (let byte = 0; byte < usedBytes; byte += byte < 4096 - 64 ? 61 : 1) {
        log.flip(segment, byte);
        const { code, findings } = await logTool("verify", log);
        assert.deepEqual([code, findings[0]?.kind], [1, "corrupt"], `byte ${byte}`);
        log.flip(segment, byte);
      }
      assert.equal((await logTool("verify", log)).code, 0);
    });
  });
});

describe("log tail", () => {
  it("follows a log that is written to", async () => {
    await withStoredLog(async (log) => {
      await using open = await log.open();
      await open.publish(topic, { key: "first", value: null });
      const tail = startCommand(["log", "tail", log.directory, "--from", "earliest"]);
      await until(() => tail.written.stdout.includes("key=first"));
      await open.publish(topic, { key: "second", value: null });
      await until(() => tail.written.stdout.includes("key=second"));
      tail.stop();
      assert.equal((await tail.result).code, 0);
    });
  });

  it("wants a topic where there are several", async () => {
    await withStoredLog(async (log) => {
      await using open = await log.open();
      for (const name of ["a", "b"]) await open.publish(name, { value: null });
      const { code, stderr } = await runCommand(["log", "tail", log.directory]);
      assert.deepEqual([code, stderr], [
        2,
        'There are 2 topics, wanted --topic with one of "a", "b"\n',
      ]);
    });
  });
});

describe("deno task log", () => {
  const run = (permissions: readonly string[], args: readonly string[]) =>
    finished(
      new Deno.Command(Deno.execPath(), {
        args: ["run", "--no-prompt", ...permissions, "src/cli.ts", "log", ...args],
        stdin: "null",
        stdout: "piped",
        stderr: "piped",
      }).spawn(),
    );

  it("inspects, verifies and prints with the right to read only", async () => {
    await withStoredLog(async (log) => {
      await log.append(3);
      const before = contents(log);
      const tail = ["tail", "--from", "earliest", "--until-end"];
      for (const args of [["inspect"], ["verify"], tail]) {
        const { code, stdout, stderr } = await run(["--allow-read"], [...args, log.directory]);
        assert.deepEqual([code, stderr], [0, ""], `log ${args[0]}`);
        assert.notEqual(stdout, "");
      }
      assert.deepEqual(contents(log), before);
    });
  });

  it("repair says that it needs the right to write", async () => {
    await withStoredLog(async (log) => {
      await log.append(3);
      const [segment = ""] = log.segments();
      log.flip(segment, log.placeOf(segment, "value 1;"));
      const { code, stderr } = await run(["--allow-read"], ["repair", log.directory, "--yes"]);
      assert.equal(code, 1);
      assert.match(stderr, /cannot be repaired without the right to write into/);
    });
  });

  it("takes the directory from the configuration", async () => {
    const { code, stderr } = await runCommand(["log", "inspect", "--config", "no/such.yml"]);
    assert.equal(code, 1);
    assert.match(stderr, /no\/such\.yml/);
    await withStoredLog(async (log) => {
      await log.append(1);
      const config = `${log.directory}/config.yml`;
      await Deno.writeTextFile(config, `mq: { file: { directory: "${log.directory}" } }\n`);
      const found = await runCommand(["log", "verify", "--config", config]);
      assert.deepEqual([found.code, found.stderr], [0, ""]);
      assert.match(found.stdout, /^Topic events: 1 records/);
    });
  });

  it("a directory without topics is told, exit code 1", async () => {
    const directory = await Deno.makeTempDir();
    try {
      const { code, stderr } = await runCommand(["log", "verify", directory]);
      assert.deepEqual(
        [code, stderr],
        [1, `No topic is in "${directory}", wanted the directory of a file log\n`],
      );
    } finally {
      await Deno.remove(directory);
    }
  });

  it("an unknown sub-command is a wrong command line", async () => {
    const { code, stderr } = await runCommand(["log", "verfy"]);
    assert.equal(code, 2);
    assert.match(stderr, /unknown command 'verfy'[^]*Did you mean verify\?/);
  });
});
