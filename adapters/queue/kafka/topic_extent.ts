import { systemClock } from "../../../src/ports/clock.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";
import type { PartitionExtent } from "../../../src/ports/topic_extent.ts";
import { openDriver } from "./clients.ts";
import { createTopicLeaders } from "./cluster/topic_leaders.ts";
import { readTopicRules } from "./cluster/topic_rules.ts";
import { createFindOffsets } from "./consume/topic_offsets.ts";
import { explained } from "./driver/advice.ts";
import { withDeadline } from "./driver/deadline.ts";
import { faultOf } from "./driver/fault.ts";
import type { KafkaLogOptions } from "./kafka_log.ts";

/**
 * `ReadTopicExtent` of a cluster: on connections of its own, at most `requestTimeoutMs` (default:
 * 10,000) a question.
 */
export async function readTopicExtent(
  options: KafkaLogOptions,
  topic: string,
): Promise<readonly PartitionExtent[]> {
  const { requestTimeoutMs = 10_000, clock = systemClock } = options;
  const timing = { connectTimeoutMs: requestTimeoutMs, requestTimeoutMs, clock };
  const driver = await openDriver(options, timing);
  const ended = new AbortController();
  const connections = driver.connect();
  const classify = (error: unknown) => faultOf(error, driver.faultNames);
  const leaders = createTopicLeaders({
    connections,
    faultOf: classify,
    clock,
    signal: ended.signal,
  });
  const find = createFindOffsets(topic, connections, leaders, clock, requestTimeoutMs);
  try {
    await withDeadline(clock, requestTimeoutMs, "Metadata", leaders.of(topic));
    const rules = await readTopicRules(connections, clock, topic, requestTimeoutMs)
      .catch(() => undefined); // There may be no right to it.
    // Asked for before the end: where that is behind it, somebody's transaction is open.
    const written = await find("written");
    // The end first: what is taken away meanwhile is not believed to be there.
    const ends = await find("latest");
    const begins = await find("earliest");
    return [...ends].map(([partition, end]): PartitionExtent => {
      const held = (written.get(partition) ?? end) - end;
      return {
        partition,
        begin: begins.get(partition) ?? end,
        end,
        ...(held > 0n && { heldBack: held }),
        ...(rules?.retentionMs !== undefined && { retentionMs: rules.retentionMs }),
        ...(rules?.retentionBytes !== undefined && { retentionBytes: rules.retentionBytes }),
        ...(rules?.isCompacted && { isCompacted: true }),
        ...(rules?.givesTimes && { givesTimes: true }),
      };
    }).toSorted((a, b) => a.partition - b.partition);
  } catch (cause) {
    if (cause instanceof QueueError) throw cause;
    throw explained(cause, classify(cause), `ask for topic "${topic}"`);
  } finally {
    ended.abort();
    connections.close();
  }
}
