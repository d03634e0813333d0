/** Order through failures, by chance and by example. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { setImmediate } from "node:timers";
import fc from "fast-check";
import { type Item, type Outcome, publishInOrder } from "../../src/cli/publish_in_order.ts";
import type { Clock } from "../../src/ports/clock.ts";
import type { EventQueue } from "../../src/ports/event_queue.ts";
import { QueueError, type QueueErrorCode } from "../../src/ports/queue_error.ts";
import { healthy } from "../../src/ports/queue_health.ts";

/** Time in turns of the event loop: fast, and in the same order on every machine. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A clock on which every wait takes ten turns; it counts what would have been waited. */
function hastyClock(): Clock & { waitedMs: number } {
  return {
    waitedMs: 0,
    now: () => 0,
    after(delayMs, task) {
      this.waitedMs += delayMs;
      void turns(10).then(task);
      return () => {};
    },
  };
}

/** `pauses`: how many turns each item is waited for, over and over. */
async function* items(count: number, size = 1, pauses: readonly number[] = [0]) {
  for (let tag = 0; tag < count; tag++) {
    await turns(pauses[tag % pauses.length] ?? 0);
    yield { tag, record: { value: Uint8Array.of(tag) }, bytes: size };
  }
}

type Verdict = QueueErrorCode | undefined;

/**
 * A queue of partitions that keeps the port's law: when it gives a record up, all of that partition
 * go with it. `verdict` decides of each batch; partition n needs 2n + 1 turns for one.
 */
function lossyQueue(
  verdict: (attempt: number, partition: number) => Verdict,
  batchSize: number,
  partitions = 1,
) {
  const logs: number[][] = Array.from({ length: partitions }, () => []);
  const waiting: { tag: number; settle: (code: Verdict) => void }[][] = logs.map(() => []);
  const running = new Set<number>();
  const attempts = logs.map(() => 0);
  let most = 0;
  const run = async (partition: number): Promise<void> => {
    if (running.has(partition)) return;
    running.add(partition);
    const queued = waiting[partition] ?? [];
    while (queued.length > 0) {
      await turns(2 * partition + 1);
      const attempt = attempts[partition] ?? 0;
      attempts[partition] = attempt + 1;
      const code = verdict(attempt, partition);
      for (const { tag, settle } of queued.splice(0, code === undefined ? batchSize : Infinity)) {
        if (code === undefined) logs[partition]?.push(tag);
        settle(code);
      }
    }
    running.delete(partition);
  };
  const queue: EventQueue = {
    publish: (topic, { value }) =>
      new Promise((resolve, reject) => {
        const tag = value?.[0] ?? 0;
        const partition = tag % partitions;
        const settle = (code: Verdict) => {
          if (code !== undefined) reject(new QueueError(code, "Given up"));
          else resolve({ topic, partition, offset: 0n, timestamp: 0 });
        };
        waiting[partition]?.push({ tag, settle });
        most = Math.max(most, waiting.flat().length);
        void run(partition);
      }),
    health: () => healthy,
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
  return { queue, logs, most: () => most };
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
    stop: new AbortController().signal,
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
  it("keeps the order of each partition through passing failures, and reports all in order", async () => {
    const codes = fc.constantFrom<Verdict[]>(undefined, undefined, "unavailable", "full");
    await fc.assert(
      fc.asyncProperty(
        fc.array(codes, { minLength: 20, maxLength: 80 }),
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 1, max: 40 }),
        fc.array(fc.oneof(fc.nat(2), fc.nat(16)), { minLength: 1, maxLength: 7 }),
        async (verdicts, batchSize, maxItems, pauses) => {
          // Never three refusals of one record in a row, which would be given up.
          const verdict = (attempt: number, partition: number) =>
            attempt % 3 === 2 ? undefined : verdicts[3 * attempt + partition];
          const { queue, logs, most } = lossyQueue(verdict, batchSize, 3);
          const source = items(90, 1, pauses);
          const { outcomes, complete } = await run(queue, source, maxItems);
          for (const [partition, log] of logs.entries()) {
            assert.deepEqual(log, Array.from({ length: 30 }, (_, index) => 3 * index + partition));
          }
          assert.deepEqual(
            outcomes.map(([tag]) => tag),
            Array.from({ length: 90 }, (_, tag) => tag),
          );
          assert.ok(complete && codesOf(outcomes).every((code) => code === "delivered"));
          assert.ok(most() <= maxItems, `${most()} at once, wanted at most ${maxItems}`);
        },
      ),
      { numRuns: 400 },
    );
  });

  it("a record that is refused again holds back those behind it", async () => {
    const log: number[] = [];
    let calls = 0;
    const queue: EventQueue = {
      async publish(topic, { value }) {
        const call = ++calls;
        // All three come back at once, then the first is refused alone.
        if (call <= 3) await turns(5);
        if (call <= 4) throw new QueueError("full", "No room");
        log.push(value?.[0] ?? 0);
        return { topic, partition: 0, offset: 0n, timestamp: 0 };
      },
      health: () => healthy,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    };
    await run(queue, items(3));
    assert.deepEqual(log, [0, 1, 2]);
  });

  it("a small record does not overtake a large one that found no room", async () => {
    const log: number[] = [];
    let room = 10;
    // Refused at once, known a few steps later, as through the layers of an adapter.
    const refuse = async (): Promise<never> => {
      for (let step = 0; step < 20; step++) await undefined;
      throw new QueueError("full", "No room");
    };
    const queue: EventQueue = {
      publish(topic, { value }) {
        const tag = value?.[0] ?? 0;
        const size = tag === 1 ? 10 : 1;
        if (size > room) return refuse();
        room -= size;
        log.push(tag);
        return Promise.resolve({ topic, partition: 0, offset: 0n, timestamp: 0 });
      },
      health: () => healthy,
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
      stop: new AbortController().signal,
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
      health: () => healthy,
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
    const { queue, logs } = lossyQueue(() => undefined, 5);
    const failing = async function* () {
      yield* items(3);
      throw new Error("Input failed");
    };
    await assert.rejects(run(queue, failing()), /Input failed/);
    assert.deepEqual(logs, [[0, 1, 2]]);
  });

  it("holds no more bytes than allowed, but one item of any size", async () => {
    const { queue, most } = lossyQueue(() => undefined, 50);
    const { complete } = await run(queue, items(30, 9 * 2 ** 20), 50);
    assert.deepEqual([complete, most()], [true, 1]);
  });
});
