/**
 * Eight tables of 256: what a byte does to the checksum, and what it has done after one to seven
 * more bytes.
 */
const tables = makeTables(0x82f63b78);

/**
 * The checksum of Kafka's record batches: CRC-32 with Castagnoli's polynomial (RFC 3720, appendix
 * B.4), which `node:zlib` lacks. Eight bytes a step, which is several times as fast as byte by
 * byte.
 */
export function crc32c(bytes: Uint8Array): number {
  let crc = -1;
  let n = 0;
  for (; n + 8 <= bytes.length; n += 8) {
    const low = crc ^
      (bytes[n]! | (bytes[n + 1]! << 8) | (bytes[n + 2]! << 16) | (bytes[n + 3]! << 24));
    crc = tables[1792 | (low & 255)]! ^ tables[1536 | ((low >>> 8) & 255)]! ^
      tables[1280 | ((low >>> 16) & 255)]! ^ tables[1024 | (low >>> 24)]! ^
      tables[768 | bytes[n + 4]!]! ^ tables[512 | bytes[n + 5]!]! ^
      tables[256 | bytes[n + 6]!]! ^ tables[bytes[n + 7]!]!;
  }
  for (; n < bytes.length; n++) crc = tables[(crc ^ bytes[n]!) & 255]! ^ (crc >>> 8);
  return (crc ^ -1) >>> 0;
}

function makeTables(polynomial: number): Int32Array {
  const made = new Int32Array(8 * 256);
  for (let byte = 0; byte < 256; byte++) {
    let crc = byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ polynomial;
    made[byte] = crc;
  }
  for (let n = 256; n < made.length; n++) {
    const before = made[n - 256]!;
    made[n] = (before >>> 8) ^ made[before & 255]!;
  }
  return made;
}
