/**
 * Stores the positions of a group's partitions: one request a partition at a time, so that none
 * overtakes a later one.
 */
import { backoffMs, pause } from "../../../../src/ports/clock.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { explained } from "../driver/advice.ts";
import { betweenAttempts, withDeadline } from "../driver/deadline.ts";
import type { KafkaConnections } from "../driver/driver.ts";
import type { Retry } from "../driver/keep_trying.ts";
import type { GroupMembership } from "./group_membership.ts";
import { noteOf } from "./remade_topic.ts";
import type { Tenure } from "./tenure.ts";

export interface GroupCommits {
  /**
   * Resolves when everything that may be stored is.
   *
   * @throws {QueueError} `revoked`, `closed`, `unauthorized`, `unavailable` or `timeout`.
   */
  store(tenure: Tenure): Promise<void>;
  /** Whether one is under way. */
  readonly isStoring: boolean;
  /** Resolves when none is under way, whatever became of it. */
  idle(): Promise<void>;
}

export interface GroupCommitsOptions {
  readonly retry: Retry;
  readonly connections: KafkaConnections;
  readonly membership: GroupMembership;
  readonly requestTimeoutMs: number;
  /** How long a commit is tried. */
  readonly commitTimeoutMs: number;
  /** Why nothing can be stored any more. */
  readonly ended: () => QueueError | undefined;
  /** A commit has ended, whatever became of it. */
  readonly onEnded: () => void;
}

export function createGroupCommits(options: GroupCommitsOptions): GroupCommits {
  const { retry, connections, membership, requestTimeoutMs, ended } = options;
  const { topic, clock, random, signal, faultOf } = retry;
  const storing = new Map<Tenure, Promise<void>>();

  async function storeOnce(tenure: Tenure): Promise<void> {
    const dueAt = clock.now() + options.commitTimeoutMs;
    let cause: unknown;
    for (let failures = 1;; failures++) {
      const term = membership.term;
      const error = ended() ?? refusal(tenure);
      if (error !== undefined) throw error;
      if (term !== undefined) {
        const position = tenure.order.position!;
        try {
          const node = await membership.coordinator();
          const positions = new Map([[tenure.partition, position]]);
          const note = noteOf(tenure.topicId);
          const answer = connections.commitOffset(node, { ...term, topic, positions, note });
          await withDeadline(clock, requestTimeoutMs, "OffsetCommit", answer);
          tenure.stored = position;
          return;
        } catch (failed) {
          cause = failed;
          const fault = faultOf(failed);
          if (fault === "rejoin" || fault === "unknown_member") term.rejoin();
          if (fault === "unknown_member") throw revoked(topic, cause);
          if (fault === "unauthorized") {
            throw explained(cause, fault, `store a position in topic "${topic}"`);
          }
          if (fault !== "rejoin") membership.forgetCoordinator();
        }
      } else if (signal.aborted) throw revoked(topic);
      if (signal.aborted || clock.now() >= dueAt) {
        throw failure(faultOf(cause) === "timeout" ? "timeout" : "unavailable", cause);
      }
      // Joining again takes a moment; it is not a failure that calls for patience.
      await pause(
        clock,
        term === undefined ? 50 : backoffMs(failures, betweenAttempts, random),
        signal,
      );
    }
  }

  const refusal = (tenure: Tenure): QueueError | undefined =>
    tenure.revoked ? revoked(topic) : undefined;
  const failure = (code: QueueError["code"], cause: unknown): QueueError =>
    new QueueError(code, `Position in topic "${topic}" could not be stored`, { cause });

  return {
    async store(tenure) {
      const wanted = tenure.order.position;
      while (wanted !== undefined && tenure.stored < wanted) {
        let under = storing.get(tenure);
        if (under === undefined) {
          under = storeOnce(tenure).finally(() => {
            storing.delete(tenure);
            options.onEnded();
          });
          storing.set(tenure, under);
        }
        await under;
      }
    },
    get isStoring() {
      return storing.size > 0;
    },
    async idle() {
      await Promise.allSettled(storing.values());
    },
  };
}

export function revoked(topic: string, cause?: unknown): QueueError {
  const message = `Member has lost the partition of topic "${topic}", so it cannot commit`;
  return new QueueError("revoked", message, cause === undefined ? {} : { cause });
}
