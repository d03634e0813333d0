/** What everybody searches for. */
import assert from "node:assert/strict";
import { trendBooksMax } from "../../../src/domain/trend.ts";
import { batches, bookOf, eventOf, hourMs, now, type ReadModelLaw } from "../read_model_law.ts";

const request = { limit: 10, minSearches: 1, nowMs: now };
const near = (is: number | undefined, wanted: number) =>
  assert.ok(Math.abs((is ?? NaN) - wanted) < 1e-9, `${is}, wanted ${wanted}`);

export const trendLaws: readonly ReadModelLaw[] = [
  {
    name: "trends: one row a query, shown as typed last, with what it found then",
    async run({ open }) {
      const { trends } = await open();
      const next = batches();
      await trends.apply(next([
        eventOf(1, { shownQuery: "DUNE", searchedAt: now - 10, books: [bookOf(2)] }),
        eventOf(2, { shownQuery: "dune", searchedAt: now - 20 }),
        eventOf(3, { query: "emma", shownQuery: "Emma", searchedAt: now - 30 }),
      ]));
      const [dune, emma, ...others] = await trends.top(request);
      assert.deepEqual(others, []);
      assert.deepEqual(
        [dune?.query, dune?.books, dune?.searches, dune?.lastSearchedAt],
        ["DUNE", [bookOf(2)], 2, now - 10],
      );
      assert.deepEqual([emma?.query, emma?.searches], ["Emma", 1]);
    },
  },
  {
    name: "trends: a search counts half after a half-life, by 1e-9, whatever the order",
    async run({ open }) {
      const { trends } = await open({ halfLifeHours: 24 });
      const ages = [0, 1, 24, 48, 500];
      const events = ages.map((hours, n) => eventOf(n, { searchedAt: now - hours * hourMs }));
      const other = ages.toReversed().map((hours, n) =>
        eventOf(100 + n, { query: "other", searchedAt: now - hours * hourMs })
      );
      const next = batches();
      for (const event of [...events, ...other]) await trends.apply(next([event]));
      const wanted = ages.reduce((sum, hours) => sum + 2 ** (-hours / 24), 0);
      for (const { score } of await trends.top(request)) near(score, wanted);
      const later = await trends.top({ ...request, nowMs: now + 24 * hourMs });
      near(later[0]?.score, wanted / 2);
    },
  },
  {
    name: "trends: what was hot yesterday sinks below what is warm today",
    async run({ open }) {
      const { trends } = await open();
      const next = batches();
      const hot = [1, 2, 3].map((n) => eventOf(n, { query: "hot", searchedAt: now - 48 * hourMs }));
      const warm = eventOf(9, { query: "warm", searchedAt: now });
      await trends.apply(next([...hot, warm]));
      assert.deepEqual((await trends.top(request)).map(({ searches }) => searches), [1, 3]);
    },
  },
  {
    name: "trends: what found nothing is a list of its own, until it finds something",
    async run({ open }) {
      const { trends } = await open();
      const next = batches();
      const miss = { query: "quokka", shownQuery: "quokka" };
      await trends.apply(next([eventOf(1, { ...miss, books: [], searchedAt: now - 9 })]));
      assert.deepEqual(await trends.top(request), []);
      const [found] = await trends.misses(request);
      assert.deepEqual([found?.query, found?.books, found?.searches], ["quokka", [], 1]);
      await trends.apply(next([eventOf(2, { ...miss, searchedAt: now })]));
      assert.deepEqual(await trends.misses(request), []);
      assert.equal((await trends.top(request))[0]?.searches, 2);
    },
  },
  {
    name: "trends: a further page that is empty does not say that nothing was found",
    async run({ open }) {
      const { trends } = await open();
      const next = batches();
      await trends.apply(next([
        eventOf(1, { page: 1, searchedAt: now - 20 }),
        eventOf(2, { page: 2, books: [], searchedAt: now - 10 }),
      ]));
      assert.deepEqual(await trends.misses(request), []);
      assert.deepEqual((await trends.top(request))[0]?.books, [bookOf(1)]);
    },
  },
  {
    name:
      "trends: a row's texts are the latest, of equals the greater, in whatever order they come",
    async run({ open }) {
      const { trends } = await open();
      const next = batches();
      const parts = [
        { shownQuery: "a", searchedAt: now - 30 },
        { shownQuery: "c", searchedAt: now - 20, books: [bookOf(3)] },
        { shownQuery: "b", searchedAt: now - 20, books: [bookOf(2)] },
        { shownQuery: "d", searchedAt: now - 10, page: 2, books: [] },
      ];
      const orders = [0, 1, 2, 3].flatMap((a) =>
        [0, 1, 2, 3].flatMap((b) =>
          [0, 1, 2, 3].flatMap((c) => new Set([a, b, c]).size < 3 ? [] : [[a, b, c, 6 - a - b - c]])
        )
      );
      for (const [n, order] of orders.entries()) {
        const events = order.map((part) =>
          eventOf(10 * n + part, { ...parts[part], query: `q${n}` })
        );
        // A batch each; two and two; all in one.
        const size = [1, 2, 4][n % 3]!;
        for (let from = 0; from < 4; from += size) {
          await trends.apply(next(events.slice(from, from + size)));
        }
      }
      const found = await trends.top({ ...request, limit: orders.length });
      assert.equal(found.length, orders.length);
      for (const { query, books, searches, lastSearchedAt } of found) {
        assert.deepEqual([query, books, searches], ["d", [bookOf(3)], 4]);
        assert.equal(lastSearchedAt, now - 10);
      }
    },
  },
  {
    name: "trends: only queries with so many different events, and so many of them",
    async run({ open }) {
      const { trends } = await open();
      const events = ["a", "b", "b", "c", "c", "c"].map((query, n) => eventOf(n, { query }));
      await trends.apply(batches()(events));
      const searches = async (limit: number, minSearches: number) =>
        (await trends.top({ limit, minSearches, nowMs: now })).map((trend) => trend.searches);
      assert.deepEqual(await searches(10, 2), [3, 2]);
      assert.deepEqual(await searches(1, 1), [3]);
      assert.deepEqual(await searches(10, 4), []);
    },
  },
  {
    name: "trends: an event that is dated ahead counts as of now",
    async run({ open }) {
      const { trends } = await open();
      await trends.apply(batches()([eventOf(1, { searchedAt: now + 1e12 })]));
      near((await trends.top(request))[0]?.score, 1);
    },
  },
  {
    name: "trends: any text is a query: quotes, NUL, emoji, 1,024 bytes, sqlite's wildcards",
    async run({ open }) {
      const { trends } = await open();
      const queries = [
        "'\"`;--",
        "a\u0000b",
        "😀",
        "é".repeat(512),
        "%_",
        "e\u0301",
        "\ufeffx",
        "Ａ",
      ];
      const events = queries.map((query, n) => eventOf(n, { query, shownQuery: query }));
      await trends.apply(batches()(events));
      const shown = (await trends.top({ ...request, limit: 100 })).map(({ query }) => query);
      assert.deepEqual(shown.toSorted(), queries.toSorted());
    },
  },
  {
    name: `trends: ${trendBooksMax} books are kept of each`,
    async run({ open }) {
      const { trends } = await open();
      const books = Array.from({ length: 9 }, (_, id) => bookOf(id + 1));
      await trends.apply(batches()([eventOf(1, { books })]));
      assert.deepEqual((await trends.top(request))[0]?.books, books.slice(0, trendBooksMax));
    },
  },
  {
    name: "trends: what is hardly searched for any more is pruned, and nothing else",
    async run({ open }) {
      const { trends } = await open({ halfLifeHours: 1 });
      await trends.apply(
        batches()([
          eventOf(1, { query: "old", searchedAt: now - 11 * hourMs }),
          eventOf(2, { query: "young", searchedAt: now - 9 * hourMs }),
          eventOf(3, { query: "missed", books: [], searchedAt: now - 11 * hourMs }),
        ]),
      );
      assert.equal(await trends.prune(now), 2);
      assert.equal(await trends.prune(now), 0);
      assert.equal((await trends.top(request)).length, 1);
    },
  },
  {
    name: "another half-life: all scores of the moment stay, and decay by the new one",
    async run({ open, clock }) {
      const visitorId = "9f8d4a52-3a37-4b7c-8d3e-0123456789ab";
      const before = await open({ halfLifeHours: 24 });
      const event = eventOf(1, { visitorId, searchedAt: now - 24 * hourMs });
      await before.trends.apply(batches()([event]));
      await before.interests.apply(batches()([event]));
      await before[Symbol.asyncDispose]();
      const after = await open({ halfLifeHours: 6 });
      for (const [hours, score] of [[0, 0.5], [6, 0.25]] as const) {
        const nowMs = clock.now() + hours * hourMs;
        near((await after.trends.top({ ...request, nowMs }))[0]?.score, score);
        near((await after.interests.interestsOf(visitorId, { limit: 1, nowMs }))[0]?.score, score);
      }
    },
  },
];
