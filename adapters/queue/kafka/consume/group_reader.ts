/**
 * Reading as a member of a group: the partitions that fall to this member, from the group's
 * positions on.
 */
import { within } from "../../../../src/ports/clock.ts";
import { errorReason } from "../../../../src/ports/error_reason.ts";
import { withDeadline } from "../driver/deadline.ts";
import { createGroupCommits, revoked } from "./group_commits.ts";
import { createGroupMembership, type Term } from "./group_membership.ts";
import type { Reading, ReadMode } from "./read_mode.ts";
import { isOfAnother, noteOf } from "./remade_topic.ts";
import { type Offsets, startingOffsets } from "./topic_offsets.ts";

export function createGroupReader(
  group: string,
  reading: Reading,
  onError: (error: unknown) => void,
): ReadMode {
  const { topic, options, retry, connections, timing, tenures, findOffsets } = reading;
  const { clock, signal, reporter } = retry;
  const first = Promise.withResolvers<void>();
  let isOpen = false;
  let isJoining = true;
  let running = Promise.resolve();
  let known: readonly number[] = [...reading.endsAtStart.keys()];
  /** The topic was made again: what has no position in it begins at its start. */
  let isMadeAgain = false;

  const membership = createGroupMembership({
    retry,
    connections,
    group,
    ...timing,
    onTerm,
    onRebalance,
  });
  const commits = createGroupCommits({
    ...reading,
    ...timing,
    membership,
    onEnded: reading.onChange,
  });

  async function onTerm(term: Term): Promise<void> {
    const topicId = reading.topicId();
    for (const tenure of tenures.values()) {
      const isKept = term.follows && term.partitions.includes(tenure.partition);
      if (isKept && tenure.topicId === topicId) continue;
      tenure.revoked = true;
      tenures.delete(tenure.partition);
    }
    const fresh = term.partitions.filter((partition) => !tenures.has(partition));
    if (fresh.length > 0) {
      const starts = await startingPositions(term, fresh);
      for (const partition of fresh) reading.open(partition, starts.get(partition) ?? 0n);
    }
    isJoining = false;
    isOpen = true;
    first.resolve();
    options.onPlace?.(
      new Map([...tenures].map(([partition, tenure]) => [partition, tenure.stored])),
    );
    reading.onChange();
  }

  /**
   * What is resolved from `from` is committed at once: after a rebalance it would be resolved
   * again, later, and skip records.
   */
  async function startingPositions(term: Term, fresh: readonly number[]): Promise<Offsets> {
    const node = await membership.coordinator();
    const request = { group, topic, partitions: fresh };
    const answer = connections.fetchOffsets(node, request);
    const found = await withDeadline(clock, timing.requestTimeoutMs, "OffsetFetch", answer);
    const topicId = reading.topicId();
    if ([...found.values()].some((position) => isOfAnother(position, topicId))) {
      reading.remade();
      isMadeAgain = true;
    }
    const committed = new Map(
      [...found].filter(([, position]) => !isOfAnother(position, topicId))
        .map(([partition, { offset }]) => [partition, offset]),
    );
    const missing = fresh.filter((partition) => !committed.has(partition));
    if (missing.length === 0) return committed;
    const { from = "latest" } = options;
    const positions = isMadeAgain
      ? await findOffsets("earliest", missing)
      : await startingOffsets(from, missing, reading.endsAtStart, findOffsets);
    const note = noteOf(topicId);
    const stored = connections.commitOffset(node, { ...term, topic, positions, note });
    await withDeadline(clock, timing.requestTimeoutMs, "OffsetCommit", stored);
    return new Map([...committed, ...positions]);
  }

  /**
   * Hands out nothing more until the next term, and lets what is out be committed: else it would be
   * read twice.
   */
  async function onRebalance(isMember: boolean): Promise<void> {
    isOpen = false;
    isJoining = true;
    if (!isMember) return;
    const isCommitted = (): boolean =>
      !commits.isStoring && [...tenures.values()].every(({ order }) => order.outstanding === 0);
    const committed = reading.changed.until(isCommitted, signal);
    await within(clock, timing.graceMs, committed, () => {}, signal);
  }

  return {
    get isOpen() {
      return isOpen;
    },
    begin() {
      running = membership.run().catch((error) => {
        first.reject(error);
        onError(error);
      });
      signal.addEventListener("abort", () => first.resolve(), { once: true });
      return first.promise;
    },
    async commit(tenure, from, end) {
      const over = reading.ended();
      if (over !== undefined) throw over.code === "closed" ? over : revoked(topic);
      if (signal.aborted || tenure.revoked) throw revoked(topic);
      tenure.order.commit(from, end);
      reading.changed.notify();
      await commits.store(tenure);
    },
    onPartitions(partitions) {
      if (reading.isRemade()) {
        if (!isMadeAgain) reading.remade();
        isMadeAgain = true;
        for (const tenure of tenures.values()) tenure.revoked = true;
        membership.term?.rejoin();
      }
      if (partitions.some((partition) => !known.includes(partition))) membership.term?.rejoin();
      known = partitions;
    },
    async leave() {
      // While joining, the connection to the coordinator waits for the other members.
      const others = isJoining ? reading.connect() : connections;
      try {
        await withDeadline(
          clock,
          timing.graceMs,
          "leaving",
          commits.idle().then(() => membership.leave(others)),
        );
      } catch (error) {
        const message =
          "Reader of {topic} could not leave its group, which waits for it until its session ends: {detail}";
        reporter.warn("leave", message, {
          topic,
          detail: error instanceof Error ? errorReason(error) : `${error}`,
        });
      }
      others.close();
      connections.close();
      await running;
    },
  };
}
