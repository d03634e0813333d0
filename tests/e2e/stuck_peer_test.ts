/**
 * A shop whose peers stop in the middle: senders that send no more, a reader of its log that reads
 * no more.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { serviceFolder, startCommand, startService } from "./service_process.ts";

const config = (level: string) =>
  [
    "app: { port: PORT }",
    "db: { sqlite: { file: DIR/shelf.db } }",
    "mq: { adapter: file, file: { directory: DIR/queue } }",
    `log: { level: ${level} }`,
  ].join("\n");

describe("a request whose body stops arriving", () => {
  it("does not take the shutdown's time from what comes behind it", async () => {
    await using folder = await serviceFolder(config("info"));
    await using shop = await startService(folder);
    const { hostname, port } = new URL(shop.url);
    using sender = await Deno.connect({ hostname, port: Number(port) });
    const head = "POST /api/books HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n";
    await sender.write(new TextEncoder().encode(`${head}Content-Length: 100\r\n\r\n{"title":`));
    // The server has taken the half request before it hears the signal.
    await (await fetch(`${shop.url}/livez`)).body?.cancel();
    const began = performance.now();
    const { code, stderr } = await shop.stop();
    const tookMs = performance.now() - began;
    assert.equal(code, 0, stderr);
    assert.ok(tookMs < 10_000, `${tookMs} ms`);
    assert.match(stderr, /Requests were not finished within 4,?000 ms/);
    await assert.rejects(Deno.stat(`${folder.path}/shelf.db-wal`), Deno.errors.NotFound);
  });
});

describe("a log that nobody reads", () => {
  it("holds no search and no shutdown, however much there is to tell", async () => {
    await using folder = await serviceFolder(config("trace"));
    const child = new Deno.Command(Deno.execPath(), {
      args: [...await startCommand(), "--config", folder.configFile],
      env: { NO_COLOR: "1" },
      stdout: "piped",
      stderr: "piped", // And never read.
    }).spawn();
    let isOver = false;
    const status = child.status.finally(() => isOver = true);
    try {
      const output = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
      const { value = "" } = await output.read();
      await output.cancel();
      const [, url] = /Listening on (http:\S+)\//.exec(value) ?? assert.fail(value);
      const long = "x".repeat(190);
      for (let n = 0; n < 400; n++) {
        const response = await fetch(`${url}/api/books?q=${long}`, {
          signal: AbortSignal.timeout(10_000),
        });
        assert.equal(response.status, 200);
        await response.body?.cancel();
      }
      child.kill("SIGTERM");
      assert.equal((await status).code, 0);
    } finally {
      if (!isOver) child.kill("SIGKILL");
      await status;
      await child.stderr.cancel();
    }
  });
});
