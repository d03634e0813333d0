/** Effects exactly once: keys, positions, horizon (G14). */
import assert from "node:assert/strict";
import type { ReadModels } from "../../../src/ports/database_declaration.ts";
import type { ReadModel } from "../../../src/ports/read_model.ts";
import {
  applied,
  batches,
  eventOf,
  hourMs,
  now,
  type ReadModelLaw,
  visitorOf,
} from "../read_model_law.ts";

const visitorId = visitorOf(1);
const request = { limit: 10, minSearches: 1, nowMs: now };
const hourOf = (time: number): number => Math.floor(time / hourMs);

/** For both read models: what each counts. */
const counts: Readonly<
  Record<"trends" | "interests", (models: ReadModels) => Promise<number>>
> = {
  trends: async ({ trends }) => (await trends.top(request))[0]?.searches ?? 0,
  interests: async ({ interests }) => {
    const [first] = await interests.interestsOf(visitorId, { ...request, nowMs: now - hourMs });
    return Math.round(first?.score ?? 0);
  },
};

const event = (n: number, searchedAt = now - hourMs) => eventOf(n, { visitorId, searchedAt });

function law(
  name: string,
  run: (
    model: ReadModel,
    count: () => Promise<number>,
    reopen: () => Promise<ReadModel>,
  ) => Promise<void>,
): readonly ReadModelLaw[] {
  return (["trends", "interests"] as const).map((model) => ({
    name: `${model}: ${name}`,
    async run({ open }) {
      let models = await open();
      const reopen = async () => {
        await models[Symbol.asyncDispose]();
        models = await open();
        return models[model];
      };
      await run(models[model], () => counts[model](models), reopen);
    },
  }));
}

export const consumedLaws: readonly ReadModelLaw[] = [
  ...law("an event has its effects once, however often it comes", async (model, count) => {
    const next = batches();
    assert.deepEqual(await model.apply(next([event(1), event(2), event(1)])), applied(2, 1));
    assert.deepEqual(await model.apply(next([event(2), event(3)])), applied(1, 1));
    const other = batches("t", 1);
    assert.deepEqual(await model.apply(other([event(3)])), applied(0, 1));
    assert.equal(await count(), 3);
  }),
  ...law("a batch that is repeated whole changes nothing", async (model, count) => {
    const batch = batches()([event(1), event(2)]);
    assert.deepEqual(await model.apply(batch), applied(2));
    assert.deepEqual(await model.apply(batch), applied(0, 2));
    assert.equal(await count(), 2);
    assert.equal((await model.positions())[0]?.position, 2n);
  }),
  ...law(
    "what was applied is there after a restart, the position too",
    async (model, count, reopen) => {
      await model.apply(batches("t", 3)([event(1)], { lastTimestamp: 7 }));
      const again = await reopen();
      const position = { topic: "t", partition: 3, position: 1n, lastTimestamp: 7 };
      assert.deepEqual(await again.positions(), [position]);
      assert.equal(await count(), 1);
    },
  ),
  ...law("a batch that would leave a gap is not applied", async (model, count) => {
    const gap = { topic: "t", partition: 0, from: 5n, next: 6n, events: [event(1)] };
    assert.deepEqual(await model.apply(gap), { status: "gap", position: 0n });
    assert.deepEqual(await model.positions(), []);
    await model.apply(batches()([event(1), event(2)]));
    assert.deepEqual(await model.apply(gap), { status: "gap", position: 2n });
    assert.equal(await count(), 2);
  }),
  ...law("another topic of the same name begins anew, where the batch does", async (model) => {
    await model.apply(batches()([event(1), event(2)]));
    const batch = { topic: "t", partition: 0, from: 9n, next: 10n, events: [event(3)] };
    assert.deepEqual(await model.apply({ ...batch, isOtherTopic: true }), applied(1));
    assert.equal((await model.positions())[0]?.position, 10n);
    const again = { ...batch, from: 0n, next: 1n, events: [event(4)], isOtherTopic: true };
    assert.deepEqual(await model.apply(again), applied(1));
    assert.equal((await model.positions())[0]?.position, 1n);
  }),
  ...law("a position never goes back by a batch, and moves by an empty one", async (model) => {
    const next = batches();
    await model.apply(next([event(1), event(2)]));
    await model.apply({ topic: "t", partition: 0, from: 0n, next: 1n, events: [event(1)] });
    assert.equal((await model.positions())[0]?.position, 2n);
    const far = 2n ** 62n;
    await model.apply({ topic: "t", partition: 0, from: 2n, next: far, events: [] });
    assert.equal((await model.positions())[0]?.position, far);
  }),
  ...law(
    "events from before the horizon are passed over, and it does not go back",
    async (model, count) => {
      const next = batches();
      const horizonHour = hourOf(now - 5 * hourMs);
      const old = event(1, now - 6 * hourMs);
      const young = event(2, now - 5 * hourMs);
      assert.deepEqual(await model.apply(next([old, young], { horizonHour })), applied(1, 0, 1));
      assert.deepEqual(await model.apply(next([event(3, now - 7 * hourMs)])), applied(0, 0, 1));
      const back = { horizonHour: horizonHour - 10 };
      assert.deepEqual(
        await model.apply(next([event(4, now - 6 * hourMs)], back)),
        applied(0, 0, 1),
      );
      assert.ok(await count() <= 1);
    },
  ),
  ...law("keys from before the horizon are pruned, the others stay", async (model) => {
    const next = batches();
    const old = event(1, now - 6 * hourMs);
    await model.apply(next([old, event(2)]));
    await model.apply(next([], { horizonHour: hourOf(now - 2 * hourMs) }));
    let pruned = 0;
    for (let some = 1; some > 0; pruned += some) some = await model.prune(now);
    assert.equal(pruned, 1);
    assert.deepEqual(await model.apply(next([event(2)])), applied(0, 1));
  }),
  ...law("clear begins anew: effects, keys, positions and horizon", async (model, count) => {
    const next = batches();
    await model.apply(next([event(1)], { horizonHour: hourOf(now - 2 * hourMs) }));
    await model.clear();
    assert.deepEqual([await count(), await model.positions()], [0, []]);
    const again = batches();
    assert.deepEqual(
      await model.apply(again([event(1), event(2, now - 9 * hourMs)])),
      applied(2),
    );
  }),
  {
    name: "the two read models do not share keys, positions or horizon",
    async run({ open }) {
      const { trends, interests } = await open();
      const batch = batches()([event(1)], { horizonHour: hourOf(now - 2 * hourMs) });
      assert.deepEqual(await trends.apply(batch), applied(1));
      assert.deepEqual(await interests.positions(), []);
      assert.deepEqual(await interests.apply({ ...batch, horizonHour: 0 }), applied(1));
      await trends.clear();
      assert.equal((await interests.positions()).length, 1);
    },
  },
  {
    name: "two processes apply to one read model at once: each event counts once",
    async run({ open }) {
      const [one, other] = [await open(), await open()];
      await Promise.all([one, other].map(async ({ trends }, partition) => {
        const next = batches("t", partition);
        for (let n = 0; n < 20; n += 4) {
          await trends.apply(next([n, n + 1, n + 2, n + 3].map((each) => event(each))));
        }
      }));
      const [trend] = await one.trends.top(request);
      assert.equal(trend?.searches, 20);
    },
  },
  {
    name: "is well while it is open; closed, it refuses",
    async run({ open }) {
      const models = await open();
      assert.deepEqual(await models.health(), { status: "ok" });
      await models[Symbol.asyncDispose]();
      await models[Symbol.asyncDispose]();
      const refused = { name: "StoreError", code: "failed" };
      await assert.rejects(models.trends.top(request), refused);
      await assert.rejects(models.interests.apply(batches()([])), refused);
      assert.equal((await models.health()).status, "degraded");
    },
  },
];
