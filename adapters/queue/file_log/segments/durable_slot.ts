/**
 * The slot that says how far a log is durable. It is written after each sync and not synced itself: it never says more than
 * what is on the disk, and where the power takes it, recovery finds the end by reading.
 *
 * Two entries, written in turn, so that a reader in another process always finds one that is whole.
 */
import type { DiskFile } from "../disk/disk.ts";
import { logIdBytes, sameLog } from "../format/log_identity.ts";
import { checkPage, newPage, pageFieldsAt, sealPage } from "../format/stored_page.ts";
import { readUint64, viewOf, writeUint64 } from "../format/uint64.ts";

export const durableFileBytes = 4096;
const entryBytes = 512;
const entryPositions = [0, 2048] as const;
const magic = "SFLOGEND";

export interface DurableEnd {
  /** Grows with each write, whoever writes. */
  readonly sequence: number;
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
   * The offset that the log begins with: retention took what was before it. Undefined where that is not known, as in a slot
   * that was lost.
   */
  readonly begin: number | undefined;
  /** Written before a segment is left: whoever finds it looks for a newer segment. */
  readonly moving: boolean;
}

export async function writeDurableEnd(
  file: DiskFile,
  logId: Uint8Array,
  end: DurableEnd,
): Promise<void> {
  const { page, view } = newPage(entryBytes);
  page.set(logId, pageFieldsAt);
  writeUint64(view, 32, end.sequence);
  writeUint64(view, 40, end.segment);
  writeUint64(view, 48, end.bytes);
  writeUint64(view, 56, end.next);
  writeUint64(view, 64, end.records);
  writeUint64(view, 72, end.time);
  view.setUint32(80, end.moving ? 1 : 0, true);
  writeUint64(view, 88, end.begin === undefined ? 0 : end.begin + 1);
  await file.write(entryPositions[end.sequence % 2 === 0 ? 0 : 1], sealPage(page, magic));
}

/** The newest whole entry; undefined where there is none, as in a new log. */
export async function readDurableEnd(
  file: DiskFile,
  logId: Uint8Array,
): Promise<DurableEnd | undefined> {
  const page = new Uint8Array(durableFileBytes);
  await file.read(0, page);
  const [one, two] = entryPositions.map((at) =>
    decodeEntry(page.subarray(at, at + entryBytes), logId)
  );
  if (one === undefined || two === undefined) return one ?? two;
  return one.sequence > two.sequence ? one : two;
}

function decodeEntry(page: Uint8Array, logId: Uint8Array): DurableEnd | undefined {
  if (checkPage(page, magic) !== "whole") return undefined;
  if (!sameLog(page.subarray(pageFieldsAt, pageFieldsAt + logIdBytes), logId)) return undefined;
  const view = viewOf(page);
  const begin = readUint64(view, 88);
  return {
    sequence: readUint64(view, 32),
    segment: readUint64(view, 40),
    bytes: readUint64(view, 48),
    next: readUint64(view, 56),
    records: readUint64(view, 64),
    time: readUint64(view, 72),
    moving: view.getUint32(80, true) === 1,
    begin: begin === 0 ? undefined : begin - 1,
  };
}
