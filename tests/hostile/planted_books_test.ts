/** Books that were planted to make events as large as can be, through a shop as it runs. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { DatabaseSync } from "node:sqlite";
import { runTask, serviceFolder, startService } from "../e2e/service_process.ts";

const eventBytes = 65_536;
const config = [
  "app: { port: PORT, page_size: 100 }",
  "db: { sqlite: { file: DIR/shelf.db } }",
  "mq: { adapter: file, file: { directory: DIR/queue } }",
  "consumers: { run: off }",
].join("\n");

/** What takes most bytes for a character where it may be planted: through the API, and by SQL. */
const worst = { api: "\u2028", sql: "\u0001" };
const description = (character: string): string => character.repeat(4000);

describe("40 planted books on a page of 100", () => {
  it("each search's event is accepted, within mq.event_bytes, and says that it was shortened", async () => {
    await using folder = await serviceFolder(config);
    await using shop = await startService(folder);
    for (let n = 0; n < 40; n++) {
      const response = await fetch(`${shop.url}/api/books`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          title: `Plantedone ${n}`,
          author: "x",
          description: description(worst.api),
        }),
      });
      assert.equal(response.status, 201, await response.text());
    }
    {
      using shelf = new DatabaseSync(`${folder.path}/shelf.db`);
      shelf.exec("PRAGMA busy_timeout = 5000");
      const insert = shelf.prepare(
        "INSERT INTO books (title, author, description, created_at) VALUES (?, ?, ?, ?)",
      );
      shelf.exec("BEGIN IMMEDIATE");
      for (let n = 0; n < 40; n++) {
        insert.run(`Plantedtwo ${n}`, "x", description(worst.sql), "2026-01-01 00:00:00");
      }
      shelf.exec("COMMIT");
    }
    // What was planted by SQL is found soon. To look makes no event.
    const until = Date.now() + 20_000;
    const ahead = { headers: { "Sec-Purpose": "prefetch" } };
    for (let found = 0; found < 40;) {
      found = (await (await fetch(`${shop.url}/api/books?q=plantedtwo`, ahead)).json()).length;
      assert.ok(Date.now() < until, `${found} were found`);
    }
    const ids = new Map<string, number>();
    for (const query of ["plantedone", "plantedtwo", "planted"]) {
      const response = await fetch(`${shop.url}/api/books?q=${query}`);
      const books = await response.json();
      assert.match(response.headers.get("X-Event-Status") ?? "", /^(?:accepted|pending)$/);
      ids.set(response.headers.get("X-Event-Id") ?? "", books.length);
    }
    assert.deepEqual([...ids.values()], [40, 40, 80]);
    assert.equal((await shop.stop()).code, 0);

    const options = ["--config", folder.configFile, "--from", "earliest", "--until-end"];
    const { stdout, code, stderr } = await runTask("consume", [...options, "--format", "json"]);
    assert.equal(code, 0, stderr);
    const records = stdout.trimEnd().split("\n").map((line) => JSON.parse(line));
    assert.equal(records.length, ids.size);
    for (const { headers, value } of records) {
      const { ce_id: id, ce_shortened: shortened } = Object.fromEntries(headers);
      const books: { title: string; description: string }[] = JSON.parse(value);
      assert.equal(books.length, ids.get(id), "No book is left out");
      assert.ok(shortened !== undefined, "It says that it was shortened");
      assert.ok(books.every(({ title }) => /^Planted/.test(title)));
      const bytes = new TextEncoder().encode(value).length;
      assert.ok(bytes <= eventBytes && bytes > eventBytes / 2, `${bytes} bytes`);
    }
  });
});
