/**
 * An HTTP/2 client without TLS (RFC 9113 §3.3) that asks and takes no answer: it gives the server a
 * window of no bytes. Deno's server speaks HTTP/2 to whoever begins so.
 */

const preface = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/** As many as Deno's server allows on one connection. */
export const streamsOfOne = 200;

const encoder = new TextEncoder();
const frameTypes = { headers: 1, settings: 4 } as const;
const endOfStreamAndHeaders = 0x05;
const initialWindowSize = 4;

function frame(
  type: keyof typeof frameTypes,
  flags: number,
  stream: number,
  payload: readonly number[],
): readonly number[] {
  const { length } = payload;
  return [
    ...[length >> 16, length >> 8 & 0xff, length & 0xff],
    frameTypes[type],
    flags,
    ...[stream >> 24, stream >> 16 & 0xff, stream >> 8 & 0xff, stream & 0xff],
    ...payload,
  ];
}

/** HPACK (RFC 7541): `:method: GET` and `:scheme: http` are known, path and authority are told. */
function head(path: string): readonly number[] {
  const literal = (nameIndex: number, text: string): readonly number[] => {
    const bytes = encoder.encode(text);
    return [nameIndex, bytes.length, ...bytes];
  };
  return [0x82, 0x86, ...literal(0x04, path), ...literal(0x01, "shop")];
}

/** What it sends at once. @param path Of fewer than 127 characters. */
export function unreadAnswers(path: string): Uint8Array<ArrayBuffer> {
  const settings = frame("settings", 0, 0, [0, initialWindowSize, 0, 0, 0, 0]);
  const requests = Array.from(
    { length: streamsOfOne },
    (_, n) => frame("headers", endOfStreamAndHeaders, 1 + 2 * n, head(path)),
  );
  return Uint8Array.from([...encoder.encode(preface), ...settings, ...requests.flat()]);
}
