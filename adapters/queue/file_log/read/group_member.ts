/** A member of a group: its place, the group's position, and commits that share a write. */
import { type Clock, pause } from "../../../../src/ports/clock.ts";
import type { PassedRecords } from "../../../../src/ports/pull_commits.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import type { DiskFile } from "../disk/disk.ts";
import { diskRefusal } from "../disk/disk_error.ts";
import { advanced, beginGroup, holdFor, makeGroupFile } from "../segments/group_file.ts";
import {
  type GroupState,
  readGroupPage,
  recordsCounted,
  writeGroupState,
} from "../segments/slots.ts";
import { corrupt, futureVersion } from "../segments/topic_fault.ts";
import { groupPath, type TopicFolder } from "../segments/topic_folder.ts";
import type { Loss } from "./segment_limit.ts";

/**
 * A commit is written at once. Those that come while a write is under way are of somebody who does
 * not wait for each: they share the next one, which begins when none has come for a while, and
 * after so many whiles at the latest.
 */
const quietMs = 10;
const mostQuiets = 10;
/**
 * How often those that stand by look whether the place is free: 50 looks a second cost 1 % of a
 * core, 10 a quarter of that.
 */
const standByMs = 100;

export interface GroupMember {
  /**
   * Resolves with the group's position when this is its active member, or with undefined when
   * `signal` is aborted before.
   *
   * @param start The position of a group that has none; it is committed, durably, before this
   *   resolves.
   * @param onStandBy Called when another member is active.
   */
  activate(
    start: number,
    signal: AbortSignal,
    onStandBy: () => void,
  ): Promise<number | undefined>;
  /** Durable when it resolves. */
  commit(position: number, passed: PassedRecords): Promise<void>;
  /** Counts records that cannot be read as dropped, with the commit that passes them. */
  lose(loss: Loss): void;
  /**
   * How many records the log took before the position that was committed last; undefined before
   * this is active.
   */
  readonly counted: number | undefined;
  /** Writes what waits and gives the place up. */
  leave(): Promise<void>;
}

/** Commits for the next write. */
interface Waiting {
  readonly position: number;
  readonly passed: PassedRecords;
  readonly commits: number;
  readonly written: PromiseWithResolvers<void>;
}

/** @param isRequired The log keeps for the group what it has not read, from now on. */
export async function joinGroup(
  folder: TopicFolder,
  group: string,
  isRequired: boolean,
  clock: Clock,
  telemetry: Telemetry,
): Promise<GroupMember> {
  const path = groupPath(folder.path, group);
  const file = await folder.disk.open(path, "create");
  let state: GroupState | undefined;
  /** When this member became active: what it passes is added to it. */
  let before: GroupState | undefined;
  /** Not committed yet. */
  let losses: readonly Loss[] = [];
  let writing: Promise<void> | undefined;
  let waiting: Waiting | undefined;
  const leaving = new AbortController();
  let left: Promise<void> | undefined;

  async function write(position: number, passed: PassedRecords): Promise<void> {
    try {
      if (state === undefined || before === undefined) {
        throw new QueueError("revoked", `Group "${group}" is not active`);
      }
      const lost = losses.filter(({ to }) => to <= position);
      const next = {
        ...advanced(state, position, clock),
        delivered: before.delivered + passed.records - passed.deadLettered,
        deadLettered: before.deadLettered + passed.deadLettered,
        dropped: lost.reduce((sum, { records }) => sum + records, state.dropped),
      };
      await writeGroupState(file, folder.logId, next);
      state = next;
      losses = losses.filter((loss) => !lost.includes(loss));
      for (const { reason, records } of lost) {
        telemetry.count("shelfcast.file_log.dropped", { topic: folder.topic, reason }, records);
      }
      if (file.links().count === 0) {
        // For good: another file may stand at its path by now, and this member never comes to write
        // into that.
        throw new QueueError(
          "revoked",
          `Position of group "${group}" was removed from topic "${folder.topic}"`,
        );
      }
    } catch (error) {
      throw diskRefusal(error, `commit for group "${group}"`);
    }
  }

  /** Until nothing waits, and those that share a write have stopped coming. */
  async function writeAll(): Promise<void> {
    while (waiting !== undefined) {
      const { position, passed, commits, written } = waiting;
      waiting = undefined;
      const done = write(position, passed);
      written.resolve(done);
      await done.catch(() => {});
      if (commits > 1 || waiting !== undefined) await gather();
    }
    writing = undefined;
  }

  /** Whoever awaits one of the commits that wait brings no other. */
  async function gather(): Promise<void> {
    let before: number | undefined;
    for (let quiets = 0; quiets < mostQuiets && !leaving.signal.aborted; quiets++) {
      if (waiting !== undefined && waiting.commits === before) return;
      before = waiting?.commits;
      await pause(clock, quietMs, leaving.signal);
    }
  }

  async function finish(): Promise<void> {
    leaving.abort();
    while (writing !== undefined) await writing;
    file.close();
  }

  return {
    async activate(start, signal, onStandBy) {
      let standsBy = false;
      while (!signal.aborted && left === undefined) {
        if (file.tryLock()) {
          state = await established(folder, file, path, start, isRequired, clock);
          before = state;
          return state.position;
        }
        if (!standsBy) onStandBy();
        standsBy = true;
        await pause(clock, standByMs, signal);
      }
      return undefined;
    },
    commit(position, passed) {
      if (left !== undefined) {
        return Promise.reject(new QueueError("revoked", `Member has left group "${group}"`));
      }
      const { written = Promise.withResolvers<void>(), commits = 0 } = waiting ?? {};
      // Both only grow: those of the last call belong to the largest position.
      const furthest = Math.max(position, waiting?.position ?? 0);
      waiting = { position: furthest, passed, commits: commits + 1, written };
      writing ??= writeAll();
      return written.promise;
    },
    lose(loss) {
      losses = [...losses, loss];
    },
    get counted() {
      return state && recordsCounted(state);
    },
    leave: () => left ??= finish(),
  };
}

async function established(
  folder: TopicFolder,
  file: DiskFile,
  path: string,
  start: number,
  isRequired: boolean,
  clock: Clock,
): Promise<GroupState> {
  const found = await readGroupPage(file, folder.logId);
  if (found === "future version") throw futureVersion(path);
  if (found === "broken") throw corrupt(folder, `both positions in "${path}" cannot be read`);
  if (found === "none") {
    return await makeGroupFile(folder, file, start, isRequired ? "required" : "none", clock);
  }
  const hold = isRequired ? "required" : found.hold;
  if (!found.hasBegun) return await beginGroup(folder, file, start, { ...found, hold }, clock);
  return hold === found.hold ? found : await holdFor(folder, file, found, hold, clock);
}
