/**
 * The groups of a log in files, of all its topics: where they stand, and moving one. Whoever has
 * the log open, in whatever process, is not asked; the lock of a group's file tells whether it has
 * an active member.
 */
import { getLogger } from "../../../../src/ports/logger.ts";
import { topicNameFault } from "../../../../src/domain/topic_name.ts";
import type {
  DescribedGroup,
  EventGroups,
  GroupPosition,
  PositionReset,
} from "../../../../src/ports/event_groups.ts";
import type { StartFrom } from "../../../../src/ports/event_source.ts";
import {
  activeGroup,
  unknownGroup,
  validateReset,
} from "../../../../src/ports/subscription_rules.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { DiskError, diskRefusal } from "../disk/disk_error.ts";
import { moveGroup } from "../segments/group_file.ts";
import { segmentBases } from "../segments/segment_file.ts";
import { readDurableEnd, readGroupState } from "../segments/slots.ts";
import { findGroups, type FoundGroup } from "../segments/topic_contents.ts";
import { corrupt, futureVersion } from "../segments/topic_fault.ts";
import {
  type FolderPlace,
  groupPath,
  lockPath,
  openTopicFolder,
  type TopicFolder,
} from "../segments/topic_folder.ts";
import { createLogCursor } from "./log_cursor.ts";
import { startPosition } from "./start_position.ts";

const logger = getLogger(["shelfcast", "file_log"]);

const kind = "consumer";

/** Other names have no file, and must not become a path. */
const mayBeName = (name: string): boolean => topicNameFault(name) === undefined;

export interface LogGroupsOptions extends FolderPlace {
  /** @throws {QueueError} `closed` */
  readonly requireOpen: () => void;
  /** Makes what a dead writer left in a topic visible. */
  readonly recover: (folder: TopicFolder) => Promise<void>;
}

export function createLogGroups({ requireOpen, recover, ...place }: LogGroupsOptions): EventGroups {
  async function attempt<T>(doing: string, work: () => Promise<T>): Promise<T> {
    requireOpen();
    try {
      return await work();
    } catch (error) {
      throw diskRefusal(error, doing);
    }
  }

  /**
   * Those of all topics; a topic that is removed meanwhile is left out. What cannot be looked into
   * is told, and hides no other.
   */
  async function ofAllTopics<T>(
    work: (folder: TopicFolder) => Promise<readonly T[]>,
  ): Promise<readonly T[]> {
    const found: T[] = [];
    for (const name of (await place.disk.list(place.directory)).toSorted()) {
      if (!mayBeName(name)) continue;
      try {
        if (await place.disk.inode(lockPath(`${place.directory}/${name}`)) === undefined) continue;
        using folder = await openTopicFolder(place, name, undefined);
        found.push(...await work(folder));
      } catch (error) {
        if (isGone(error)) continue;
        if (!(error instanceof QueueError || error instanceof DiskError)) throw error;
        const fields = { topic: name, reason: error.message };
        logger.warn("The groups of topic {topic} are passed over: {reason}", fields);
      }
    }
    return found;
  }

  async function describe(group: string): Promise<DescribedGroup> {
    const positions = await ofAllTopics(async (folder) => {
      const found = (await findGroups(folder)).find(({ name }) => name === group);
      return found === undefined || !isKnown(found) ? [] : [await positionOf(folder, found)];
    });
    if (positions.length === 0) throw unknownGroup(group);
    return {
      group,
      kind,
      isActive: positions.some(({ holder }) => holder !== undefined),
      positions,
    };
  }

  async function reset(
    group: string,
    topic: string,
    to: StartFrom,
    execute: boolean,
  ): Promise<readonly PositionReset[]> {
    validateReset(topic, to);
    using folder = await openTopicFolder(place, topic, undefined);
    const path = groupPath(folder.path, group);
    const isThere = mayBeName(group) && await place.disk.inode(path) !== undefined;
    if (!isThere) throw unknownGroup(group, topic);
    using file = await place.disk.open(path, execute ? "write" : "read");
    // Members that stand by have the file open: none of them becomes active before it is moved.
    if (execute && !file.tryLock()) throw activeGroup(group);
    const state = await readGroupState(file, folder.logId);
    if (state === "none") throw unknownGroup(group, topic);
    if (state === "future version") throw futureVersion(path);
    if (state === "broken") throw corrupt(folder, `both positions in "${path}" cannot be read`);
    if (execute) await recover(folder);
    const after = await startPosition(folder, to);
    const end = await readDurableEnd(folder.durable, folder.logId);
    if (execute) await moveGroup(folder, file, state, Number(after), place.clock);
    const before = BigInt(state.position);
    return [{ partition: 0, before, after, end: BigInt(end?.next ?? Number(after)) }];
  }

  return {
    list: () =>
      attempt("list the groups", async () => {
        const names = await ofAllTopics(async (folder) =>
          (await findGroups(folder)).filter(isKnown).map(({ name }) => name)
        );
        return [...new Set(names)].toSorted().map((group) => ({ group, kind }));
      }),
    describe: (group) => attempt(`describe group "${group}"`, () => describe(group)),
    reset: (group, topic, to, { execute = false } = {}) =>
      attempt(`reset group "${group}" in topic "${topic}"`, () => reset(group, topic, to, execute)),
  };
}

/**
 * A file alone is none: somebody has opened it, and perhaps ended before it was a member. But for a
 * group that is required the log keeps all its records.
 */
const isKnown = ({ state, isActive, hold }: FoundGroup): boolean =>
  state !== "none" || isActive || hold === "required";

const isGone = (error: unknown): boolean =>
  error instanceof QueueError && error.code === "unknown_topic" ||
  error instanceof DiskError && error.code === "missing";

async function positionOf(folder: TopicFolder, group: FoundGroup): Promise<GroupPosition> {
  const { state, isActive } = group;
  const end = (await readDurableEnd(folder.durable, folder.logId))?.next ?? 0;
  const place = { topic: folder.topic, partition: 0, end: BigInt(end) };
  if (typeof state === "string") return { ...place, ...(isActive && { holder: "a process" }) };
  const [first = 0] = await segmentBases(folder);
  const lag = Math.max(0, end - Math.max(state.position, first));
  const waitingSince = lag === 0 ? undefined : await timeAt(folder, state.position);
  return {
    ...place,
    position: BigInt(state.position),
    lag: BigInt(lag),
    ...(waitingSince !== undefined && { waitingSince }),
    // A member that has just taken over has stored nothing yet.
    ...(isActive && { holder: `a process (the last commit is of ${state.pid})` }),
  };
}

/** The timestamp of the next record that can be read. */
async function timeAt(folder: TopicFolder, position: number): Promise<number | undefined> {
  const cursor = createLogCursor(folder, {
    skipCorrupt: true,
    onLoss: () => {},
    counted: () => undefined,
  });
  try {
    return (await cursor.read(position, 1)).records[0]?.timestamp;
  } catch (error) {
    // What is damaged is told where it is read.
    if (error instanceof QueueError && error.code === "corrupt") return undefined;
    throw error;
  } finally {
    cursor.close();
  }
}
