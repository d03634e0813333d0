/**
 * A member of a consumer group: joins, divides the partitions where it is the leader, keeps its
 * place by heartbeats, joins again when the group changes, leaves. Commits bear the generation in
 * which they are made, so that the broker itself fences a member that has been replaced.
 */
import { pause } from "../../../../src/ports/clock.ts";
import { withDeadline } from "../driver/deadline.ts";
import type { JoinedGroup, KafkaConnections, Membership } from "../driver/driver.ts";
import { keepTrying, type Retry } from "../driver/keep_trying.ts";
import { assignPartitions } from "./assign_partitions.ts";
import { heldByOthers } from "./foreign_members.ts";

/** What holds from one joining to the next. */
export interface Term extends Membership {
  readonly partitions: readonly number[];
  /**
   * No generation that others could have completed lies before it: what is kept has been with
   * nobody else.
   */
  readonly follows: boolean;
  /** Has the group joined again soon. */
  rejoin(): void;
}

export interface GroupMembershipOptions {
  readonly retry: Retry;
  readonly connections: KafkaConnections;
  readonly group: string;
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  readonly rebalanceTimeoutMs: number;
  readonly requestTimeoutMs: number;
  /**
   * A term begins: its partitions are to be taken over. May be called again for the same term,
   * after it has rejected.
   */
  readonly onTerm: (term: Term) => Promise<void>;
  /**
   * The group changes: nothing more is to be handed out before the next term. What has been may be
   * finished and committed first, where this is still a member.
   */
  readonly onRebalance: (isMember: boolean) => Promise<void>;
}

export interface GroupMembership {
  /** The term that holds now; undefined while joining. */
  readonly term: Term | undefined;
  coordinator(): Promise<number>;
  /** The coordinator is to be looked for again. */
  forgetCoordinator(): void;
  /** Is a member until the signal is aborted, or something cannot be mended by trying again. */
  run(): Promise<void>;
  /** @param connections Others than those on which joining may still wait. */
  leave(connections: KafkaConnections): Promise<void>;
}

export function createGroupMembership(options: GroupMembershipOptions): GroupMembership {
  const { retry, connections, group, requestTimeoutMs } = options;
  const { topic, clock, signal, faultOf } = retry;
  // Members may take the whole rebalance time-out before the first is answered.
  const joinDeadlineMs = options.rebalanceTimeoutMs + requestTimeoutMs;
  let memberId = "";
  let node: number | undefined;
  let last: Membership | undefined;
  let term: Term | undefined;

  async function coordinator(): Promise<number> {
    if (node !== undefined) return node;
    const answer = connections.findCoordinator(group);
    return node = await withDeadline(clock, requestTimeoutMs, "FindCoordinator", answer);
  }

  async function join(): Promise<Omit<Term, "rejoin">> {
    const at = await coordinator();
    let joined: JoinedGroup;
    do {
      const answer = connections.joinGroup(at, { ...options, topic, memberId });
      joined = await withDeadline(clock, joinDeadlineMs, "JoinGroup", answer).catch(explain);
      memberId = joined.memberId;
    } while (joined.generation === undefined);
    const membership = { group, generation: joined.generation, memberId };
    const assignments = await divide(joined);
    const answer = connections.syncGroup(at, { ...membership, topic, assignments });
    const partitions = await withDeadline(clock, joinDeadlineMs, "SyncGroup", answer);
    const follows = last?.memberId === memberId &&
      membership.generation - last.generation <= 1;
    last = membership;
    return { ...membership, partitions, follows };
  }

  /** @throws always: who holds the group, where that is why joining failed. */
  async function explain(error: unknown): Promise<never> {
    if (node === undefined || faultOf(error) !== "other_members") throw error;
    const asked = { connections, node, group, topic, clock, requestTimeoutMs };
    throw await heldByOthers(asked, error);
  }

  /** Only the leader is told the members, to divide the partitions among them. */
  async function divide({ members }: JoinedGroup) {
    if (members.length === 0) return new Map();
    const topics = [...new Set(members.flatMap((member) => member.topics))];
    const answer = connections.metadata(topics);
    const metadata = await withDeadline(clock, requestTimeoutMs, "Metadata", answer);
    const partitions = new Map(
      [...metadata.topics].map(([name, found]) => [name, [...found.leaders.keys()]] as const),
    );
    return assignPartitions(members, partitions);
  }

  /** @returns Whether the attempt succeeded; where not, the group is to be joined again. */
  async function asMember(attempt: () => Promise<void>): Promise<boolean> {
    const outcome = await keepTrying(retry, async () => {
      try {
        await attempt();
        return true;
      } catch (error) {
        const fault = faultOf(error);
        if (fault === "unknown_member") memberId = "";
        else if (fault !== "rejoin") throw error;
        return false;
      }
    }, () => node = undefined);
    return outcome;
  }

  /** Resolves when the group is to be joined again. */
  async function keepPlace(membership: Membership, rejoining: AbortSignal): Promise<void> {
    const ending = AbortSignal.any([signal, rejoining]);
    do {
      await pause(clock, options.heartbeatMs, ending);
    } while (!ending.aborted && await asMember(() => beat(membership)));
  }

  async function beat(membership: Membership): Promise<void> {
    const answer = connections.heartbeat(await coordinator(), membership);
    await withDeadline(clock, requestTimeoutMs, "Heartbeat", answer);
  }

  return {
    get term() {
      return term;
    },
    coordinator,
    forgetCoordinator() {
      node = undefined;
    },
    async run() {
      while (!signal.aborted) {
        const joined = await keepTrying(retry, join, (fault) => {
          if (fault === "unknown_member") memberId = "";
          if (fault !== "rejoin") node = undefined;
        });
        const rejoining = new AbortController();
        const begun: Term = { ...joined, rejoin: () => rejoining.abort() };
        term = begun;
        if (await asMember(() => options.onTerm(begun))) await keepPlace(joined, rejoining.signal);
        if (signal.aborted) return;
        await options.onRebalance(memberId !== "");
        if (signal.aborted) return;
        term = undefined;
      }
    },
    async leave(others) {
      if (memberId === "") return;
      const membership = { group, generation: last?.generation ?? -1, memberId };
      const at = await withDeadline(
        clock,
        requestTimeoutMs,
        "FindCoordinator",
        others.findCoordinator(group),
      );
      await withDeadline(clock, requestTimeoutMs, "LeaveGroup", others.leaveGroup(at, membership));
    },
  };
}
