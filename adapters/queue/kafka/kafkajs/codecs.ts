import { CompressionCodecs, CompressionTypes } from "kafkajs";
import { Buffer } from "node:buffer";
import { zstdDecompressSync } from "node:zlib";

interface Codec {
  decompress(packed: Buffer): Promise<Buffer>;
}

const zstd: Codec = { decompress: (packed) => Promise.resolve(zstdDecompressSync(packed)) };

/** Of the other client, loaded when the first such batch comes. */
const borrowed = (name: "snappy" | "lz4"): Codec => ({
  async decompress(packed) {
    const { compressionsAlgorithms } = await import("@platformatic/kafka");
    const bytes: Uint8Array = compressionsAlgorithms[name].decompressSync(packed);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  },
});

/** Has kafkajs read what other producers have packed: by itself it knows gzip only. */
export function registerCodecs(): void {
  CompressionCodecs[CompressionTypes.ZSTD] = () => zstd;
  CompressionCodecs[CompressionTypes.Snappy] = () => borrowed("snappy");
  CompressionCodecs[CompressionTypes.LZ4] = () => borrowed("lz4");
}
