/** The requests of a member of a group, as kafkajs has them. */
import { Buffer } from "node:buffer";
import {
  type Assignment,
  assignmentProtocol,
  type GroupRequests,
  type Membership,
} from "../driver/driver.ts";
import { errorCodes, failOn, KafkaProtocolError } from "../wire/protocol_error.ts";
import type { KafkajsDirectory } from "./broker_line.ts";
import { MemberAssignment, MemberMetadata } from "./internals.ts";

interface JoinAnswer {
  readonly errorCode: number;
  readonly generationId: number;
  readonly memberId: string;
  readonly members: readonly { memberId: string; memberMetadata: Buffer }[];
}

interface PartitionAnswers {
  readonly errorCode?: number;
  readonly responses: readonly {
    partitions: readonly {
      partition: number;
      errorCode: number;
      offset: string;
      metadata?: string | null;
    }[];
  }[];
}

export function groupRequests(directory: KafkajsDirectory): GroupRequests {
  const sendWithGeneration = async (
    node: number,
    api: "Heartbeat" | "LeaveGroup",
    { group, generation, memberId }: Membership,
  ): Promise<void> => {
    const request = { groupId: group, groupGenerationId: generation, memberId };
    const answer = await directory.to(node).send(api, request) as { readonly errorCode: number };
    failOn(answer.errorCode, api);
  };

  return {
    async findCoordinator(group) {
      const answer = await directory.any((line) =>
        line.send("GroupCoordinator", { groupId: group })
      ) as {
        readonly errorCode: number;
        readonly coordinator: { nodeId: number; host: string; port: number };
      };
      failOn(answer.errorCode, "FindCoordinator");
      directory.learn([answer.coordinator]);
      return answer.coordinator.nodeId;
    },
    async joinGroup(node, request) {
      const { group, topic, memberId, sessionTimeoutMs, rebalanceTimeoutMs } = request;
      const metadata = MemberMetadata.encode({
        version: 0,
        topics: [topic],
        userData: Buffer.alloc(0),
      });
      const answer = await directory.to(node).send("JoinGroup", {
        groupId: group,
        sessionTimeout: sessionTimeoutMs,
        rebalanceTimeout: rebalanceTimeoutMs,
        memberId,
        protocolType: "consumer",
        groupProtocols: [{ name: assignmentProtocol, metadata }],
      }) as JoinAnswer;
      if (answer.errorCode === errorCodes.memberIdRequired) {
        return { generation: undefined, memberId: answer.memberId, members: [] };
      }
      failOn(answer.errorCode, "JoinGroup");
      return {
        generation: answer.generationId,
        memberId: answer.memberId,
        members: answer.members.map(({ memberId: id, memberMetadata }) => ({
          memberId: id,
          topics: MemberMetadata.decode(memberMetadata)?.topics ?? [],
        })),
      };
    },
    async syncGroup(node, { group, generation, memberId, topic, assignments }) {
      const answer = await directory.to(node).send("SyncGroup", {
        groupId: group,
        generationId: generation,
        memberId,
        groupAssignment: [...assignments].map(([member, assignment]) => ({
          memberId: member,
          memberAssignment: encodeAssignment(assignment),
        })),
      }) as { readonly errorCode: number; readonly memberAssignment: Buffer };
      failOn(answer.errorCode, "SyncGroup");
      return MemberAssignment.decode(answer.memberAssignment)?.assignment[topic] ?? [];
    },
    heartbeat: (node, membership) => sendWithGeneration(node, "Heartbeat", membership),
    leaveGroup: (node, membership) => sendWithGeneration(node, "LeaveGroup", membership),
    async commitOffset(node, { group, generation, memberId, topic, positions, note }) {
      const partitions = [...positions].map(([partition, position]) => ({
        partition,
        offset: position.toString(),
        metadata: note,
      }));
      const answer = await directory.to(node).send("OffsetCommit", {
        groupId: group,
        groupGenerationId: generation,
        memberId,
        topics: [{ topic, partitions }],
      }) as PartitionAnswers;
      const results = answer.responses.flatMap((response) => response.partitions);
      if (results.length !== positions.size) throw new KafkaProtocolError(-1, "OffsetCommit");
      for (const { errorCode } of results) failOn(errorCode, "OffsetCommit");
    },
    async fetchOffsets(node, { group, topic, partitions }) {
      const answer = await directory.to(node).send("OffsetFetch", {
        groupId: group,
        topics: [{ topic, partitions: partitions.map((partition) => ({ partition })) }],
      }) as PartitionAnswers;
      failOn(answer.errorCode ?? 0, "OffsetFetch");
      const found = answer.responses.flatMap((response) => response.partitions);
      for (const { errorCode } of found) failOn(errorCode, "OffsetFetch");
      return new Map(
        found.map(({ partition, offset, metadata }) =>
          [partition, { offset: BigInt(offset), note: metadata ?? "" }] as const
        ).filter(([, { offset }]) => offset >= 0n),
      );
    },
  };
}

function encodeAssignment(assignment: Assignment): Buffer {
  return MemberAssignment.encode({
    version: 0,
    assignment: Object.fromEntries([...assignment].map(([topic, own]) => [topic, [...own]])),
    userData: Buffer.alloc(0),
  });
}
