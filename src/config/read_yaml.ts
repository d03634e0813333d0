import { parse } from "@std/yaml";
import { absolutePath } from "../ports/file_path.ts";
import { ambiguousYaml } from "./ambiguous_yaml.ts";
import { type ConfigFault } from "./config_error.ts";
import { readText } from "./read_text.ts";

/** Far more than a configuration needs, far less than what would hurt to parse. */
const maxBytes = 64 * 1024;

// No merge keys, no dates, no binary.
const options = { schema: "core" } as const;

/**
 * A file's top-level mapping, or what is wrong with the file. Messages hold nothing of the file's
 * text: it has passwords in it.
 */
export async function readYaml(
  file: string,
): Promise<{ readonly mapping: Readonly<Record<string, unknown>> } | ConfigFault> {
  const fault = (is: string, wanted: string): ConfigFault => ({ file, path: "", is, wanted });
  const read = await readText(file, maxBytes);
  if (!("text" in read)) {
    const place = read.missing && absolutePath(file) !== file
      ? ` (looked for in "${Deno.cwd()}")`
      : "";
    return fault(`${read.is}${place}`, read.wanted);
  }

  const ambiguous = ambiguousYaml(read.text);
  if (ambiguous !== undefined) return fault(ambiguous.is, ambiguous.wanted);
  let document: unknown;
  try {
    document = parse(read.text, options);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      return fault(
        "cannot be parsed: the YAML library reads the environment",
        "the flag --allow-env or --ignore-env",
      );
    }
    const { place, reason } = explain(error);
    return fault(
      `is not valid YAML${place}: ${reason}`,
      "YAML, with text in quotes where it has special characters",
    );
  }
  if (document === null || document === undefined) {
    return fault("is empty", "settings, or {} for the defaults");
  }
  if (typeof document !== "object") return fault("holds a single value", "a mapping");
  if (Array.isArray(document)) return fault("holds a list", "a mapping");
  return { mapping: Object.fromEntries(Object.entries(document)) };
}

function explain(error: unknown): { readonly place: string; readonly reason: string } {
  if (!(error instanceof Error)) return { place: "", reason: "it cannot be parsed" };
  if (error instanceof RangeError) return { place: "", reason: "it is nested too deeply" };
  const [first = ""] = error.message.split("\n");
  // The standard library says "at line 2, column 1", its stand-in "(2:1)".
  const at = /^(.*?),? (?:at line |\()(\d+)(?:, column |:)(\d+)/.exec(first);
  const place = at === null ? "" : ` at line ${at[2]}, column ${at[3]}`;
  if (/duplicated (?:mapping )?key/.test(first)) return { place, reason: "a key stands twice" };
  // Parsers quote the text at fault after one of these signs.
  const reason = (at?.[1] ?? first).split(/[:"'`\\<]/)[0]?.trim() ?? "";
  return { place, reason: reason === "" ? "it cannot be parsed" : reason };
}
