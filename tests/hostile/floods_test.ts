/**
 * A crowd asks for more than can be answered, and others ask beside it: they are answered. Of many
 * addresses or of one, it turns away nobody but itself.
 */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { serviceFolder, startService } from "../e2e/service_process.ts";
import { assertBlame, beside, isLong, shopConfig } from "./beside.ts";
import { openFlood } from "./flood.ts";

const words = "the sea war love house night king lady road time".split(" ");

const crowdsAddress = "127.0.0.9";

/** Searches, of which the last closes the connection. */
function pipelined(count: number): string {
  return Array.from({ length: count }, (_, n) =>
    [
      `GET /api/books?q=${words[n % words.length]} HTTP/1.1`,
      "Host: shop",
      ...n === count - 1 ? ["Connection: close"] : [],
      "\r\n",
    ].join("\r\n")).join("");
}

describe("a crowd of one address", () => {
  const crowds = isLong
    ? [
      { name: "10,000 pipelined searches", connections: 200, each: 50, pageSize: 10 },
      { name: "300 times 20 large pages", connections: 300, each: 20, pageSize: 100 },
    ]
    : [{ name: "2,000 pipelined searches", connections: 100, each: 20, pageSize: 10 }];
  for (const { name, connections, each, pageSize } of crowds) {
    const answered = async (address: string): Promise<void> => {
      await using folder = await serviceFolder(shopConfig(pageSize));
      await using shop = await startService(folder);
      const disturb = async () => {
        const text = pipelined(each);
        using flood = await openFlood({
          url: shop.url,
          localAddresses: [crowdsAddress],
          connections,
          text,
        });
        return JSON.stringify(await flood.begin());
      };
      const shown = address === crowdsAddress ? `${name}, its own address` : name;
      await beside({ name: shown, isSaturating: true, address, disturb }, shop);
      const { code, stderr } = await shop.stop();
      assert.equal(code, 0, stderr);
      assertBlame(stderr);
    };
    it(`${name}: another client's searches are answered beside them`, () => answered("127.0.0.7"));
    // More connections than one address may have requests under way turn away their own, too.
    if (connections > 256) continue;
    it(`${name}: so are those of another connection of the same address`, () =>
      answered(crowdsAddress));
  }
});

describe("crowds of many addresses", () => {
  const [politeCount, seconds] = isLong ? [200, 10] : [40, 2];
  /** Asks one thing after the other. @returns How many answers came, by status. */
  async function askPolitely(url: string, n: number): Promise<Readonly<Record<string, number>>> {
    using client = Deno.createHttpClient({ localAddress: `127.0.5.${1 + n}` });
    const statuses: Record<string, number> = {};
    for (const until = Date.now() + seconds * 1000; Date.now() < until;) {
      const response = await fetch(`${url}/api/books?q=${words[n % words.length]}`, { client });
      await response.body?.cancel();
      statuses[response.status] = 1 + (statuses[response.status] ?? 0);
    }
    return statuses;
  }

  it("turn away themselves, and nobody who asks one thing at a time", async () => {
    await using folder = await serviceFolder(shopConfig(10));
    await using shop = await startService(folder);
    using flood = await openFlood({
      url: shop.url,
      localAddresses: Array.from({ length: 40 }, (_, n) => `127.0.6.${1 + n}`),
      connections: 800,
      text: pipelined(isLong ? 20 : 4),
    });
    const flooded = flood.begin();
    const polite = await Promise.all(
      Array.from({ length: politeCount }, (_, n) => askPolitely(shop.url, n)),
    );
    const told = JSON.stringify(await flooded);
    const all = polite.flatMap((one) => Object.keys(one));
    const answers = polite.reduce((sum, { 200: found = 0 }) => sum + found, 0);
    console.log(
      `${politeCount} clients of as many addresses had ${answers} answers; crowds ${told}`,
    );
    assert.deepEqual(new Set(all), new Set(["200"]));
    const { code, stderr } = await shop.stop();
    assert.equal(code, 0, stderr);
  });
});
