/** A group's file: made once, begun once, and its next state. */
import type { Clock } from "../../../../src/ports/clock.ts";
import type { DiskFile } from "../disk/disk.ts";
import { recordsUpTo } from "../segments/record_counts.ts";
import { groupFileBytes, type GroupState, writeGroupState } from "../segments/slots.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";

/** Makes a new group's file, durably, at its full length. */
export async function makeGroupFile(
  folder: TopicFolder,
  file: DiskFile,
  start: number,
  clock: Clock,
): Promise<GroupState> {
  await file.write(0, new Uint8Array(groupFileBytes));
  await file.sync();
  await folder.disk.syncDirectory(folder.path);
  return await beginGroup(folder, file, start, clock);
}

/**
 * Lets a group begin, with both slots, so that a slot that breaks later leaves one that is whole.
 *
 * @param sequence Of what is written already. Default: there is nothing.
 */
export async function beginGroup(
  folder: TopicFolder,
  file: DiskFile,
  start: number,
  clock: Clock,
  sequence = 0,
): Promise<GroupState> {
  const recordsBefore = await recordsUpTo(folder, start);
  const counts = { delivered: 0, deadLettered: 0, dropped: 0, recordsBefore };
  let state: GroupState = { sequence, position: start, ...counts, time: 0, pid: 0 };
  for (const _ of ["first slot", "second slot"]) {
    state = advanced(state, start, clock);
    await writeGroupState(file, folder.logId, state);
  }
  return state;
}

/**
 * Moves a group, by whoever holds its lock: as if it began there, so that its counts are those of
 * what it passes from now on. A crash leaves the old place or the new one.
 */
export const moveGroup = (
  folder: TopicFolder,
  file: DiskFile,
  { sequence }: GroupState,
  start: number,
  clock: Clock,
): Promise<GroupState> => beginGroup(folder, file, start, clock, sequence);

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
