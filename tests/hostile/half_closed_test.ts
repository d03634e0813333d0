/**
 * Clients that close their half of the connection once they have sent a request. Deno's server
 * takes them for gone (docs/operations.md); the proxy before a public shop does not.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { requireHaproxy, startHaproxy } from "../services/haproxy.ts";
import { proxySettings } from "./proxy_settings.ts";

const haproxy = await requireHaproxy();
const request = "GET / HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n\r\n";

/** What comes back, all of it. */
async function halfClosed(url: string): Promise<string> {
  const { hostname, port } = new URL(url);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  await connection.write(new TextEncoder().encode(request));
  await connection.closeWrite();
  return await new Response(connection.readable).text();
}

/** Answers when it is told to. */
function slowServer() {
  const asked = Promise.withResolvers<AbortSignal>();
  const answer = Promise.withResolvers<Response>();
  const server = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, (request) => {
    asked.resolve(request.signal);
    return answer.promise;
  });
  return {
    url: `http://127.0.0.1:${server.addr.port}`,
    asked: asked.promise,
    answer: () => answer.resolve(new Response("late")),
    [Symbol.asyncDispose]: () => server.shutdown(),
  };
}

describe("a sender that closes its half", () => {
  it("is given up by Deno's server, whose answer never comes; where this fails, it does: say so in docs/operations.md", async () => {
    await using server = slowServer();
    const answered = halfClosed(server.url);
    const signal = await server.asked;
    const timer = setTimeout(server.answer, 10_000);
    if (!signal.aborted) {
      await Promise.race([answered, new Promise((gone) => signal.addEventListener("abort", gone))]);
    }
    clearTimeout(timer);
    server.answer();
    assert.equal(await answered, "");
  });

  if (haproxy !== undefined) {
    it("is answered by the proxy", async () => {
      await using server = slowServer();
      await using proxy = await startHaproxy(haproxy, proxySettings, server.url);
      const answered = halfClosed(proxy.url);
      await server.asked;
      server.answer();
      assert.match(await answered, /^HTTP\/1\.1 200[^]*late$/);
    });
  }
});
