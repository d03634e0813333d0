/** What the command line says of itself, and of what it does not understand. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import project from "../../deno.json" with { type: "json" };
import { finished } from "../finished_process.ts";
import { runCommand } from "./run_command.ts";

describe("the command line", () => {
  it("--help lists the commands, on stdout", async () => {
    const { code, stdout, stderr } = await runCommand(["--help"]);
    assert.deepEqual([code, stderr], [0, ""]);
    assert.match(stdout, /Usage: deno task <command> \[options\][^]*consume[^]*produce/);
  });

  for (const command of ["consume", "produce"]) {
    it(`${command} --help says every option, exit code and an example`, async () => {
      const { code, stdout } = await runCommand([command, "--help"]);
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^Usage: deno task ${command} \\[options\\]`));
      for (const part of ["--topic", "--config", "Exit codes:", `deno task ${command} --`]) {
        assert.ok(stdout.includes(part), `${part} is missing`);
      }
      for (const line of stdout.split("\n")) assert.ok(line.length <= 120, line);
    });
  }

  it("doctor --help says what --ledger compares, every exit code and an example", async () => {
    const { code, stdout } = await runCommand(["doctor", "--help"]);
    assert.equal(code, 0);
    for (const part of ["--ledger", "--format", "--config", "Exit codes:", "deno task doctor --"]) {
      assert.ok(stdout.includes(part), `${part} is missing`);
    }
    for (const line of stdout.split("\n")) assert.ok(line.length <= 120, line);
  });

  for (
    const command of [
      [],
      ["consume"],
      ["produce"],
      ["doctor"],
      ["log"],
      ["log", "verify"],
      [
        "dead-letters",
      ],
      ["dead-letters", "redrive"],
      ["groups"],
      ["groups", "reset"],
    ]
  ) {
    it(`${["task", ...command].join(" ")} --version shows the version, and does nothing`, async () => {
      const { code, stdout, stderr } = await runCommand([...command, "--version"]);
      assert.deepEqual([code, stdout, stderr], [0, `shelfcast ${project.version}\n`, ""]);
    });
  }

  it("start --version shows the version, without any permission, and starts nothing", async () => {
    const { code, stdout } = await run("src/main.ts", "--version");
    assert.deepEqual([code, stdout], [0, `shelfcast ${project.version}\n`]);
  });

  for (const option of ["--help", "-h"]) {
    it(`start ${option} says how it is used and starts nothing`, async () => {
      const { code, stdout } = await run("src/main.ts", option);
      assert.equal(code, 0);
      assert.match(stdout, /^Usage: deno task start \[options\][^]*--config <file>/);
    });
  }

  it("a missing permission is told with its flag, also before the configuration is read", async () => {
    const { code, stderr } = await run("src/cli.ts", "consume", "--config", "config.yml");
    assert.equal(code, 1);
    assert.match(stderr, /env access.*--allow-env/);
    assert.doesNotMatch(stderr, /Uncaught| at file:/);
  });

  for (const command of ["inspect", "verify", "repair", "tail"]) {
    it(`log ${command} --help says what DIR is, and every exit code`, async () => {
      const { code, stdout } = await runCommand(["log", command, "--help"]);
      assert.equal(code, 0);
      for (const part of ["[dir]", "DIR is", "--topic", "--config", "Exit codes:"]) {
        assert.ok(stdout.includes(part), `${part} is missing`);
      }
      for (const line of stdout.split("\n")) assert.ok(line.length <= 120, line);
    });
  }

  for (const command of [["groups"], ["groups", "reset"]]) {
    it(`${command.join(" ")} --help says every option, exit code and an example`, async () => {
      const { code, stdout } = await runCommand([...command, "--help"]);
      assert.equal(code, 0);
      const own = command.length === 1 ? ["--watch", "--group"] : ["--to", "--execute", "<group>"];
      const parts = ["--topic", "--in", "--format", "--config", "Exit codes:", "deno task groups"];
      for (const part of [...own, ...parts]) {
        assert.ok(stdout.includes(part), `${part} is missing`);
      }
      for (const line of stdout.split("\n")) assert.ok(line.length <= 120, line);
    });
  }

  const wrongStart =
    /is invalid. Wanted earliest, latest, offset:N, time:2026-11-21T10:00:00Z or time:MS/;
  const wrong: readonly (readonly [args: readonly string[], says: RegExp])[] = [
    [[], /Usage: deno task/],
    [["consum"], /unknown command 'consum'[^]*Did you mean consume\?/],
    [["consume", "--cuont", "1"], /unknown option '--cuont'[^]*Did you mean --count\?/],
    [["consume", "--count", "0"], /'--count <n>' argument '0' is invalid. Wanted a whole number/],
    [["consume", "--count", "1.5"], /Wanted a whole number from 1 on/],
    ...["end", "offset:-1", "time:", "time:2026-11-21", "time:2026-02-30T10:00:00Z", "time:-1"].map(
      (from) => [["consume", "--from", from], wrongStart] as const,
    ),
    [["log", "tail", "--from", "time:yesterday"], wrongStart],
    [["consume", "--format", "xml"], /Allowed choices are text, json/],
  ];
  for (const [args, says] of wrong) {
    it(`"${args.join(" ")}" is told on stderr, exit code 2`, async () => {
      const { code, stdout, stderr } = await runCommand(args);
      assert.deepEqual([code, stdout], [2, ""]);
      assert.match(stderr, says);
    });
  }
});

/** The real program, in a process that may do nothing. */
function run(...args: readonly string[]) {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "--no-prompt", ...args],
    env: { NO_COLOR: "1" },
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  return finished(child);
}
