/** A backup of a shop that runs, and the shop that is made of it. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { runTask, serviceFolder, type ServiceProcess, startService } from "./service_process.ts";

const config = `app: { port: PORT }
db: { driver: sqlite, sqlite: { file: DIR/shelf.db } }
mq: { adapter: file, accept_timeout_ms: 10000, file: { directory: DIR/queue, segment_bytes: 65536 } }`;

/** Searches and adds books until it is stopped; keeps what was answered for. */
function load({ url }: ServiceProcess) {
  const books: string[] = [];
  const events: string[] = [];
  let isOver = false;
  const ended = (async () => {
    for (let n = 0; !isOver; n++) {
      const search = await fetch(`${url}/api/books?q=the+${n}`);
      await search.body?.cancel();
      assert.equal(search.headers.get("X-Event-Status"), "accepted");
      events.push(search.headers.get("X-Event-Id") ?? "");
      if (n % 5 > 0) continue;
      const title = `Book ${n}`;
      const body = JSON.stringify({ title, author: "A" });
      const headers = { "Content-Type": "application/json" };
      const added = await fetch(`${url}/api/books`, { method: "POST", headers, body });
      await added.body?.cancel();
      assert.equal(added.status, 201);
      books.push(title);
    }
  })();
  const stop = async () => {
    isOver = true;
    await ended;
  };
  return { books, events, stop };
}

describe("deno task backup", () => {
  it("of a shop under load has all that was answered for before it; restored, the shop goes on", async () => {
    await using folder = await serviceFolder(config);
    await using restored = await serviceFolder(config);
    const saved = `${folder.path}/backup`;
    let before: { books: string[]; events: string[] };
    {
      await using shop = await startService(folder);
      const running = load(shop);
      while (running.events.length < 300) await new Promise((resolve) => setTimeout(resolve, 20));
      const kept = await runTask("consume", [
        ...["--config", folder.configFile, "--group", "audit", "--from", "earliest"],
        ...["--count", "50"],
      ]);
      assert.equal(kept.code, 0, kept.stderr);
      before = { books: [...running.books], events: [...running.events] };
      const { code, stdout, stderr } = await runTask("backup", [
        saved,
        "--config",
        folder.configFile,
      ]);
      assert.deepEqual([code, stderr], [0, ""], stdout);
      assert.match(stdout, /queue\/lr-book-searches: up to offset \d+.*\d groups\n/);
      assert.match(stdout, /shelf\.db: \d+ books/);
      await running.stop();
      await shop.stop("SIGKILL");
    }
    const twice = await runTask("backup", [saved, "--config", folder.configFile]);
    assert.equal(twice.code, 2);
    assert.match(twice.stderr, /^Something is in ".*backup", wanted a folder that is empty/);

    const { database, log } = JSON.parse(await Deno.readTextFile(`${saved}/manifest.json`));
    assert.equal(database.at(-1).original, `${folder.path}/shelf.db`);
    await Deno.copyFile(`${saved}/shelf.db`, `${restored.path}/shelf.db`);
    await Deno.rename(`${saved}/queue`, `${restored.path}/queue`);
    const verified = await runTask("log", ["verify", `${restored.path}/queue`]);
    assert.equal(verified.code, 0, verified.stdout);
    const checked = await runTask("doctor", ["--config", restored.configFile]);
    assert.equal(checked.code, 0, checked.stdout);

    await using shop = await startService(restored);
    const options = ["--config", restored.configFile, "--until-end", "--format", "json"];
    const ids = async (...more: readonly string[]): Promise<string[]> => {
      const { code, stdout, stderr } = await runTask("consume", [...options, ...more]);
      assert.equal(code, 0, stderr);
      return stdout.trimEnd().split("\n").map((line) =>
        Object.fromEntries(JSON.parse(line).headers).ce_id
      );
    };
    const all = await ids("--from", "earliest");
    assert.deepEqual(all.slice(0, before.events.length), before.events);
    assert.equal(all.length, Number(log.topics[0].next));
    const rest = await ids("--group", "audit", "--from", "earliest");
    assert.deepEqual(rest, all.slice(50));
    for (const title of before.books) {
      const found = await (await fetch(`${shop.url}/api/books?q="${title}"`)).json();
      assert.ok(found.some((book: { title: string }) => book.title === title), title);
    }
    const next = await fetch(`${shop.url}/api/books?q=after`);
    await next.body?.cancel();
    assert.equal(next.headers.get("X-Event-Status"), "accepted");
  });

  it("without anything to copy it says so, and leaves nothing behind", async () => {
    await using folder = await serviceFolder(config);
    const { code, stderr } = await runTask("backup", [
      `${folder.path}/backup`,
      "--config",
      folder.configFile,
    ]);
    assert.equal(code, 1);
    assert.match(stderr, /^Nothing was copied/);
    assert.deepEqual([...Deno.readDirSync(folder.path)].map(({ name }) => name), ["config.yml"]);
  });
});
