/** Files are for their user only, and what somebody links to in their place is not touched. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { probeSqlite } from "../../adapters/database/sqlite/probe_sqlite.ts";
import { openSqliteCatalogue } from "../../adapters/database/sqlite/sqlite_catalogue.ts";
import { cautionsOf } from "../../src/composition/configuration.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { StoreError } from "../../src/ports/store_error.ts";
import { runCommand } from "../cli/run_command.ts";
import { withStoredLog } from "../cli/stored_log.ts";
import { load } from "../config/load_text.ts";
import { bookOf } from "../contracts/catalogue_law.ts";
import { createArrayCatalogue } from "../use_cases/array_catalogue.ts";

const victimText = "what somebody else needs\n".repeat(100);

async function withFolder(work: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** All that is wider than its user, by its path. */
function openToOthers(path: string): readonly string[] {
  const { mode, isDirectory } = Deno.lstatSync(path);
  const own = ((mode ?? 0) & 0o077) === 0 ? [] : [path];
  if (!isDirectory) return own;
  return [
    ...own,
    ...[...Deno.readDirSync(path)].flatMap(({ name }) => openToOthers(`${path}/${name}`)),
  ];
}

const failureOf = async (work: Promise<unknown>): Promise<Error> => {
  const [outcome] = await Promise.allSettled([work]);
  assert.ok(outcome?.status === "rejected" && outcome.reason instanceof Error);
  return outcome.reason;
};

describe("files are for their user only", () => {
  it("of the log, its groups and its repairs", async () => {
    await withFolder(async (folder) => {
      await withStoredLog(async (log) => {
        Deno.chmodSync(log.directory, 0o755);
        await log.append(60);
        await log.read({ group: "mine" });
        const [first = ""] = log.segments();
        log.flip(first, log.placeOf(first, "value 3;"));
        await runCommand(["log", "repair", log.directory, "--yes"]);
        const names = [...Deno.readDirSync(log.folder)].map(({ name }) => name);
        assert.ok(names.some((name) => name.endsWith(".broken")), names.join());
        assert.deepEqual(openToOthers(log.folder), []);
        assert.equal(openToOthers(log.directory).length, 1);
      });
      const { openFileLog } = await import("../../adapters/queue/file_log/file_log.ts");
      await using log = await openFileLog({ directory: `${folder}/a/b` });
      await log.publish("t", { value: null });
      assert.deepEqual(openToOthers(`${folder}/a`), []);
    });
  });

  it("of the shelf, with what SQLite puts beside it", async () => {
    await withFolder(async (folder) => {
      await using catalogue = await openSqliteCatalogue({
        file: `${folder}/a/s.db`,
        shelf: "empty",
      });
      await catalogue.add(bookOf("Dune"));
      assert.ok([...Deno.readDirSync(`${folder}/a`)].length > 1);
      assert.deepEqual(openToOthers(`${folder}/a`), []);
    });
  });
});

describe("what a link leads to is not touched", () => {
  it("in place of any file of a log", async () => {
    await withStoredLog(async (log) => {
      await log.append(60);
      await log.read({ group: "mine" });
      const victim = `${log.directory}/../${crypto.randomUUID()}`;
      const names = [...Deno.readDirSync(log.folder)].map(({ name }) => name).toSorted();
      assert.ok(names.includes("durable"), names.join());
      try {
        for (const name of names) {
          const path = `${log.folder}/${name}`;
          for (const isThere of [true, false]) {
            await Deno.rename(path, `${path}.kept`);
            if (isThere) await Deno.writeTextFile(victim, victimText);
            await Deno.symlink(victim, path);
            const appended = await log.append(1).then(() => undefined, (error) => error);
            if (name === "durable") {
              assert.ok(appended instanceof QueueError, `${appended}`);
              assert.match(appended.message, /durable" is a symbolic link, wanted the file itself/);
            }
            await log.read({ group: "mine" }).catch(() => {});
            await runCommand(["log", "verify", log.directory]);
            const now = await Deno.readTextFile(victim).catch(() => undefined);
            assert.equal(now, isThere ? victimText : undefined, name);
            await Deno.remove(path);
            await Deno.rename(`${path}.kept`, path);
            if (isThere) await Deno.remove(victim);
          }
        }
      } finally {
        await Deno.remove(victim).catch(() => {});
      }
    });
  });

  it("in place of the shelf's files; doctor says the same", async () => {
    await withFolder(async (folder) => {
      const victim = `${folder}/victim`;
      for (const name of ["s.db", "s.db-wal", "s.db-shm"]) {
        await Deno.writeTextFile(victim, "");
        await Deno.symlink(victim, `${folder}/${name}`);
        const file = `${folder}/s.db`;
        const uses: (() => Promise<unknown>)[] = [
          () => openSqliteCatalogue({ file, shelf: "empty" }),
          () => probeSqlite(file),
        ];
        for (const use of uses) {
          const error = await failureOf(use());
          assert.ok(error instanceof StoreError);
          assert.match(error.message, /a symbolic link stands there or beside it, wanted the file/);
        }
        assert.equal(await Deno.readTextFile(victim), "");
        await Deno.remove(`${folder}/${name}`);
      }
    });
  });

  it("in place of the rows that an import rejects", async () => {
    await withFolder(async (folder) => {
      await Deno.writeTextFile(`${folder}/b.csv`, "title,author\n,\n");
      await Deno.writeTextFile(`${folder}/victim`, victimText);
      await Deno.symlink(`${folder}/victim`, `${folder}/b.csv.rejected.csv`);
      const openCatalogue = () => Promise.resolve(createArrayCatalogue());
      const { code, stderr } = await runCommand(["import", `${folder}/b.csv`], { openCatalogue });
      assert.equal(code, 1);
      assert.match(stderr, /rejected\.csv" is a symbolic link, wanted the file itself/);
      assert.equal(await Deno.readTextFile(`${folder}/victim`), victimText);
      await Deno.remove(`${folder}/b.csv.rejected.csv`);
      await Deno.writeTextFile(`${folder}/b.csv.rejected.csv`, victimText);
      await runCommand(["import", `${folder}/b.csv`], { openCatalogue });
      const rows = await Deno.readTextFile(`${folder}/b.csv.rejected.csv`);
      assert.equal(rows.split("\r\n").length, 3, rows);
    });
  });
});

describe("what should not stay so is told", () => {
  const cautions = async (content: string) => cautionsOf(await load(content));

  it("files that others may read, not those in a folder that they may not enter", async () => {
    await withFolder(async (folder) => {
      const content =
        `{ db: { sqlite: { file: ${folder}/s.db } }, mq: { file: { directory: ${folder} } } }`;
      await Deno.writeTextFile(`${folder}/s.db`, "", { mode: 0o644 });
      assert.deepEqual(await cautions(content), []);
      await Deno.chmod(folder, 0o755);
      const [shelf, log, ...others] = await cautions(content);
      assert.match(
        shelf ?? "",
        /s\.db" is open to other users of this machine, wanted .*chmod -R go=/,
      );
      assert.match(log ?? "", /" is open to other users of this machine/);
      assert.deepEqual(others, []);
    });
  });

  it("credentials that go in plain text to another machine", async () => {
    const sasl = "sasl_mechanism: PLAIN, sasl_username: u, sasl_password: hunter2";
    const kafka = (host: string, protocol: string) =>
      `{ mq: { brokers: "${host}:9092", kafka: { security_protocol: ${protocol}, ${sasl}, buffer: none } } }`;
    const mysql = (host: string, more = "") =>
      `{ db: { host: "${host}", user: u, password: hunter2, database: d${more} }, mq: { adapter: memory } }`;
    const own = async (content: string) =>
      (await cautions(content)).filter((one) => !one.includes("open to"));
    for (
      const [content, told] of [
        [kafka("b.example", "SASL_PLAINTEXT"), /Credentials go to "b\.example:9092" without TLS/],
        [mysql("db.example"), /db\.password goes to "db\.example" without TLS/],
      ] as const
    ) {
      const [caution = "", ...others] = await own(content);
      assert.match(caution, told);
      assert.doesNotMatch(caution, /hunter2/);
      assert.deepEqual(others, []);
    }
    const well = [
      kafka("localhost", "SASL_PLAINTEXT"),
      kafka("b.example", "SASL_SSL"),
      mysql("127.0.0.1"),
      mysql("db.example", ", ssl: on"),
    ];
    for (const content of well) assert.deepEqual(await own(content), [], content);
  });

  it("doctor warns, and fails nobody for it", async () => {
    const doctor = {
      missingPermissions: () => Promise.resolve([]),
      narrowCommand: () => "deno run",
      cautions: () => ["Something is open to others"],
      probes: () => [],
      openLedger: () => Promise.reject(new Error("Not asked for")),
      comparedLog: () => undefined,
    };
    const { code, stdout } = await runCommand(["doctor"], { doctor });
    assert.equal(code, 0);
    assert.match(stdout, /^warn {2}safety {8} Something is open to others$/m);
    const json = await runCommand(["doctor", "--format", "json"], { doctor });
    const [, , last] = JSON.parse(json.stdout).checks;
    assert.deepEqual(last, {
      name: "safety",
      ok: true,
      caution: true,
      what: "Something is open to others",
    });
  });
});
