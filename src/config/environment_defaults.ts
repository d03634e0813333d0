import type { AdapterDeclaration } from "../ports/adapter_declaration.ts";
import { keyPath } from "./adapter_values.ts";
import type { RegisteredAdapters } from "./registered_adapters.ts";
import type { Settings } from "./settings_tree.ts";

/** A variable that is the default of an adapter's key. */
export interface EnvironmentDefault {
  readonly variable: string;
  /** Of the key: `mq.brokers`. */
  readonly path: string;
  readonly group: "db" | "mq";
  /** The adapter's name. */
  readonly adapter: string;
}

/** The variables that are defaults of keys which a file lacks. */
export function environmentDefaults(
  { databases, queues }: RegisteredAdapters,
): readonly EnvironmentDefault[] {
  return [...variablesOf("db", databases.declared), ...variablesOf("mq", queues.declared)];
}

function variablesOf(
  group: "db" | "mq",
  declared: Readonly<Record<string, AdapterDeclaration>>,
): EnvironmentDefault[] {
  return Object.entries(declared).flatMap(([adapter, declaration]) =>
    Object.entries(declaration.environment ?? {}).map(([variable, key]) => {
      return { variable, path: keyPath(group, adapter, declaration, key), group, adapter };
    })
  );
}

/** Adds what the environment has for keys that are absent. */
export function addEnvironmentDefaults(
  { values, origins }: Settings,
  defaults: readonly EnvironmentDefault[],
  lookup: (name: string) => string | undefined,
): void {
  for (const { variable, path } of defaults) {
    const value = lookup(variable);
    if (values.has(path) || value === undefined || value === "") continue;
    values.set(path, value);
    origins.set(path, { template: `\${${variable}}`, variables: [variable] });
  }
}
