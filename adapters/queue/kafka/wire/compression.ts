/** How the records of a batch are packed, for the way and in the topic. */
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { errorCodes, KafkaProtocolError } from "./protocol_error.ts";

/** What a producer here can pack with. */
export type Compression = "none" | "gzip" | "zstd";

export interface Packed {
  readonly bytes: Uint8Array;
  /** The codec's number among the attributes of a record batch. */
  readonly codec: number;
}

/**
 * While it packs nothing else runs: Deno's asynchronous forms of these functions do their work on
 * the same thread. So the fastest level is the right one.
 */
const packers: Readonly<Record<Exclude<Compression, "none">, (bytes: Uint8Array) => Packed>> = {
  gzip: (bytes) => ({ bytes: gzipSync(bytes, { level: 1 }), codec: 1 }),
  zstd: (bytes) => ({
    bytes: zstdCompressSync(bytes, { params: { [constants.ZSTD_c_compressionLevel]: 1 } }),
    codec: 4,
  }),
};

/** @returns undefined where packing would save nothing. */
export function pack(bytes: Uint8Array, compression: Compression): Packed | undefined {
  if (compression === "none") return undefined;
  const packed = packers[compression](bytes);
  return packed.bytes.length < bytes.length ? packed : undefined;
}

/**
 * Unpacks what the platform cannot: other producers use it. Lent by a client library, which stands
 * above.
 */
export type LentUnpack = (codec: LentCodec, bytes: Uint8Array) => Promise<Uint8Array>;
export type LentCodec = "snappy" | "lz4";

/** A small batch may hold a flood: better one that is told as corrupt than no memory. */
const maxOutputLength = 256 * 1024 * 1024;

type Unpack = (bytes: Uint8Array, lent: LentUnpack) => Uint8Array | Promise<Uint8Array>;

/** All of Kafka's codecs by number, as in the attributes of a record batch. */
const unpackers: Readonly<Record<number, Unpack>> = {
  1: (bytes) => gunzipSync(bytes, { maxOutputLength }),
  2: (bytes, lent) => lent("snappy", bytes),
  3: (bytes, lent) => lent("lz4", bytes),
  4: (bytes) => zstdDecompressSync(bytes, { maxOutputLength }),
};

/**
 * @throws {KafkaProtocolError} for a codec of another number; else what the codec throws of damage.
 */
export async function unpack(
  bytes: Uint8Array,
  codec: number,
  lent: LentUnpack,
): Promise<Uint8Array> {
  const unpacker = unpackers[codec];
  if (unpacker === undefined) {
    throw new KafkaProtocolError(errorCodes.unsupportedCompression, "Fetch");
  }
  return await unpacker(bytes, lent);
}
