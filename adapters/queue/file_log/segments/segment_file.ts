/** A topic's segments by their names, and the one place where they are opened. */
import type { DiskFile, OpenMode } from "../disk/disk.ts";
import { decodeFooter, type Footer, footerBytes } from "../format/batch_format.ts";
import { checksumSeed } from "../format/checksum.ts";
import {
  decodeSegmentHeader,
  segmentBase,
  type SegmentHeader,
  segmentHeaderBytes,
  segmentName,
} from "../format/segment_header.ts";
import { sameLog } from "../format/stored_page.ts";
import type { Place } from "./segment_scan.ts";
import { futureVersion } from "./topic_fault.ts";
import type { TopicFolder } from "./topic_folder.ts";

/** A segment whose file is open, until it is disposed of. */
export interface SegmentFile extends Disposable {
  readonly base: number;
  readonly path: string;
  readonly file: DiskFile;
  /** What the checksums of its batches start from. */
  readonly seed: number;
  /** Where its first batch stands. */
  readonly start: Place;
  /**
   * Undefined where it cannot be read: damaged, of another log, or never finished.
   *
   * @throws {QueueError} `unsupported`: the segment is of a later format version.
   */
  readHeader(): Promise<SegmentHeader | undefined>;
  /** Undefined where no whole footer stands at that byte. */
  readFooter(at: number): Promise<Footer | undefined>;
}

export const segmentPath = (folder: TopicFolder, base: number): string =>
  `${folder.path}/${segmentName(base)}`;

/** In the order of offsets. */
export async function segmentBases({ disk, path }: TopicFolder): Promise<readonly number[]> {
  const bases = (await disk.list(path)).map(segmentBase);
  return bases.filter((base) => base !== undefined).toSorted((a, b) => a - b);
}

/** @throws {DiskError} by rejection: `missing` also where it is taken away with age. */
export async function openSegment(
  folder: TopicFolder,
  base: number,
  mode: OpenMode = "read",
): Promise<SegmentFile> {
  const path = segmentPath(folder, base);
  const file = await folder.disk.open(path, mode);
  const seed = checksumSeed(folder.logId, base);
  return {
    base,
    path,
    file,
    seed,
    start: { bytes: segmentHeaderBytes, next: base },
    async readHeader() {
      const page = new Uint8Array(segmentHeaderBytes);
      const filled = await file.read(0, page);
      const header = decodeSegmentHeader(page.subarray(0, filled));
      if (header === "future version") throw futureVersion(path);
      if (header === "blank" || header === "broken") return undefined;
      return header.base === base && sameLog(header.logId, folder.logId) ? header : undefined;
    },
    async readFooter(at) {
      const bytes = new Uint8Array(footerBytes);
      const filled = await file.read(at, bytes);
      return decodeFooter(bytes.subarray(0, filled), seed);
    },
    [Symbol.dispose]: () => file.close(),
  };
}

/** The header of a segment that nobody needs open. */
export async function headerOf(
  folder: TopicFolder,
  base: number,
): Promise<SegmentHeader | undefined> {
  using segment = await openSegment(folder, base);
  return await segment.readHeader();
}
