/** What is asked about groups by whoever is no member, as `@platformatic/kafka` has it. */
import {
  consumerGroupDescribeV0,
  describeGroupsV5,
  listGroupsV4,
  offsetFetchV4,
} from "@platformatic/kafka";
import type { Buffer } from "node:buffer";
import type { Assignment, OperatorRequests } from "../driver/driver.ts";
import { errorCodes, failOn } from "../wire/protocol_error.ts";
import type { PlatformaticDirectory } from "./broker_line.ts";
import { decodeAssignment } from "./membership_format.ts";

const kindOfConsumers = "consumer";

export function operatorRequests(directory: PlatformaticDirectory): OperatorRequests {
  return {
    async listGroups(node) {
      const answer = await directory.to(node).send(listGroupsV4.api, [[], []]);
      failOn(answer.errorCode, "ListGroups");
      return answer.groups.map(({ groupId, protocolType }) => ({
        group: groupId,
        kind: protocolType,
      }));
    },
    async describeGroup(node, group) {
      const answer = await directory.to(node).send(describeGroupsV5.api, [[group], false]);
      const [found] = answer.groups;
      if (found?.errorCode === errorCodes.groupIdNotFound) return undefined;
      failOn(found?.errorCode, "DescribeGroups");
      const { groupState, protocolType, protocolData, members } = found!;
      if (groupState === "Dead") return undefined;
      return {
        kind: protocolType,
        division: protocolData,
        members: members.map(({ memberId, clientId, clientHost, memberAssignment }) => ({
          memberId,
          clientId,
          host: clientHost,
          assignment: protocolType === kindOfConsumers ? assignmentIn(memberAssignment) : new Map(),
        })),
      };
    },
    async describeNewGroup(node, group) {
      const answer = await directory.to(node).send(consumerGroupDescribeV0.api, [[group], false]);
      const [found] = answer.groups;
      if (found?.errorCode === errorCodes.groupIdNotFound) return undefined;
      failOn(found?.errorCode, "ConsumerGroupDescribe");
      const { assignorName, members } = found!;
      return {
        kind: kindOfConsumers,
        division: assignorName,
        members: members.map(({ memberId, clientId, clientHost, assignment }) => ({
          memberId,
          clientId,
          host: clientHost,
          assignment: new Map(
            assignment.topicPartitions.map(({ topicName, partitions }) => [topicName, partitions]),
          ),
        })),
      };
    },
    async fetchAllOffsets(node, group) {
      // No topics mean all of them; the library's types know that only of later versions.
      const wanted = { groupId: group, topics: null as unknown as [] };
      const answer = await directory.to(node).send(offsetFetchV4.api, [[wanted], false]);
      failOn(answer.errorCode, "OffsetFetch");
      return new Map(answer.topics.map(({ name, partitions }) => {
        for (const { errorCode } of partitions) failOn(errorCode, "OffsetFetch");
        const positions = partitions.map(({ partitionIndex, committedOffset, metadata }) =>
          [partitionIndex, { offset: committedOffset, note: metadata ?? "" }] as const
        );
        return [name, new Map(positions.filter(([, { offset }]) => offset >= 0n))];
      }));
    },
  };
}

/** Nothing where another program has written it in a way of its own. */
function assignmentIn(bytes: Buffer): Assignment {
  try {
    return decodeAssignment(bytes);
  } catch {
    return new Map();
  }
}
