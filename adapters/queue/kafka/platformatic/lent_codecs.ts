import { compressionsAlgorithms } from "@platformatic/kafka";
import { Buffer } from "node:buffer";
import type { LentCodec } from "../wire/compression.ts";

/** Unpacks with the library's codecs what the platform has none for. */
export function unpackLent(codec: LentCodec, bytes: Uint8Array): Uint8Array {
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return compressionsAlgorithms[codec].decompressSync(packed);
}
