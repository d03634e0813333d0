import type { Clock } from "../../../../src/ports/clock.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { explained } from "../driver/advice.ts";
import { withDeadline } from "../driver/deadline.ts";
import { assignmentProtocol, type KafkaConnections } from "../driver/driver.ts";
import { nameOf } from "./group_positions.ts";

export interface HeldGroup {
  readonly connections: KafkaConnections;
  readonly node: number;
  readonly group: string;
  readonly topic: string;
  readonly clock: Clock;
  readonly requestTimeoutMs: number;
}

/**
 * Why a group cannot be joined: members of another program (kcat, the Java client) divide its
 * partitions in another way. Says who they are, as far as the broker tells.
 */
export async function heldByOthers(
  { connections, node, group, topic, clock, requestTimeoutMs }: HeldGroup,
  cause: unknown,
): Promise<QueueError> {
  try {
    const answer = connections.describeGroup(node, group);
    const found = await withDeadline(clock, requestTimeoutMs, "DescribeGroups", answer);
    const [member] = found?.members ?? [];
    if (found === undefined || member === undefined) throw cause;
    const message =
      `Could not read topic "${topic}": group "${group}" is held by another program, "${
        nameOf(member)
      }" (of ${found.members.length}), ` +
      `which divides partitions by "${found.division}", wanted "${assignmentProtocol}"; end it, or give it another group`;
    return new QueueError("group_active", message, { cause });
  } catch {
    return explained(cause, "other_members", `read topic "${topic}" in group "${group}"`);
  }
}
