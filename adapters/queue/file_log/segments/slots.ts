/**
 * State that is written over and over in its place: two pages in turn, each with a sequence and a
 * checksum. A torn one leaves the other whole, a reader in another process always finds one that is
 * whole, and, because the file is filled with zeros when it is made, no write needs a new block on
 * a full disk.
 *
 * There are two such states: how far a log is durable, and the position of a group.
 */
import type { DiskFile } from "../disk/disk.ts";
import {
  checkPage,
  logIdBytes,
  newPage,
  pageFieldsAt,
  type PageState,
  sameLog,
  sealPage,
} from "../format/stored_page.ts";
import { readUint64, viewOf, writeUint64 } from "../format/uint64.ts";

/** Behind magic, version, checksum and log id. */
const sequenceAt = 32;

interface SlotFormat<State> {
  readonly magic: string;
  readonly pageBytes: number;
  readonly fileBytes: number;
  readonly positions: readonly [number, number];
  /** Fields from byte 40 on. */
  encode(view: DataView, state: State): void;
  decode(view: DataView, sequence: number): State;
}

interface Sequenced {
  /** Grows with each write, whoever writes. */
  readonly sequence: number;
}

async function writeSlot<State extends Sequenced>(
  file: DiskFile,
  logId: Uint8Array,
  { magic, pageBytes, positions, encode }: SlotFormat<State>,
  state: State,
): Promise<void> {
  const { page, view } = newPage(pageBytes);
  page.set(logId, pageFieldsAt);
  writeUint64(view, sequenceAt, state.sequence);
  encode(view, state);
  await file.write(positions[state.sequence % 2 === 0 ? 0 : 1], sealPage(page, magic));
}

interface Slots<State> {
  /** The newest whole page of this log. */
  readonly newest: State | undefined;
  readonly pages: readonly PageState[];
}

async function readSlots<State extends Sequenced>(
  file: DiskFile,
  logId: Uint8Array,
  { magic, pageBytes, fileBytes, positions, decode }: SlotFormat<State>,
): Promise<Slots<State>> {
  const bytes = new Uint8Array(fileBytes);
  await file.read(0, bytes);
  let newest: State | undefined;
  const pages = positions.map((at) => {
    const page = bytes.subarray(at, at + pageBytes);
    const state = checkPage(page, magic);
    const id = page.subarray(pageFieldsAt, pageFieldsAt + logIdBytes);
    if (state !== "whole" || !sameLog(id, logId)) return state;
    const view = viewOf(page);
    const sequence = readUint64(view, sequenceAt);
    if (newest === undefined || sequence > newest.sequence) newest = decode(view, sequence);
    return state;
  });
  return { newest, pages };
}

/**
 * How far a log is durable. It is written after each sync and not synced itself: it never says more
 * than what is on the disk, and where the power takes it, recovery finds the end by reading.
 */
export interface DurableEnd extends Sequenced {
  readonly segment: number;
  /** Exclusive, in bytes of that segment. */
  readonly bytes: number;
  /** The offset of the next record. */
  readonly next: number;
  /** How many records the log took, ever. */
  readonly records: number;
  /** The time of the last batch. */
  readonly time: number;
  /**
   * The offset that the log begins with: retention took what was before it. Undefined where that is
   * not known, as in a slot that was lost.
   */
  readonly begin: number | undefined;
  /** Written before a segment is left: whoever finds it looks for a newer segment. */
  readonly moving: boolean;
}

const durableFormat: SlotFormat<DurableEnd> = {
  magic: "SFLOGEND",
  pageBytes: 512,
  fileBytes: 4096,
  positions: [0, 2048],
  encode(view, end) {
    writeUint64(view, 40, end.segment);
    writeUint64(view, 48, end.bytes);
    writeUint64(view, 56, end.next);
    writeUint64(view, 64, end.records);
    writeUint64(view, 72, end.time);
    view.setUint32(80, end.moving ? 1 : 0, true);
    writeUint64(view, 88, end.begin === undefined ? 0 : end.begin + 1);
  },
  decode(view, sequence) {
    const begin = readUint64(view, 88);
    return {
      sequence,
      segment: readUint64(view, 40),
      bytes: readUint64(view, 48),
      next: readUint64(view, 56),
      records: readUint64(view, 64),
      time: readUint64(view, 72),
      moving: view.getUint32(80, true) === 1,
      begin: begin === 0 ? undefined : begin - 1,
    };
  },
};

export const durableFileBytes = durableFormat.fileBytes;

export const writeDurableEnd = (
  file: DiskFile,
  logId: Uint8Array,
  end: DurableEnd,
): Promise<void> => writeSlot(file, logId, durableFormat, end);

/** Undefined where nothing can be read, as in a new log. */
export const readDurableEnd = async (
  file: DiskFile,
  logId: Uint8Array,
): Promise<DurableEnd | undefined> => (await readSlots(file, logId, durableFormat)).newest;

/**
 * Whether a log keeps for a group what it has not read: a fact of the log, not of the process that
 * writes to it. `released`: it did, until an operator gave the group up.
 */
export type GroupHold = "none" | "required" | "released";

/** A group's position. */
export interface GroupState extends Sequenced {
  /** The offset of the next record to read. */
  readonly position: number;
  /** False: it has no position yet, and has read nothing. */
  readonly hasBegun: boolean;
  readonly hold: GroupHold;
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

const groupPageBytes = 4096;
/** By their numbers; files from before there were any have 0. */
const holds: readonly GroupHold[] = ["none", "required", "released"];

const groupFormat: SlotFormat<GroupState> = {
  magic: "SFLOGGRP",
  pageBytes: groupPageBytes,
  fileBytes: 2 * groupPageBytes,
  positions: [0, groupPageBytes],
  encode(view, state) {
    writeUint64(view, 40, state.position);
    writeUint64(view, 48, state.delivered);
    writeUint64(view, 56, state.deadLettered);
    writeUint64(view, 64, state.dropped);
    writeUint64(view, 72, state.time);
    view.setUint32(80, state.pid, true);
    view.setUint8(84, holds.indexOf(state.hold));
    view.setUint8(85, state.hasBegun ? 0 : 1);
    writeUint64(view, 88, state.recordsBefore);
  },
  decode: (view, sequence) => ({
    sequence,
    position: readUint64(view, 40),
    delivered: readUint64(view, 48),
    deadLettered: readUint64(view, 56),
    dropped: readUint64(view, 64),
    time: readUint64(view, 72),
    pid: view.getUint32(80, true),
    // What is not known keeps records rather than lose them.
    hold: holds[view.getUint8(84)] ?? "required",
    hasBegun: view.getUint8(85) === 0,
    recordsBefore: readUint64(view, 88),
  }),
};

export const groupFileBytes = groupFormat.fileBytes;

/** How many records the log took before the group's position, as the group counts them. */
export const recordsCounted = (state: GroupState): number =>
  state.recordsBefore + state.delivered + state.deadLettered + state.dropped;

/** `none`: nothing was ever committed in this log. `broken`: something was, and can not be read. */
export type FoundGroupState = GroupState | "none" | "broken" | "future version";

/** Durable when this resolves. */
export async function writeGroupState(
  file: DiskFile,
  logId: Uint8Array,
  state: GroupState,
): Promise<void> {
  await writeSlot(file, logId, groupFormat, state);
  await file.sync();
}

/** A group's position. `none` also where it has none yet. */
export async function readGroupState(file: DiskFile, logId: Uint8Array): Promise<FoundGroupState> {
  const found = await readGroupPage(file, logId);
  return typeof found === "object" && !found.hasBegun ? "none" : found;
}

/** All that a group's file says, also of a group that has no position yet. */
export async function readGroupPage(file: DiskFile, logId: Uint8Array): Promise<FoundGroupState> {
  const { newest, pages } = await readSlots(file, logId, groupFormat);
  if (pages.includes("future version")) return "future version";
  if (newest !== undefined) return newest;
  // The first commit, torn by a crash, was never acknowledged: its page is broken, the other one
  // still blank.
  return pages.every((state) => state === "broken") ? "broken" : "none";
}
