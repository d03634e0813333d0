/** Trends, recommendations, and being forgotten: the routes and the page. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import type { ReadModelReaders } from "../../src/composition/wire_shop.ts";
import type { Interest } from "../../src/domain/interest.ts";
import type { Trend } from "../../src/domain/trend.ts";
import { StoreError } from "../../src/ports/store_error.ts";
import type { TrendRequest } from "../../src/ports/trend_store.ts";
import { cookiesOf, openApp } from "./open_app.ts";

const visitor = "9f8d4a52-3a37-4b7c-8d3e-0123456789ab";
const other = "11111111-3a37-4b7c-8d3e-0123456789ab";
const book = {
  id: 1,
  title: "Dune",
  author: "Frank Herbert",
  published_at: "1965",
  description: "",
  created_at: "2026-01-01 00:00:00",
};
const lastSearchedAt = Date.UTC(2026, 0, 2);
const dune: Trend = { query: "Dune", books: [book], score: 2.5, searches: 4, lastSearchedAt };
const missed: Trend = { query: "quokka", books: [], score: 1, searches: 3, lastSearchedAt };
const interest: Interest = { bookId: 1, title: "Dune", author: "Frank Herbert", score: 1.5 };

function readers() {
  const requests: TrendRequest[] = [];
  const forgotten: string[] = [];
  const asked: string[] = [];
  const give = (trends: readonly Trend[]) => (request: TrendRequest) => {
    requests.push(request);
    return Promise.resolve(trends);
  };
  const readModels: ReadModelReaders = {
    trends: { top: give([dune]), misses: give([missed]) },
    interests: {
      interestsOf(visitorId) {
        asked.push(visitorId);
        return Promise.resolve(visitorId === visitor ? [interest] : []);
      },
      forget(visitorId) {
        forgotten.push(visitorId);
        return Promise.resolve();
      },
    },
    trendMinSearches: 3,
  };
  return { readModels, requests, forgotten, asked };
}

const away = () => Promise.reject(new StoreError("unavailable", "Disk is slow"));

const withCookie = (uid = visitor) => ({ headers: { Cookie: cookiesOf(uid) } });

describe("GET /api/trends", () => {
  it("gives what was found, with the exact number of searches and the time of the last", async () => {
    const { readModels, requests } = readers();
    const { app, clock } = openApp([], { readModels });
    const response = await app.request("/api/trends?ps=2&utm=1");
    assert.equal(response.headers.get("Cache-Control"), "no-store");
    assert.deepEqual(await response.json(), [{
      query: "Dune",
      books: [book],
      score: 2.5,
      searches: 4,
      last_searched_at: "2026-01-02T00:00:00.000Z",
    }]);
    assert.deepEqual(requests, [{ limit: 2, minSearches: 3, nowMs: clock.now() }]);
  });

  it("/trends gives the three fields of the tutorial's service", async () => {
    const { app } = openApp([], readers());
    const response = await app.request("/trends");
    assert.deepEqual(await response.json(), [{ query: "Dune", books: [book], score: 2.5 }]);
  });

  it("/api/trends/misses gives what found nothing", async () => {
    const { app } = openApp([], readers());
    const [miss] = await (await app.request("/api/trends/misses")).json();
    assert.deepEqual([miss.query, miss.books, miss.searches], ["quokka", [], 3]);
  });

  for (const ps of ["0", "101", "-1", "x", "1e1", "%ff", "1&ps=2"]) {
    it(`wants a number from 1 to 100: ps=${ps}`, async () => {
      const { app } = openApp([], readers());
      const response = await app.request(`/api/trends?ps=${ps}`);
      assert.equal(response.status, 400);
      assert.match((await response.json()).detail, /^Parameter "ps" /);
    });
  }

  it("says that a shop keeps none, and that a store is away", async () => {
    const none = await openApp().app.request("/api/trends");
    assert.deepEqual([none.status, (await none.json()).type], [404, "/problems/trends-off"]);
    const { readModels } = readers();
    const trends = { top: away, misses: away };
    const response = await openApp([], { readModels: { ...readModels, trends } }).app.request(
      "/trends",
    );
    assert.equal(response.status, 503);
    assert.equal((await response.json()).type, "/problems/read-models-unavailable");
  });
});

describe("GET /api/recommendations", () => {
  for (const path of ["/api/recommendations", "/recommendations"]) {
    it(`${path}: of the visitor that is named, else of the cookie's, else none`, async () => {
      const { app } = openApp([], readers());
      const expected = [{
        userId: visitor,
        title: "Dune",
        author: "Frank Herbert",
        score: 1.5,
      }];
      const named = await app.request(`${path}?uid=${visitor.toUpperCase()}&ps=5`);
      assert.deepEqual(await named.json(), expected);
      assert.deepEqual(await (await app.request(path, withCookie())).json(), expected);
      assert.deepEqual(await (await app.request(path)).json(), []);
    });
  }

  it("wants a UUID", async () => {
    const { app } = openApp([], readers());
    const response = await app.request("/api/recommendations?uid=me");
    assert.equal(response.status, 400);
    assert.match((await response.json()).detail, /^Visitor id is "me", wanted a UUID/);
  });
});

describe("DELETE /api/visitors/{uid}", () => {
  const operatorToken = "a-token-of-thirty-two-characters";
  const forget = (uid: string, headers: HeadersInit = {}) => {
    const { readModels, forgotten } = readers();
    const { app } = openApp([], { readModels, operatorToken });
    const response = app.request(`/api/visitors/${uid}`, { method: "DELETE", headers });
    return { response, forgotten };
  };

  it("forgets the visitor whose cookie asks, and takes the cookie away", async () => {
    const { response, forgotten } = forget(visitor, { Cookie: cookiesOf(visitor) });
    const { status, headers } = await response;
    assert.deepEqual([status, forgotten], [200, [visitor]]);
    assert.match(headers.get("Set-Cookie") ?? "", /^uid=; Max-Age=0; Path=\/; HttpOnly/);
    const { forgotten: told, kept } = await (await response).json();
    assert.equal(told, visitor);
    assert.match(kept, /until their retention/);
  });

  it("lets nobody else, but an operator", async () => {
    const stranger = forget(visitor, { Cookie: cookiesOf(other) });
    assert.deepEqual([(await stranger.response).status, stranger.forgotten], [401, []]);
    const wrong = forget(visitor, { Authorization: "Bearer no" });
    assert.deepEqual([(await wrong.response).status, wrong.forgotten], [401, []]);
    const operator = forget(visitor, { Authorization: `Bearer ${operatorToken}` });
    const { status, headers } = await operator.response;
    assert.deepEqual([status, headers.get("Set-Cookie")], [200, null]);
    assert.deepEqual(operator.forgotten, [visitor]);
  });

  it("wants a UUID", async () => {
    assert.equal((await forget("me").response).status, 400);
  });
});

describe("the page", () => {
  const page = async (readModels: ReadModelReaders, path = "/") =>
    await (await openApp([{ title: "Dune" }], { readModels }).app.request(path, withCookie()))
      .text();

  it("shows what is trending and what this visitor may like, with links that search for it", async () => {
    const { readModels, asked } = readers();
    for (const path of ["/", "/?q=dune"]) {
      const html = await page(readModels, path);
      assert.match(html, /Trending now.*<a href="\/\?q=Dune" dir="auto">Dune<\/a>/s);
      assert.match(html, /Recommended for you.*<a href="\/\?q=Dune">Dune<\/a>.*Frank Herbert/s);
    }
    assert.deepEqual(asked, [visitor, visitor]);
  });

  it("does without them where there are none, or they do not come", async () => {
    const { readModels } = readers();
    const none = { top: () => Promise.resolve([]), misses: away };
    const interests = { interestsOf: () => Promise.resolve([]), forget: away };
    for (
      const given of [
        { ...readModels, trends: none, interests },
        {
          ...readModels,
          trends: { top: away, misses: away },
          interests: { ...interests, interestsOf: away },
        },
      ]
    ) {
      const html = await page(given);
      assert.match(html, /On the shelf/);
      assert.doesNotMatch(html, /Trending|Recommended/);
    }
  });

  it("waits for them no longer than 100 ms", async () => {
    const { readModels } = readers();
    const never = () => new Promise<never>(() => {});
    const { app, clock } = openApp([], {
      readModels: { ...readModels, trends: { top: never, misses: never } },
    });
    let html: string | undefined;
    const answered = Promise.resolve(app.request("/")).then(async (response) =>
      html = await response.text()
    );
    await clock.advance(99);
    assert.equal(html, undefined);
    await clock.advance(1);
    await answered;
    assert.doesNotMatch(html ?? "", /Trending|Recommended/);
  });

  it("escapes what strangers typed", async () => {
    const { readModels } = readers();
    const query = `<script>"'&`;
    const top = () => Promise.resolve([{ ...dune, query }]);
    const html = await page({ ...readModels, trends: { top, misses: away } });
    assert.match(
      html,
      /<a href="\/\?q=%3Cscript%3E%22&#39;%26" dir="auto">&lt;script&gt;&quot;&#39;&amp;<\/a>/,
    );
  });
});
