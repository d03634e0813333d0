import * as v from "valibot";
import type { ConfigFault } from "./config_error.ts";
import { describeValue } from "./describe_value.ts";
import { didYouMean } from "./did_you_mean.ts";
import type { configSchema } from "./schema.ts";
import type { SchemaKey } from "./schema_keys.ts";
import type { Settings } from "./settings_tree.ts";

/**
 * Checks every value and fills in the defaults. Faulty values are reported, and their defaults
 * taken so that what depends on several keys can be checked all the same.
 */
export function checkValues(
  file: string,
  { values, origins }: Settings,
  schema: ReturnType<typeof configSchema>,
  keys: ReadonlyMap<string, SchemaKey>,
): {
  readonly config: v.InferOutput<typeof schema>;
  readonly faults: readonly ConfigFault[];
} {
  const faults: ConfigFault[] = [];
  const first = v.safeParse(schema, nested(values));
  if (first.success) return { config: first.output, faults };
  const sound = new Map(values);
  for (const issue of first.issues) {
    const path = pathOf(issue.path ?? [], keys);
    // A list's items each report; one fault a key is enough.
    if (!sound.delete(path)) continue;
    const value = values.get(path);
    const nearest = typeof value === "string" && !origins.has(path)
      ? didYouMean(value, keys.get(path)?.words ?? [])
      : undefined;
    const is = describeValue(keys.get(path), value, origins.get(path));
    faults.push({ file, path, is, wanted: issue.message, ...(nearest && { didYouMean: nearest }) });
  }
  return { config: v.parse(schema, nested(sound)), faults };
}

/** The schema's key in which an issue lies: the path up to the first index of a list. */
function pathOf(
  items: readonly { readonly key?: unknown }[],
  keys: ReadonlyMap<string, SchemaKey>,
): string {
  const names: string[] = [];
  for (const { key } of items) {
    if (typeof key !== "string") break;
    names.push(key);
    if (keys.has(names.join("."))) break;
  }
  return names.join(".");
}

function nested(values: ReadonlyMap<string, unknown>): Record<string, unknown> {
  const root: Record<string, unknown> = {};
  for (const [path, value] of values) {
    const names = path.split(".");
    const last = names.pop() ?? "";
    let group = root;
    for (const name of names) {
      const next = group[name];
      const inner: Record<string, unknown> = isRecord(next) ? next : {};
      group[name] = inner;
      group = inner;
    }
    group[last] = value;
  }
  return root;
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
