/** Who may change books, and what the others are told. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { StoreError } from "../../src/ports/store_error.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { serve } from "../../src/process/serve.ts";
import { openApp } from "./open_app.ts";

const dune = { title: "Dune", author: "Frank Herbert" };
const token = "0123456789abcdef-0123456789abcdef";

/** Every way to change books. */
function changes(headers: Record<string, string> = {}): readonly [string, RequestInit][] {
  const json = { "Content-Type": "application/json", ...headers };
  const body = JSON.stringify(dune);
  return [
    ["/api/books", { method: "POST", body, headers: json }],
    ["/api/books/1", { method: "PUT", body, headers: json }],
    ["/api/books/1", { method: "DELETE", headers }],
  ];
}

async function answersTo(
  { app }: ReturnType<typeof openApp>,
  headers: Record<string, string>,
  peer?: { readonly address: string; readonly isLocal: boolean },
): Promise<readonly (readonly [status: number, type: string | undefined])[]> {
  const answers = [];
  for (const [path, init] of changes(headers)) {
    const response = await app.request(path, init, ...(peer === undefined ? [] : [{ peer }]));
    const text = await response.text();
    const type: string | undefined = text === "" ? undefined : JSON.parse(text).type;
    answers.push([response.status, type] as const);
  }
  return answers;
}

const refusedAll = (status: number, code: string) =>
  changes().map(() => [status, `/problems/${code}`]);
const made = [[201, undefined], [200, undefined], [204, undefined]];

describe("without app.operator_token", () => {
  it("programs of this machine change books", async () => {
    assert.deepEqual(await answersTo(openApp([dune]), {}), made);
    assert.deepEqual(await answersTo(openApp([dune]), { "Sec-Fetch-Site": "same-origin" }), made);
  });

  it("nobody else does, and searches are answered all the same", async () => {
    const opened = openApp([dune]);
    const peer = { address: "10.0.0.9", isLocal: false };
    assert.deepEqual(await answersTo(opened, {}, peer), refusedAll(403, "operators-only"));
    assert.equal((await opened.app.request("/api/books/1", {}, { peer })).status, 200);
    assert.equal((await opened.app.request("/api/books?q=dune", {}, { peer })).status, 200);
  });

  it("nobody does whose request was passed on, or has another name or page behind it", async () => {
    const others: Record<string, string>[] = [
      { "Forwarded": "for=10.0.0.9" },
      { "X-Forwarded-For": "10.0.0.9" },
      { "X-Forwarded-For": "127.0.0.1" },
      { "X-Real-IP": "10.0.0.9" },
      { "Via": "1.1 proxy" },
      { "Sec-Fetch-Site": "cross-site" },
      { "Sec-Fetch-Site": "same-site" },
    ];
    for (const headers of others) {
      const answers = await answersTo(openApp([dune]), headers);
      assert.deepEqual(answers, refusedAll(403, "operators-only"), Object.keys(headers).join());
    }
    const { app } = openApp([dune]);
    const rebound = await app.request("http://evil.example/api/books/1", { method: "DELETE" });
    assert.equal(rebound.status, 403);
  });

  it("nobody does where nothing is known of the other end", async () => {
    const { app } = openApp([dune]);
    assert.equal((await app.request("/api/books/1", { method: "DELETE" }, {})).status, 403);
  });

  it("the server says where the other end is: here, on an address of here", async () => {
    for (const [host, isLocal] of [["127.0.0.1", true], ["0.0.0.0", false]] as const) {
      const peers: unknown[] = [];
      const server = serve({
        host,
        port: 0,
        clock: systemClock,
        fetch(_, { peer }) {
          peers.push(peer);
          return new Response(null);
        },
      });
      await (await fetch(`http://127.0.0.1:${new URL(server.url).port}/`)).body?.cancel();
      await server.shutdown(1000);
      assert.deepEqual(peers, [{ address: "127.0.0.1", isLocal }]);
    }
  });
});

describe("with app.operator_token", () => {
  it("whoever sends it changes books, wherever they are", async () => {
    const peer = { address: "10.0.0.9", isLocal: false };
    for (const scheme of ["Bearer", "bearer"]) {
      const opened = openApp([dune], { operatorToken: token });
      const headers = { Authorization: `${scheme} ${token}`, "X-Forwarded-For": "10.0.0.9" };
      assert.deepEqual(await answersTo(opened, headers, peer), made);
    }
  });

  it("nobody else does, not on this machine either", async () => {
    const opened = openApp([dune], { operatorToken: token });
    assert.deepEqual(await answersTo(opened, {}), refusedAll(401, "operator-token-missing"));
    const wrong = [
      `Bearer ${token.slice(1)}`,
      `Bearer ${token}x`,
      `Bearer x ${token}`,
      "Bearer",
      "Bearer ",
      token,
      `Basic ${btoa(`operator:${token}`)}`,
    ];
    for (const authorization of wrong) {
      const answers = await answersTo(opened, { Authorization: authorization });
      assert.deepEqual(answers, refusedAll(401, "operator-token-wrong"), authorization);
    }
    assert.equal((await opened.app.request("/api/books/1")).status, 200);
  });

  it("says what is wanted, and never what was sent", async () => {
    const { app } = openApp([dune], { operatorToken: token });
    const missing = await app.request("/api/books/1", { method: "DELETE" });
    assert.equal(missing.headers.get("WWW-Authenticate"), 'Bearer realm="shelfcast"');
    const headers = { Authorization: "Bearer hunter2-hunter2-hunter2-hunter2" };
    const wrong = await app.request("/api/books/1", { method: "DELETE", headers });
    assert.match(wrong.headers.get("WWW-Authenticate") ?? "", /error="invalid_token"/);
    assert.doesNotMatch(await wrong.text(), /hunter2|0123456789/);
    await missing.body?.cancel();
  });

  it("reads no body of whoever may not", async () => {
    const { app } = openApp([dune], { operatorToken: token });
    const body = new ReadableStream({
      pull() {
        throw new Error("Read");
      },
    }, { highWaterMark: 0 });
    const init = { method: "POST", body, headers: { "Content-Type": "application/json" } };
    assert.equal((await app.request("/api/books", init)).status, 401);
  });
});

describe("app.max_books", () => {
  it("is told to whoever would add one more", async () => {
    const { app, catalogue } = openApp();
    catalogue.fault = new StoreError("full", "Shelf would have over 1 books, wanted 1");
    const [path, init] = changes()[0] ?? assert.fail();
    const response = await app.request(path, init);
    assert.equal(response.status, 409);
    const { type, detail } = await response.json();
    assert.deepEqual([type, detail], ["/problems/shelf-full", catalogue.fault.message]);
  });
});
