/**
 * Consumers and their forwarder as processes that are killed again and again while events flow: what
 * the read models come to then, and what one undisturbed run comes to.
 */
import assert from "node:assert/strict";
import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import type { ReadModels } from "../../src/ports/database_declaration.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { forwarderGroup } from "../../src/use_cases/forward_events.ts";
import { encodeBooksSearched } from "../../src/wire/encode_books_searched.ts";
import type { ConsumedStore, ConsumerPlace } from "./consumer_process.ts";
import { openReadModelsAt } from "./consumer_process.ts";

const eventsPerKill = 60;
const visitors = 5;
const queries = ["dune", "emma", "ubik", "hunger", "nothing"];
const patienceMs = 120_000;
const encoder = new TextEncoder();
const visitorOf = (n: number): string => `9f8d4a52-3a37-4b7c-8d3e-${String(n).padStart(12, "0")}`;

export interface Kills {
  readonly kills: number;
  /** From 0 up to 1. */
  readonly random: () => number;
  /** A kill comes at any time up to this after a process has begun. */
  readonly mostMs: number;
  /** A folder for the buffer. */
  readonly directory: string;
  readonly topic: string;
  /** What the forwarder publishes to, and consumers read. */
  readonly target: ConsumerPlace["target"];
  readonly log: EventLog;
  /** Of the consumers that are killed, and of those that are not. */
  readonly stores: { readonly killed: ConsumedStore; readonly calm: ConsumedStore };
}

export interface Killed {
  /** Different events. */
  readonly events: number;
  /** What they became on the target: those that the forwarder sent again are there twice. */
  readonly records: number;
}

/** @throws where the read models of the killed differ from those of the undisturbed. */
export async function killConsumers(options: Kills): Promise<Killed> {
  const { kills, random, mostMs, directory, topic, target, log, stores } = options;
  await using buffer = await openFileLog({
    directory,
    requiredGroups: [forwarderGroup],
    topics: [topic, `${topic}.dlq`],
  });
  const startedAt = Date.now() - 3_600_000;
  let events = 0;
  const start = (store: ConsumedStore) => startConsumers({ directory, topic, target, store });
  for (let kill = 0; kill < kills; kill++) {
    const consumers = start(stores.killed);
    const reader = consumers.stdout.getReader();
    await reader.read();
    const killAt = performance.now() + random() * mostMs;
    for (let n = 0; n < eventsPerKill; n++) {
      await buffer.publish(topic, searched(events++, startedAt));
    }
    await new Promise((resolve) => setTimeout(resolve, killAt - performance.now())); // any time
    consumers.kill("SIGKILL");
    await consumers.status;
    await reader.cancel();
  }
  await buffer.publish(topic, searched(events++, startedAt));
  const last = start(stores.killed);
  await until("the forwarder's end", async () => {
    const { positions } = await buffer.groups.describe(forwarderGroup);
    return positions.some((place) => place.topic === topic && place.lag === 0n);
  });
  const ends = await endsOf(log, topic);
  await using killed = await openReadModelsAt(stores.killed);
  await untilAt(killed, ends);
  await end(last);
  await using undisturbed = await openReadModelsAt(stores.calm);
  const run = start(stores.calm);
  await untilAt(undisturbed, ends);
  await end(run);
  const now = Date.now();
  const found = await contentsOf(killed, now);
  assertSame(found, await contentsOf(undisturbed, now));
  assert.equal(Object.values(found.counts).reduce((a, b) => a + b, 0), events);
  return { events, records: Number([...ends.values()].reduce((a, b) => a + b, 0n)) };
}

async function end(child: Deno.ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await child.status;
  await child.stdout.cancel();
}

/** Partition → its end. */
async function endsOf(log: EventLog, topic: string): Promise<ReadonlyMap<number, bigint>> {
  const ends = new Map<number, bigint>();
  const onPlace = (places: ReadonlyMap<number, bigint>): void => {
    for (const [partition, place] of places) if (place > 0n) ends.set(partition, place);
  };
  for await (const _ of log.subscribe(topic, { from: "latest", until: "end", onPlace }));
  return ends;
}

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

function assertSame(found: Contents, wanted: Contents): void {
  assert.deepEqual(found.counts, wanted.counts);
  assert.deepEqual(found.books, wanted.books);
  assert.deepEqual(Object.keys(found.scores).toSorted(), Object.keys(wanted.scores).toSorted());
  for (const [what, score] of Object.entries(wanted.scores)) {
    const difference = Math.abs((found.scores[what] ?? 0) - score);
    assert.ok(difference < 1e-9 * Math.max(1, score), `${what}: ${difference}`);
  }
}

function startConsumers(place: ConsumerPlace): Deno.ChildProcess {
  return new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "-A",
      new URL("./consumer_process.ts", import.meta.url).pathname,
      JSON.stringify(place),
    ],
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
}

async function untilAt(
  { trends, interests }: ReadModels,
  ends: ReadonlyMap<number, bigint>,
): Promise<void> {
  const isThere = (positions: Awaited<ReturnType<typeof trends.positions>>): boolean =>
    [...ends].every(([partition, end]) =>
      positions.some((place) => place.partition === partition && place.position === end)
    );
  await until(
    "the read models' end",
    async () => isThere(await trends.positions()) && isThere(await interests.positions()),
  );
}

async function until(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + patienceMs;
  while (!await isSo()) {
    assert.ok(performance.now() < deadline, `${what} was not reached in ${patienceMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 20)); // until it is there
  }
}
