/** A file's text, or why there is none, as a predicate and what is wanted. */
export type ReadText =
  | { readonly text: string }
  | { readonly missing: boolean; readonly is: string; readonly wanted: string };

/** Reads a UTF-8 file of at most `maxBytes`; never throws. A byte order mark is taken off. */
export async function readText(file: string, maxBytes: number): Promise<ReadText> {
  let bytes: Uint8Array;
  try {
    bytes = await readBounded(file, maxBytes + 1);
  } catch (error) {
    return explain(error, file);
  }
  if (bytes.length > maxBytes) {
    return fault(`is larger than ${maxBytes} bytes`, `a file of at most ${maxBytes} bytes`);
  }
  try {
    return { text: new TextDecoder("utf-8", { fatal: true }).decode(bytes) };
  } catch {
    return fault("is not UTF-8", "UTF-8 text");
  }
}

async function readBounded(file: string, maxBytes: number): Promise<Uint8Array> {
  using handle = await Deno.open(file);
  const chunks: Uint8Array[] = [];
  let length = 0;
  while (length < maxBytes) {
    const chunk = new Uint8Array(Math.min(65536, maxBytes - length));
    const read = await handle.read(chunk);
    if (read === null) break;
    chunks.push(chunk.subarray(0, read));
    length += read;
  }
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, at);
    at += chunk.length;
  }
  return bytes;
}

function explain(error: unknown, file: string): ReadText {
  if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) {
    return { missing: true, is: "does not exist", wanted: "a file that can be read" };
  }
  if (error instanceof Deno.errors.NotCapable) {
    return fault(
      "may not be read by this process",
      `the flag --allow-read or --allow-read=${file}`,
    );
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return fault("may not be read by this user", "a file that can be read");
  }
  if (
    error instanceof Deno.errors.IsADirectory || Reflect.get(Object(error), "code") === "EISDIR"
  ) {
    return fault("is a directory", "a file");
  }
  const name = error instanceof Error ? error.name : "an unknown error";
  return fault(`cannot be read (${name})`, "a file that can be read");
}

const fault = (is: string, wanted: string): ReadText => ({ missing: false, is, wanted });
