import type { KafkaClientName } from "../../../adapters/queue/kafka/clients.ts";
import { guarantees } from "../../../adapters/queue/kafka/declaration.ts";
import { openKafkaLog } from "../../../adapters/queue/kafka/kafka_log.ts";
import type { EventLogHarness, OpenOptions } from "../event_log_harness.ts";

const broker = Deno.env.get("SHELFCAST_TEST_KAFKA");

const open = (client: KafkaClientName, options: OpenOptions = {}) =>
  openKafkaLog({ brokers: [broker ?? "127.0.0.1:9092"], client, partitions: 3, ...options });

export const openDoor = (client: KafkaClientName) => open(client);

/** A real broker; names that nothing has used make each place an empty one. */
export const kafkaHarness = (client: KafkaClientName): EventLogHarness => ({
  guarantees,
  ...(broker === undefined ? { missing: "SHELFCAST_TEST_KAFKA names no broker" } : {}),
  prepare() {
    const place = crypto.randomUUID().slice(0, 8);
    return Promise.resolve({
      open: (options = {}) => open(client, options),
      door: { module: new URL(import.meta.url), address: client },
      topic: (stem) => `${stem}-${place}`,
      group: (stem) => `${stem}-${place}`,
      [Symbol.asyncDispose]: () => Promise.resolve(),
    });
  },
});
