/** A line without its end, or the length of one that is too long to be held. */
export type InputLine = { readonly bytes: Uint8Array } | { readonly tooLongBytes: number };

/**
 * The lines of a stream of bytes. A line ends with `\n` or `\r\n`; the last one may do without, but
 * not where `stop` has ended the stream: half a line would be published as if it were whole. Of a
 * line that is longer than `maxBytes` nothing is kept but its length: memory stays bounded whatever
 * comes.
 */
export async function* splitLines(
  chunks: AsyncIterable<Uint8Array>,
  maxBytes: number,
  stop?: AbortSignal,
): AsyncGenerator<InputLine> {
  let parts: Uint8Array[] = [];
  let length = 0;
  const add = (part: Uint8Array): void => {
    length += part.length;
    // One more for a "\r" that does not count.
    if (length > maxBytes + 1) parts = [];
    else if (part.length > 0) parts.push(part);
  };
  const take = (): InputLine => {
    const bytes = length > maxBytes + 1 ? undefined : withoutReturn(joinBytes(parts));
    const line = bytes === undefined || bytes.length > maxBytes
      ? { tooLongBytes: length }
      : { bytes };
    parts = [];
    length = 0;
    return line;
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(10); end !== -1; end = chunk.indexOf(10, start)) {
      add(chunk.subarray(start, end));
      start = end + 1;
      yield take();
    }
    add(chunk.subarray(start));
  }
  if (length > 0 && stop?.aborted !== true) yield take();
}

const withoutReturn = (line: Uint8Array): Uint8Array =>
  line.at(-1) === 13 ? line.subarray(0, -1) : line;

/**
 * The parts' bytes as one array of their own: also a single part is copied, so that what it was cut
 * from can be freed.
 */
export function joinBytes(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
