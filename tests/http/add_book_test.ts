/** `POST /api/books`: books that are taken, and bodies that are not. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openApp } from "./open_app.ts";

const json = { "Content-Type": "application/json" };
const limit = 65_536;

function post(body: BodyInit, headers: HeadersInit = json): RequestInit {
  return { method: "POST", body, headers };
}

function book(fields: Record<string, unknown>): RequestInit {
  return post(JSON.stringify({ title: "Dune", author: "Frank Herbert", ...fields }));
}

/** A body of unknown length that comes in chunks, and counts how many were taken. */
function streamed(chunks: number, chunkBytes: number) {
  const state = { taken: 0, isCancelled: false };
  const body = new ReadableStream<Uint8Array>({
    pull(controller) {
      if (state.taken++ < chunks) controller.enqueue(new Uint8Array(chunkBytes).fill(0x20));
      else controller.close();
    },
    cancel() {
      state.isCancelled = true;
    },
  }, { highWaterMark: 0 });
  return { state, body };
}

describe("POST /api/books", () => {
  it("makes the book, says where it is, and answers it", async () => {
    const { app, queue } = openApp();
    const response = await app.request(
      "/api/books",
      book({ title: "  Dune ", published_at: 1965, description: " spice " }),
    );
    assert.equal(response.status, 201);
    assert.equal(response.headers.get("Location"), "/api/books/1");
    const added = await response.json();
    assert.deepEqual(added, {
      id: 1,
      title: "Dune",
      author: "Frank Herbert",
      published_at: "1965",
      description: " spice ",
      created_at: "2026-01-01 00:00:00",
    });
    assert.deepEqual(await (await app.request("/api/books/1")).json(), added);
    assert.equal(queue.publishes.length, 0);
  });

  it("needs no more than title and author", async () => {
    const { app } = openApp();
    const { published_at, description } = await (await app.request("/api/books", book({}))).json();
    assert.deepEqual([published_at, description], [null, ""]);
    const type = { "Content-Type": 'Application/JSON; charset="UTF-8"' };
    const { body } = book({ published_at: null });
    assert.equal((await app.request("/api/books", post(body ?? "", type))).status, 201);
  });

  it("takes years, before the common era too, and days that exist", async () => {
    const { app } = openApp();
    for (const publishedAt of [-750, "-750", "1997-06-26", "8"]) {
      const response = await app.request("/api/books", book({ published_at: publishedAt }));
      assert.equal((await response.json()).published_at, String(publishedAt));
    }
  });

  it("lists all faults of a book at once", async () => {
    const { app, catalogue } = openApp();
    const response = await app.request(
      "/api/books",
      post(JSON.stringify({
        title: "  ",
        published_at: "2001-02-29",
        description: 7,
        "isbn/13": "x",
      })),
    );
    assert.equal(response.status, 422);
    const { type, errors } = await response.json();
    assert.equal(type, "/problems/invalid-book");
    const sorted = errors.toSorted((a: { pointer: string }, b: { pointer: string }) =>
      a.pointer < b.pointer ? -1 : 1
    );
    assert.deepEqual(sorted, [
      { pointer: "/author", detail: "Is missing, wanted text" },
      { pointer: "/description", detail: "Is 7, wanted text" },
      { pointer: "/isbn~113", detail: "Is not a field of a book, wanted none but its own" },
      {
        pointer: "/published_at",
        detail: 'Is "2001-02-29", wanted a year from -9999 to 9999 except 0 (negative: BCE), ' +
          "a date YYYY-MM-DD that exists, or null",
      },
      { pointer: "/title", detail: "Is blank, wanted text" },
    ]);
    assert.equal((await catalogue.list({ offset: 0, limit: 9 })).count, 0);
  });

  it("refuses each field that is wrong", async () => {
    const { app } = openApp();
    const wrong: [Record<string, unknown>, string, RegExp][] = [
      [{ title: "x".repeat(501) }, "/title", /^Has 501 characters, wanted at most 500$/],
      [{ author: "x".repeat(1001) }, "/author", /^Has 1001 characters/],
      [{ description: "x".repeat(4001) }, "/description", /^Has 4001 characters/],
      [{ title: null }, "/title", /^Is null, wanted text$/],
      [{ title: ["a"] }, "/title", /^Is an array/],
      [{ title: "a\ud800" }, "/title", /^Has a lone surrogate/],
      [{ published_at: 0 }, "/published_at", /^Is 0, wanted a year/],
      [{ published_at: "" }, "/published_at", /^Is "", wanted/],
      [{ published_at: true }, "/published_at", /^Is true, wanted/],
      [{ id: 1 }, "/id", /^Is not a field/],
      [JSON.parse('{"__proto__":1}'), "/__proto__", /^Is not a field/],
    ];
    for (const [fields, pointer, detail] of wrong) {
      const response = await app.request("/api/books", book(fields));
      assert.equal(response.status, 422, pointer);
      const { errors } = await response.json();
      assert.equal(errors.length, 1);
      assert.equal(errors[0].pointer, pointer);
      assert.match(errors[0].detail, detail);
    }
    const fits = { title: ` ${"x".repeat(500)} `, description: "x".repeat(4000) };
    assert.equal((await app.request("/api/books", book(fits))).status, 201);
  });

  it("refuses JSON that is no object", async () => {
    const { app } = openApp();
    for (const body of ["[]", "null", "7", '"Dune"']) {
      const response = await app.request("/api/books", post(body));
      assert.equal(response.status, 422, body);
      assert.match((await response.json()).detail, /^Body is .*, wanted an object$/);
    }
  });

  it("refuses what is not JSON in UTF-8", async () => {
    const { app } = openApp();
    for (const body of ["", "{", '{"title":', "title=Dune", Uint8Array.of(0x22, 0xff, 0x22)]) {
      const response = await app.request("/api/books", post(body));
      assert.equal(response.status, 400);
      assert.equal((await response.json()).type, "/problems/bad-json");
    }
  });

  it("refuses bodies of other types and encodings", async () => {
    const { app } = openApp();
    const types = ["text/plain", "application/x-www-form-urlencoded", "application/json+x", ""];
    for (const type of [...types, "application/json; charset=latin1"]) {
      const response = await app.request("/api/books", post("{}", { "Content-Type": type }));
      assert.equal(response.status, 415, type);
    }
    const gzip = { ...json, "Content-Encoding": "gzip" };
    assert.equal((await app.request("/api/books", post("{}", gzip))).status, 415);
  });

  it("takes 64 KiB and not a byte more", async () => {
    const { app } = openApp();
    const text = JSON.stringify({ title: "Dune", author: "Frank Herbert" });
    assert.equal((await app.request("/api/books", post(text.padEnd(limit)))).status, 201);
    const response = await app.request("/api/books", post(text.padEnd(limit + 1)));
    assert.equal(response.status, 413);
    assert.equal((await response.json()).type, "/problems/body-too-large");
  });

  it("stops reading a body of unknown length at the limit", async () => {
    const { app } = openApp();
    const { state, body } = streamed(1000, 4096);
    const response = await app.request(
      new Request("http://localhost/api/books", post(body)),
    );
    assert.equal(response.status, 413);
    assert.equal(state.taken, 17);
    assert.equal(state.isCancelled, true);
  });

  it("gives up a body that has not come whole after ten seconds, and says so", async () => {
    const { app, clock } = openApp();
    await clock.advance(0);
    const timersBefore = clock.timers;
    let isCancelled = false;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new Uint8Array(3)),
      cancel: () => void (isCancelled = true),
    });
    const answered = app.request(new Request("http://localhost/api/books", post(body)));
    await clock.advance(9_999);
    assert.equal(isCancelled, false);
    await clock.advance(1);
    const response = await answered;
    assert.equal(response.status, 408);
    const { type, detail } = await response.json();
    assert.equal(type, "/problems/body-too-slow");
    assert.equal(detail, "Body had 3 bytes after 10 s, wanted all of it by then");
    assert.equal(isCancelled, true);
    assert.equal(clock.timers, timersBefore);
  });

  it("a title or an author of which nothing can be seen is blank", async () => {
    const { app } = openApp();
    for (const text of ["\u200b", " \u2800 ", "\u3164", "\ufeff\u00ad"]) {
      for (const field of ["title", "author"]) {
        const response = await app.request("/api/books", book({ [field]: text }));
        assert.equal(response.status, 422, JSON.stringify(text));
        const { errors } = await response.json();
        assert.deepEqual(errors, [{ pointer: `/${field}`, detail: "Is blank, wanted text" }]);
      }
    }
  });

  it("a body that breaks off is the sender's fault", async () => {
    const { app } = openApp();
    const body = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.error(new TypeError("connection closed")),
    });
    const response = await app.request(new Request("http://localhost/api/books", post(body)));
    assert.equal(response.status, 400);
    assert.match((await response.json()).detail, /^Body ended early/);
  });

  it("does not believe an announced length", async () => {
    const { app } = openApp();
    const short = { ...json, "Content-Length": "2" };
    assert.equal((await app.request("/api/books", post(" ".repeat(limit + 1), short))).status, 413);
    const long = { ...json, "Content-Length": String(limit + 1) };
    assert.equal((await app.request("/api/books", post("{}", long))).status, 413);
  });
});

describe("control characters in a book", () => {
  it("are refused, each told by its number; a description may have lines and tabs", async () => {
    const { app } = openApp();
    const post = (book: object) =>
      app.request("/api/books", {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({ title: "Dune", author: "Frank Herbert", ...book }),
      });
    const refused = [
      ["title", "\u0000"],
      ["title", "\n"],
      ["author", "\u001b"],
      [
        "description",
        "\u0000",
      ],
      ["description", "\u009b"],
      ["description", "\u007f"],
    ] as const;
    for (const [field, control] of refused) {
      const response = await post({ [field]: `a${control}b` });
      assert.equal(response.status, 422);
      const { errors: [{ pointer, detail }] } = await response.json();
      const number = control.charCodeAt(0).toString(16).toUpperCase().padStart(4, "0");
      assert.deepEqual(
        [pointer, detail],
        [`/${field}`, `Has the control character U+${number}, wanted none`],
      );
    }
    assert.equal((await post({ description: "One\r\n\tTwo\n" })).status, 201);
  });
});
