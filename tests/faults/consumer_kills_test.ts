/**
 * Effects exactly once: consumers that are killed again and again while events flow, some of them
 * twice, come to what one undisturbed run comes to.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openSqliteReadModels } from "../../adapters/database/sqlite/sqlite_read_models.ts";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import { systemClock } from "../../src/ports/clock.ts";
import type { ReadModels } from "../../src/ports/database_declaration.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { encodeBooksSearched } from "../../src/wire/encode_books_searched.ts";
import { rounds, seeded } from "./campaign.ts";

const topic = "t";
const kills = rounds(100, 3);
const eventsPerKill = 60;
const visitors = 5;
const queries = ["dune", "emma", "ubik", "hunger", "nothing"];
const patienceMs = 60_000;
const encoder = new TextEncoder();
const visitorOf = (n: number): string => `9f8d4a52-3a37-4b7c-8d3e-${String(n).padStart(12, "0")}`;
const clock = systemClock;
const open = (file: string): Promise<ReadModels> =>
  openSqliteReadModels(file, { clock, halfLifeHours: 24, visitorDays: 30 });

/** The n-th event. */
function searched(n: number, startedAt: number): EventRecord {
  const query = queries[n % queries.length]!;
  const books = query === "nothing" ? [] : [n % 7, n % 11 + 7].map((id) => ({
    id,
    title: `Title ${id}`,
    author: "A",
    published_at: null,
    description: "",
    created_at: "2026-01-01 00:00:00",
  }));
  return encodeBooksSearched({
    id: `017f22e2-79b0-7cc3-98c4-${String(n).padStart(12, "0")}`,
    query,
    visitorId: visitorOf(n % visitors),
    page: 1,
    json: encoder.encode(JSON.stringify(books)),
    count: books.length,
    searchedAt: startedAt + n,
  });
}

/** All that a reader can see, with weights as scores of one moment. */
async function contentsOf(models: ReadModels, nowMs: number): Promise<Contents> {
  const request = { limit: 100, minSearches: 1, nowMs };
  const all = [...await models.trends.top(request), ...await models.trends.misses(request)];
  const contents: Contents = { counts: {}, scores: {}, books: {} };
  for (const { query, searches, score, books } of all) {
    contents.counts[query] = searches;
    contents.scores[query] = score;
    contents.books[query] = books.map(({ id }) => id);
  }
  for (let n = 0; n < visitors; n++) {
    const interests = await models.interests.interestsOf(visitorOf(n), { limit: 100, nowMs });
    for (const { bookId, score } of interests) contents.scores[`${n} ${bookId}`] = score;
  }
  return contents;
}

interface Contents {
  readonly counts: Record<string, number>;
  readonly scores: Record<string, number>;
  readonly books: Record<string, readonly number[]>;
}

function startConsumers(directory: string, file: string) {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "-A",
      new URL("./consumer_process.ts", import.meta.url).pathname,
      directory,
      file,
      topic,
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

describe("consumers that are killed", () => {
  it("have each effect exactly once, as one undisturbed run has", async () => {
    const folder = await Deno.makeTempDir({ prefix: "shelfcast_kills_" });
    try {
      const [directory, killed, calm] = [`${folder}/queue`, `${folder}/a.db`, `${folder}/b.db`];
      await using log = await openFileLog({ directory, topics: [topic, `${topic}.dlq`] });
      const random = seeded(7);
      const startedAt = Date.now() - 3_600_000;
      let published = 0;
      const publishSome = async (): Promise<void> => {
        for (let n = 0; n < eventsPerKill; n++) {
          const record = searched(published++, startedAt);
          await log.publish(topic, record);
          // As a forwarder does whose report was lost.
          if (random() < 0.1) await log.publish(topic, record);
        }
      };
      for (let kill = 0; kill < kills; kill++) {
        const consumers = startConsumers(directory, killed);
        const reader = consumers.stdout.getReader();
        await reader.read();
        await publishSome();
        await new Promise((resolve) => setTimeout(resolve, random() * 40)); // a kill at any time
        consumers.kill("SIGKILL");
        await consumers.status;
        await reader.cancel();
      }
      const last = startConsumers(directory, killed);
      const end = (await log.publish(topic, searched(published++, startedAt))).offset + 1n;
      await using models = await open(killed);
      await untilAt(models, end);
      last.kill("SIGKILL");
      await last.status;
      await last.stdout.cancel();

      await using undisturbed = await open(calm);
      const run = startConsumers(directory, calm);
      await untilAt(undisturbed, end);
      run.kill("SIGKILL");
      await run.status;
      await run.stdout.cancel();
      const now = Date.now();
      const [found, wanted] = [await contentsOf(models, now), await contentsOf(undisturbed, now)];
      assert.deepEqual(found.counts, wanted.counts);
      assert.deepEqual(found.books, wanted.books);
      assert.deepEqual(Object.keys(found.scores).toSorted(), Object.keys(wanted.scores).toSorted());
      for (const [what, score] of Object.entries(wanted.scores)) {
        const difference = Math.abs((found.scores[what] ?? 0) - score);
        assert.ok(difference < 1e-9 * Math.max(1, score), `${what}: ${difference}`);
      }
      const counted = Object.values(found.counts).reduce((a, b) => a + b, 0);
      assert.equal(counted, published);
      console.log(
        `kill -9: ${kills} loops of the consumers, ${published} events in ${end} records, each counted once`,
      );
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  });
});

async function untilAt({ trends, interests }: ReadModels, end: bigint): Promise<void> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const positions = [...await trends.positions(), ...await interests.positions()];
    if (positions.length === 2 && positions.every(({ position }) => position === end)) return;
    assert.ok(Date.now() < deadline, `the end, ${end}, was not reached in ${patienceMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20)); // until it is there
  }
}
