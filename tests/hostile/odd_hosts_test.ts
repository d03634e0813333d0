/** Hosts of which no address can be made, as a socket brings them: no fetch sends such a thing. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { admin } from "../../src/http/admin.ts";
import { admit } from "../../src/http/admission.ts";
import { systemClock } from "../../src/ports/clock.ts";
import { silentTelemetry } from "../../src/ports/telemetry.ts";
import { type Fetch, serve } from "../../src/process/serve.ts";
import { openApp } from "../http/open_app.ts";

const hosts = ["%localhost", "1.2.3.999", "[::zz]", "a:99999", "xn--a", "a%00b"];
/** Where a request line names the host, the header says nothing. */
const heads = hosts.flatMap((host) => [
  `PUT /api/books/1 HTTP/1.1\r\nHost: ${host}\r\n`,
  `GET http://${host}/readyz HTTP/1.1\r\nHost: localhost\r\n`,
]);

async function statuses(fetch: Fetch): Promise<readonly string[]> {
  const server = serve({ host: "127.0.0.1", port: 0, fetch, clock: systemClock });
  const { hostname, port } = new URL(server.url);
  try {
    return await Promise.all(heads.map(async (head) => {
      const connection = await Deno.connect({ hostname, port: Number(port) });
      await connection.write(new TextEncoder().encode(`${head}Connection: close\r\n\r\n`));
      const answer = await new Response(connection.readable).text();
      return answer.slice(9, 12);
    }));
  } finally {
    await server.shutdown(5000);
  }
}

describe("a host that is none", () => {
  const { app } = openApp([{ title: "Dune" }]);
  const fetch: Fetch = (request, from) => app.fetch(request, from);

  it("is refused, on every route", async () => {
    assert.deepEqual(await statuses(fetch), heads.map(() => "400"));
  });

  it("troubles neither the bound of requests nor the operators' listener", async () => {
    const never = admit(() => new Promise<Response>(() => {}), {
      maxRequests: 1,
      clock: systemClock,
      telemetry: silentTelemetry,
    });
    const from = { peer: { address: "127.0.0.9", isLocal: true } };
    void never(new Request("http://localhost/"), from);
    const full: Fetch = (request, from) =>
      request.method === "PUT" ? never(request, from) : fetch(request, from);
    assert.deepEqual(new Set(await statuses(full)), new Set(["503", "400"]));
    assert.deepEqual(new Set(await statuses(admin(fetch))), new Set(["404", "400"]));
  });
});
