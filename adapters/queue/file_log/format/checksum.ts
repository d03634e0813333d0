import { crc32 as inTypeScript } from "./crc32.ts";
import { viewOf, writeUint64 } from "./uint64.ts";

/**
 * `node:zlib` is many times faster, and takes as long to load as an empty process takes to run: it
 * comes when so much has been summed that it pays.
 */
const worthLoadingBytes = 8 * 2 ** 20;

let crc32 = inTypeScript;
let summedBytes = 0;

/** CRC-32 as zlib has it. A CRC-32C would have to be made here, for ever. */
export function checksum(bytes: Uint8Array, seed = 0): number {
  if (summedBytes < worthLoadingBytes) {
    summedBytes += bytes.length;
    if (summedBytes >= worthLoadingBytes) loadNative();
  }
  return crc32(bytes, seed);
}

async function loadNative(): Promise<void> {
  crc32 = (await import("node:zlib")).crc32;
}

/**
 * What a segment's checksums start from: batches of another log or segment do not pass for batches
 * of this one.
 */
export function checksumSeed(logId: Uint8Array, segmentBase: number): number {
  const bytes = new Uint8Array(logId.length + 8);
  bytes.set(logId);
  writeUint64(viewOf(bytes), logId.length, segmentBase);
  return checksum(bytes);
}
