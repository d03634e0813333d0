/**
 * Reads a .env file, and finds the first line that would be understood otherwise than it is meant.
 */
import type { ConfigFault } from "./config_error.ts";
import { readText } from "./read_text.ts";

/** The variables of a `.env` file; none where there is no such file. */
export async function readDotEnv(
  file: string,
): Promise<{ readonly variables: Readonly<Record<string, string>> } | ConfigFault> {
  const read = await readText(file, 64 * 1024);
  if ("text" in read) {
    const fault = firstFault(read.text);
    if (fault === undefined) {
      // Takes a third of an empty start to load, and most starts have no such file.
      const { parseEnv } = await import("node:util");
      return { variables: definedOnly(parseEnv(read.text)) };
    }
    return { file, path: "", is: `${fault.is} on line ${fault.line}`, wanted: fault.wanted };
  }
  if (read.missing) return { variables: {} };
  return { file, path: "", is: read.is, wanted: read.wanted };
}

interface LineFault {
  /** From 1 on. */
  readonly line: number;
  /** Never the value: it may be a secret. */
  readonly is: string;
  readonly wanted: string;
}

const nameAndSign = /[ \t]*(?:export[ \t]+)?[A-Za-z_][A-Za-z0-9_.-]*[ \t]*=[ \t]*/y;

/**
 * parseEnv passes over what it does not understand, and cuts what it takes for a comment: a
 * forgotten "=" would silently be a variable that is not set, and the password `pa#ss` would be
 * `pa`.
 */
function firstFault(text: string): LineFault | undefined {
  const lines = text.split("\n").map((line) => line.replace(/\r$/, ""));
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const start = line.trimStart();
    if (start === "" || start.startsWith("#")) continue;
    nameAndSign.lastIndex = 0;
    if (!nameAndSign.test(line)) {
      return fault(index, "has no variable", "NAME=value or # comment");
    }
    const value = line.slice(nameAndSign.lastIndex);
    const [quote = ""] = value;
    if (!`"'\``.includes(quote) || quote === "") {
      if (/(?:^|[^ \t])#/.test(value)) return fault(index, 'has a "#" in a value', quotes);
      continue;
    }
    const last = closingLine(lines, index, quote);
    if (last === undefined) return fault(index, "has a quote that is not closed", quotes);
    const from = last === index ? value.slice(1) : lines[last] ?? "";
    const behind = from.slice(from.indexOf(quote) + 1);
    if (!/^[ \t]*(?:#|$)/.test(behind)) {
      return fault(last, "has text behind a closing quote", quotes);
    }
    index = last;
  }
  return undefined;
}

const quotes =
  "quotes of one kind around the whole value, such as NAME='a#b'; a comment after a blank";

const fault = (index: number, is: string, wanted: string): LineFault => ({
  line: index + 1,
  is,
  wanted,
});

/** The line on which the quote that a value opens is closed: it may be a later one. */
function closingLine(lines: readonly string[], first: number, quote: string): number | undefined {
  const line = lines[first] ?? "";
  if (line.indexOf(quote, line.indexOf(quote) + 1) !== -1) return first;
  for (let later = first + 1; later < lines.length; later++) {
    if (lines[later]?.includes(quote)) return later;
  }
  return undefined;
}

function definedOnly(variables: NodeJS.Dict<string>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]]
    ),
  );
}
