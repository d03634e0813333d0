/** Where a group stands in a topic, partition by partition, as far as brokers tell. */
import type { Clock } from "../../../../src/ports/clock.ts";
import type { GroupPosition } from "../../../../src/ports/event_groups.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import type { TopicLeaders } from "../cluster/topic_leaders.ts";
import type { DescribedMember, KafkaConnections, StoredPosition } from "../driver/driver.ts";
import { isOfAnother } from "./remade_topic.ts";
import { createFindOffsets } from "./topic_offsets.ts";

export interface GroupInTopic {
  readonly topic: string;
  readonly members: readonly DescribedMember[];
  readonly stored: ReadonlyMap<number, StoredPosition>;
}

export interface TopicLook {
  readonly connections: KafkaConnections;
  readonly leaders: TopicLeaders;
  readonly answer: <T>(what: string, request: Promise<T>) => Promise<T>;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
}

export async function positionsInTopic(
  look: TopicLook,
  { topic, members, stored }: GroupInTopic,
): Promise<readonly GroupPosition[]> {
  const holders = new Map(members.flatMap((member) => {
    const holder = nameOf(member);
    return (member.assignment.get(topic) ?? []).map((partition) => [partition, holder] as const);
  }));
  const partitions = [...new Set([...stored.keys(), ...holders.keys()])].toSorted((a, b) => a - b);
  const extent = await extentOf(look, topic);
  const topicId = look.leaders.idOf(topic);
  const places = partitions.map((partition) => {
    const position = stored.get(partition);
    const end = extent?.ends.get(partition);
    const begin = extent?.begins.get(partition) ?? 0n;
    const isStale = position !== undefined && isOfAnother(position, topicId);
    const isKnown = position !== undefined && end !== undefined && !isStale;
    const from = isKnown && position.offset > begin ? position.offset : begin;
    return {
      partition,
      position,
      end,
      isStale,
      from,
      lag: isKnown ? atLeast0(end - from) : undefined,
    };
  });
  const waiting = new Map(
    places.filter(({ lag }) => lag !== undefined && lag > 0n)
      .map(({ partition, from }) => [partition, from] as const),
  );
  const times = await timesAt(look, topic, waiting);
  return places.map(({ partition, position, end, isStale, lag }): GroupPosition => {
    const waitingSince = times.get(partition);
    const holder = holders.get(partition);
    return {
      topic,
      partition,
      ...(position !== undefined && { position: position.offset }),
      ...(end !== undefined && { end }),
      ...(lag !== undefined && { lag }),
      ...(waitingSince !== undefined && { waitingSince }),
      ...(holder !== undefined && { holder }),
      ...(isStale && { isOfAnother: true as const }),
    };
  });
}

/** For people. Where brokers divide the partitions, a member's id does not tell its program. */
export function nameOf({ memberId, clientId, host }: DescribedMember): string {
  const program = memberId.startsWith(clientId) ? "" : `${clientId} `;
  return `${program}${memberId} at ${host.replace(/^\//, "")}`;
}

const atLeast0 = (lag: bigint): bigint => lag < 0n ? 0n : lag;

/** Undefined: the topic is gone. */
async function extentOf(look: TopicLook, topic: string) {
  const { connections, leaders, answer, clock, requestTimeoutMs } = look;
  try {
    await answer("Metadata", leaders.of(topic));
  } catch (error) {
    if (error instanceof QueueError && error.code === "unknown_topic") return undefined;
    throw error;
  }
  const find = createFindOffsets(topic, connections, leaders, clock, requestTimeoutMs);
  return { ends: await find("latest"), begins: await find("earliest") };
}

/** As little as a broker gives: one batch of records a partition. */
const maxPartitionBytes = 1;
/** There are records: it need not wait for any. */
const maxWaitMs = 0;

/** The timestamps of the first records from these positions on, as far as they can be read. */
async function timesAt(
  { connections, leaders, answer }: TopicLook,
  topic: string,
  positions: ReadonlyMap<number, bigint>,
): Promise<ReadonlyMap<number, number>> {
  if (positions.size === 0) return new Map();
  const known = await leaders.of(topic);
  const byNode = Map.groupBy(positions, ([partition]) => known.get(partition));
  const answers = await Promise.all([...byNode].map(async ([node, own]) => {
    if (node === undefined) return [];
    const request = {
      topic,
      topicId: leaders.idOf(topic),
      positions: new Map(own),
      maxWaitMs,
      maxPartitionBytes,
    };
    try {
      return await answer("Fetch", connections.fetch(node, request));
    } catch {
      return []; // Without the right to read a group's place can still be told, but not since when.
    }
  }));
  return new Map(
    answers.flat().flatMap(({ partition, records }) => {
      const [first] = records;
      return first === undefined ? [] : [[partition, first.timestamp] as const];
    }),
  );
}
