import { openFileLog } from "../../adapters/queue/file_log/file_log.ts";
import type { KafkaClientName } from "../../adapters/queue/kafka/clients.ts";
import { openKafkaLog } from "../../adapters/queue/kafka/kafka_log.ts";
import { openPrometheusTelemetry } from "../../adapters/telemetry/prometheus.ts";
import { systemClock } from "../../src/ports/clock.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { forwardEvents } from "../../src/use_cases/forward_events.ts";
import { forwarderGroup } from "../../src/use_cases/forwarder_group.ts";
import { partitionCount } from "./kafka_load.ts";

/** A backlog in the file log, as after an outage. */
export interface ForwardingLoad extends AsyncDisposable {
  /**
   * Fills the log, then ships it. @returns Records a second from the forwarder's start to its last
   * commit.
   */
  rate(): Promise<number>;
}

export async function forwardingLoad(
  address: string,
  client: KafkaClientName,
  topic: string,
  records: readonly EventRecord[],
): Promise<ForwardingLoad> {
  const directory = await Deno.makeTempDir({ prefix: "bench_kafka_" });
  const telemetry = openPrometheusTelemetry();
  const requiredGroups = [forwarderGroup];
  const buffer = await openFileLog({ directory, requiredGroups, telemetry, topics: [topic] });
  const target = await openKafkaLog({
    brokers: [address],
    client,
    partitions: partitionCount,
    telemetry,
    deliveryTimeoutMs: Infinity,
    maxBytes: Infinity,
  });
  return {
    async rate() {
      await Promise.all(records.map((record) => buffer.publish(topic, record)));
      const shipped = Promise.withResolvers<void>();
      const began = performance.now();
      const forwarder = forwardEvents({
        buffer,
        target,
        topic,
        receipts: {
          delivered() {},
          deadLettered: (_, reason) => shipped.reject(new Error(`Dead letter: ${reason}`)),
          skipped: (from, to) => shipped.reject(new Error(`Skipped: ${from} to ${to}`)),
        },
        clock: systemClock,
        telemetry: {
          ...telemetry,
          gauge(name, value, attributes) {
            telemetry.gauge(name, value, attributes);
            if (name === "shelfcast.forwarder.lag_records" && value === 0) shipped.resolve();
          },
        },
        random: Math.random,
      });
      await shipped.promise;
      const perSecond = records.length / (performance.now() - began) * 1000;
      await forwarder.stop(1000);
      return perSecond;
    },
    async [Symbol.asyncDispose]() {
      await target[Symbol.asyncDispose]();
      await buffer[Symbol.asyncDispose]();
      await Deno.remove(directory, { recursive: true });
    },
  };
}
