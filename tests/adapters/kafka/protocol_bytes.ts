/** Pieces of Kafka's protocol, for brokers that tests play. */

export const int8 = (value: number): Uint8Array => new Uint8Array([value]);
export const int16 = (value: number): Uint8Array => number(2, (view) => view.setInt16(0, value));
export const int32 = (value: number): Uint8Array => number(4, (view) => view.setInt32(0, value));
export const int64 = (value: bigint): Uint8Array => number(8, (view) => view.setBigInt64(0, value));

export function text(value: string): Uint8Array {
  const encoded = new TextEncoder().encode(value);
  return bytes(int16(encoded.length), encoded);
}

export const array = (items: readonly Uint8Array[]): Uint8Array =>
  bytes(int32(items.length), ...items);

export const bytes = (...parts: readonly Uint8Array[]): Uint8Array =>
  new Uint8Array(parts.flatMap((part) => [...part]));

function number(size: number, set: (view: DataView) => void): Uint8Array {
  const out = new Uint8Array(size);
  set(new DataView(out.buffer));
  return out;
}
