/** What others than operators and visitors see and can do: other sites' pages, strangers, TLS. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { admin } from "../../src/http/admin.ts";
import { openApp } from "./open_app.ts";

const stranger = { peer: { address: "203.0.113.7", isLocal: false } };
const proxied = { headers: { "X-Forwarded-For": "203.0.113.7" } };
const operatorToken = "a-token-of-thirty-two-characters";
const bearer = { headers: { Authorization: `Bearer ${operatorToken}` } };

describe("/readyz and /metrics", () => {
  it("tell a stranger the status alone, and a program of this machine all", async () => {
    const { app } = openApp();
    const whole = await (await app.request("/readyz")).json();
    assert.deepEqual(Object.keys(whole), ["status", "version", "catalogue", "queues"]);
    assert.deepEqual(await (await app.request("/readyz", {}, stranger)).json(), { status: "ok" });
    assert.deepEqual(await (await app.request("/readyz", proxied)).json(), { status: "ok" });
    assert.equal((await app.request("/metrics")).status, 200);
    for (
      const response of [app.request("/metrics", {}, stranger), app.request("/metrics", proxied)]
    ) {
      const { status } = await response;
      assert.equal(status, 403);
      assert.equal((await (await response).json()).type, "/problems/operators-only");
    }
  });

  it("tell who sends the operator's token, wherever that is", async () => {
    const { app } = openApp([], { operatorToken });
    assert.equal((await app.request("/metrics", bearer, stranger)).status, 200);
    const wrong = { headers: { Authorization: "Bearer no" } };
    assert.equal((await app.request("/metrics", wrong, stranger)).status, 403);
  });

  it("with a listener of the operators' own, are whole there only, and nothing else is", async () => {
    const { app } = openApp([], { hasAdmin: true });
    const ask = admin((request, from) => app.fetch(request, from));
    const asked = (path: string) =>
      Promise.resolve(ask(new Request(`http://10.0.0.1:9090${path}`), stranger));
    assert.equal((await asked("/metrics")).status, 200);
    assert.ok("queues" in await (await asked("/readyz")).json());
    assert.equal((await asked("/api/books?q=dune")).status, 404);
    assert.deepEqual(await (await app.request("/readyz")).json(), { status: "ok" });
    assert.equal((await app.request("/metrics")).status, 403);
  });
});

describe("another site's page", () => {
  for (const dest of ["image", "iframe", "document", "empty"]) {
    for (const site of ["cross-site", "same-site"]) {
      it(`makes no event by ${dest}, ${site}; the search is answered`, async () => {
        const { app, queue } = openApp([{ title: "Dune" }]);
        const headers = { "Sec-Fetch-Site": site, "Sec-Fetch-Dest": dest };
        for (const path of ["/?q=dune", "/api/books?q=dune"]) {
          const response = await app.request(path, { headers });
          assert.equal(response.status, 200);
          assert.match(await response.text(), /Dune/);
          assert.equal(response.headers.get("X-Event-Id"), null);
        }
        assert.equal(queue.publishes.length, 0);
      });
    }
  }

  it("our own pages, typed addresses and programs make events", async () => {
    const { app, queue } = openApp();
    for (const site of ["same-origin", "none", undefined]) {
      const headers: HeadersInit = site === undefined ? {} : { "Sec-Fetch-Site": site };
      await app.request("/?q=dune", { headers });
    }
    assert.equal(queue.publishes.length, 3);
  });
});

describe("app.allowed_hosts", () => {
  it("refuses other names, but for this machine's own and probes; without it any is right", async () => {
    const allowedHosts = ["Shop.example"];
    const status = async (url: string, options: { allowedHosts?: readonly string[] }) => {
      const { app, queue } = openApp([], options);
      const { status } = await app.request(url);
      return [status, queue.publishes.length];
    };
    assert.deepEqual(await status("http://evil.example/?q=dune", { allowedHosts }), [421, 0]);
    assert.deepEqual(await status("http://shop.example:81/?q=dune", { allowedHosts }), [200, 1]);
    assert.deepEqual(await status("http://127.0.0.1/?q=dune", { allowedHosts }), [200, 1]);
    assert.deepEqual(await status("http://10.1.2.3/readyz", { allowedHosts }), [200, 0]);
    assert.deepEqual(await status("http://evil.example/?q=dune", {}), [200, 1]);
  });
});

describe("behind TLS", () => {
  const https = { headers: { "X-Forwarded-Proto": "https" } };

  it("the cookie is this host's alone, and known again", async () => {
    const { app, keys } = openApp();
    const [cookie = "", proof = ""] = (await app.request("/", https)).headers.getSetCookie();
    const [, uid] = /^__Host-uid=([0-9a-f-]{36}); .*Path=\/; HttpOnly; Secure;/.exec(cookie) ?? [];
    assert.ok(uid, cookie);
    assert.match(proof, /^__Host-uid_sig=[\w-]{43}; .*Path=\/; HttpOnly; Secure;/);
    const both = `__Host-uid=${uid}; ${proof.split(";", 1)}`;
    const known = { headers: { ...https.headers, Cookie: both } };
    assert.equal((await app.request("/?q=dune", known)).headers.get("Set-Cookie"), null);
    assert.deepEqual(keys(), [`dune:${uid}`]);
  });

  it("browsers are told to stay with it, and only there", async () => {
    const { app } = openApp();
    const told = async (init: RequestInit) =>
      (await app.request("/", init)).headers.get("Strict-Transport-Security");
    assert.deepEqual([await told(https), await told({})], ["max-age=31536000", null]);
  });
});

describe("every answer", () => {
  it("lets no other site embed or read it, and asks for no permission", async () => {
    const { app } = openApp([{ title: "Dune" }]);
    for (const path of ["/", "/api/books", "/livez", "/nothing", "/api/books/x", "/metrics"]) {
      const { headers } = await app.request(path);
      assert.equal(headers.get("Cross-Origin-Resource-Policy"), "same-origin", path);
      assert.match(headers.get("Permissions-Policy") ?? "", /camera=\(\)/, path);
      assert.equal(headers.get("X-Content-Type-Options"), "nosniff", path);
      assert.match(headers.get("Content-Security-Policy") ?? "", /default-src 'none'/, path);
    }
  });
});
