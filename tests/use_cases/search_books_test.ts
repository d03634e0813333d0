/** The search and its event; readiness. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { booksOf } from "../../src/ports/book_catalogue.ts";
import { StoreError } from "../../src/ports/store_error.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { createEventAcceptor } from "../../src/use_cases/event_acceptor.ts";
import { createEventReceipts } from "../../src/use_cases/event_receipts.ts";
import { createReadiness } from "../../src/use_cases/readiness.ts";
import { createSearchBooks, type SearchBooksRequest } from "../../src/use_cases/search_books.ts";
import { decodeBooks, decodeBooksSearched } from "../../src/wire/decode_books_searched.ts";
import { createFakeClock } from "../fake_clock.ts";
import { createArrayCatalogue } from "./array_catalogue.ts";
import { createRecordingTelemetry } from "./recording_telemetry.ts";
import { createScriptedQueue } from "./scripted_queue.ts";

const visitorId = "0b0f3f3c-7d1b-4a52-9c1e-5f1f0a4c2b11";
const books = Array.from({ length: 7 }, (_, index) => ({ title: `Dune ${index + 1}` }));
const dune: SearchBooksRequest = { query: "DUNE", offset: 0, isEvent: true };

function open(pageSize = 3) {
  const clock = createFakeClock();
  const queue = createScriptedQueue();
  const catalogue = createArrayCatalogue(books);
  const acceptor = createEventAcceptor({
    queue,
    topic: "t",
    acceptTimeoutMs: 50,
    clock,
    telemetry: createRecordingTelemetry(),
    receipts: createEventReceipts({ isDelivery: false }),
  });
  let ids = 0;
  const newEventId = () => `id-${++ids}`;
  const search = createSearchBooks({ catalogue, acceptor, pageSize, clock, newEventId });
  const readiness = createReadiness({
    catalogue,
    queues: { log: acceptor },
    degradedSince: () => undefined,
    version: "1.0.0",
  });
  const events = () =>
    queue.publishes.map(({ record: { key, value, headers = [], timestamp = 0 } }) => {
      assert.equal(typeof key, "string");
      const keyBytes = new TextEncoder().encode(String(key));
      return decodeBooksSearched({ key: keyBytes, value, headers, timestamp }, decodeBooks);
    });
  return { clock, queue, catalogue, acceptor, search, readiness, events };
}

describe("searchBooks()", () => {
  it("answers a page and makes it one event", async () => {
    const { search, events, clock } = open();
    const trace = { traceparent: "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01" };
    const result = await search({ ...dune, visitorId, trace });
    const found = booksOf(result);
    assert.deepEqual(found.map(({ id }) => id), [1, 2, 3]);
    assert.deepEqual(result.next, { place: 1, id: 3, page: 2 });
    assert.deepEqual(result.event, { id: "id-1", status: "accepted" });
    assert.deepEqual(events(), [{
      id: "id-1",
      query: "DUNE",
      normalisedQuery: "dune",
      page: 1,
      books: found,
      searchedAt: clock.now(),
      visitorId,
      trace,
    }]);
  });

  it("makes further pages events too, with their number and their books", async () => {
    const { search, events } = open();
    for (const offset of [3, 6, 9]) await search({ ...dune, offset });
    assert.deepEqual(events().map(({ page, books }) => [page, books.map(({ id }) => id)]), [
      [2, [4, 5, 6]],
      [3, [7]],
      [4, []],
    ]);
  });

  it("answers a blank query with the shelf, and makes it no event", async () => {
    const { search, queue } = open();
    for (const query of ["", "  ", "\t\n\u00a0\ufeff"]) {
      const result = await search({ ...dune, query });
      assert.equal(result.count, 3);
      assert.equal(result.event, undefined);
    }
    assert.equal(queue.publishes.length, 0);
  });

  it("makes no event where nobody has searched", async () => {
    const { search, queue } = open();
    const result = await search({ ...dune, isEvent: false });
    assert.equal(result.count, 3);
    assert.equal(result.event, undefined);
    assert.equal(queue.publishes.length, 0);
  });

  it("goes on from the place where a page has ended, and counts pages", async () => {
    const { search, events } = open();
    const pages: number[][] = [];
    let request = dune;
    for (;;) {
      const result = await search(request);
      pages.push(booksOf(result).map(({ id }) => id));
      if (result.next === undefined) break;
      request = { ...dune, cursor: result.next };
    }
    assert.deepEqual(pages, [[1, 2, 3], [4, 5, 6], [7]]);
    assert.deepEqual(events().map(({ page }) => page), [1, 2, 3]);
  });

  it("answers nothing, as an event, for a query that no book can be meant by", async () => {
    const { search, events } = open();
    const result = await search({ ...dune, query: "dune \ud83d" });
    assert.deepEqual([booksOf(result), result.isComplete, result.next], [[], true, undefined]);
    assert.deepEqual(events().map(({ books }) => books), [[]]);
  });

  it("answers all the same when the queue refuses, throws, or never answers", async () => {
    const { search, queue, clock } = open();
    queue.behaviour = { reject: new QueueError("full", "No room") };
    assert.deepEqual((await search(dune)).event, { id: "id-1", status: "refused", reason: "full" });
    queue.behaviour = { throw: new Error("Oops") };
    const { event, count } = await search(dune);
    assert.deepEqual(event, { id: "id-2", status: "refused", reason: "outcome_unknown" });
    assert.equal(count, 3);

    queue.behaviour = "hold";
    const slow = search(dune);
    await clock.advance(50);
    assert.deepEqual((await slow).event, { id: "id-3", status: "pending" });
    assert.deepEqual((await search(dune)).event, { id: "id-4", status: "pending" });
  });

  it("makes no event of a search that the catalogue could not answer", async () => {
    const { search, queue, catalogue } = open();
    catalogue.fault = new StoreError("unavailable", "Away");
    await assert.rejects(search(dune), catalogue.fault);
    assert.equal(queue.publishes.length, 0);
  });
});

describe("readiness", () => {
  it("depends on the catalogue only; a queue that refuses degrades it", async () => {
    const { search, queue, catalogue, readiness } = open();
    assert.equal((await readiness.check()).status, "ok");
    queue.behaviour = { reject: new QueueError("unavailable", "Away") };
    await search(dune);
    assert.equal((await readiness.check()).status, "degraded");
    catalogue.fault = new StoreError("unavailable", "Away");
    assert.equal((await readiness.check()).status, "unavailable");
    catalogue.fault = undefined;
    assert.equal((await readiness.check()).status, "degraded");
  });

  it("ends with turnOff()", async () => {
    const { readiness } = open();
    readiness.turnOff();
    assert.equal((await readiness.check()).status, "unavailable");
  });
});
