/** Reads what Kafka's protocol is made of, from front to back. */
export interface ByteReader {
  /** Bytes that are left. */
  readonly left: number;
  skip(count: number): void;
  int8(): number;
  int16(): number;
  int32(): number;
  int64(): bigint;
  /** Of variable length and either sign; exact up to 2 ** 53. */
  varint(): number;
  /** The same, exact for all 64 bits. */
  varlong(): number | bigint;
  /** Of variable length, never negative. */
  uvarint(): number;
  /** The same memory, not a copy. */
  bytes(count: number): Uint8Array;
  text(count: number): string;
  /** A list whose length stands before it; none where that is negative. */
  list<T>(read: () => T): T[];
  /** The same in versions of the protocol whose lengths are of variable size. */
  compactList<T>(read: () => T): T[];
  /** What such versions may add to anything; none of it is wanted here. */
  skipTags(): void;
}

const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

/** @throws {RangeError} from its methods, where there is less than they are to read. */
export function createByteReader(source: Uint8Array): ByteReader {
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength);
  let at = 0;

  function advance(count: number): number {
    if (count < 0 || count > source.length - at) {
      throw new RangeError(`There are ${source.length - at} bytes left, wanted ${count}`);
    }
    at += count;
    return at - count;
  }

  function bytes(count: number): Uint8Array {
    const from = advance(count);
    return new Uint8Array(source.buffer, source.byteOffset + from, count);
  }

  const int32 = (): number => view.getInt32(advance(4));

  function uvarint(): number {
    let value = 0;
    for (let factor = 1;; factor *= 128) {
      const byte = source[advance(1)]!;
      value += (byte & 0x7f) * factor;
      if (byte < 0x80) return value;
    }
  }

  return {
    get left() {
      return source.length - at;
    },
    skip: (count) => void advance(count),
    int8: () => view.getInt8(advance(1)),
    int16: () => view.getInt16(advance(2)),
    int32,
    int64: () => view.getBigInt64(advance(8)),
    varint() {
      const zigzag = uvarint();
      return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    },
    varlong() {
      const from = at;
      const value = this.varint();
      // Seven bytes hold 49 bits.
      if (at - from <= 7) return value;
      let zigzag = 0n;
      for (let n = from; n < at; n++) zigzag |= BigInt(source[n]! & 0x7f) << BigInt(7 * (n - from));
      return BigInt.asIntN(64, (zigzag >> 1n) ^ -(zigzag & 1n));
    },
    uvarint,
    bytes,
    text: (count) => decoder.decode(bytes(count)),
    list: (read) => Array.from({ length: Math.max(0, int32()) }, read),
    compactList: (read) => Array.from({ length: Math.max(0, uvarint() - 1) }, read),
    skipTags() {
      for (let tags = uvarint(); tags > 0; tags--) {
        uvarint();
        advance(uvarint());
      }
    },
  };
}
