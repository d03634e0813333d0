/** What stands in a log's directory and is no topic: named, and nobody's obstacle. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { denoDisk } from "../../adapters/queue/file_log/disk/deno_disk.ts";
import type { Disk } from "../../adapters/queue/file_log/disk/disk.ts";
import { DiskError } from "../../adapters/queue/file_log/disk/disk_error.ts";
import { openFileLogTools } from "../../adapters/queue/file_log/operate/log_tools.ts";
import { runCommand, type Surroundings } from "./run_command.ts";
import { type StoredLog, withStoredLog } from "./stored_log.ts";

const commands = [["inspect"], ["verify"], ["repair"], ["repair", "--yes"]] as const;

/** Nobody may look into these; the tests may run as root, whom permissions do not concern. */
function hidingDisk(...names: readonly string[]): Disk {
  const isHidden = (path: string) => names.some((name) => path.includes(`/${name}`));
  const refuse = () => Promise.reject(new DiskError("denied", "Permission denied"));
  return {
    ...denoDisk,
    inode: (path) => isHidden(path) ? refuse() : denoDisk.inode(path),
    list: (path) => isHidden(path) ? refuse() : denoDisk.list(path),
    open: (path, mode) => isHidden(path) ? refuse() : denoDisk.open(path, mode),
  };
}

function hiding(...names: readonly string[]): Surroundings {
  const disk = hidingDisk(...names);
  return { openLogTools: (directory) => openFileLogTools({ directory, disk }) };
}

async function run(log: StoredLog, command: readonly string[], given: Surroundings = {}) {
  const args = ["log", ...command, log.directory, "--format", "json"];
  const { code, stdout, stderr } = await runCommand(args, given);
  const { topics, passedOver } = JSON.parse(stdout);
  const named = topics.map(({ topic, error }: { topic: string; error?: string }) =>
    error === undefined ? topic : `${topic}: ${error}`
  );
  const passed = passedOver.map(({ name, mayBeTopic }: { name: string; mayBeTopic: boolean }) =>
    mayBeTopic ? `${name}?` : name
  );
  return { code, stderr, named, passed };
}

describe("log inspect, verify and repair beside what is no topic", () => {
  for (const command of commands) {
    it(`${command.join(" ")}: a file, a folder and lost+found are passed over, exit code 0`, async () => {
      await withStoredLog(async (log) => {
        await log.append(3);
        Deno.mkdirSync(`${log.directory}/lost+found`);
        Deno.mkdirSync(`${log.directory}/empty`);
        Deno.writeTextFileSync(`${log.directory}/notes.txt`, "no topic");
        const seen = { named: ["events"], passed: ["empty", "lost+found", "notes.txt"] };
        for (const given of [{}, hiding("lost+found")]) {
          assert.deepEqual(await run(log, command, given), { code: 0, stderr: "", ...seen });
        }
      });
    });

    it(`${command.join(" ")}: what may be a topic is told, exit code 1`, async () => {
      await withStoredLog(async (log) => {
        await log.append(3);
        Deno.mkdirSync(`${log.directory}/hidden`);
        Deno.mkdirSync(`${log.directory}/partly`);
        Deno.writeTextFileSync(`${log.directory}/partly/id`, "");
        const seen = { named: ["events"], passed: ["hidden?", "partly?"] };
        const found = await run(log, command, hiding("hidden"));
        assert.deepEqual(found, { code: 1, stderr: "", ...seen });
      });
    });

    it(`${command.join(" ")}: strange files in a topic's folder are nobody's groups or segments`, async () => {
      await withStoredLog(async (log) => {
        await log.append(3);
        await log.read({ group: "audit" });
        Deno.mkdirSync(`${log.folder}/group.folder`);
        Deno.mkdirSync(`${log.folder}/folder.segment`);
        Deno.writeTextFileSync(`${log.folder}/group.`, "");
        Deno.writeTextFileSync(`${log.folder}/group.audit~`, "an editor's");
        Deno.writeTextFileSync(`${log.folder}/.nfs0001`, "");
        const seen = { named: ["events"], passed: [] };
        assert.deepEqual(await run(log, command), { code: 0, stderr: "", ...seen });
        assert.deepEqual(await log.read(), {
          values: ["value 0;", "value 1;", "value 2;"],
          code: "read",
        });
      });
    });
  }

  it("for people, each is a line that says where and why", async () => {
    await withStoredLog(async (log) => {
      await log.append(1);
      Deno.mkdirSync(`${log.directory}/hidden`);
      Deno.writeTextFileSync(`${log.directory}/notes`, "");
      const { code, stdout, stderr } = await runCommand(
        ["log", "verify", log.directory],
        hiding("hidden"),
      );
      assert.equal(code, 1);
      assert.match(stdout, /^Topic events: 1 records.*\nPassed over .*\/notes: it is no folder\n$/);
      assert.match(
        stderr,
        /^Passed over .*\/hidden: it cannot be looked into: Permission denied; there may be records in it\n$/,
      );
    });
  });

  it("groups are seen of all other topics", async () => {
    await withStoredLog(async (log) => {
      await log.append(1);
      await log.read({ group: "audit" });
      Deno.mkdirSync(`${log.directory}/hidden`);
      Deno.mkdirSync(`${log.directory}/lost+found`);
      await using open = await log.open({ disk: hidingDisk("hidden", "lost+found") });
      assert.deepEqual((await open.groups.list()).map(({ group }) => group), ["audit"]);
      assert.equal((await open.groups.describe("audit")).positions[0]?.position, 1n);
    });
  });

  it("a directory that has only what may be a topic is no empty log", async () => {
    await withStoredLog(async (log) => {
      Deno.mkdirSync(`${log.directory}/hidden`);
      const { code, passed } = await run(log, ["verify"], hiding("hidden"));
      assert.deepEqual([code, passed], [1, ["hidden?"]]);
    });
  });
});
