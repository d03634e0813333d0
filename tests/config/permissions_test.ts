/** What a process must be allowed, by Deno and by the operating system, and how it is told. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { neededPermissions, type ProcessPart } from "../../src/composition/configuration.ts";
import { missingPermissions } from "../../src/config/permissions.ts";
import { refusalToWrite } from "../../src/config/writable_directory.ts";
import { load } from "./load_text.ts";

const all = ["http", "catalogue", "queue", "buffer"] as const;

describe("permissions", () => {
  it("of the default: one port, and the files under data", async () => {
    const needed = neededPermissions(await load("{}"), all);
    assert.deepEqual(needed.map(({ descriptor }) => descriptor), [
      { name: "net", host: "127.0.0.1:8080" },
      // The visitors' secret.
      { name: "read", path: "data" },
      { name: "write", path: "data" },
      { name: "read", path: "data" },
      { name: "write", path: "data" },
      { name: "read", path: "data/queue" },
      { name: "write", path: "data/queue" },
    ]);
  });

  it("of mysql and kafka: their addresses and the environment, no files", async () => {
    const text = "{db: {host: '::1', user: u, database: d}, mq: {brokers: [a:1, b:2]}}";
    const needed = neededPermissions(await load(text), ["catalogue", "queue"]);
    assert.deepEqual(needed.map(({ descriptor }) => descriptor), [
      { name: "net", host: "[::1]:3306" },
      { name: "env" },
      { name: "net", host: "a:1" },
      { name: "net", host: "b:2" },
      { name: "env" },
    ]);
  });

  it("of a buffer: its files, for the service but not for those who go to the brokers themselves", async () => {
    const config = await load("mq: { brokers: [a:1], file: { directory: d } }");
    const files = (parts: ProcessPart[]) =>
      neededPermissions(config, parts).filter(({ path }) => path === "mq.file.directory").length;
    assert.equal(files(["queue", "buffer"]), 2);
    assert.equal(files(["queue"]), 0);
    const direct = await load("mq: { brokers: [a:1], kafka: { buffer: none } }");
    assert.equal(
      neededPermissions(direct, all).some(({ path }) => path.startsWith("mq.file")),
      false,
    );
  });

  it("of a memory queue: none", async () => {
    assert.deepEqual(neededPermissions(await load("mq: { adapter: memory }"), ["queue"]), []);
  });

  it("that are missing are faults that name key and flag", async () => {
    const needed = neededPermissions(
      await load("db: { sqlite: { file: /srv/a/b.db, read_models_file: /srv/a/c.db } }"),
      ["catalogue", "queue"],
    );
    const faults = await missingPermissions(
      "config.yml",
      needed,
      ({ name }) => Promise.resolve({ state: name === "write" ? "prompt" : "granted" }),
    );
    assert.deepEqual(faults[0], {
      file: "config.yml",
      path: "db.sqlite.file",
      is: 'writes files in "/srv/a", which this process may not',
      wanted: "the flag --allow-write=/srv/a (of deno run, before src/…; of a task, in deno.json)",
    });
    assert.equal(faults.length, 2);
  });

  it("the operating system is asked, too: what Deno allows may be another user's", async () => {
    const directory = await Deno.makeTempDir();
    await Deno.writeTextFile(`${directory}/file`, "");
    // Nobody may make a folder in a file, whoever runs this.
    const refused = await refusalToWrite(`${directory}/file/data`);
    assert.match(refused ?? "", /^may not be written by this user \(".*\/file\/data": ENOTDIR\)$/);
    assert.equal(await refusalToWrite(`${directory}/made/at/the/start`), undefined);
    await Deno.symlink(`${directory}/nowhere`, `${directory}/link`);
    const nowhere = await refusalToWrite(`${directory}/link/queue`);
    assert.match(nowhere ?? "", /link" is a symbolic link to what is not there\)$/);
    const needed = neededPermissions(
      await load(`db: { sqlite: { file: ${directory}/file/shelf.db } }`),
      ["catalogue"],
    );
    const [fault] = await missingPermissions("config.yml", needed);
    assert.equal(fault?.path, "db.sqlite.file");
    assert.match(
      fault?.is ?? "",
      /^writes files in ".*\/file", which may not be written by this user/,
    );
    await Deno.remove(directory, { recursive: true });
  });

  it("are asked of Deno in a form that it understands", async () => {
    const config = await load(
      "{db: {host: '::1', user: u, database: d}, mq: {brokers: '[::1]:9092'}}",
    );
    assert.deepEqual(await missingPermissions("config.yml", neededPermissions(config, all)), []);
  });
});
