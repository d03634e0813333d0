import assert from "node:assert/strict";
import { KafkaProtocolError } from "../../../adapters/queue/kafka/wire/protocol_error.ts";
import { createKafkaLog, type KafkaLogOptions } from "../../../adapters/queue/kafka/kafka_log.ts";
import type { Produced } from "../../../adapters/queue/kafka/driver/driver.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import { createFakeClock, type FakeClock } from "../../fake_clock.ts";
import { createFakeCluster, type FakeCluster, named, type ReadProduce } from "./fake_driver.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
export const record = (value: string, key = "k") => ({ key, value: encoder.encode(value) });
export const text = (value: Uint8Array | null): string =>
  value === null ? "" : decoder.decode(value);
export const refusal = (code: number) => () =>
  Promise.reject(new KafkaProtocolError(code, "Produce"));

/** Appends, and the answer is lost. */
export const losing = (cluster: FakeCluster) => async (request: ReadProduce): Promise<Produced> => {
  await cluster.append(request);
  throw named("ConnectionLost");
};

/** Gives long chains of promises the turns that they need, after each step of time. */
export function patient(clock: FakeClock): FakeClock {
  return {
    now: clock.now,
    after: clock.after,
    async advance(ms) {
      const steps = 20;
      for (let step = 0; step < steps; step++) {
        await clock.advance(ms / steps);
        for (let turn = 0; turn < 5; turn++) await clock.advance(0);
      }
    },
    get timers() {
      return clock.timers;
    },
  };
}

type Options = Partial<KafkaLogOptions> & { readonly partitionCount?: number };

/** A log over a cluster whose answers the test decides. */
export function openPublisher({ partitionCount = 1, ...options }: Options = {}) {
  const cluster = createFakeCluster(partitionCount);
  const clock = patient(createFakeClock());
  const log = createKafkaLog(cluster, { clock, random: () => 0.5, ...options });
  const outcomes: string[] = [];
  /** Notes the outcome as `value ok` or `value code`, in the order in which they come. */
  const publish = (value: string, key?: string): void => {
    log.publish("t", record(value, key)).then(
      () => outcomes.push(`${value} ok`),
      (error) => outcomes.push(`${value} ${error instanceof QueueError ? error.code : error}`),
    );
  };
  const values = (partition = 0) =>
    (cluster.appended.get(partition) ?? []).map(({ value }) => text(value));
  const close = async (): Promise<void> => {
    const closing = log[Symbol.asyncDispose]();
    await clock.advance(60_000);
    await closing;
    assert.equal(clock.timers, 0, "no timer is left");
    assert.equal(cluster.isOverrun, false, "one request is under way for a partition");
  };
  return { cluster, clock, log, outcomes, publish, values, close };
}
