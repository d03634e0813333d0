/** What PUT and DELETE do to a book, and what ETags guard. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openApp } from "./open_app.ts";

const dune = { title: "Dune", author: "Frank Herbert" };

function sending(method: string, body: unknown, headers: Record<string, string> = {}): RequestInit {
  const type = { "Content-Type": "application/json" };
  return { method, body: JSON.stringify(body), headers: { ...type, ...headers } };
}

describe("PUT /api/books/{id}", () => {
  it("puts other contents into the book; its id and time stay", async () => {
    const { app, queue } = openApp([dune]);
    const response = await app.request("/api/books/1", sending("PUT", { ...dune, title: "Emma" }));
    assert.equal(response.status, 200);
    const book = await response.json();
    assert.deepEqual([book.id, book.title, book.created_at], [1, "Emma", "2026-01-01 00:00:00"]);
    const now = await app.request("/api/books/1");
    assert.deepEqual(await now.json(), book);
    assert.equal(now.headers.get("ETag"), response.headers.get("ETag"));
    assert.equal(queue.publishes.length, 0);
  });

  it("checks a body as POST does, and knows a book that is not there", async () => {
    const { app } = openApp([dune]);
    const invalid = await app.request("/api/books/1", sending("PUT", { title: "" }));
    assert.equal(invalid.status, 422);
    const missing = await app.request("/api/books/2", sending("PUT", dune));
    assert.equal(missing.status, 404);
    assert.equal((await missing.json()).type, "/problems/book-not-found");
    assert.equal((await app.request("/api/books/x", sending("PUT", dune))).status, 400);
  });

  it("changes only what the client has seen, where it says If-Match", async () => {
    const { app } = openApp([dune]);
    const etag = (await app.request("/api/books/1")).headers.get("ETag") ?? "";
    const put = (title: string, ifMatch: string) =>
      app.request("/api/books/1", sending("PUT", { ...dune, title }, { "If-Match": ifMatch }));
    assert.equal((await put("Emma", etag)).status, 200);
    const late = await put("Ubik", etag);
    assert.equal(late.status, 412);
    assert.equal((await late.json()).type, "/problems/book-changed");
    assert.equal((await put("Ubik", "*")).status, 200);
  });

  it("changes nothing that If-None-Match names, or that no tag in If-Match is", async () => {
    const { app } = openApp([dune]);
    const etag = (await app.request("/api/books/1")).headers.get("ETag") ?? "";
    const refused: readonly Record<string, string>[] = [
      { "If-None-Match": "*" },
      { "If-None-Match": `"a", ${etag}` },
      { "If-Match": etag, "If-None-Match": etag },
      { "If-Match": '"a,*,b"' },
      { "If-Match": etag.replaceAll('"', "") },
      { "If-Match": "" },
    ];
    for (const headers of refused) {
      const emma = sending("PUT", { ...dune, title: "Emma" }, headers);
      assert.equal((await app.request("/api/books/1", emma)).status, 412, JSON.stringify(headers));
      const gone = await app.request("/api/books/1", { method: "DELETE", headers });
      assert.equal(gone.status, 412, JSON.stringify(headers));
    }
    const other = sending("PUT", { ...dune, title: "Emma" }, { "If-None-Match": '"a"' });
    assert.equal((await app.request("/api/books/1", other)).status, 200);
  });

  it("tells a change that comes between the look and the deed", async () => {
    const { app, catalogue } = openApp([dune]);
    const etag = (await app.request("/api/books/1")).headers.get("ETag") ?? "";
    const update = catalogue.update;
    catalogue.update = async (id, book, expected) => {
      await update(1, { title: "Ubik", author: "PKD", published_at: null, description: "" });
      return await update(id, book, expected);
    };
    const init = sending("PUT", dune, { "If-Match": etag });
    assert.equal((await app.request("/api/books/1", init)).status, 412);
  });
});

describe("DELETE /api/books/{id}", () => {
  it("takes the book away, once", async () => {
    const { app } = openApp([dune]);
    const init = { method: "DELETE" };
    const response = await app.request("/api/books/1", init);
    assert.deepEqual([response.status, await response.text()], [204, ""]);
    assert.equal((await app.request("/api/books/1")).status, 404);
    assert.equal((await app.request("/api/books/1", init)).status, 404);
  });

  it("takes only what the client has seen, where it says If-Match", async () => {
    const { app } = openApp([dune]);
    const remove = (tag: string) =>
      app.request("/api/books/1", { method: "DELETE", headers: { "If-Match": tag } });
    assert.equal((await remove('"other"')).status, 412);
    const etag = (await app.request("/api/books/1")).headers.get("ETag") ?? "";
    assert.equal((await remove(`"other", ${etag}`)).status, 204);
  });
});

describe("GET /api/books/{id}", () => {
  it("is a 304 where the client has the book already", async () => {
    const { app } = openApp([dune]);
    const etag = (await app.request("/api/books/1")).headers.get("ETag") ?? "";
    assert.match(etag, /^"[0-9a-f]{24}"$/);
    for (const tags of [etag, `W/${etag}`, `"a", ${etag}`, "*"]) {
      const headers = { "If-None-Match": tags };
      const response = await app.request("/api/books/1", { headers });
      assert.deepEqual([response.status, await response.text()], [304, ""], tags);
      assert.equal(response.headers.get("ETag"), etag);
    }
    await app.request("/api/books/1", sending("PUT", { ...dune, description: "Sand" }));
    const fresh = await app.request("/api/books/1", { headers: { "If-None-Match": etag } });
    assert.equal(fresh.status, 200);
  });
});

describe("an ISBN", () => {
  it("is taken by POST with its check digit, finds the book, and is not answered", async () => {
    const { app } = openApp();
    const init = sending("POST", { ...dune, isbn: "0-441-17271-7" });
    const response = await app.request("/api/books", init);
    assert.equal(response.status, 201);
    assert.equal((await response.json()).isbn, undefined);
    const found = await app.request("/api/books?q=978-0441172719");
    assert.equal((await found.json()).length, 1);
  });

  it("is refused where it is none", async () => {
    const { app } = openApp();
    for (const isbn of ["0441172718", "", 441172717, "dune"]) {
      const response = await app.request("/api/books", sending("POST", { ...dune, isbn }));
      assert.equal(response.status, 422);
      const { errors } = await response.json();
      assert.equal(errors[0].pointer, "/isbn");
      assert.match(
        errors[0].detail,
        /wanted an ISBN of 10 or 13 digits with its right check digit/,
      );
    }
  });
});
