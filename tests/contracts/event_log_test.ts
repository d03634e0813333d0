import type { KafkaClientName } from "../../adapters/queue/kafka/clients.ts";
import type { QueueName } from "../../adapters/queue/registry.ts";
import { judgeEventLog } from "./event_log.ts";
import type { EventLogHarness } from "./event_log_harness.ts";
import { fileHarness } from "./harnesses/file.ts";
import { kafkaHarness } from "./harnesses/kafka.ts";
import { memoryHarness } from "./harnesses/memory.ts";

/** An adapter or Kafka client that is registered without a harness does not compile. */
type HarnessName = Exclude<QueueName, "kafka"> | `kafka/${KafkaClientName}`;

const harnesses: Record<HarnessName, EventLogHarness> = {
  memory: memoryHarness,
  file: fileHarness,
  "kafka/kafkajs": kafkaHarness("kafkajs"),
  "kafka/platformatic": kafkaHarness("platformatic"),
};

for (const [name, harness] of Object.entries(harnesses)) judgeEventLog(name, harness);
