/**
 * Requests that are left half done: heads and bodies that do not end, or come byte by byte. Others
 * are answered beside them, and memory is bounded.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { serviceFolder, type ServiceProcess, startService } from "../e2e/service_process.ts";
import { assertBlame, beside, isLong, rssMib, shopConfig, token } from "./beside.ts";
import { slowClients } from "./slow_clients.ts";

describe("requests that are left half done", () => {
  const part = (bytes: number) =>
    [
      "POST /api/books HTTP/1.1",
      "Host: shop",
      `Authorization: Bearer ${token}`,
      "Content-Type: application/json",
      "Content-Length: 60000",
      "",
      " ".repeat(bytes),
    ].join("\r\n");

  /** What memory is now, at most so far, and later on. */
  function memoryOf(shop: ServiceProcess) {
    let most = 0;
    const look = async (): Promise<number> => {
      const now = await rssMib(shop);
      most = Math.max(most, now);
      return now;
    };
    return { look, most: () => most };
  }

  it("cost others no time, and memory is bounded", async () => {
    await using folder = await serviceFolder(shopConfig(10));
    await using shop = await startService(folder);
    const [heads, bodies, slow] = isLong ? [500, 200, 2000] : [50, 20, 100];

    await beside({
      name: `${heads} half heads, ${bodies} half bodies`,
      async disturb() {
        const half = { count: heads, bytes: "GET / HTTP/1.1\r\nHo", network: 1, each: 10 };
        await using _heads = await slowClients(shop.url, half);
        await using _bodies = await slowClients(shop.url, {
          count: bodies,
          bytes: part(0),
          network: 2,
          each: 10,
        });
        await new Promise((resolve) => setTimeout(resolve, 3000));
        return `${(await rssMib(shop)).toFixed(0)} MiB`;
      },
    }, shop);

    const memory = memoryOf(shop);
    const before = await memory.look();
    const afterEach: number[] = [];
    await beside({
      name: `${slow} slow bodies`,
      async disturb() {
        await using crowd = await slowClients(shop.url, {
          count: slow,
          bytes: part(50_000),
          drip: " ",
          network: 3,
          each: slow,
        });
        const until = Date.now() + 30_000;
        while (crowd.answered < slow) {
          await memory.look();
          assert.ok(Date.now() < until, `${crowd.answered} of ${slow} were answered`);
          await new Promise((resolve) => setTimeout(resolve, 100));
        }
        afterEach.push(await memory.look());
        return `all were told that there are too many, or that they are too slow; ${
          afterEach.at(-1)?.toFixed(0)
        } MiB`;
      },
    }, shop);
    const after = await memory.look();
    if (isLong) await new Promise((resolve) => setTimeout(resolve, 60_000));
    const later = await rssMib(shop);
    console.log(
      `Memory: ${before.toFixed(0)} MiB before, ${memory.most().toFixed(0)} at most, ${
        after.toFixed(0)
      } after${isLong ? `, ${later.toFixed(0)} a minute later` : ""}`,
    );
    // The C library keeps for the next connections what it had for these.
    assert.ok(memory.most() < before + 192, `${before} MiB became ${memory.most()}`);
    const [first = 0] = afterEach;
    assert.ok(Math.max(...afterEach) < first + 64, `MiB after each round: ${afterEach}`);
    const { code, stderr } = await shop.stop();
    assert.equal(code, 0, stderr);
    assertBlame(stderr);
  });

  it("take no more memory where their bodies come byte by byte", async () => {
    await using folder = await serviceFolder(shopConfig(10));
    await using shop = await startService(folder);
    const memory = memoryOf(shop);
    const before = await memory.look();
    // Each piece comes in a buffer of 64 KiB: kept, they would be 800 MiB in two seconds.
    await using _bodies = await slowClients(shop.url, {
      count: 64,
      bytes: part(0),
      drip: " ",
      dripMs: 10,
      network: 4,
      each: 64,
    });
    for (const until = Date.now() + (isLong ? 9000 : 3000); Date.now() < until;) {
      await memory.look();
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    console.log(`Byte by byte: ${before.toFixed(0)} MiB, at most ${memory.most().toFixed(0)}`);
    assert.ok(memory.most() < before + 192, `${before} MiB became ${memory.most()}`);
  });
});
