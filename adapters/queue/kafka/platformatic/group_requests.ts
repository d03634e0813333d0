/** The requests of a member of a group, as `@platformatic/kafka` has them. */
import {
  findCoordinatorV2,
  heartbeatV3,
  joinGroupV5,
  leaveGroupV3,
  offsetCommitV5,
  offsetFetchV4,
  syncGroupV3,
} from "@platformatic/kafka";
import { assignmentProtocol, type GroupRequests } from "../driver/driver.ts";
import { errorCodes, failOn, KafkaProtocolError } from "../wire/protocol_error.ts";
import type { PlatformaticDirectory } from "./broker_line.ts";
import {
  decodeAssignment,
  decodeTopics,
  encodeAssignment,
  encodeTopics,
} from "./membership_format.ts";

const groupKey = 0;
const unknownEpoch = -1;

export function groupRequests(
  directory: PlatformaticDirectory,
  requestTimeoutMs: number,
): GroupRequests {
  return {
    async findCoordinator(group) {
      const answer = await directory.any((line) =>
        line.send(findCoordinatorV2.api, [groupKey, [group]])
      );
      const [found] = answer.coordinators;
      failOn(found?.errorCode, "FindCoordinator");
      directory.learn([found!]);
      return found!.nodeId;
    },
    async joinGroup(node, request) {
      const { group, topic, memberId, sessionTimeoutMs, rebalanceTimeoutMs } = request;
      const protocol = { name: assignmentProtocol, metadata: encodeTopics([topic]) };
      const answer = await directory.to(node).send(joinGroupV5.api, [
        group,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        memberId,
        null,
        "consumer",
        [protocol],
      ], rebalanceTimeoutMs);
      if (answer.errorCode === errorCodes.memberIdRequired) {
        return { generation: undefined, memberId: answer.memberId, members: [] };
      }
      failOn(answer.errorCode, "JoinGroup");
      return {
        generation: answer.generationId,
        memberId: answer.memberId,
        members: answer.members.map((member) => ({
          memberId: member.memberId,
          topics: decodeTopics(member.metadata),
        })),
      };
    },
    async syncGroup(node, { group, generation, memberId, topic, assignments }) {
      const divided = [...assignments].map(([member, assignment]) => ({
        memberId: member,
        assignment: encodeAssignment(assignment),
      }));
      const answer = await directory.to(node).send(syncGroupV3.api, [
        group,
        generation,
        memberId,
        null,
        null,
        null,
        divided,
        // The leader's word may be as long in coming as the members' joining.
      ], requestTimeoutMs);
      failOn(answer.errorCode, "SyncGroup");
      return decodeAssignment(answer.assignment).get(topic) ?? [];
    },
    async heartbeat(node, { group, generation, memberId }) {
      const answer = await directory.to(node).send(heartbeatV3.api, [group, generation, memberId]);
      failOn(answer.errorCode, "Heartbeat");
    },
    async leaveGroup(node, { group, memberId }) {
      const answer = await directory.to(node).send(leaveGroupV3.api, [group, [{ memberId }]]);
      failOn(answer.errorCode, "LeaveGroup");
    },
    async commitOffset(node, { group, generation, memberId, topic, positions, note }) {
      const partitions = [...positions].map(([partitionIndex, committedOffset]) => ({
        partitionIndex,
        committedOffset,
        committedLeaderEpoch: unknownEpoch,
        committedMetadata: note,
      }));
      const answer = await directory.to(node).send(offsetCommitV5.api, [
        group,
        generation,
        memberId,
        null,
        [{ name: topic, partitions }],
      ]);
      const results = answer.topics.flatMap((each) => each.partitions);
      if (results.length !== positions.size) throw new KafkaProtocolError(-1, "OffsetCommit");
      for (const { errorCode } of results) failOn(errorCode, "OffsetCommit");
    },
    async fetchOffsets(node, { group, topic, partitions }) {
      const wanted = [{ name: topic, partitionIndexes: [...partitions] }];
      const answer = await directory.to(node).send(offsetFetchV4.api, [
        [{ groupId: group, topics: wanted }],
        false,
      ]);
      failOn(answer.errorCode, "OffsetFetch");
      const found = answer.topics.flatMap((each) => each.partitions);
      for (const { errorCode } of found) failOn(errorCode, "OffsetFetch");
      return new Map(
        found.map(({ partitionIndex, committedOffset, metadata }) =>
          [partitionIndex, { offset: committedOffset, note: metadata ?? "" }] as const
        ).filter(([, { offset }]) => offset >= 0n),
      );
    },
  };
}
