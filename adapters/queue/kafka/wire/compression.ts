import { Buffer } from "node:buffer";
import { constants, gunzipSync, gzipSync, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { KafkaProtocolError } from "../driver/fault.ts";

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

/** A small batch may hold a flood: better one that is told as corrupt than no memory. */
const maxOutputLength = 256 * 1024 * 1024;

type Unpack = (bytes: Uint8Array) => Uint8Array | Promise<Uint8Array>;

/** By number, as in the attributes of a record batch. */
const unpackers: Readonly<Record<number, Unpack>> = {
  1: (bytes) => gunzipSync(bytes, { maxOutputLength }),
  2: (bytes) => borrowed("snappy", bytes),
  3: (bytes) => borrowed("lz4", bytes),
  4: (bytes) => zstdDecompressSync(bytes, { maxOutputLength }),
};
const unsupportedCodec = 76;

/** What other producers have packed, all of Kafka's codecs. */
export async function unpack(bytes: Uint8Array, codec: number): Promise<Uint8Array> {
  const unpacker = unpackers[codec];
  if (unpacker === undefined) throw new KafkaProtocolError(unsupportedCodec, "Fetch");
  return await unpacker(bytes);
}

/** Of a client library, loaded when the first such batch comes. */
async function borrowed(name: "snappy" | "lz4", bytes: Uint8Array): Promise<Uint8Array> {
  const { compressionsAlgorithms } = await import("@platformatic/kafka");
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return compressionsAlgorithms[name].decompressSync(packed);
}
