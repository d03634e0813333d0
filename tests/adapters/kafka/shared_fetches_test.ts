/** Readers of different groups, and brokers that answer when the test says so. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createFakeClock } from "../../fake_clock.ts";
import type { FetchRequest } from "../../../adapters/queue/kafka/driver/driver.ts";
import type { FetchedPartition } from "../../../adapters/queue/kafka/wire/fetch_answer.ts";
import { createSharedFetches } from "../../../adapters/queue/kafka/consume/shared_fetches.ts";

type Positions = Readonly<Record<number, number>>;

function asked(positions: Positions, topicId: string | undefined = "one"): FetchRequest {
  const at = Object.entries(positions).map(([p, offset]) => [Number(p), BigInt(offset)] as const);
  return {
    topic: "t",
    topicId,
    positions: new Map(at),
    maxWaitMs: 500,
    maxPartitionBytes: 1024 * 1024,
  };
}

/** Records of a partition, `from` up to `next`, each of so many bytes. */
function fetched(partition: number, from: number, next: number, bytes = 10): FetchedPartition {
  const records = Array.from({ length: next - from }, (_, n) => ({
    key: null,
    value: new Uint8Array(bytes),
    headers: [],
    timestamp: 0,
    offset: BigInt(from + n),
  }));
  const end = BigInt(next);
  return { partition, errorCode: 0, records, next: end, end, written: end };
}

/** Readers whose brokers answer when the test says so. */
function openReaders(count = 2) {
  const clock = createFakeClock();
  const shared = createSharedFetches(clock);
  return {
    clock,
    readers: Array.from({ length: count }, () => {
      const stop = new AbortController();
      const requests: PromiseWithResolvers<readonly FetchedPartition[]>[] = [];
      const connections = {
        fetch() {
          const answer = Promise.withResolvers<readonly FetchedPartition[]>();
          requests.push(answer);
          return answer.promise;
        },
      };
      return { ...shared.join("t", connections, stop.signal), requests, stop };
    }),
  };
}

type Readers = ReturnType<typeof openReaders>["readers"];

/** What the first has fetched: partition 0, from 5 to 9. */
async function firstFetches([first]: Readers, topicId?: string) {
  const fetching = first!.fetch(1, asked({ 0: 5 }, topicId));
  first!.requests[0]!.resolve([fetched(0, 5, 9)]);
  return await fetching;
}

const offsets = (answers: readonly FetchedPartition[]): number[] =>
  answers.flatMap(({ records }) => records.map(({ offset }) => Number(offset)));

describe("fetches that readers share", () => {
  it("what one has fetched the others are given, the very records, each once", async () => {
    const { readers } = openReaders(3);
    const [had] = await firstFetches(readers);
    for (const other of readers.slice(1)) {
      const [given] = await other.fetch(1, asked({ 0: 5, 1: 0 }));
      assert.equal(given, had);
      assert.equal(other.requests.length, 0);
    }
    void readers[1]!.fetch(1, asked({ 0: 5 }));
    assert.equal(readers[1]!.requests.length, 1);
  });

  it("from the place on that was asked for", async () => {
    const { readers } = openReaders();
    await firstFetches(readers);
    assert.deepEqual(offsets(await readers[1]!.fetch(1, asked({ 0: 7 }))), [7, 8]);
  });

  it("but nothing of another place, partition or topic, or where that is not known", async () => {
    const { readers } = openReaders();
    await firstFetches(readers);
    const [, other] = readers;
    for (const one of [asked({ 0: 4 }), asked({ 0: 9 }), asked({ 1: 5 })]) {
      void other!.fetch(1, one);
    }
    assert.equal(other!.requests.length, 3);
    void other!.fetch(1, asked({ 0: 5 }, "two"));
    assert.equal(other!.requests.length, 4);
    const { readers: unknown } = openReaders();
    await firstFetches(unknown, "");
    void unknown[1]!.fetch(1, { ...asked({ 0: 5 }), topicId: undefined });
    assert.equal(unknown[1]!.requests.length, 1);
  });

  it("nothing that came long ago", async () => {
    const { clock, readers } = openReaders();
    await firstFetches(readers);
    await clock.advance(5001);
    void readers[1]!.fetch(1, asked({ 0: 5 }));
    assert.equal(readers[1]!.requests.length, 1);
  });

  it("nothing where the oldest had to go, as too much was kept", async () => {
    const { readers } = openReaders();
    const [first, second] = readers;
    await firstFetches(readers);
    const fetching = first!.fetch(1, asked({ 0: 9 }));
    first!.requests[1]!.resolve([fetched(0, 9, 13, 1024 * 1024 - 1)]);
    await fetching;
    void second!.fetch(1, asked({ 0: 5 }));
    assert.equal(second!.requests.length, 1);
    assert.equal((await second!.fetch(1, asked({ 0: 9 }))).length, 1);
  });

  it("one that asks while another's request is under way waits for its answer", async () => {
    const { readers: [first, second] } = openReaders();
    const both = [first!.fetch(1, asked({ 0: 5 })), second!.fetch(1, asked({ 0: 5 }))];
    assert.equal(second!.requests.length, 0);
    first!.requests[0]!.resolve([fetched(0, 5, 9)]);
    const [one, other] = await Promise.all(both);
    assert.equal(one![0], other![0]);
    void second!.fetch(1, asked({ 0: 5 }));
    assert.equal(second!.requests.length, 1);
  });

  it("asks for itself where the other's fails, is silent, or should have been answered", async () => {
    for (const fault of ["fails", "silent"]) {
      const { clock, readers: [first, second] } = openReaders();
      first!.fetch(1, asked({ 0: 5 })).catch(() => {});
      const fetching = second!.fetch(1, asked({ 0: 5 }));
      if (fault === "fails") first!.requests[0]!.reject(new Error("lost"));
      await clock.advance(1500);
      assert.equal(second!.requests.length, 1, fault);
      second!.requests[0]!.resolve([fetched(0, 5, 9)]);
      assert.deepEqual(offsets(await fetching), [5, 6, 7, 8]);
    }
    const { clock, readers: [first, second] } = openReaders();
    void first!.fetch(1, asked({ 0: 5 }));
    await clock.advance(501);
    void second!.fetch(1, asked({ 0: 5 }));
    assert.equal(second!.requests.length, 1);
  });

  it("nobody waits for a request of its own, which was given up", () => {
    const { readers: [first] } = openReaders();
    void first!.fetch(1, asked({ 0: 5 }));
    void first!.fetch(1, asked({ 0: 5 }));
    assert.equal(first!.requests.length, 2);
  });

  it("one that ends waits no longer, and nothing is kept for it", async () => {
    const { readers } = openReaders();
    const [first, second] = readers;
    void first!.fetch(1, asked({ 0: 5 }));
    const waiting = second!.fetch(1, asked({ 0: 5 }));
    second!.stop.abort();
    await assert.rejects(waiting, { name: "Stopped" });
    second!.leave();
    void first!.fetch(1, asked({ 0: 5 }));
    assert.equal(first!.requests.length, 2);
  });
});
