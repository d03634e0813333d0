/**
 * The groups of a cluster, those of other programs too: where they stand, and moving one. Each look
 * has connections of its own, and asks again for a short while only: an operator waits for it.
 */
import { backoffMs, type Clock, pause } from "../../../../src/ports/clock.ts";
import type {
  DescribedGroup,
  EventGroups,
  ListedGroup,
  PositionReset,
} from "../../../../src/ports/event_groups.ts";
import type { StartFrom } from "../../../../src/ports/event_source.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import {
  activeGroup,
  unknownGroup,
  validateReset,
} from "../../../../src/ports/subscription_rules.ts";
import type { TopicLeaders } from "../cluster/topic_leaders.ts";
import { explained } from "../driver/advice.ts";
import { betweenAttempts, withDeadline } from "../driver/deadline.ts";
import type { GroupDescription, KafkaConnections } from "../driver/driver.ts";
import type { KafkaFault } from "../driver/fault.ts";
import { createFindOffsets, startingOffsets } from "./topic_offsets.ts";
import { noteOf } from "./remade_topic.ts";
import { type GroupInTopic, positionsInTopic } from "./group_positions.ts";

export interface EventGroupsOptions {
  readonly connect: () => KafkaConnections;
  readonly openLeaders: (connections: KafkaConnections, signal: AbortSignal) => TopicLeaders;
  readonly faultOf: (error: unknown) => KafkaFault;
  readonly clock: Clock;
  readonly random: () => number;
  readonly requestTimeoutMs: number;
  /** @throws {QueueError} `closed` */
  readonly requireOpen: () => void;
}

/** Over soon: the coordinator loads, a leader moves, a connection had been lost. */
const passing: readonly KafkaFault[] = [
  "coordinator_moved",
  "not_now",
  "stale_metadata",
  "connection",
];
const maxAttempts = 6;

/** The kinds of groups whose positions mean what they do here. */
const consumers: readonly string[] = ["consumer", ""];

/** Of a request that names no member, where the group has some. */
const membersFaults: readonly KafkaFault[] = ["unknown_member", "rejoin"];

interface Look {
  readonly connections: KafkaConnections;
  readonly leaders: TopicLeaders;
  /** The answer to one request, within its time. */
  readonly answer: <T>(what: string, request: Promise<T>) => Promise<T>;
}

export function createEventGroups(options: EventGroupsOptions): EventGroups {
  const { connect, openLeaders, faultOf, clock, random, requestTimeoutMs, requireOpen } = options;

  async function attempt<T>(doing: string, work: (look: Look) => Promise<T>): Promise<T> {
    for (let failures = 1;; failures++) {
      requireOpen();
      const ended = new AbortController();
      const connections = connect();
      const answer: Look["answer"] = (what, request) =>
        withDeadline(clock, requestTimeoutMs, what, request);
      try {
        return await work({ connections, leaders: openLeaders(connections, ended.signal), answer });
      } catch (error) {
        if (error instanceof QueueError) throw error;
        const fault = faultOf(error);
        const isOver = !passing.includes(fault) || failures === maxAttempts;
        if (isOver) throw explained(error, fault, doing);
        await pause(clock, backoffMs(failures, betweenAttempts, random));
      } finally {
        ended.abort();
        connections.close();
      }
    }
  }

  async function list({ connections, answer }: Look): Promise<readonly ListedGroup[]> {
    const { nodes } = await answer("Metadata", connections.metadata([]));
    const lists = await Promise.all(
      nodes.map((node) => answer("ListGroups", connections.listGroups(node))),
    );
    return lists.flat().toSorted((a, b) => a.group < b.group ? -1 : 1);
  }

  /** Undefined: nobody knows of such a group, or it is of a kind that cannot be described. */
  async function members(
    { connections, answer }: Look,
    node: number,
    group: string,
  ): Promise<GroupDescription | undefined> {
    const found = await answer("DescribeGroups", connections.describeGroup(node, group));
    if (found !== undefined) return found;
    try {
      return await answer("ConsumerGroupDescribe", connections.describeNewGroup(node, group));
    } catch (error) {
      if (faultOf(error) === "unsupported") return undefined;
      throw error;
    }
  }

  async function lookAt(look: Look, group: string) {
    const { connections, answer } = look;
    if (group === "") throw unknownGroup(group);
    const node = await answer("FindCoordinator", connections.findCoordinator(group));
    const found = await members(look, node, group);
    const stored = await answer("OffsetFetch", connections.fetchAllOffsets(node, group));
    return { node, found, stored };
  }

  async function describe(look: Look, group: string): Promise<DescribedGroup> {
    const { found, stored } = await lookAt(look, group);
    if (found === undefined && stored.size === 0) {
      const listed = (await list(look)).find((each) => each.group === group);
      if (listed === undefined) throw unknownGroup(group);
      return { ...listed, positions: [] };
    }
    const isKnown = (topic: string): boolean =>
      stored.has(topic) || found?.members.some(({ assignment }) => assignment.has(topic)) === true;
    const named = found?.members.flatMap(({ assignment }) => [...assignment.keys()]) ?? [];
    const topics = [...new Set([...stored.keys(), ...named])].filter(isKnown).toSorted();
    const positions = await Promise.all(topics.map((topic) => {
      const inTopic: GroupInTopic = {
        topic,
        members: found?.members ?? [],
        stored: stored.get(topic) ?? new Map(),
      };
      return positionsInTopic({ ...look, clock, requestTimeoutMs }, inTopic);
    }));
    return {
      group,
      kind: found?.kind ?? "",
      ...(found !== undefined && { isActive: found.members.length > 0 }),
      ...(found !== undefined && found.division !== "" && { division: found.division }),
      positions: positions.flat(),
    };
  }

  async function reset(
    look: Look,
    group: string,
    topic: string,
    to: StartFrom,
    execute: boolean,
  ): Promise<readonly PositionReset[]> {
    const { connections, leaders, answer } = look;
    const known = [...(await answer("Metadata", leaders.of(topic))).keys()];
    const partitions = known.toSorted((a, b) => a - b);
    const { node, found, stored } = await lookAt(look, group);
    const before = stored.get(topic);
    if (before === undefined || before.size === 0) throw unknownGroup(group, topic);
    if (found !== undefined && !consumers.includes(found.kind)) {
      throw new QueueError(
        "unsupported",
        `Members of group "${group}" are of the kind "${found.kind}", wanted consumers`,
      );
    }
    if (execute && found !== undefined && found.members.length > 0) throw activeGroup(group);
    const find = createFindOffsets(topic, connections, leaders, clock, requestTimeoutMs);
    const ends = await find("latest");
    const positions = await startingOffsets(to, partitions, ends, find);
    if (execute) {
      const note = noteOf(leaders.idOf(topic));
      const nobody = { group, generation: -1, memberId: "" };
      try {
        const request = { ...nobody, topic, positions, note };
        await answer("OffsetCommit", connections.commitOffset(node, request));
      } catch (error) {
        if (membersFaults.includes(faultOf(error))) throw activeGroup(group, error);
        throw error;
      }
    }
    return partitions.map((partition) => {
      const position = before.get(partition);
      return {
        partition,
        ...(position !== undefined && { before: position.offset }),
        after: positions.get(partition) ?? 0n,
        end: ends.get(partition) ?? 0n,
      };
    });
  }

  return {
    list: () => attempt("list the groups", list),
    describe: (group) => attempt(`describe group "${group}"`, (look) => describe(look, group)),
    reset: (group, topic, to, { execute = false } = {}) =>
      attempt(`reset group "${group}" in topic "${topic}"`, (look) => {
        validateReset(topic, to);
        return reset(look, group, topic, to, execute);
      }),
  };
}
