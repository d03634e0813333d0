/** What every answer has, and what is there for whoever runs the service. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { StoreError } from "../../src/ports/store_error.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import { degradedBy } from "../../src/ports/queue_health.ts";
import { collectLogs } from "../use_cases/log_lines.ts";
import project from "../../deno.json" with { type: "json" };
import { openApp } from "./open_app.ts";

describe("a problem", () => {
  it("is application/problem+json with type, title, status and the request's id", async () => {
    const { app } = openApp();
    const response = await app.request("/api/nowhere");
    assert.equal(response.status, 404);
    assert.equal(response.headers.get("Content-Type"), "application/problem+json");
    assert.equal(response.headers.get("Cache-Control"), "no-store");
    assert.deepEqual(await response.json(), {
      type: "/problems/not-found",
      title: "There is nothing here",
      status: 404,
      request_id: "request-1",
    });
  });

  it("never tells the message of an error inside; the log does, with the request's id", async () => {
    using logs = collectLogs();
    const { app, catalogue } = openApp();
    for (const fault of [new Error("secret"), new StoreError("failed", "secret")]) {
      catalogue.fault = fault;
      for (const path of ["/api/books?q=dune", "/api/books/1", "/?q=dune"]) {
        const response = await app.request(path, { headers: { "X-Request-Id": "abc" } });
        assert.equal(response.status, 500);
        assert.doesNotMatch(await response.text(), /secret/);
      }
    }
    const errors = logs.lines.filter(({ level }) => level === "error");
    assert.equal(errors.length, 6);
    assert.equal(errors[0]?.properties["shelfcast.request_id"], "abc");
    assert.equal(errors[0]?.properties["reason"], "secret");
  });

  it("tells a request that failed on one line, and its stack at debug level", async () => {
    using logs = collectLogs();
    const { app, catalogue } = openApp();
    const cause = new Error("no such table: book_search\n  in SELECT");
    catalogue.fault = new StoreError("failed", "SQLite cannot search", { cause });
    await app.request("/api/books?q=dune");
    const told = logs.lines.filter(({ message }) => `${message[0]}`.startsWith("A request failed"));
    assert.deepEqual(told.map(({ level }) => level), ["error", "debug"]);
    const { reason, ...others } = told[0]?.properties ?? {};
    assert.equal(reason, "SQLite cannot search: no such table: book_search in SELECT");
    assert.equal(others["error.type"], "failed");
    assert.ok(Object.values(others).every((value) => typeof value === "string"));
    assert.match(String(told[1]?.properties["stack"]), /service_test/);
  });

  it("tells the log why a change of books was refused: health asks for searches only", async () => {
    using logs = collectLogs();
    const { app, catalogue } = openApp();
    catalogue.fault = new StoreError("unavailable", "Disk is full");
    const body = JSON.stringify({ title: "Emma", author: "Jane Austen" });
    const headers = { "Content-Type": "application/json" };
    const response = await app.request("/api/books", { method: "POST", headers, body });
    assert.equal(response.status, 503);
    assert.match((await response.json()).detail, /^Look whether the change was made/);
    const told = () => logs.lines.filter(({ level }) => level === "error");
    assert.deepEqual(told().map(({ properties }) => properties.reason), ["Disk is full"]);
    await app.request("/api/books?q=emma");
    assert.equal(told().length, 1);
  });

  it("says of the catalogue why it is away", async () => {
    const { app, catalogue } = openApp();
    catalogue.fault = new StoreError("unavailable", "Nobody listens: start MySQL");
    const { catalogue: found } = await (await app.request("/readyz")).json();
    assert.equal(found.status, "degraded");
    assert.equal(found.reason, "unavailable");
    assert.equal(found.detail, "Nobody listens: start MySQL");
  });

  it("says which methods there are where the method is wrong", async () => {
    const { app } = openApp();
    const allowed = {
      "/api/books": "GET, HEAD, POST",
      "/api/books/1": "GET, HEAD, PUT, DELETE",
      "/": "GET, HEAD",
    };
    for (const [path, allow] of Object.entries(allowed)) {
      for (const method of ["DELETE", "PUT", "OPTIONS", "PATCH"]) {
        if (allow.includes(method)) continue;
        const response = await app.request(path, { method });
        assert.equal(response.status, 405, `${method} ${path}`);
        assert.equal(response.headers.get("Allow"), allow);
      }
    }
    assert.equal((await app.request("/livez", { method: "POST" })).status, 405);
    assert.equal((await app.request("/nowhere", { method: "DELETE" })).status, 404);
  });
});

describe("X-Request-Id", () => {
  it("is on every answer: the request's own where it is sane, else a new one", async () => {
    const { app } = openApp();
    for (const path of ["/", "/api/books", "/nowhere", "/livez", "/api/books?o=x"]) {
      const response = await app.request(path, { headers: { "X-Request-Id": "a.B_c-1=" } });
      assert.equal(response.headers.get("X-Request-Id"), "a.B_c-1=", path);
      const odd = await app.request(path, { headers: { "X-Request-Id": "x".repeat(129) } });
      assert.match(odd.headers.get("X-Request-Id") ?? "", /^request-\d+$/);
      const script = await app.request(path, { headers: { "X-Request-Id": "<script>" } });
      assert.match(script.headers.get("X-Request-Id") ?? "", /^request-\d+$/);
    }
  });
});

describe("health", () => {
  it("is live whatever happens, and ready while the catalogue is there", async () => {
    const { app, catalogue, queue, readiness } = openApp();
    const ready = async () => {
      const response = await app.request("/readyz");
      return [response.status, (await response.json()).status];
    };
    assert.deepEqual(await ready(), [200, "ok"]);
    queue.state = degradedBy(new QueueError("unavailable", "Away"));
    assert.deepEqual(await ready(), [200, "degraded"]);
    catalogue.fault = new StoreError("unavailable", "Away");
    assert.deepEqual(await ready(), [503, "unavailable"]);
    catalogue.fault = undefined;
    readiness.turnOff();
    assert.deepEqual(await ready(), [503, "unavailable"]);
    assert.equal((await app.request("/livez")).status, 200);
  });

  it("says of each queue how it is, since when, and what to do about it", async () => {
    const { app, queue, clock } = openApp();
    const body = async () => await (await app.request("/readyz")).json();
    const { version, ...rest } = await body();
    assert.equal(version, project.version);
    assert.deepEqual(rest, {
      status: "ok",
      catalogue: { status: "ok" },
      queues: { memory: { status: "ok" } },
    });
    queue.state = { status: "degraded", reason: "full", detail: "Disk is full: free some" };
    await clock.advance(1000);
    const memory = { ...queue.state, since: "2026-01-01T00:00:01.000Z" };
    assert.deepEqual(await body(), {
      status: "degraded",
      version,
      catalogue: { status: "ok" },
      queues: { memory },
    });
  });
});

describe("/metrics", () => {
  it("has the program's version, from the start on", () => {
    const { telemetry } = openApp();
    assert.equal(telemetry.gauges[`shelfcast.build_info{version=${project.version}}`], 1);
  });

  it("is the text of the telemetry that the app was given", async () => {
    const { app } = openApp();
    const response = await app.request("/metrics");
    assert.equal(await response.text(), "one 1\n");
    assert.equal(response.headers.get("Content-Type"), "text/plain; version=0.0.4");
  });
});

describe("the access log", () => {
  it("has a line a request with its route, and neither query nor visitor", async () => {
    using logs = collectLogs();
    const { app } = openApp([{ title: "Dune" }]);
    const uid = "0b0f3f3c-7d1b-4a52-9c1e-5f1f0a4c2b11";
    const headers = { Cookie: `uid=${uid}` };
    for (const path of ["/api/books?q=dune", "/?q=dune", "/api/books/1", "/dune"]) {
      await app.request(path, { headers });
    }
    await app.request("/api/books?q=dune&o=dune", { headers });
    const lines = logs.lines.map(({ properties }) => properties);
    assert.deepEqual(lines.map((line) => [line["http.route"], line["http.response.status_code"]]), [
      ["/api/books", 200],
      ["/", 200],
      ["/api/books/:id", 200],
      ["unmatched", 404],
      ["/api/books", 400],
    ]);
    assert.doesNotMatch(JSON.stringify(logs.lines), new RegExp(`dune|${uid}`));
  });

  it("has few and closed values for its numbers", async () => {
    const { app, telemetry } = openApp();
    await app.request("/api/books/17");
    await app.request("/made-up/17", { method: "BREW" });
    assert.deepEqual(Object.keys(telemetry.values), [
      "shelfcast.http.request_ms{method=GET,route=/api/books/:id,status=404}",
      "shelfcast.http.request_ms{method=_OTHER,route=unmatched,status=404}",
    ]);
  });
});
