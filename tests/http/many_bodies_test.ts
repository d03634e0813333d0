/** Bodies that come slowly, or never. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openApp } from "./open_app.ts";

const json = { "Content-Type": "application/json" };
const silent = () => new ReadableStream<Uint8Array>();

describe("bodies under way", () => {
  it("are 64 at most; what is beyond is told at once, and they all end after ten seconds", async () => {
    const { app, clock } = openApp();
    const post = (body: BodyInit): Promise<Response> =>
      Promise.resolve(app.request("/api/books", { method: "POST", headers: json, body }));
    const slow = Array.from({ length: 64 }, () => post(silent()));
    const whole = JSON.stringify({ title: "Dune", author: "Frank Herbert" });
    await clock.advance(1);
    const refused = await post(whole);
    assert.equal(refused.status, 503);
    assert.equal(refused.headers.get("Retry-After"), "10");
    assert.equal((await refused.json()).type, "/problems/too-many-bodies");
    await clock.advance(10_000);
    const statuses = (await Promise.all(slow)).map(({ status }) => status);
    assert.deepEqual(statuses, statuses.map(() => 408));
    assert.equal((await post(whole)).status, 201);
  });

  it("hold their bytes, and not the buffers that these have come in", async () => {
    const { app } = openApp();
    const bytes = new TextEncoder().encode(JSON.stringify({ title: "Emma", author: "J. Austen" }));
    const ofServer = new Uint8Array(65_536);
    let at = 0;
    const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
      // It is used again for the next byte: who keeps it keeps none of those before.
      pull(controller) {
        if (at === bytes.length) return controller.close();
        ofServer.set(bytes.subarray(at, ++at));
        controller.enqueue(ofServer.subarray(0, 1));
      },
    }, { highWaterMark: 0 });
    const response = await app.request("/api/books", { method: "POST", headers: json, body });
    assert.equal(response.status, 201);
    assert.equal((await response.json()).title, "Emma");
  });
});
