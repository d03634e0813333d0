/**
 * A group's file: made once, begun once, its next state, and whether its log keeps for it what it
 * has not read. Whoever writes holds the group's lock.
 */
import type { Clock } from "../../../../src/ports/clock.ts";
import type { DiskFile } from "../disk/disk.ts";
import { DiskError } from "../disk/disk_error.ts";
import { recordsUpTo } from "./record_counts.ts";
import {
  groupFileBytes,
  type GroupHold,
  type GroupState,
  readGroupPage,
  writeGroupState,
} from "./slots.ts";
import { groupPath, type TopicFolder } from "./topic_folder.ts";

/** Of a group that has read nothing, and has no position. */
const notBegun: GroupState = {
  sequence: 0,
  position: 0,
  hasBegun: false,
  hold: "none",
  delivered: 0,
  deadLettered: 0,
  dropped: 0,
  recordsBefore: 0,
  time: 0,
  pid: 0,
};

/** Makes a new group's file, durably, at its full length. */
async function fillGroupFile({ disk, path }: TopicFolder, file: DiskFile): Promise<void> {
  await file.write(0, new Uint8Array(groupFileBytes));
  await file.sync();
  await disk.syncDirectory(path);
}

/** Makes a new group's file, where the group begins at once. */
export async function makeGroupFile(
  folder: TopicFolder,
  file: DiskFile,
  start: number,
  hold: GroupHold,
  clock: Clock,
): Promise<GroupState> {
  await fillGroupFile(folder, file);
  return await beginGroup(folder, file, start, { ...notBegun, hold }, clock);
}

/** Lets a group begin: from now on it has a position. */
export async function beginGroup(
  folder: TopicFolder,
  file: DiskFile,
  start: number,
  { sequence, hold }: Pick<GroupState, "sequence" | "hold">,
  clock: Clock,
): Promise<GroupState> {
  const recordsBefore = await recordsUpTo(folder, start);
  const begun = { ...notBegun, sequence, hold, hasBegun: true, position: start, recordsBefore };
  return await writeBoth(folder, file, begun, clock);
}

/**
 * Moves a group, by whoever holds its lock: as if it began there, so that its counts are those of
 * what it passes from now on. A crash leaves the old place or the new one.
 */
export const moveGroup = (
  folder: TopicFolder,
  file: DiskFile,
  state: GroupState,
  start: number,
  clock: Clock,
): Promise<GroupState> => beginGroup(folder, file, start, state, clock);

/** Says for good whether the log keeps for a group what it has not read. */
export function holdFor(
  folder: TopicFolder,
  file: DiskFile,
  state: GroupState,
  hold: GroupHold,
  clock: Clock,
): Promise<GroupState> {
  return writeBoth(folder, file, { ...state, hold }, clock);
}

/** With both slots, so that a slot that breaks later leaves one that says the same. */
async function writeBoth(
  folder: TopicFolder,
  file: DiskFile,
  before: GroupState,
  clock: Clock,
): Promise<GroupState> {
  let state = before;
  for (const _ of ["first slot", "second slot"]) {
    state = advanced(state, state.position, clock);
    await writeGroupState(file, folder.logId, state);
  }
  return state;
}

/** The next state to be written. A position never goes back. */
export function advanced(state: GroupState, position: number, clock: Clock): GroupState {
  return {
    ...state,
    sequence: state.sequence + 1,
    position: Math.max(position, state.position),
    time: Math.floor(clock.now()),
    pid: Deno.pid,
  };
}

/**
 * Makes a group one that the log keeps its records for, durably, whether it has ever read or not.
 *
 * @returns False where that cannot be written now: its active member has the file.
 */
export async function requireGroup(
  folder: TopicFolder,
  group: string,
  clock: Clock,
): Promise<boolean> {
  using file = await folder.disk.open(groupPath(folder.path, group), "create");
  const found = await readGroupPage(file, folder.logId);
  if (typeof found === "object" && found.hold === "required") return true;
  if (!file.tryLock()) return false;
  const state = await readGroupPage(file, folder.logId);
  // What cannot be read is kept for, too; a repair lets it begin anew.
  if (state === "broken" || state === "future version") return true;
  if (state === "none") await fillGroupFile(folder, file);
  await holdFor(folder, file, state === "none" ? notBegun : state, "required", clock);
  return true;
}

/**
 * Works on a group's state with its lock in hand; undefined where there is no file, or no state in
 * it, or a member is active.
 */
export async function withGroup<T>(
  { disk, logId }: TopicFolder,
  path: string,
  work: (file: DiskFile, state: GroupState) => Promise<T>,
): Promise<T | undefined> {
  try {
    using file = await disk.open(path, "write");
    if (!file.tryLock()) return undefined;
    const state = await readGroupPage(file, logId);
    return typeof state === "object" ? await work(file, state) : undefined;
  } catch (error) {
    if (error instanceof DiskError && error.code === "missing") return undefined;
    throw error;
  }
}
