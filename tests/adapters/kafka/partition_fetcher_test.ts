/** How a fetcher goes on: at once where more is there, else when some of it is handed out. */
import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { silentTelemetry } from "../../../src/ports/telemetry.ts";
import { createFakeClock } from "../../fake_clock.ts";
import type { FetchRequest } from "../../../adapters/queue/kafka/driver/driver.ts";
import type { FetchedPartition } from "../../../adapters/queue/kafka/wire/fetch_answer.ts";
import { createPartitionFetcher } from "../../../adapters/queue/kafka/consume/partition_fetcher.ts";
import { createTenure } from "../../../adapters/queue/kafka/consume/tenure.ts";

const maxWaitMs = 500;

/** Records of a partition from `from` up to `next`, of which the log has `end`. */
function fetched(partition: number, from: number, next: number, end = next): FetchedPartition {
  const records = Array.from({ length: next - from }, (_, n) => ({
    key: null,
    value: null,
    headers: [],
    timestamp: 0,
    offset: BigInt(from + n),
  }));
  return {
    partition,
    errorCode: 0,
    records,
    next: BigInt(next),
    end: BigInt(end),
    written: BigInt(end),
  };
}

/** A fetcher of two partitions of one node, whose requests the test answers. */
async function openFetcher() {
  const clock = createFakeClock();
  const stop = new AbortController();
  const requests: { request: FetchRequest; answer(...with_: FetchedPartition[]): void }[] = [];
  const tenures = new Map([0, 1].map((n) => [n, createTenure(n, 0n, undefined, 500)]));
  const leaders = new Map([...tenures.keys()].map((partition) => [partition, 7]));
  const fetcher = createPartitionFetcher({
    retry: {
      topic: "t",
      clock,
      random: () => 0.5,
      signal: stop.signal,
      faultOf: () => "connection",
      reporter: { warn() {}, failed() {} },
      telemetry: silentTelemetry,
    },
    connections: {
      fetch(_, request) {
        const { promise, resolve } = Promise.withResolvers<readonly FetchedPartition[]>();
        requests.push({ request, answer: (...found) => resolve(found) });
        return promise;
      },
      listOffsets: () => Promise.resolve(new Map()),
    },
    leaders: {
      of: () => Promise.resolve(leaders),
      forget() {},
      idOf: () => undefined,
      partitionCount: () => leaders.size,
    },
    tenures,
    maxWaitMs,
    requestTimeoutMs: 1000,
    onFilled() {},
    onLeaders() {},
    onError: (error) => assert.fail(`${error}`),
  });
  fetcher.look();
  await clock.advance(0);
  return {
    clock,
    requests,
    async answer(...found: FetchedPartition[]) {
      requests.at(-1)!.answer(...found);
      await clock.advance(0);
    },
    async take(partition: number) {
      tenures.get(partition)!.take(500);
      fetcher.look();
      await clock.advance(0);
    },
    async end() {
      stop.abort();
      requests.at(-1)!.answer();
      await fetcher.ended();
    },
  };
}

describe("fetching into tenures", () => {
  it("what comes behind the end is fetched when some of what was read is handed out", async () => {
    const { requests, answer, take, end } = await openFetcher();
    await answer(fetched(0, 0, 3), fetched(1, 0, 2));
    assert.equal(requests.length, 1);
    await take(0);
    assert.equal(requests.length, 2);
    assert.deepEqual([...requests[1]!.request.positions], [[0, 3n], [1, 2n]]);
    await answer(fetched(0, 3, 4));
    await take(1);
    assert.equal(requests.length, 3);
    await end();
  });

  it("and when nobody takes anything, as often as where nothing comes", async () => {
    const { clock, requests, answer, end } = await openFetcher();
    await answer(fetched(0, 0, 3), fetched(1, 0, 2));
    await clock.advance(maxWaitMs - 1);
    assert.equal(requests.length, 1);
    await clock.advance(1);
    assert.equal(requests.length, 2);
    await end();
  });

  it("what is there already is fetched at once, as is what comes where all is handed out", async () => {
    const { requests, answer, take, end } = await openFetcher();
    await answer(fetched(0, 0, 3, 9), fetched(1, 0, 2));
    assert.equal(requests.length, 2);
    await answer(fetched(0, 3, 9));
    assert.equal(requests.length, 2);
    await take(0);
    await take(1);
    assert.equal(requests.length, 3);
    await answer();
    assert.equal(requests.length, 4);
    await end();
  });

  it("ends, whatever waits", async () => {
    const { answer, end } = await openFetcher();
    await answer(fetched(0, 0, 3));
    await end();
  });
});
