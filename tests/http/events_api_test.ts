import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { QueueError } from "../../src/ports/queue_error.ts";
import { eventId, type OpenApp, openApp } from "./open_app.ts";

const report = { topic: "t", partition: 2, offset: 2n ** 60n, timestamp: 0 };

async function receipt({ app }: OpenApp, id: string): Promise<unknown> {
  const response = await app.request(`/api/events/${id}`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("Cache-Control"), "no-store");
  return await response.json();
}

describe("GET /api/events/{id}", () => {
  it("tells what became of an event, from pending to delivered", async () => {
    const open = openApp();
    const id = eventId(1);
    open.queue.behaviour = "hold";
    const answer = open.app.request("/api/books?q=dune");
    while (open.queue.publishes.length === 0) await open.clock.advance(1);
    assert.deepEqual(await receipt(open, id), { id, status: "pending" });
    open.queue.publishes[0]?.accept();
    await answer;
    assert.deepEqual(await receipt(open, id), { id, status: "accepted" });
    open.receipts.delivered(id, report);
    const offset = "1152921504606846976";
    const delivered = { id, status: "delivered", topic: "t", partition: 2, offset };
    assert.deepEqual(await receipt(open, id.toUpperCase()), delivered);
  });

  it("tells why an event was refused, dead-lettered or dropped", async () => {
    const open = openApp();
    open.queue.behaviour = { reject: new QueueError("full", "Full") };
    await open.app.request("/api/books?q=dune");
    const refused = { id: eventId(1), status: "refused", reason: "full" };
    assert.deepEqual(await receipt(open, eventId(1)), refused);
    open.queue.behaviour = "accept";
    await open.app.request("/api/books?q=dune");
    open.receipts.deadLettered(eventId(2), "too_large");
    const dead = { id: eventId(2), status: "dead_lettered", reason: "too_large" };
    assert.deepEqual(await receipt(open, eventId(2)), dead);
    await open.app.request("/api/books?q=dune");
    open.receipts.skipped(0n, 3n);
    const dropped = { id: eventId(3), status: "dropped", reason: "evicted" };
    assert.deepEqual(await receipt(open, eventId(3)), dropped);
  });

  it("knows the newest events only, and says so", async () => {
    const open = openApp();
    for (let n = 0; n < 6; n++) await open.app.request("/api/books?q=dune");
    assert.deepEqual(await receipt(open, eventId(6)), { id: eventId(6), status: "accepted" });
    const response = await open.app.request(`/api/events/${eventId(1)}`);
    assert.equal(response.status, 404);
    assert.equal(response.headers.get("Content-Type"), "application/problem+json");
    const { type, detail } = await response.json();
    assert.equal(type, "/problems/event-not-found");
    assert.match(
      detail,
      /^Receipts are kept for the newest 10,000 events since this process started/,
    );
  });

  it("refuses what is no UUID", async () => {
    const response = await openApp().app.request("/api/events/42");
    assert.equal(response.status, 400);
    const { detail } = await response.json();
    assert.equal(detail, 'Event id is "42", wanted a UUID, as in X-Event-Id');
  });
});
