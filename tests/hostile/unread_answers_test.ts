/**
 * Clients that ask and take no answer, by HTTP/1.1 and by HTTP/2 without TLS. What their
 * connections hold is bounded for each, and others are answered beside them.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { serviceFolder, startService } from "../e2e/service_process.ts";
import { assertBlame, beside, isLong, rssMib, shopConfig } from "./beside.ts";
import { slowClients } from "./slow_clients.ts";
import { streamsOfOne, unreadAnswers } from "./unread_answers.ts";

const path = "/api/books?q=the";
const pipelined = `GET ${path} HTTP/1.1\r\nHost: shop\r\n\r\n`.repeat(streamsOfOne);
const protocols = [
  { name: "HTTP/1.1", bytes: pipelined, reads: false },
  { name: "HTTP/2", bytes: unreadAnswers(path), reads: true },
];

/** The server keeps one answer of each stream, and what the process takes for its work besides. */
const mostMib = (connections: number): number => 128 + 2.5 * connections;

describe("answers that nobody reads", () => {
  for (const { name, bytes, reads } of protocols) {
    it(`of ${name}, are bounded for each connection, and others are answered`, async () => {
      await using folder = await serviceFolder(shopConfig(10));
      await using shop = await startService(folder);
      const count = isLong ? 100 : 10;
      const before = await rssMib(shop);
      let most = 0;
      const disturb = async () => {
        await using _crowd = await slowClients(shop.url, {
          count,
          bytes,
          network: 8,
          each: 1,
          reads,
        });
        await new Promise((resolve) => setTimeout(resolve, 3000));
        const held = await rssMib(shop);
        most = Math.max(most, held);
        return `${held.toFixed(0)} MiB`;
      };
      const asked = `${count} clients that read none of ${streamsOfOne} answers (${name})`;
      await beside({ name: asked, isSaturating: true, disturb }, shop);
      console.log(`${asked}: ${before.toFixed(0)} MiB before, ${most.toFixed(0)} at most`);
      assert.ok(most - before < mostMib(count), `${before} MiB became ${most}`);
      const { code, stderr } = await shop.stop();
      assert.equal(code, 0, stderr);
      assertBlame(stderr);
    });
  }
});
