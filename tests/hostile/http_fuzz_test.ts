/**
 * Requests in any form, to a whole shop: each has an answer that is meant, in time, and the shop
 * goes on. `SHELFCAST_HOSTILE=full` is the long form; a failure prints the seed (`SHELFCAST_SEED`).
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { loadShopConfig } from "../../src/composition/configuration.ts";
import { openShop } from "../../src/composition/shop.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { type Fetch, serve } from "../../src/process/serve.ts";
import { openApp } from "../http/open_app.ts";
import { serviceFolder } from "../e2e/service_process.ts";
import { isOperators, namesAVisitor, operatorToken, visitorSecret } from "./credentials.ts";
import { damaged } from "./damaged.ts";
import { bytesOf, type HostileRequest, hostileRequests, routes } from "./requests.ts";

const isFull = Deno.env.get("SHELFCAST_HOSTILE") === "full";
const seed = Number(Deno.env.get("SHELFCAST_SEED") ?? Date.now() % 2 ** 31);
const runs = (short: number, long: number) => ({ numRuns: isFull ? long : short, seed });

const config = (app: string) =>
  [
    `app: { port: 0${app} }`,
    "db: { sqlite: { file: DIR/shelf.db, read_models_file: DIR/read.db } }",
    "mq: { adapter: memory }",
  ].join("\n");

/** Longer, and it hangs. */
const answeredMs = 20_000;

async function inTime<Answer>(answer: Promise<Answer>): Promise<Answer> {
  const { promise, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error("It hangs")), answeredMs);
  return await Promise.race([answer, promise]).finally(() => clearTimeout(timer));
}

const peer = { address: "127.0.0.1", isLocal: true };

/** A whole shop in this process, whose operators have a token, or are programs of this machine. */
async function openWholeShop(hasToken: boolean) {
  await using stack = new AsyncDisposableStack();
  const folder = stack.use(
    await serviceFolder(config(hasToken ? `, operator_token: ${operatorToken}` : "")),
  );
  const loaded = await loadShopConfig({ file: folder.configFile, env: () => undefined });
  const shop = await openShop(loaded, visitorSecret, { clock: systemClock });
  stack.defer(async () => {
    for (const { run } of shop.drainSteps) await run();
  });

  async function textOf(path: string): Promise<readonly [status: number, text: string]> {
    const headers = { Authorization: `Bearer ${operatorToken}` };
    const response = await shop.fetch(new Request(`http://localhost${path}`, { headers }), {
      peer,
    });
    return [response.status, await response.text()];
  }

  /** The answers that were faults of ours, as the shop counts them. */
  async function failures(): Promise<readonly string[]> {
    const [, text] = await textOf("/metrics");
    assert.match(text, /shelfcast_http_request_ms_count/);
    return text.split("\n").filter((line) =>
      /^shelfcast_http_request_ms_count\{.*status="5/.test(line)
    );
  }

  shop.begin();
  // What consumers keep is opened behind the start.
  const until = Date.now() + answeredMs;
  while ((await textOf("/api/trends"))[0] !== 200) {
    assert.ok(Date.now() < until, "No read models");
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const atFirst = await failures();
  const all = stack.move();
  return {
    fetch: shop.fetch,
    hasToken,
    textOf,
    /** @throws where an answer was a fault of ours. */
    endsWell: async () => assert.deepEqual(await failures(), atFirst),
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  };
}

async function ask(
  fetch: Fetch,
  { method, target, headers, body, isLocal }: HostileRequest,
  hasToken: boolean,
): Promise<number> {
  const mayHaveBody = method !== "GET" && method !== "HEAD";
  const request = new Request(`http://localhost${target}`, {
    method,
    headers: headers.map(([name, value]) => [name, value] as [string, string]),
    ...(mayHaveBody && body !== undefined && { body }),
  });
  const response = await fetch(request, { peer: { address: "127.0.0.1", isLocal } });
  const text = await response.text();
  assert.ok(response.status < 500, `${response.status}: ${text}`);
  assert.equal(response.headers.get("X-Content-Type-Options"), "nosniff");
  assert.doesNotMatch(response.headers.get("X-Event-Status") ?? "", /refused/);
  const type = response.headers.get("Content-Type") ?? "";
  const isChange = !["GET", "HEAD", "OPTIONS"].includes(method) && response.ok;
  if (isChange) {
    // Of several headers of one name the server makes one.
    const [authorization, cookie] = [
      request.headers.get("Authorization"),
      request.headers.get("Cookie"),
    ];
    const isOperator = hasToken ? isOperators(authorization ?? "") : isLocal;
    const isVisitor = target.startsWith("/api/visitors/") && namesAVisitor(cookie ?? "");
    assert.ok(isOperator || isVisitor, `${response.status} for ${authorization}, ${cookie}`);
  }
  if (method !== "HEAD" && /^application\/(?:problem\+)?json/.test(type)) JSON.parse(text);
  return response.status;
}

describe("requests in any form", () => {
  it("every route that there is is asked", () => {
    const { app } = openApp();
    const there = app.routes.filter(({ method }) => method !== "ALL")
      .map(({ method, path }) => `${method} ${path === "/" ? path : path.replace(/\/$/, "")}`)
      // What a name has to look like is for requests to miss.
      .map((route) => route.replace(/\{.*\}$/, ""));
    assert.deepEqual(new Set(Object.keys(routes)), new Set(there));
  });

  it("are answered as it is meant, in time, and the shop goes on", async () => {
    await using open = await openWholeShop(false);
    await using shop = await openWholeShop(true);
    const statuses: Record<number, number> = {};
    await fc.assert(
      fc.asyncProperty(hostileRequests, fc.boolean(), async (request, hasToken) => {
        const { fetch } = hasToken ? shop : open;
        const status = await inTime(ask(fetch, request, hasToken));
        statuses[status] = 1 + (statuses[status] ?? 0);
      }),
      runs(500, 60_000),
    );
    console.log("Answers by status:", JSON.stringify(statuses));
    for (const status of [200, 400, 401, 404, 405]) {
      assert.ok(statuses[status], `${status} is missing`);
    }
    await open.endsWell();

    // The same with bytes changed on their way.
    const server = serve({ host: "127.0.0.1", port: 0, fetch: shop.fetch, clock: systemClock });
    const { hostname, port } = new URL(server.url);

    async function send(bytes: Uint8Array): Promise<void> {
      using connection = await Deno.connect({ hostname, port: Number(port) });
      try {
        for (let at = 0; at < bytes.length;) at += await connection.write(bytes.subarray(at));
        await connection.closeWrite();
        const buffer = new Uint8Array(65_536);
        let start: string | undefined;
        for (let n = await connection.read(buffer); n !== null; n = await connection.read(buffer)) {
          start ??= new TextDecoder("latin1").decode(buffer.subarray(0, Math.min(n, 20)));
        }
        assert.doesNotMatch(start ?? "", /^HTTP\/1.1 5/);
      } catch (error) {
        // What is no request may end with a reset.
        if (error instanceof assert.AssertionError) throw error;
      }
    }

    try {
      const texts = hostileRequests.map(bytesOf)
        // Large bodies as they are: one byte of them is as good as another.
        .chain((bytes) => bytes.length > 5000 ? fc.constant(bytes) : damaged(bytes));
      await fc.assert(
        fc.asyncProperty(texts, async (bytes) => {
          await inTime(send(bytes));
          assert.equal((await shop.textOf("/livez"))[0], 200);
        }),
        runs(150, 10_000),
      );
      assert.equal((await (await fetch(`${server.url}livez`)).json()).status, "ok");
    } finally {
      await server.shutdown(5000);
    }
    await shop.endsWell();
  });
});
