import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import fc from "fast-check";
import { type Item, type Outcome, publishInOrder } from "../../src/cli/publish_in_order.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { EventQueue } from "../../src/ports/event_queue.ts";
import { QueueError, type QueueErrorCode } from "../../src/ports/queue_error.ts";

/** Time that passes at once, and is counted. */
function hastyClock(): Clock & { waitedMs: number } {
  return {
    waitedMs: 0,
    now: () => 0,
    after(delayMs, task) {
      this.waitedMs += delayMs;
      const timer = setTimeout(task, 0);
      return () => clearTimeout(timer);
    },
  };
}

async function* items(count: number, size = 1): AsyncGenerator<Item<number>> {
  for (let tag = 0; tag < count; tag++) {
    yield { tag, record: { value: Uint8Array.of(tag >> 8, tag & 255) }, bytes: size };
  }
}

/** A queue that keeps the port's law: who is given up takes all behind it along. `verdict` decides of each batch. */
function lossyQueue(verdict: (attempt: number) => QueueErrorCode | undefined, batchSize: number) {
  const log: number[] = [];
  let waiting: { tag: number; settle: (code?: QueueErrorCode) => void }[] = [];
  let scheduled = false;
  let attempt = 0;
  let most = 0;
  const flush = () => {
    scheduled = false;
    const code = verdict(attempt++);
    const batch = code === undefined ? waiting.splice(0, batchSize) : waiting.splice(0);
    for (const { tag, settle } of batch) {
      if (code === undefined) log.push(tag);
      settle(code);
    }
    schedule();
  };
  const schedule = () => {
    if (scheduled || waiting.length === 0) return;
    scheduled = true;
    setTimeout(flush, 0);
  };
  const queue: EventQueue = {
    publish: (topic, { value }) =>
      new Promise((resolve, reject) => {
        const tag = ((value?.[0] ?? 0) << 8) + (value?.[1] ?? 0);
        const settle = (code?: QueueErrorCode) => {
          if (code !== undefined) reject(new QueueError(code, "Given up"));
          else resolve({ topic, partition: 0, offset: 0n, timestamp: 0 });
        };
        waiting = [...waiting, { tag, settle }];
        most = Math.max(most, waiting.length);
        schedule();
      }),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { queue, log, most: () => most };
}

async function run(queue: EventQueue, source: AsyncIterable<Item<number>>, maxItems = 20) {
  const outcomes: [tag: number, outcome: Outcome][] = [];
  let givenUp = 0;
  const clock = hastyClock();
  const complete = await publishInOrder({
    queue,
    topic: "t",
    items: source,
    onOutcome: (tag, outcome) => Promise.resolve(void outcomes.push([tag, outcome])),
    onGiveUp: () => givenUp++,
    clock,
    maxItems,
  });
  return { outcomes, complete, givenUp, waitedMs: clock.waitedMs };
}

const codesOf = (outcomes: readonly [number, Outcome][]) =>
  outcomes.map(([, outcome]) => {
    if ("report" in outcome) return "delivered";
    return "error" in outcome && outcome.error instanceof QueueError ? outcome.error.code : "fault";
  });

describe("publishInOrder()", () => {
  it("keeps the order through any passing failures, and reports all in order", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.constantFrom(undefined, "unavailable", "full", "outcome_unknown"), {
          maxLength: 30,
        }),
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 25 }),
        async (verdicts, batchSize, maxItems) => {
          // Three refusals in a row would be given up.
          const verdict = (attempt: number): QueueErrorCode | undefined =>
            attempt % 3 === 2 ? undefined : verdicts[attempt] as QueueErrorCode | undefined;
          const { queue, log, most } = lossyQueue(verdict, batchSize);
          const { outcomes, complete } = await run(queue, items(100), maxItems);
          assert.deepEqual(log, Array.from({ length: 100 }, (_, tag) => tag));
          assert.deepEqual(outcomes.map(([tag]) => tag), log);
          assert.ok(complete && codesOf(outcomes).every((code) => code === "delivered"));
          assert.ok(most() <= maxItems, `${most()} at once, wanted at most ${maxItems}`);
        },
      ),
      { numRuns: 15 },
    );
  });

  it("a small record does not overtake a large one that found no room", async () => {
    const log: number[] = [];
    let room = 10;
    const queue: EventQueue = {
      publish(topic, { value }) {
        const tag = value?.[1] ?? 0;
        const size = tag === 1 ? 10 : 1;
        if (size > room) return Promise.reject(new QueueError("full", "No room"));
        room -= size;
        log.push(tag);
        return Promise.resolve({ topic, partition: 0, offset: 0n, timestamp: 0 });
      },
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const clock: Clock = {
      now: () => 0,
      after(_delayMs, task) {
        // While the producer waits, room is made.
        room = 10;
        queueMicrotask(task);
        return () => {};
      },
    };
    await publishInOrder({
      queue,
      topic: "t",
      items: items(4),
      onOutcome: () => Promise.resolve(),
      onGiveUp: () => {},
      clock,
    });
    assert.deepEqual(log, [0, 1, 2, 3]);
  });

  it("a record's own fault does not disturb the others", async () => {
    let calls = 0;
    const queue: EventQueue = {
      publish: (topic) =>
        ++calls % 3 === 0
          ? Promise.reject(new QueueError("too_large", "Large"))
          : Promise.resolve({ topic, partition: 0, offset: 0n, timestamp: 0 }),
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    const { outcomes, complete, waitedMs } = await run(queue, items(6));
    const each = ["delivered", "delivered", "too_large"];
    assert.deepEqual(codesOf(outcomes), [...each, ...each]);
    assert.deepEqual([complete, waitedMs], [true, 0]);
  });

  it("gives up a queue that stays full, after half a minute, and reports what it held", async () => {
    const { queue } = lossyQueue(() => "full", 5);
    const { outcomes, complete, givenUp, waitedMs } = await run(queue, items(100), 7);
    assert.deepEqual([complete, givenUp], [false, 1]);
    assert.ok(outcomes.length <= 8 && codesOf(outcomes).every((code) => code === "full"));
    assert.ok(waitedMs > 20_000 && waitedMs < 40_000, `${waitedMs} ms`);
  });

  it("publishes what it has when the items fail, then fails as they did", async () => {
    const { queue, log } = lossyQueue(() => undefined, 5);
    const failing = async function* () {
      yield* items(3);
      throw new Error("Input failed");
    };
    await assert.rejects(run(queue, failing()), /Input failed/);
    assert.deepEqual(log, [0, 1, 2]);
  });

  it("holds no more bytes than allowed, but one item of any size", async () => {
    const { queue, most } = lossyQueue(() => undefined, 50);
    const { complete } = await run(queue, items(30, 9 * 2 ** 20), 50);
    assert.deepEqual([complete, most()], [true, 1]);
  });
});
