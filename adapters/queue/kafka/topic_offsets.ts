import type { Clock } from "../../../src/ports/clock.ts";
import { withDeadline } from "./deadline.ts";
import type { KafkaConnections } from "./driver.ts";
import { KafkaProtocolError } from "./fault.ts";
import type { TopicLeaders } from "./topic_leaders.ts";

/** Partition → offset. */
export type Offsets = ReadonlyMap<number, bigint>;

/** Where partitions begin or end now; of all partitions, or of some. */
export type FindOffsets = (
  at: "earliest" | "latest",
  partitions?: readonly number[],
) => Promise<Offsets>;

export function createFindOffsets(
  topic: string,
  connections: KafkaConnections,
  leaders: TopicLeaders,
  clock: Clock,
  requestTimeoutMs: number,
): FindOffsets {
  return async (at, partitions) => {
    const known = await leaders.of(topic);
    const byNode = new Map<number, number[]>();
    for (const partition of partitions ?? known.keys()) {
      const node = known.get(partition);
      if (node === undefined) {
        leaders.forget(topic);
        throw new KafkaProtocolError(5, "Metadata");
      }
      byNode.set(node, [...byNode.get(node) ?? [], partition]);
    }
    try {
      const answers = await Promise.all([...byNode].map(([node, own]) => {
        const answer = connections.listOffsets(node, { topic, partitions: own, at });
        return withDeadline(clock, requestTimeoutMs, "ListOffsets", answer);
      }));
      return new Map(answers.flatMap((answer) => [...answer]));
    } catch (error) {
      leaders.forget(topic);
      throw error;
    }
  };
}
