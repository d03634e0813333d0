/** Where each setting came from: the file, a variable, a default. */
import type { ConfigFault } from "./config_error.ts";
import { didYouMean } from "./did_you_mean.ts";
import { isVariableName } from "./environment.ts";
import type { SchemaGroup, SchemaKey } from "./schema_keys.ts";
import { substitute } from "./substitution.ts";

/** Where a value came from, when it is not simply what the file says. */
export interface Origin {
  /** The text in the file, before variables were filled in. */
  readonly template: string;
  /** The variables that stand in the value. */
  readonly variables: readonly string[];
}

/** Values by their path, `mq.kafka.client`; absent ones are not in it. */
export interface Settings {
  readonly values: Map<string, unknown>;
  readonly origins: Map<string, Origin>;
  readonly faults: ConfigFault[];
}

/**
 * Walks a file's mapping along the schema's keys: reports the keys that there are not, fills in
 * variables, and leaves out what is empty. A value is not yet checked here, except that a group is
 * a mapping.
 */
export function settingsOf(
  file: string,
  mapping: Readonly<Record<string, unknown>>,
  tree: SchemaGroup,
  lookup: (name: string, isInSecret: boolean) => string | undefined,
): Settings {
  const settings: Settings = { values: new Map(), origins: new Map(), faults: [] };
  walk(mapping, tree, "");
  return settings;

  function walk(
    given: Readonly<Record<string, unknown>>,
    group: SchemaGroup,
    prefix: string,
  ): void {
    for (const [name, value] of Object.entries(given)) {
      const path = prefix === "" ? name : `${prefix}.${name}`;
      const key = group.keys.get(name);
      if (key === undefined) settings.faults.push(unknownKey(file, path, name, group));
      else if (!("keys" in key)) take(key, value);
      else if (isMapping(value)) walk(value, key, path);
      else if (value !== null && value !== "") {
        const is = Array.isArray(value) ? "is a list" : "is a single value";
        const wanted = `a mapping with keys of ${[...key.keys.keys()].join(", ")}`;
        settings.faults.push({ file, path, is, wanted });
      }
    }
  }

  function take(key: SchemaKey, given: unknown): void {
    const value = Array.isArray(given)
      ? given.map((item) => fill(key, item)).filter((item) => !isAbsent(item))
      : fill(key, given);
    if (!isAbsent(value) && !(Array.isArray(value) && value.length === 0)) {
      settings.values.set(key.path, value);
    }
  }

  function fill(key: SchemaKey, value: unknown): unknown {
    if (typeof value !== "string") return value;
    const { text, used, faults } = substitute(value, (name) => lookup(name, key.secret));
    if (used.length > 0) {
      const before = settings.origins.get(key.path)?.variables ?? [];
      settings.origins.set(key.path, { template: value, variables: [...before, ...used] });
    }
    for (const fault of faults) {
      const wanted = 'a variable that is set, or a default as in "${NAME:-default}"';
      if (fault.kind === "malformed") {
        const is = 'has "${" without a variable\'s name';
        const wanted = '"${NAME}", "${NAME:-default}", or "$${" for the characters themselves';
        settings.faults.push({ file, path: key.path, is, wanted });
        // In a secret, what looks like a variable may be a piece of the secret.
      } else if (key.secret && !isVariableName(fault.name)) {
        settings.faults.push({
          file,
          path: key.path,
          is: "names a variable that is not set",
          wanted,
        });
      } else {
        const is = `needs the environment variable "${fault.name}", which is not set`;
        settings.faults.push({ file, path: key.path, is, wanted });
      }
    }
    // One fault is enough for one value.
    return faults.length > 0 ? null : text;
  }
}

const isAbsent = (value: unknown): boolean => value === null || value === undefined || value === "";

const isMapping = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function unknownKey(file: string, path: string, name: string, group: SchemaGroup): ConfigFault {
  const names = [...group.keys.keys()];
  const wanted = `a key of ${names.join(", ")}`;
  const nearest = didYouMean(name, names);
  const is = name === "<<" ? "is a merge key, which is not supported" : "is not a known key";
  return { file, path: printable(path), is, wanted, ...(nearest && { didYouMean: nearest }) };
}

// A file's keys can be anything; a fault stays one line.
const printable = (path: string): string =>
  path.length <= 80 && /^[\w.<-]+$/.test(path) ? path : JSON.stringify(path.slice(0, 80));
