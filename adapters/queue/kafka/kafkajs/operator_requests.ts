/** What is asked about groups by whoever is no member, as kafkajs has it. */
import type { Buffer } from "node:buffer";
import type { Assignment, OperatorRequests } from "../driver/driver.ts";
import { errorCodes, failOn } from "../wire/protocol_error.ts";
import type { KafkajsDirectory } from "./broker_line.ts";
import type { NewGroup } from "./flexible_requests.ts";
import { MemberAssignment } from "./internals.ts";

interface ListAnswer {
  readonly errorCode: number;
  readonly groups: readonly { readonly groupId: string; readonly protocolType: string }[];
}

interface DescribeAnswer {
  readonly groups: readonly {
    readonly errorCode: number;
    readonly state: string;
    readonly protocolType: string;
    readonly protocol: string;
    readonly members: readonly {
      readonly memberId: string;
      readonly clientId: string;
      readonly clientHost: string;
      readonly memberAssignment: Buffer;
    }[];
  }[];
}

interface OffsetsAnswer {
  readonly errorCode?: number;
  readonly responses: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly errorCode: number;
      readonly offset: string;
      readonly metadata?: string | null;
    }[];
  }[];
}

const kindOfConsumers = "consumer";

export function operatorRequests(directory: KafkajsDirectory): OperatorRequests {
  return {
    async listGroups(node) {
      const answer = await directory.to(node).send("ListGroups", {}) as ListAnswer;
      failOn(answer.errorCode, "ListGroups");
      return answer.groups.map(({ groupId, protocolType }) => ({
        group: groupId,
        kind: protocolType,
      }));
    },
    async describeGroup(node, group) {
      const request = { groupIds: [group] };
      const answer = await directory.to(node).send("DescribeGroups", request) as DescribeAnswer;
      const [found] = answer.groups;
      if (found?.errorCode === errorCodes.groupIdNotFound) return undefined;
      failOn(found?.errorCode, "DescribeGroups");
      const { state, protocolType, protocol, members } = found!;
      if (state === "Dead") return undefined;
      return {
        kind: protocolType,
        division: protocol,
        members: members.map(({ memberId, clientId, clientHost, memberAssignment }) => ({
          memberId,
          clientId,
          host: clientHost,
          assignment: protocolType === kindOfConsumers ? assignmentIn(memberAssignment) : new Map(),
        })),
      };
    },
    async describeNewGroup(node, group) {
      const send = directory.to(node).send("ConsumerGroupDescribe", group);
      const [found] = await send as readonly NewGroup[];
      if (found?.errorCode === errorCodes.groupIdNotFound) return undefined;
      failOn(found?.errorCode, "ConsumerGroupDescribe");
      const { assignor, members } = found!;
      return {
        kind: kindOfConsumers,
        division: assignor,
        members: members.map((member) => ({ ...member, assignment: new Map(member.assignment) })),
      };
    },
    async fetchAllOffsets(node, group) {
      const request = { groupId: group };
      const answer = await directory.to(node).send("OffsetFetch", request) as OffsetsAnswer;
      failOn(answer.errorCode ?? 0, "OffsetFetch");
      return new Map(answer.responses.map(({ topic, partitions }) => {
        for (const { errorCode } of partitions) failOn(errorCode, "OffsetFetch");
        const positions = partitions.map(({ partition, offset, metadata }) =>
          [partition, { offset: BigInt(offset), note: metadata ?? "" }] as const
        );
        return [topic, new Map(positions.filter(([, { offset }]) => offset >= 0n))];
      }));
    },
  };
}

/** Nothing where the member has none yet, or another program has written it in a way of its own. */
function assignmentIn(bytes: Buffer): Assignment {
  try {
    return new Map(Object.entries(MemberAssignment.decode(bytes)?.assignment ?? {}));
  } catch {
    return new Map();
  }
}
