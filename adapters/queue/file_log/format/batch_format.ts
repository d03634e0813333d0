/**
 * The wing `format` is bytes: pages of fields, batches and records as FORMAT.md describes them,
 * with their checksums. It reads and writes memory alone, and knows no file, no clock and no other
 * wing.
 *
 * This file is batches and the footer: what stands in a segment behind its header, each on an
 * 8-byte boundary.
 */
import { checksum } from "./checksum.ts";
import { formatVersion } from "./stored_page.ts";
import { readUint64, viewOf, writeUint64 } from "./uint64.ts";

export const batchHeaderBytes = 48;
export const footerBytes = 64;
/**
 * A length beyond this is not believed, so that a flipped bit does not make a reader ask for
 * gigabytes.
 */
export const maxBatchBytes = 256 * 1024 * 1024;

const batchMagic = 0x48544253; // "SBTH"
const footerMagic = 0x544f4653; // "SFOT"
/** The checksum covers everything behind itself; the magic before it is compared. */
const checkedFrom = 8;

export interface BatchHead {
  /** Header, records and padding; a multiple of 8. */
  readonly bytes: number;
  readonly count: number;
  readonly baseOffset: number;
  /** What was durable when this batch was written: a bad batch below it was acknowledged. */
  readonly syncedThrough: number;
  /** Milliseconds since the epoch; never less than that of an earlier batch. */
  readonly time: number;
}

export interface Footer {
  /** The offset after the segment's last record. */
  readonly next: number;
  /** Records in the segment. */
  readonly count: number;
  /** Where its last batch ends, and this footer begins. */
  readonly length: number;
  readonly time: number;
}

/** Rounds up to the next boundary. */
export const aligned = (bytes: number): number => Math.ceil(bytes / 8) * 8;

/** Writes the header into the first bytes of `batch`, over records that are there already. */
export function sealBatch(batch: Uint8Array, head: Omit<BatchHead, "bytes">, seed: number): void {
  const view = viewOf(batch);
  view.setUint32(0, batchMagic, true);
  view.setUint16(8, formatVersion, true);
  view.setUint16(10, 0, true);
  view.setUint32(12, batch.length, true);
  writeUint64(view, 16, head.baseOffset);
  writeUint64(view, 24, head.syncedThrough);
  writeUint64(view, 32, head.time);
  view.setUint32(40, head.count, true);
  view.setUint32(44, 0, true);
  view.setUint32(4, checksum(batch.subarray(checkedFrom), seed), true);
}

export function encodeFooter(footer: Footer, seed: number): Uint8Array {
  const bytes = new Uint8Array(footerBytes);
  const view = viewOf(bytes);
  view.setUint32(0, footerMagic, true);
  view.setUint16(8, formatVersion, true);
  view.setUint32(12, footerBytes, true);
  writeUint64(view, 16, footer.next);
  writeUint64(view, 24, footer.count);
  writeUint64(view, 32, footer.time);
  writeUint64(view, 40, footer.length);
  view.setUint32(4, checksum(bytes.subarray(checkedFrom), seed), true);
  return bytes;
}

export function decodeFooter(bytes: Uint8Array, seed: number): Footer | undefined {
  if (bytes.length < footerBytes) return undefined;
  const view = viewOf(bytes);
  if (view.getUint32(0, true) !== footerMagic) return undefined;
  if (view.getUint32(4, true) !== checksum(bytes.subarray(checkedFrom, footerBytes), seed)) {
    return undefined;
  }
  return {
    next: readUint64(view, 16),
    count: readUint64(view, 24),
    time: readUint64(view, 32),
    length: readUint64(view, 40),
  };
}

/** What stands at a place of a segment, so far as the bytes at hand tell. */
export type Found =
  | { readonly kind: "batch"; readonly head: BatchHead }
  | { readonly kind: "footer"; readonly footer: Footer }
  /** Zeros or the end: nothing was written here. */
  | { readonly kind: "nothing" }
  /** More bytes are needed to tell: so many from this place on. */
  | { readonly kind: "more"; readonly bytes: number }
  /** A batch of a later format version, vouched for by its checksum. */
  | { readonly kind: "future version" }
  | { readonly kind: "bad" };

/** @param next The offset that a batch at this place must begin with. */
export function findAt(bytes: Uint8Array, at: number, next: number, seed: number): Found {
  const available = bytes.length - at;
  if (available < batchHeaderBytes) {
    return bytes.subarray(at).every((byte) => byte === 0)
      ? { kind: "nothing" }
      : { kind: "more", bytes: batchHeaderBytes };
  }
  const view = viewOf(bytes);
  const magic = view.getUint32(at, true);
  const length = view.getUint32(at + 12, true);
  if (magic === footerMagic) {
    if (available < footerBytes) return { kind: "more", bytes: footerBytes };
    const footer = decodeFooter(bytes.subarray(at, at + footerBytes), seed);
    return footer?.next === next ? { kind: "footer", footer } : { kind: "bad" };
  }
  if (magic !== batchMagic) return { kind: magic === 0 && length === 0 ? "nothing" : "bad" };
  if (length < batchHeaderBytes || length % 8 !== 0 || length > maxBatchBytes) {
    return { kind: "bad" };
  }
  const head: BatchHead = {
    bytes: length,
    count: view.getUint32(at + 40, true),
    baseOffset: readUint64(view, at + 16),
    syncedThrough: readUint64(view, at + 24),
    time: readUint64(view, at + 32),
  };
  if (head.baseOffset !== next || head.syncedThrough > next) return { kind: "bad" };
  if (available < length) return { kind: "more", bytes: length };
  const sum = checksum(bytes.subarray(at + checkedFrom, at + length), seed);
  if (view.getUint32(at + 4, true) !== sum) return { kind: "bad" };
  if (view.getUint16(at + 8, true) !== formatVersion) return { kind: "future version" };
  return { kind: "batch", head };
}

/** Whether a batch might begin here: worth a look at its checksum. */
export function looksLikeBatch(view: DataView, at: number): boolean {
  return view.getUint32(at, true) === batchMagic;
}

/** The length and first offset that the bytes of a supposed batch claim. */
export function claimedHead(view: DataView, at: number): { bytes: number; baseOffset: number } {
  return { bytes: view.getUint32(at + 12, true), baseOffset: readUint64(view, at + 16) };
}

/**
 * What the header of a supposed batch says, unchecked but for its form; undefined where it is none
 * of a batch.
 */
export function headerAt(
  view: DataView,
  at: number,
): Omit<BatchHead, "syncedThrough" | "time"> | undefined {
  const bytes = view.getUint32(at + 12, true);
  if (!looksLikeBatch(view, at) || bytes < batchHeaderBytes || bytes % 8 !== 0) return undefined;
  if (bytes > maxBatchBytes) return undefined;
  return { bytes, count: view.getUint32(at + 40, true), baseOffset: readUint64(view, at + 16) };
}
