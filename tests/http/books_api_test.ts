/** The API for searching and for one book, and what its events carry (K6). */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { StoreError } from "../../src/ports/store_error.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { eventId, openApp } from "./open_app.ts";

const dunes = Array.from({ length: 7 }, (_, index) => ({ title: `Dune ${index + 1}` }));
const uid = "0b0f3f3c-7d1b-4a52-9c1e-5f1f0a4c2b11";

describe("GET /api/books", () => {
  it("answers a JSON array of books and says what became of the event", async () => {
    const { app, keys } = openApp([{ title: "Dune", author: "Frank Herbert" }, { title: "Emma" }]);
    const response = await app.request("/api/books?q=dune");
    assert.equal(response.status, 200);
    assert.match(response.headers.get("Content-Type") ?? "", /^application\/json/);
    assert.equal(response.headers.get("Cache-Control"), "no-store");
    assert.equal(response.headers.get("X-Event-Id"), eventId(1));
    assert.equal(response.headers.get("X-Event-Status"), "accepted");
    assert.equal(response.headers.get("Set-Cookie"), null);
    assert.deepEqual(await response.json(), [{
      id: 1,
      title: "Dune",
      author: "Frank Herbert",
      published_at: null,
      description: "",
      created_at: "2026-01-01 00:00:00",
    }]);
    assert.deepEqual(keys(), ["dune"]);
  });

  it("names the next page by a link, until there is none", async () => {
    const { app } = openApp(dunes);
    const pages: string[][] = [];
    let next: string | undefined = "/api/books?q=DUNE&x=1";
    while (next !== undefined && pages.length < 9) {
      const response: Response = await app.request(next);
      pages.push((await response.json()).map(({ title }: { title: string }) => title));
      next = /^<([^>]+)>; rel="next"$/.exec(response.headers.get("Link") ?? "")?.[1];
    }
    assert.deepEqual(pages.map((page) => page.length), [3, 3, 1]);
    assert.equal(new Set(pages.flat()).size, 7);
  });

  it("pages by links neither repeat nor hide a book while others come and go", async () => {
    const { app } = openApp(dunes);
    const first = await app.request("/api/books?q=dune");
    const next = /^<([^>]+)>/.exec(first.headers.get("Link") ?? "")?.[1] ?? "";
    assert.equal(next, "/api/books?q=dune&c=1-3-2");
    const added = { title: "Dune", author: "Frank Herbert" };
    await app.request("/api/books", {
      method: "POST",
      body: JSON.stringify(added),
      headers: { "Content-Type": "application/json" },
    });
    await app.request("/api/books/1", { method: "DELETE" });
    const second: { id: number }[] = await (await app.request(next)).json();
    assert.deepEqual(second.map(({ id }) => id), [4, 5, 6]);
  });

  it("says where a search has ended early, in the API and on the page", async () => {
    const { app, catalogue } = openApp(dunes);
    assert.equal((await app.request("/api/books?q=dune")).headers.get("X-Search-Complete"), null);
    const none = { json: new TextEncoder().encode("[]"), text: "[]", count: 0 };
    const next = { place: 2, id: 77 } as const;
    catalogue.search = () => Promise.resolve({ ...none, isComplete: false, next });
    const { headers } = await app.request("/api/books?q=dune");
    assert.equal(headers.get("X-Search-Complete"), "false");
    assert.equal(headers.get("Link"), '</api/books?q=dune&c=2-77-2>; rel="next"');
    const page = await (await app.request("/?q=dune")).text();
    assert.match(page, /These are not all/);
    assert.match(page, /href="\/\?q=dune&amp;c=2-77-2"/);
  });

  it("goes on behind any id that a book can have", async () => {
    const { app, catalogue } = openApp(dunes);
    const next = { place: 2, id: Number.MAX_SAFE_INTEGER } as const;
    const none = { json: new TextEncoder().encode("[]"), text: "[]", count: 0 };
    catalogue.search = () => Promise.resolve({ ...none, isComplete: true, next });
    const { headers } = await app.request("/api/books?q=dune");
    const link = /^<([^>]+)>/.exec(headers.get("Link") ?? "")?.[1] ?? "";
    assert.equal((await app.request(link)).status, 200);
  });

  it("writes a link's query so that it is read as it was typed", async () => {
    const { app } = openApp(Array.from({ length: 4 }, () => ({ title: `a&b=c#d "%" <é> 🐉` })));
    const q = encodeURIComponent(`a&b=c#d "%" <é> 🐉`);
    const { headers } = await app.request(`/api/books?q=${q}`);
    assert.equal(headers.get("Link"), `</api/books?q=${q}&c=0-3-2>; rel="next"`);
  });

  it("answers the shelf without q and with a blank one, and makes it no event", async () => {
    const { app, queue } = openApp(dunes);
    for (const query of ["", "?q=", "?q=%20%09", "?q=+", "?other=1"]) {
      const response = await app.request(`/api/books${query}`);
      assert.equal((await response.json()).length, 3);
      assert.equal(response.headers.get("X-Event-Id"), null);
      assert.equal(response.headers.get("X-Event-Status"), null);
      assert.equal(response.headers.get("Cache-Control"), "no-store");
    }
    assert.equal(queue.publishes.length, 0);
    const { headers } = await app.request("/api/books");
    assert.equal(headers.get("Link"), `</api/books?c=2-3-2>; rel="next"`);
  });

  it("searches q literally, whatever it is made of", async () => {
    const texts = ["100%", "a_b", "c\\d", `"q"`, "^", "n\0l", "🐉", "é", "شمس", "x+b", "</s>"];
    const { app, keys } = openApp(texts.map((title) => ({ title })));
    for (const text of texts) {
      const response = await app.request(`/api/books?q=${encodeURIComponent(text)}`);
      const found: { title: string }[] = await response.json();
      assert.deepEqual(found.map(({ title }) => title), [text]);
    }
    assert.deepEqual(keys(), texts);
  });

  it("counts q in code points: 200 dragons are a query, 201 are not", async () => {
    const { app, queue } = openApp();
    const dragons = (count: number) => app.request(`/api/books?q=${"%F0%9F%90%89".repeat(count)}`);
    assert.equal((await dragons(200)).status, 200);
    const response = await dragons(201);
    assert.equal(response.status, 400);
    assert.match((await response.json()).detail, /^Parameter "q" has 201 characters/);
    assert.equal(queue.publishes.length, 1);
  });

  it("refuses parameters that are wrong, each by its name", async () => {
    const { app, queue } = openApp(dunes);
    const wrong: [string, RegExp][] = [
      ["o=-1", /^Parameter "o" is "-1", wanted a whole number from 0 to 1000$/],
      ["o=1001", /"o" is "1001"/],
      ["o=1.5", /"o" is "1\.5"/],
      ["o=1e2", /"o" is "1e2"/],
      ["o=%201", /"o" is " 1"/],
      ["o=", /"o" is ""/],
      ["o=99999999999999999999", /"o" is "9{20}"/],
      ["o=٣", /"o" is "٣"/],
      ["o=1&o=2", /"o" is given twice/],
      ["q=b", /"q" is given twice/],
      ["c=3-1-2", /^Parameter "c" is "3-1-2", wanted one that a link to a next page has$/],
      ["c=1-2", /"c" is "1-2"/],
      ["c=1-2-1", /"c" is "1-2-1"/],
      ["c=1-9999999999999999-2", /"c" is/],
      ["c=1-2-3&o=3", /"o" and "c" are both given/],
      ["o=%zz", /^Parameter "o" is not percent-encoded UTF-8/],
      ["o=%ff", /"o" is not percent-encoded UTF-8/],
    ];
    for (const [parameters, detail] of wrong) {
      const response = await app.request(`/api/books?q=a&${parameters}`);
      assert.equal(response.status, 400, parameters);
      const problem = await response.json();
      assert.equal(problem.type, "/problems/bad-parameter");
      assert.match(problem.detail, detail);
    }
    assert.equal((await app.request("/api/books?q=%")).status, 400);
    assert.equal(queue.publishes.length, 0);
    assert.equal((await app.request("/api/books?q=a&o=1000")).status, 200);
  });

  it("judges no parameter but its own: links pick some up, in any encoding", async () => {
    const { app, keys } = openApp(dunes);
    for (const other of ["utm_campaign=caf%E9", "discount=50%", "%ff=1", "x=%zz", "%", "&&="]) {
      const response = await app.request(`/api/books?q=dune&${other}`);
      assert.equal(response.status, 200, other);
    }
    assert.equal((await app.request("/api/books?%71=dune")).status, 200);
    assert.deepEqual([...new Set(keys())], ["dune"]);
    assert.equal(keys().length, 7);
  });

  it("a query in which nothing can be seen asks for the shelf, and is no event", async () => {
    const { app, queue } = openApp(dunes);
    for (const query of ["%E2%80%8B", "%C2%A0", "+", "%EF%BB%BF"]) {
      const response = await app.request(`/api/books?q=${query}`);
      assert.equal((await response.json()).length, 3);
    }
    assert.equal(queue.publishes.length, 0);
  });

  it("is the same with a slash at its end", async () => {
    const { app } = openApp(dunes);
    const paths = ["/api/books/?q=dune", "/livez/", "/readyz/"];
    for (const path of paths) assert.equal((await app.request(path)).status, 200, path);
    const response = await app.request("/api/books/", { method: "DELETE" });
    assert.equal(response.status, 405);
  });

  it("takes nothing from a Host that is none", async () => {
    const { app, queue } = openApp(dunes);
    for (const host of ["a?q=evil&x=", "a/b", "a#b", "a b", "[::1", "a:port", "u@a", "a\\b"]) {
      // As the server makes the request's address.
      const request = new Request("http://localhost/api/books?q=dune", { headers: { Host: host } });
      const response = await app.request(request);
      assert.equal(response.status, 400, host);
      assert.equal((await response.json()).type, "/problems/bad-host");
    }
    assert.equal(queue.publishes.length, 0);
    for (const host of ["shop.example", "127.0.0.1:8080", "[::1]:8080", "localhost:", "a_b-c"]) {
      const request = new Request("http://localhost/livez", { headers: { Host: host } });
      assert.equal((await app.request(request)).status, 200, host);
    }
  });

  it("makes no event of HEAD and of a browser that looks ahead", async () => {
    const { app, queue } = openApp(dunes);
    const head = await app.request("/api/books?q=dune", { method: "HEAD" });
    assert.equal(head.status, 200);
    assert.equal(await head.text(), "");
    const { length } = await (await app.request("/api/books?o=0")).text();
    assert.equal(head.headers.get("Content-Length"), String(length));
    assert.equal(head.headers.get("X-Event-Id"), null);

    for (const [name, value] of [["Sec-Purpose", "prefetch;prerender"], ["Purpose", "prefetch"]]) {
      const headers = { [name ?? ""]: value ?? "" };
      const response = await app.request("/api/books?q=dune", { headers });
      assert.equal((await response.json()).length, 3);
      assert.equal(response.headers.get("X-Event-Id"), null);
    }
    assert.equal(queue.publishes.length, 0);
  });

  it("answers all the same when the queue refuses or never answers", async () => {
    const { app, queue, clock } = openApp(dunes);
    queue.behaviour = { reject: new QueueError("full", "No room") };
    const refused = await app.request("/api/books?q=dune");
    assert.equal(refused.headers.get("X-Event-Status"), "refused; reason=full");
    assert.equal((await refused.json()).length, 3);

    queue.behaviour = "hold";
    const slow = Promise.resolve(app.request("/api/books?q=dune"));
    await clock.advance(50);
    assert.equal((await slow).headers.get("X-Event-Status"), "pending");
  });

  it("has the visitor of a cookie in the key, and leaves a bad cookie aside", async () => {
    const { app, keys } = openApp(dunes);
    for (const cookie of [`uid=${uid}`, "uid=hello", `uid=${uid}'--`, ""]) {
      await app.request("/api/books?q=dune", { headers: { Cookie: cookie } });
    }
    assert.deepEqual(keys(), [`dune:${uid}`, "dune", "dune", "dune"]);
  });

  it("hands the request's trace on, and drops one that is not valid", async () => {
    const { app, queue } = openApp(dunes);
    const traceparent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    await app.request("/api/books?q=a", { headers: { traceparent, tracestate: "a=1,b@c=2" } });
    await app.request("/api/books?q=a", { headers: { traceparent, tracestate: "a=1,a=2" } });
    await app.request("/api/books?q=a", {
      headers: { traceparent: "00-0-0-0", tracestate: "a=1" },
    });
    const traces = queue.publishes.map(({ record: { headers = [] } }) =>
      headers.filter(([name]) => name.startsWith("trace"))
        .map(([, value]) => new TextDecoder().decode(value ?? undefined))
    );
    assert.deepEqual(traces, [[traceparent, "a=1,b@c=2"], [traceparent], []]);
  });

  it("is a 503 with Retry-After while the catalogue is away, and recovers", async () => {
    const { app, catalogue, queue } = openApp(dunes);
    catalogue.fault = new StoreError("unavailable", "ECONNREFUSED 10.0.0.5");
    const response = await app.request("/api/books?q=dune");
    assert.equal(response.status, 503);
    assert.equal(response.headers.get("Retry-After"), "5");
    assert.doesNotMatch(await response.text(), /10\.0\.0\.5/);
    assert.equal(queue.publishes.length, 0);
    catalogue.fault = undefined;
    assert.equal((await app.request("/api/books?q=dune")).status, 200);
  });
});

describe("GET /api/books/{id}", () => {
  it("answers the book", async () => {
    const { app, queue } = openApp(dunes);
    const response = await app.request("/api/books/2");
    assert.equal(response.status, 200);
    assert.equal((await response.json()).title, "Dune 2");
    assert.equal(queue.publishes.length, 0);
  });

  it("tells a book that is not there from an id that is none", async () => {
    const { app } = openApp(dunes);
    const missing = await app.request("/api/books/8");
    assert.equal(missing.status, 404);
    assert.equal((await missing.json()).type, "/problems/book-not-found");
    for (const id of ["0", "-1", "abc", "1.0", "01", "9007199254740992", "%E2%82%AC", "%ff"]) {
      const response = await app.request(`/api/books/${id}`);
      assert.equal(response.status, 400, id);
      assert.equal((await response.json()).type, "/problems/bad-parameter");
    }
  });
});

describe("an event of a page that is too large for one", () => {
  it("is shortened and says so; the answer is whole", async () => {
    const description = "\u0000".repeat(4000);
    const books = ["Dune", "Dune Messiah", "Children of Dune"].map((title) => ({
      title,
      description,
    }));
    const { app, queue } = openApp(books, { eventBytes: 32_768 });
    const response = await app.request("/api/books?q=dune");
    assert.equal(response.headers.get("X-Event-Status"), "accepted");
    const answered = await response.json();
    assert.ok(answered.every((book: { description: string }) => book.description === description));
    const [{ record }] = queue.publishes as [typeof queue.publishes[number]];
    assert.ok((record.value?.length ?? 0) <= 32_768);
    assert.equal(JSON.parse(new TextDecoder().decode(record.value!)).length, 3);
    assert.ok(record.headers?.some(([name]) => name === "ce_shortened"));
  });
});
