/** Each event is matched once, whatever happened to it. */
import assert from "node:assert/strict";
import { describe, it } from "@std/testing/bdd";
import fc from "fast-check";
import { openMemoryLog } from "../../adapters/queue/memory/memory_log.ts";
import type { EventLog } from "../../src/ports/event_log.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { QueueError } from "../../src/ports/queue_error.ts";
import type { PartitionExtent } from "../../src/ports/topic_extent.ts";
import { matchDelivered, type MatchDeliveredOptions } from "../../src/use_cases/match_delivered.ts";

const topic = "events";

/**
 * What happened to an event: how often it was published to the target, and whether it went to the
 * dead letters.
 */
const fate = fc.record({
  hasId: fc.boolean(),
  copies: fc.nat(3),
  isDeadLettered: fc.boolean(),
});

const eventOf = (n: number, hasId: boolean): EventRecord => ({
  value: new TextEncoder().encode(`${n}`),
  timestamp: n,
  ...(hasId && { headers: [["ce_id", new TextEncoder().encode(`event-${n}`)]] }),
});

const match = (
  buffer: EventLog,
  target: EventLog,
  position: number,
  more: Partial<MatchDeliveredOptions> = {},
) =>
  matchDelivered({
    buffer,
    target,
    readExtent: () => Promise.resolve([{ partition: 0, begin: 0n, end: 0n }]),
    topic,
    position: BigInt(position),
    passOver: 0,
    expected: 0,
    maxNamed: 3,
    onRead: () => {},
    signal: new AbortController().signal,
    ...more,
  });

describe("matching what was delivered", () => {
  it("counts each event once, by what became of it", async () => {
    const seed = Date.now() & 0x7fffffff;
    console.log(`match: seed ${seed}`);
    const scripts = fc.tuple(fc.array(fate, { maxLength: 30 }), fc.nat(30), fc.nat(5));
    await fc.assert(
      fc.asyncProperty(scripts, async ([fates, at, passOver]) => {
        const topics = [topic, `${topic}.dlq`];
        await using buffer = openMemoryLog({ topics });
        await using target = openMemoryLog({ topics });
        const position = Math.min(at, fates.length);
        for (const [n, { hasId, copies, isDeadLettered }] of fates.entries()) {
          const event = eventOf(n, hasId);
          await buffer.publish(topic, event);
          if (isDeadLettered) await buffer.publish(`${topic}.dlq`, event);
          for (let copy = 0; copy < copies; copy++) await target.publish(topic, event);
        }
        const seen = await match(buffer, target, position, { passOver });
        const compared = fates.map((each, n) => ({ ...each, n })).slice(passOver, position);
        const found = compared.filter(({ copies }) => copies > 0);
        const lost = compared.filter(({ copies, isDeadLettered }) =>
          copies === 0 && !isDeadLettered
        );
        const sum = (all: readonly { copies: number }[]) =>
          all.reduce((total, { copies }) => total + copies, 0);
        assert.deepEqual(seen, {
          compared: compared.length,
          found: found.length,
          deadLettered: compared.length - found.length - lost.length,
          missing: lost.length,
          missingEvents: lost.slice(0, 3).map(({ n, hasId }) => ({
            offset: BigInt(n),
            timestamp: n,
            ...(hasId && { id: `event-${n}` }),
          })),
          notComparable: 0,
          because: { retention: 0, compaction: 0, transaction: 0, times: 0 },
          given: 0,
          duplicates: sum(found) - found.length,
          repeatedInBuffer: 0,
          others: sum(fates) - sum(found),
        });
      }),
      { seed },
    );
  });

  it("an event that stands twice in the buffer is one event", async () => {
    await using buffer = openMemoryLog({ topics: [topic] });
    await using target = openMemoryLog({ topics: [topic] });
    for (const log of [buffer, buffer, target]) await log.publish(topic, eventOf(1, true));
    const { compared, found, missing, repeatedInBuffer } = await match(buffer, target, 2);
    assert.deepEqual([compared, found, missing, repeatedInBuffer], [1, 1, 0, 1]);
  });

  describe("what cannot be compared is said to be so, and is not missing:", () => {
    const extent = { partition: 0, begin: 0n, end: 0n };
    const none = { retention: 0, compaction: 0, transaction: 0, times: 0 };
    /** Of seven events the first is in the topic; those from `withId` on have an id. */
    const seen = async (told: Partial<PartitionExtent>, withId = 0) => {
      await using buffer = openMemoryLog({ topics: [topic] });
      await using target = openMemoryLog({ topics: [topic] });
      for (let n = 0; n < 7; n++) await buffer.publish(topic, eventOf(n, n >= withId));
      await target.publish(topic, eventOf(0, true));
      const readExtent = () => Promise.resolve([{ ...extent, ...told }]);
      const { missing, missingEvents, notComparable, because } = await match(buffer, target, 7, {
        readExtent,
      });
      return { missing, named: missingEvents.map(({ offset }) => offset), notComparable, because };
    };

    it("behind somebody's open transaction, as many as it hides, and those that came last", async () => {
      assert.deepEqual(await seen({ heldBack: 4n }), {
        missing: 2,
        named: [1n, 2n],
        notComparable: 4,
        because: { ...none, transaction: 4 },
      });
      const all = await seen({ heldBack: 400n });
      assert.deepEqual([all.missing, all.notComparable], [0, 6]);
    });

    it("in a compacted topic, which keeps the newest record of a key", async () => {
      const { missing, because } = await seen({ isCompacted: true });
      assert.deepEqual([missing, because], [0, { ...none, compaction: 6 }]);
    });

    it("without an id, where the topic gives records its own times", async () => {
      const { missing, because } = await seen({ givesTimes: true }, 3);
      assert.deepEqual([missing, because], [4, { ...none, times: 3 }]);
    });
  });

  it("ends with aborted when its caller stops it, and never with half a result", async () => {
    await using buffer = openMemoryLog({ topics: [topic] });
    await using target = openMemoryLog({ topics: [topic] });
    for (let n = 0; n < 3; n++) await buffer.publish(topic, eventOf(n, true));
    const stop = new AbortController();
    const matching = match(buffer, target, 3, { signal: stop.signal, onRead: () => stop.abort() });
    await assert.rejects(matching, (error) => {
      assert.ok(error instanceof QueueError);
      return error.code === "aborted";
    });
  });
});
