import { parseEnv } from "node:util";
import type { ConfigFault } from "./config_error.ts";
import { readText } from "./read_text.ts";

/** The variables of a `.env` file; none where there is no such file. */
export async function readDotEnv(
  file: string,
): Promise<{ readonly variables: Readonly<Record<string, string>> } | ConfigFault> {
  const read = await readText(file, 256 * 1024);
  if ("text" in read) {
    const line = firstBadLine(read.text);
    if (line === undefined) return { variables: definedOnly(parseEnv(read.text)) };
    return {
      file,
      path: "",
      is: `has no variable on line ${line}`,
      wanted: "NAME=value or # comment",
    };
  }
  if (read.missing) return { variables: {} };
  return { file, path: "", is: read.is, wanted: read.wanted };
}

/** parseEnv passes over what it does not understand: a forgotten "=" would silently be a variable that is not set. */
function firstBadLine(text: string): number | undefined {
  const folded = text.replaceAll(
    /(=[ \t]*)("[^"]*"|'[^']*'|`[^`]*`)/g,
    (_all, sign: string, quoted: string) => sign + "\n".repeat(quoted.split("\n").length - 1),
  );
  const index = folded.split("\n").findIndex((line) =>
    !/^\s*(#.*|(export\s+)?[A-Za-z_][A-Za-z0-9_.-]*\s*=.*)?\s*$/.test(line) && !/^\s*#/.test(line)
  );
  return index === -1 ? undefined : index + 1;
}

function definedOnly(variables: NodeJS.Dict<string>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(variables).flatMap(([name, value]) =>
      value === undefined ? [] : [[name, value]]
    ),
  );
}
