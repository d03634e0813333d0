/** More connections than the process may have descriptors, and more than the shop allows. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { systemClock } from "../../src/ports/clock.ts";
import { serve } from "../../src/process/serve.ts";
import { serviceFolder, type ServiceProcess, startService } from "../e2e/service_process.ts";
import { openConnections } from "./connections.ts";

const isLong = Deno.env.get("SHELFCAST_HOSTILE") === "full";

const config = [
  "app: { port: PORT }",
  "db: { sqlite: { file: DIR/shelf.db, read_models_file: DIR/read.db } }",
  "mq: { adapter: file, file: { directory: DIR/queue } }",
].join("\n");

/** Searches as a client that comes anew each time. */
async function search({ url }: ServiceProcess): Promise<string | null> {
  const headers = { "Connection": "close" };
  const response = await fetch(`${url}/api/books?q=hunger`, { headers });
  await response.body?.cancel();
  assert.equal(response.status, 200);
  return response.headers.get("X-Event-Status");
}

/** One may meet the moment in which nobody listens; a shop that stays away fails the test. */
async function searchAgain<Answer>(search: () => Promise<Answer>): Promise<Answer> {
  const until = Date.now() + 30_000;
  for (;;) {
    try {
      return await search();
    } catch (error) {
      if (Date.now() > until) throw error;
    }
  }
}

/** Searches until an event is accepted in time: on a busy disk the first may still be pending. */
async function accepted(service: ServiceProcess): Promise<void> {
  await searchAgain(async () => assert.equal(await search(service), "accepted"));
}

describe("too many connections", () => {
  for (const descriptors of isLong ? [256, 1024] : [256]) {
    it(`beyond a limit of ${descriptors} descriptors: the shop goes on, and drains`, async () => {
      await using folder = await serviceFolder(config);
      await using service = await startService(folder, { descriptors });
      await search(service);
      const told = service.logged(/(Too many connections)/);
      for (const head of ["", "GET / HTTP/1.1\r\nHo"]) {
        await using held = await openConnections(service.url, descriptors + 50, head);
        await told;
        await accepted(service);
        await held.lost(descriptors / 2);
      }
      await accepted(service);
      const { code, stderr } = await service.stop();
      assert.equal(code, 0, stderr);
      // It happened several times, and is told once a minute.
      assert.equal(stderr.match(/Too many connections/g)?.length, 1, stderr);
    });
  }

  it("one below the limit of descriptors: searches are accepted, and it does not last", async () => {
    await using folder = await serviceFolder(config);
    await using service = await startService(folder, { descriptors: 256 });
    await search(service);
    const told = service.logged(/(Too many connections)/);
    // Deno lets no program read another's /proc without all rights; ls may.
    const open = (): number => {
      const ls = new Deno.Command("ls", { args: [`/proc/${service.pid}/fd`] });
      return new TextDecoder().decode(ls.outputSync().stdout).split("\n").length - 1;
    };
    await using stack = new AsyncDisposableStack();
    // The shop looks every half second: until it does, nothing but what it keeps back is left.
    for (let free = 255 - open(); free > 0; free = 255 - open()) {
      stack.use(await openConnections(service.url, free, ""));
    }
    await accepted(service);
    await told;
    await accepted(service);
    assert.ok(open() < 200, `${open()} are open`);
    const { code, stderr } = await service.stop();
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /refused|unauthorized/);
  });

  it("beyond app.max_connections, idle ones are closed and requests under way are answered", async () => {
    const asked = Promise.withResolvers<void>();
    const answered = Promise.withResolvers<Response>();
    const server = serve({
      host: "127.0.0.1",
      port: 0,
      maxConnections: 20,
      probeFile: new URL(import.meta.url).pathname,
      clock: systemClock,
      fetch(request) {
        if (!request.url.endsWith("/slow")) return new Response("well");
        asked.resolve();
        return answered.promise;
      },
    });
    const slow = fetch(`${server.url}slow`);
    await asked.promise;
    {
      await using held = await openConnections(server.url, 60, "");
      await held.lost(30);
      answered.resolve(new Response("late"));
      assert.equal(await (await slow).text(), "late");
    }
    assert.equal(await searchAgain(async () => await (await fetch(server.url)).text()), "well");
    await server.shutdown(10_000);
  });
});
