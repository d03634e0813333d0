/** What every answer bears, whatever route or fault it comes from. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openApp } from "./open_app.ts";

const everywhere = [
  "Content-Security-Policy",
  "X-Content-Type-Options",
  "Referrer-Policy",
  "Cross-Origin-Opener-Policy",
  "Cross-Origin-Resource-Policy",
  "Permissions-Policy",
  "X-Request-Id",
];

const examples: Readonly<Record<string, string>> = {
  ":id": "1",
  ":uid": "00000000-0000-4000-8000-000000000001",
};

/** Every route that there is, asked well and badly. */
function requests(app: ReturnType<typeof openApp>["app"]): readonly [string, string][] {
  const routes = app.routes.filter(({ method }) => method !== "ALL");
  return [...new Set(routes.map(({ method, path }) => `${method} ${path}`))].flatMap((route) => {
    const [method = "", path = ""] = route.split(" ");
    const well = path.replace(/:\w+/g, (name) => examples[name] ?? "1");
    return [
      [method, well],
      [method, path.replace(/:\w+/g, "nonsense")],
      [method, `${well}?q=dune`],
      [method, `${well}?o=-1&limit=x&q=a&q=b`],
      ["PATCH", well],
      ["HEAD", well],
      [method, `${well}/nothing`],
    ] satisfies [string, string][];
  });
}

describe("every answer", () => {
  it("of every route and of every fault has the security headers", async () => {
    const { app, catalogue } = openApp([{ title: "Dune" }]);
    const statuses = new Set<number>();
    const look = async (method: string, path: string): Promise<void> => {
      const headers = { "Content-Type": "application/json", Accept: "text/html" };
      const response = await app.request(path, { method, headers });
      await response.body?.cancel();
      statuses.add(response.status);
      const missing = everywhere.filter((name) => !response.headers.has(name));
      assert.deepEqual(missing, [], `${method} ${path}, ${response.status}`);
    };
    const asked = requests(app);
    assert.ok(asked.length > 80, `${asked.length} requests`);
    for (const [method, path] of asked) await look(method, path);
    catalogue.fault = new Error("broken");
    await look("GET", "/api/books?q=dune");
    for (const status of [200, 400, 404, 405, 500]) {
      assert.ok(statuses.has(status), `${status} is not among ${[...statuses]}`);
    }
  });

  it("of a page tells a new visitor's cookie, also where it is an error", async () => {
    const { app } = openApp();
    const response = await app.request("/?o=-1");
    assert.equal(response.status, 400);
    await response.body?.cancel();
    assert.match(response.headers.get("Set-Cookie") ?? "", /^uid=/);
  });
});
