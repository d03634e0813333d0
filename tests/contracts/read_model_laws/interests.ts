/** What each visitor's searches keep finding, and being forgotten. */
import assert from "node:assert/strict";
import { interestShare, interestsMax } from "../../../src/domain/interest.ts";
import { forgottenDays } from "../../../src/ports/interest_store.ts";
import {
  applied,
  batches,
  bookOf,
  eventOf,
  hourMs,
  now,
  type ReadModelLaw,
  visitorOf,
} from "../read_model_law.ts";

const [one, other] = [visitorOf(1), visitorOf(2)];
const request = { limit: 100, nowMs: now };
const dayMs = 24 * hourMs;
const near = (is: number | undefined, wanted: number) =>
  assert.ok(Math.abs((is ?? NaN) - wanted) < 1e-9, `${is}, wanted ${wanted}`);

export const interestLaws: readonly ReadModelLaw[] = [
  {
    name: "interests: what a visitor's searches find again and again comes first",
    async run({ open }) {
      const { interests } = await open();
      const next = batches();
      await interests.apply(next([
        eventOf(1, { visitorId: one, books: [bookOf(1), bookOf(2)], searchedAt: now }),
        eventOf(2, { visitorId: one, books: [bookOf(2, "Newer title")], searchedAt: now }),
        eventOf(3, { visitorId: other, books: [bookOf(3)], searchedAt: now }),
        eventOf(4, { books: [bookOf(4)], searchedAt: now }),
      ]));
      const found = await interests.interestsOf(one, request);
      assert.deepEqual(found.map(({ bookId }) => bookId), [2, 1]);
      assert.deepEqual([found[0]?.title, found[0]?.author], ["Newer title", "Author 2"]);
      near(found[0]?.score, 1 + interestShare(1));
      near(found[1]?.score, 1);
      const [only, ...rest] = await interests.interestsOf(other, request);
      assert.deepEqual([only?.bookId, rest], [3, []]);
      assert.deepEqual(await interests.interestsOf(visitorOf(9), request), []);
      assert.equal((await interests.interestsOf(one, { ...request, limit: 1 })).length, 1);
    },
  },
  {
    name: "interests: they decay",
    async run({ open }) {
      const { interests } = await open({ halfLifeHours: 24 });
      await interests.apply(
        batches()([
          eventOf(1, { visitorId: one, books: [bookOf(1)], searchedAt: now - 2 * dayMs }),
          eventOf(2, { visitorId: one, books: [bookOf(2)], searchedAt: now + dayMs }),
        ]),
      );
      const [ahead, old] = await interests.interestsOf(one, request);
      near(ahead?.score, 1);
      near(old?.score, 0.25);
    },
  },
  {
    name:
      `interests: ${interestsMax} books a visitor, those of most weight, the same in whatever batches`,
    async run({ open }) {
      const { interests } = await open();
      const events = Array.from({ length: 60 }, (_, n) =>
        eventOf(n, {
          books: [bookOf(n), bookOf(n % 7), bookOf(1000 + n)],
          searchedAt: now - n * 1000,
        }));
      await interests.apply(batches()(events.map((event) => ({ ...event, visitorId: one }))));
      const next = batches("t", 1);
      for (const [n, event] of events.entries()) {
        await interests.apply(
          next([{ ...event, key: eventOf(1000 + n).key, visitorId: other }]),
        );
      }
      const found = await interests.interestsOf(one, request);
      assert.equal(found.length, interestsMax);
      assert.deepEqual(await interests.interestsOf(other, request), found);
    },
  },
  {
    name: "interests: who is forgotten is unknown, for good, however late the events come",
    async run({ open }) {
      const { interests } = await open();
      const next = batches();
      await interests.apply(
        next([eventOf(1, { visitorId: one }), eventOf(2, { visitorId: other })]),
      );
      await interests.forget(one, now);
      await interests.forget(visitorOf(7), now);
      assert.deepEqual(await interests.interestsOf(one, request), []);
      assert.deepEqual(
        await interests.apply(
          next([eventOf(3, { visitorId: one }), eventOf(4, { visitorId: visitorOf(7) })]),
        ),
        applied(2),
      );
      await interests.clear();
      await interests.apply(
        batches()([eventOf(1, { visitorId: one }), eventOf(2, { visitorId: other })]),
      );
      assert.deepEqual(await interests.interestsOf(one, request), []);
      assert.deepEqual(await interests.interestsOf(visitorOf(7), request), []);
      assert.equal((await interests.interestsOf(other, request)).length, 1);
    },
  },
  {
    name: "interests: visitors who were not seen for long are pruned, those to forget later",
    async run({ open }) {
      const { interests } = await open({ visitorDays: 30 });
      await interests.apply(
        batches()([
          eventOf(1, { visitorId: one, searchedAt: now - 31 * dayMs }),
          eventOf(2, { visitorId: other, searchedAt: now - 29 * dayMs }),
        ]),
      );
      await interests.forget(visitorOf(3), now);
      assert.equal(await interests.prune(now), 1);
      assert.deepEqual(await interests.interestsOf(one, request), []);
      assert.equal((await interests.interestsOf(other, request)).length, 1);
      assert.equal(await interests.prune(now + (forgottenDays - 1) * dayMs), 1);
      assert.equal(await interests.prune(now + (forgottenDays + 1) * dayMs), 1);
    },
  },
];
