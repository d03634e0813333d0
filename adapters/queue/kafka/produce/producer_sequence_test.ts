import { describe, it } from "@std/testing/bdd";
import assert from "node:assert/strict";
import { createProducerSequence } from "./producer_sequence.ts";

describe("a producer's numbers", () => {
  it("go from the largest of 32 bits on with 0, as brokers count, and begin anew with another producer", async () => {
    let producers = 0n;
    const sequence = createProducerSequence(() =>
      Promise.resolve({ producerId: producers++, producerEpoch: 0 })
    );
    sequence.advance(2 ** 31 - 1);
    assert.equal((await sequence.current()).first, 2 ** 31 - 1);
    sequence.advance(2);
    assert.deepEqual(await sequence.current(), { producerId: 0n, producerEpoch: 0, first: 1 });
    sequence.restart();
    assert.deepEqual(await sequence.current(), { producerId: 1n, producerEpoch: 0, first: 0 });
  });
});
