/**
 * A group's file: two slots of 4 KiB, filled with zeros when it is made and written in turn, in place, so that a commit needs
 * no new block on a full disk and a torn one leaves the other whole.
 */
import type { DiskFile } from "../disk/disk.ts";
import { logIdBytes, sameLog } from "../format/log_identity.ts";
import { checkPage, newPage, pageFieldsAt, sealPage } from "../format/stored_page.ts";
import { readUint64, viewOf, writeUint64 } from "../format/uint64.ts";

const slotBytes = 4096;
export const groupFileBytes = 2 * slotBytes;
const magic = "SFLOGGRP";

export interface GroupState {
  /** Grows with each write. */
  readonly sequence: number;
  /** The offset of the next record to read. */
  readonly position: number;
  /** What became of the records before it, each counted once. */
  readonly delivered: number;
  readonly deadLettered: number;
  readonly dropped: number;
  /** Records that the log took before the group's first position: those it never had to read. */
  readonly recordsBefore: number;
  /** When it was written, milliseconds since the epoch, and by which process. */
  readonly time: number;
  readonly pid: number;
}

/** How many records the log took before the group's position, as the group counts them. */
export const recordsCounted = (state: GroupState): number =>
  state.recordsBefore + state.delivered + state.deadLettered + state.dropped;

export type GroupSlots = GroupState | "none" | "broken" | "future version";

export async function writeGroupState(
  file: DiskFile,
  logId: Uint8Array,
  state: GroupState,
): Promise<void> {
  const { page, view } = newPage(slotBytes);
  page.set(logId, pageFieldsAt);
  writeUint64(view, 32, state.sequence);
  writeUint64(view, 40, state.position);
  writeUint64(view, 48, state.delivered);
  writeUint64(view, 56, state.deadLettered);
  writeUint64(view, 64, state.dropped);
  writeUint64(view, 72, state.time);
  view.setUint32(80, state.pid, true);
  writeUint64(view, 88, state.recordsBefore);
  await file.write(state.sequence % 2 === 0 ? 0 : slotBytes, sealPage(page, magic));
  await file.sync();
}

/**
 * The newest whole slot. `none`: nothing was ever committed in this log. `broken`: something was, and can not be read.
 */
export async function readGroupState(file: DiskFile, logId: Uint8Array): Promise<GroupSlots> {
  const bytes = new Uint8Array(groupFileBytes);
  await file.read(0, bytes);
  const pages = [bytes.subarray(0, slotBytes), bytes.subarray(slotBytes)];
  const states = pages.map((page) => checkPage(page, magic));
  if (states.includes("future version")) return "future version";
  const whole = pages
    .filter((page, n) => states[n] === "whole" && belongs(page, logId))
    .map(decodeSlot)
    .toSorted((a, b) => b.sequence - a.sequence);
  if (whole[0] !== undefined) return whole[0];
  // The first commit, torn by a crash, was never acknowledged: its page is broken, the other one still blank.
  const [first, second] = states;
  return first === "broken" && second === "broken" ? "broken" : "none";
}

function belongs(page: Uint8Array, logId: Uint8Array): boolean {
  return sameLog(page.subarray(pageFieldsAt, pageFieldsAt + logIdBytes), logId);
}

function decodeSlot(page: Uint8Array): GroupState {
  const view = viewOf(page);
  return {
    sequence: readUint64(view, 32),
    position: readUint64(view, 40),
    delivered: readUint64(view, 48),
    deadLettered: readUint64(view, 56),
    dropped: readUint64(view, 64),
    time: readUint64(view, 72),
    pid: view.getUint32(80, true),
    recordsBefore: readUint64(view, 88),
  };
}
