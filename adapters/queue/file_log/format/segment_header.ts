/** A segment's name and its first page, which says what it follows upon. */
import {
  checkPage,
  logIdBytes,
  newPage,
  pageFieldsAt,
  type PageState,
  sealPage,
} from "./stored_page.ts";
import { readUint64, viewOf, writeUint64 } from "./uint64.ts";

/** A page of its own: no batch is ever written into it. */
export const segmentHeaderBytes = 4096;
const magic = "SFLOGSEG";

/**
 * How far offsets jump over damage: what was written there, and by whom, cannot be told for sure.
 */
export const corruptJump = 2 ** 32;

/** Why a segment was left; only what the next one says of it counts. */
export type EndedBy = "roll" | "failed sync" | "corrupt" | "repair";
const endings: readonly (EndedBy | undefined)[] = [
  undefined,
  "roll",
  "failed sync",
  "corrupt",
  "repair",
];

export interface SegmentHeader {
  readonly logId: Uint8Array;
  /** The offset of its first record. */
  readonly base: number;
  /** Milliseconds since the epoch, never less than that of an earlier segment or batch. */
  readonly time: number;
  /** How many records the log took before this segment: offsets may jump, counts do not. */
  readonly recordsBefore: number;
  /** Undefined in a log's first segment. */
  readonly predecessor: Predecessor | undefined;
}

export interface Predecessor {
  readonly base: number;
  /** Its end; offsets from there to this segment's base were never given. */
  readonly next: number;
  /**
   * Where its last batch ends, in bytes; what stands behind that is void, but for a footer after a
   * roll.
   */
  readonly length: number;
  readonly endedBy: EndedBy;
}

export function encodeSegmentHeader(header: SegmentHeader): Uint8Array {
  const { page, view } = newPage(segmentHeaderBytes);
  const { predecessor } = header;
  page.set(header.logId, pageFieldsAt);
  writeUint64(view, 32, header.base);
  writeUint64(view, 40, header.time);
  writeUint64(view, 48, header.recordsBefore);
  view.setUint32(56, endings.indexOf(predecessor?.endedBy), true);
  if (predecessor !== undefined) {
    writeUint64(view, 64, predecessor.base);
    writeUint64(view, 72, predecessor.next);
    writeUint64(view, 80, predecessor.length);
  }
  return sealPage(page, magic);
}

export function decodeSegmentHeader(
  page: Uint8Array,
): SegmentHeader | Exclude<PageState, "whole"> {
  const state = checkPage(page, magic);
  if (state !== "whole") return state;
  const view = viewOf(page);
  const endedBy = endings[view.getUint32(56, true)];
  return {
    logId: page.slice(pageFieldsAt, pageFieldsAt + logIdBytes),
    base: readUint64(view, 32),
    time: readUint64(view, 40),
    recordsBefore: readUint64(view, 48),
    predecessor: endedBy && {
      base: readUint64(view, 64),
      next: readUint64(view, 72),
      length: readUint64(view, 80),
      endedBy,
    },
  };
}

/** Twenty digits hold every u64, so that names sort as numbers do. */
export function segmentName(base: number): string {
  return `${String(base).padStart(20, "0")}.segment`;
}

/** The base in a segment's name, or undefined for another file's. */
export function segmentBase(name: string): number | undefined {
  const digits = /^(\d{20})\.segment$/.exec(name)?.[1];
  return digits === undefined ? undefined : Number(digits);
}
