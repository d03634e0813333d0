import { constants, gzipSync, zstdCompressSync } from "node:zlib";

/** How the records of a batch are packed, for the way and in the topic. */
export type Compression = "none" | "gzip" | "zstd";

export interface Packed {
  readonly bytes: Uint8Array;
  /** The codec's number among the attributes of a record batch. */
  readonly codec: number;
}

/**
 * While it packs nothing else runs: Deno's asynchronous forms of these functions do their work on the same thread. So the fastest level
 * is the right one.
 */
const codecs: Readonly<Record<Exclude<Compression, "none">, (bytes: Uint8Array) => Packed>> = {
  gzip: (bytes) => ({ bytes: gzipSync(bytes, { level: 1 }), codec: 1 }),
  zstd: (bytes) => ({
    bytes: zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
    codec: 4,
  }),
};

/** @returns undefined where packing would save nothing. */
export function pack(bytes: Uint8Array, compression: Compression): Packed | undefined {
  if (compression === "none") return undefined;
  const packed = codecs[compression](bytes);
  return packed.bytes.length < bytes.length ? packed : undefined;
}
