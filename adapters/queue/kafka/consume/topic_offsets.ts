import type { Clock } from "../../../../src/ports/clock.ts";
import type { StartFrom } from "../../../../src/ports/event_source.ts";
import { startingOffset } from "../../../../src/ports/subscription_rules.ts";
import type { TopicLeaders } from "../cluster/topic_leaders.ts";
import { withDeadline } from "../driver/deadline.ts";
import { type KafkaConnections, listedAt } from "../driver/driver.ts";
import { errorCodes, KafkaProtocolError } from "../wire/protocol_error.ts";

/** Partition → offset. */
export type Offsets = ReadonlyMap<number, bigint>;

/**
 * Where partitions begin or end now, where they would end if no transaction were open, or where
 * records of a time and later begin; of all partitions, or of some. A partition without a record so
 * late is absent.
 */
export type FindOffsets = (
  at: keyof typeof listedAt | "written" | { readonly time: number },
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
    const isWritten = at === "written";
    const timestamp = typeof at === "object" ? at.time : listedAt[isWritten ? "latest" : at];
    const known = await leaders.of(topic);
    const byNode = new Map<number, number[]>();
    for (const partition of partitions ?? known.keys()) {
      const node = known.get(partition);
      if (node === undefined) {
        leaders.forget(topic);
        throw new KafkaProtocolError(errorCodes.leaderNotAvailable, "Metadata");
      }
      byNode.set(node, [...byNode.get(node) ?? [], partition]);
    }
    try {
      const answers = await Promise.all([...byNode].map(([node, own]) => {
        const request = { topic, partitions: own, timestamp, isWritten };
        const answer = connections.listOffsets(node, request);
        return withDeadline(clock, requestTimeoutMs, "ListOffsets", answer);
      }));
      return new Map(answers.flatMap((answer) => [...answer]).filter(([, offset]) => offset >= 0n));
    } catch (error) {
      leaders.forget(topic);
      throw error;
    }
  };
}

/** Where partitions are read from that have no position, by the rule of `EventSource`. */
export async function startingOffsets(
  from: StartFrom,
  partitions: readonly number[],
  endsAtStart: Offsets,
  findOffsets: FindOffsets,
): Promise<Offsets> {
  const ends = new Map(partitions.map((each) => [each, endsAtStart.get(each) ?? 0n]));
  if (from === "latest") return ends;
  const oldest = await findOffsets("earliest", partitions);
  if (from === "earliest") return oldest;
  const found = "time" in from ? await findOffsets(from, partitions) : undefined;
  return new Map([...ends].map(([partition, end]) => {
    const offset = "offset" in from ? from.offset : found?.get(partition) ?? end;
    return [partition, startingOffset({ offset }, oldest.get(partition) ?? 0n, end)];
  }));
}
