/**
 * Texts and their bytes. Most texts of an event are short and ASCII, and to call the platform's
 * encoder and decoder costs more than to copy them by hand.
 */

const encoder = new TextEncoder();
/** By default a decoder swallows a byte order mark, which may be part of what was typed. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const shortMax = 64;

/** Short texts are views of one array after the other: an array of its own costs six times more. */
const sharedBytes = 8_192;
let shared = new Uint8Array(sharedBytes);
let taken = 0;

/** The bytes of a text. They may be a part of a larger buffer. */
export function encodeUtf8(text: string): Uint8Array<ArrayBuffer> {
  if (text.length > shortMax) return encoder.encode(text);
  if (taken + text.length > sharedBytes) {
    shared = new Uint8Array(sharedBytes);
    taken = 0;
  }
  for (let at = 0; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit > 0x7f) return encoder.encode(text);
    shared[taken + at] = unit;
  }
  return shared.subarray(taken, taken += text.length);
}

/** @throws {TypeError} where the bytes are not UTF-8. */
export function decodeUtf8(bytes: Uint8Array): string {
  if (bytes.length > shortMax) return decoder.decode(bytes);
  for (let at = 0; at < bytes.length; at++) if (bytes[at]! > 0x7f) return decoder.decode(bytes);
  // In one go: a text that is put together byte by byte is garbage of as many pieces.
  return Reflect.apply(String.fromCharCode, null, bytes);
}
