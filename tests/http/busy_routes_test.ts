/** What nearly everybody asks for has a shorter way, and the same answer. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import { openApp } from "./open_app.ts";

const books = [{ title: "Dune" }, { title: "Dune Messiah" }];
const evil = "shop.example?q=evil&x=";

/** What an answer says, but for its ids. */
async function told(response: Response): Promise<unknown> {
  const ids = /request-\d+|[0-9a-f]{8}-[0-9a-f-]{27}|uid_sig=[^;]+/g;
  return {
    status: response.status,
    headers: [...response.headers].map((pair) => pair.join(": ").replace(ids, "ID")),
    body: (await response.text()).replace(ids, "ID"),
  };
}

describe("the routes that nearly everybody asks for", () => {
  // A slash at the end takes the way of all others.
  for (
    const [short, long] of [
      ["/livez", "/livez/"],
      ["/api/books?q=dune", "/api/books/?q=dune"],
      ["/api/books", "/api/books/"],
      ["/api/books?o=dune", "/api/books/?o=dune"],
    ] as const
  ) {
    it(`answer ${short} as ${long} is answered`, async () => {
      const [one, other] = [openApp(books), openApp(books)];
      const headers = { "X-Request-Id": "mine", Accept: "text/html" };
      for (const init of [{}, { headers }, { method: "HEAD" }, { method: "PURGE" }]) {
        assert.deepEqual(
          await told(await one.app.request(short, init)),
          await told(await other.app.request(long, init)),
        );
      }
      assert.deepEqual(one.keys(), other.keys());
      assert.deepEqual(one.telemetry.values, other.telemetry.values);
    });
  }

  it("refuse a Host that is none, and one that is not ours", async () => {
    const { app, keys } = openApp(books, { allowedHosts: ["shop.example"] });
    for (const [host, status] of [[evil, 400], ["other.example", 421], ["shop.example", 200]]) {
      const request = new Request("http://shop.example/api/books?q=dune");
      const given = new Request(String(host) === evil ? request.url : `http://${host}/api/books`, {
        headers: { Host: String(host) },
      });
      assert.equal((await app.request(given)).status, status, String(host));
    }
    assert.deepEqual(keys(), []);
  });
});
