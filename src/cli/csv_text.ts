/** Where the text of a CSV file comes from: what is packed is unpacked, what is encoded decoded. */
import { createGunzip } from "node:zlib";
import { CommandError } from "./command_error.ts";

/** What a file begins with that is packed, or in UTF-16. */
const gzip = [0x1f, 0x8b];
const utf16: readonly (readonly [mark: readonly number[], encoding: string])[] = [
  [[0xff, 0xfe], "utf-16le"],
  [[0xfe, 0xff], "utf-16be"],
];

/** What bytes begin with, and all of them. */
interface Opened {
  readonly head: Uint8Array;
  readonly chunks: AsyncIterable<Uint8Array>;
}

const headLength = 2;

/**
 * The text of a file, in pieces. One that begins as gzip does is unpacked, whatever it is called,
 * also where it is several packed files in a row. UTF-8, and UTF-16 with a byte order mark; what is
 * neither becomes U+FFFD.
 *
 * @throws {CommandError} while it is read, where it cannot be read to its end.
 */
export async function* csvText(bytes: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  try {
    const packed = await opened(bytes);
    const { head, chunks } = begins(packed.head, gzip) ? await opened(unpacked(packed)) : packed;
    const encoding = utf16.find(([mark]) => begins(head, mark))?.[1] ?? "utf-8";
    const decoder = new TextDecoder(encoding);
    for await (const chunk of chunks) yield decoder.decode(chunk, { stream: true });
    yield decoder.decode();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new CommandError(`File cannot be read to its end: ${message}`, { cause: error });
  }
}

const begins = (bytes: Uint8Array, mark: readonly number[]): boolean =>
  mark.every((byte, index) => bytes[index] === byte);

async function opened(bytes: AsyncIterable<Uint8Array>): Promise<Opened> {
  const source = bytes[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let isOver = false;
  while (!isOver && first.reduce((length, chunk) => length + chunk.length, 0) < headLength) {
    const { value, done = false } = await source.next();
    if (!done) first.push(value);
    isOver = done;
  }

  async function* chunks(): AsyncGenerator<Uint8Array> {
    try {
      yield* first;
      for (let read = await source.next(); !read.done; read = await source.next()) yield read.value;
    } finally {
      // Who reads no further lets the file go.
      await source.return?.();
    }
  }
  return {
    head: Uint8Array.from(first.flatMap((chunk) => [...chunk.subarray(0, headLength)])),
    chunks: chunks(),
  };
}

/** In pieces so small that what they unpack to has room. */
const packedPiece = 4_096;

/**
 * By zlib's own reader: the platform's stream knows no second packed file behind the first. Fed by
 * hand, because a stream that fails throws away what it has unpacked before.
 */
async function* unpacked({ chunks }: Opened): AsyncGenerator<Uint8Array> {
  const gunzip = createGunzip();
  const pieces: Uint8Array[] = [];
  let failure: Error | undefined;
  /** Also where what follows the last packed file is nothing. */
  let isOver = false;
  let wake = () => {};
  const end = () => {
    isOver = true;
    wake();
  };
  gunzip.on("data", (piece: Uint8Array) => pieces.push(piece));
  gunzip.once("end", end);
  gunzip.on("error", (error: Error) => {
    failure = error;
    end();
  });
  const untilDone = (begin: (done: () => void) => void) =>
    new Promise<void>((resolve) => begin(wake = resolve));

  try {
    for await (const chunk of chunks) {
      for (let at = 0; at < chunk.length && !isOver; at += packedPiece) {
        await untilDone((done) => gunzip.write(chunk.subarray(at, at + packedPiece), () => done()));
        yield* pieces.splice(0);
      }
    }
    if (!isOver) await untilDone(() => gunzip.end());
    yield* pieces.splice(0);
    if (failure !== undefined) throw failure;
  } finally {
    gunzip.destroy();
  }
}
