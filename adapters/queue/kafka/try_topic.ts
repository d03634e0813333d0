import { systemClock } from "../../../src/ports/clock.ts";
import { openDriver } from "./clients.ts";
import { defaultReplication } from "./cluster/topic_leaders.ts";
import { explained } from "./driver/advice.ts";
import { withDeadline } from "./driver/deadline.ts";
import { faultOf } from "./driver/fault.ts";
import type { KafkaLogOptions } from "./kafka_log.ts";

/**
 * Whether the brokers would make a topic as the shop makes it: they are asked, and make nothing.
 *
 * @throws {QueueError} by rejection, where they would not: what is in the way, and what to do.
 */
export async function tryTopic(options: KafkaLogOptions, topic: string): Promise<void> {
  const { requestTimeoutMs = 10_000, clock = systemClock, partitions = 1, replication } = options;
  const timing = { connectTimeoutMs: requestTimeoutMs, requestTimeoutMs, clock };
  const driver = await openDriver(options, timing);
  const connections = driver.connect();
  try {
    const asked = connections.metadata([topic]).then(({ brokerCount }) =>
      connections.createTopic({
        topic,
        partitions,
        replication: replication ?? defaultReplication(brokerCount),
        isTried: true,
      })
    );
    await withDeadline(clock, requestTimeoutMs, "CreateTopics", asked);
  } catch (cause) {
    const fault = faultOf(cause, driver.faultNames);
    if (fault === "topic_exists") return;
    throw explained(cause, fault, `make topic "${topic}", which does not exist`);
  } finally {
    connections.close();
  }
}
