const high = 2 ** 32;

/**
 * Writes a whole number below 2^53 as a little-endian u64; without a BigInt, which would be garbage
 * for each field.
 */
export function writeUint64(view: DataView, at: number, value: number): void {
  const upper = Math.floor(value / high);
  // Not the remainder, which takes several times as long.
  view.setUint32(at, value - upper * high, true);
  view.setUint32(at + 4, upper, true);
}

/** Exact below 2^53; a checksum has vouched for the bytes before the value is used. */
export function readUint64(view: DataView, at: number): number {
  return view.getUint32(at, true) + view.getUint32(at + 4, true) * high;
}

export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
