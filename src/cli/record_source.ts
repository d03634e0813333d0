/** Where `produce` takes its values from: an option, a file, standard input. */
import { canonicalJson } from "./canonical_json.ts";
import { CommandError } from "./command_error.ts";
import { decodeText } from "./decode_text.ts";
import { standardInput, unreadable } from "./readable_file.ts";
import type { CliServices } from "./services.ts";
import { joinBytes, splitLines } from "./split_lines.ts";

/** The options that say where values come from; exactly one is given. */
export interface SourceOptions {
  readonly value?: string;
  readonly json?: string;
  readonly file?: string;
  readonly stdin?: boolean;
  /** With `stdin`: what stands between a line's key and its value. Absent: lines are values. */
  readonly keySeparator?: string;
}

/** A value to publish, or why there is none; `name` says which it is. */
export type SourceValue =
  | { readonly name: string; readonly value: Uint8Array; readonly key?: string }
  | { readonly name: string; readonly fault: string };

/**
 * Far beyond what a queue takes (the queue itself says its limit), far below what would not fit
 * into memory.
 */
const maxValueBytes = 64 * 1024 * 1024;

const encoder = new TextEncoder();

/**
 * The values that the options name, in order, as they come.
 *
 * @throws {CommandError} where there is not exactly one source, or the file cannot be read, or the
 *   JSON is none.
 */
export function openSource(
  options: SourceOptions,
  services: Pick<CliServices, "stdin" | "resolvePath">,
  stop: AbortSignal,
): AsyncIterable<SourceValue> {
  const { value, json, file, stdin } = options;
  const given = [value, json, file, stdin].filter((source) => source !== undefined).length;
  if (given !== 1) {
    const is = given === 0 ? "No value is given" : `${given} values are given`;
    throw new CommandError(`${is}, wanted exactly one of --value, --json, --file, --stdin`, {
      exitCode: 2,
    });
  }
  if (options.keySeparator !== undefined && stdin === undefined) {
    throw new CommandError('Option "--key-separator" is given without "--stdin", wanted both', {
      exitCode: 2,
    });
  }
  if (value !== undefined) return one({ name: "--value", value: encoder.encode(value) });
  if (json !== undefined) return one({ name: "--json", value: encoder.encode(checkedJson(json)) });
  if (file === standardInput) return whole("Stdin", untilStopped(services.stdin, stop));
  if (file !== undefined) return fileValue(file, services.resolvePath(file));
  return lines(services.stdin, stop, options.keySeparator);
}

async function* one(value: SourceValue): AsyncGenerator<SourceValue> {
  yield value;
}

function checkedJson(text: string): string {
  try {
    return canonicalJson(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CommandError(`Option "--json" is not JSON: ${reason}`, { cause: error });
  }
}

async function* fileValue(name: string, path: string): AsyncGenerator<SourceValue> {
  let values: readonly SourceValue[];
  try {
    using handle = await Deno.open(path);
    values = await Array.fromAsync(whole(`File "${name}"`, handle.readable, name));
  } catch (error) {
    const reason = error instanceof Error ? error.name : String(error);
    const otherwise = `File "${name}" cannot be read (${reason}), wanted a file of bytes`;
    throw unreadable(path, "deno task produce --file - < FILE", error, otherwise);
  }
  yield* values;
}

/** All bytes as one value, as far as a record can be that large. */
async function* whole(
  what: string,
  bytes: AsyncIterable<Uint8Array>,
  name = what,
): AsyncGenerator<SourceValue> {
  let size = 0;
  const chunks: Uint8Array[] = [];
  for await (const chunk of bytes) {
    size += chunk.length;
    if (size > maxValueBytes) break;
    chunks.push(chunk);
  }
  if (size <= maxValueBytes) yield { name, value: joinBytes(chunks) };
  else yield { name, fault: `${what} has more than ${maxValueBytes} bytes, wanted at most that` };
}

async function* lines(
  stdin: CliServices["stdin"],
  stop: AbortSignal,
  keySeparator?: string,
): AsyncGenerator<SourceValue> {
  let number = 0;
  for await (const line of splitLines(untilStopped(stdin, stop), maxValueBytes, stop)) {
    const name = `Line ${++number}`;
    if ("tooLongBytes" in line) {
      yield {
        name,
        fault: `${name} has ${line.tooLongBytes} bytes, wanted at most ${maxValueBytes}`,
      };
      continue;
    }
    // Some editors begin a file with a byte order mark: it belongs to no record.
    const bytes = number === 1 ? withoutMark(line.bytes) : line.bytes;
    const text = decodeText(bytes);
    if (text === undefined) {
      yield { name, fault: `${name} is not UTF-8, wanted text (--file takes bytes as they are)` };
    } else if (keySeparator === undefined) yield { name, value: bytes };
    else yield keyed(name, text, keySeparator);
  }
}

function keyed(name: string, text: string, separator: string): SourceValue {
  const at = text.indexOf(separator);
  if (at === -1) {
    const wanted = `wanted a key, ${JSON.stringify(separator)} and a value`;
    return { name, fault: `${name} has no ${JSON.stringify(separator)}, ${wanted}` };
  }
  return { name, key: text.slice(0, at), value: encoder.encode(text.slice(at + separator.length)) };
}

const withoutMark = (line: Uint8Array): Uint8Array =>
  line[0] === 0xef && line[1] === 0xbb && line[2] === 0xbf ? line.subarray(3) : line;

/**
 * The stream's chunks until it ends or the user wants to stop; also a read that waits then ends.
 */
async function* untilStopped(
  stream: ReadableStream<Uint8Array>,
  stop: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  const cancel = (): void => void reader.cancel().catch(() => {});
  stop.addEventListener("abort", cancel, { once: true });
  if (stop.aborted) cancel();
  try {
    for (let read = await reader.read(); !read.done; read = await reader.read()) yield read.value;
  } finally {
    stop.removeEventListener("abort", cancel);
    cancel();
  }
}
