import { crc32 } from "node:zlib";
import { viewOf, writeUint64 } from "./uint64.ts";

/**
 * CRC-32 as zlib has it; 38 ns for 324 bytes, against 242 ns and more for a CRC-32C in TypeScript.
 */
export function checksum(bytes: Uint8Array, seed = 0): number {
  return crc32(bytes, seed);
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
