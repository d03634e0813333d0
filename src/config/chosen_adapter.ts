import type { AdapterDeclaration } from "../ports/adapter_declaration.ts";
import { type AdapterValues, adapterValues, keyPath } from "./adapter_values.ts";
import type { ConfigFault } from "./config_error.ts";
import type { Registered } from "./registered_adapters.ts";
import type { Settings } from "./settings_tree.ts";

/** The key that names the adapter of each group. */
export const nameKeys = { db: "db.driver", mq: "mq.adapter" } as const;

/** An adapter that a configuration chooses. */
export interface ChosenAdapter {
  readonly group: keyof typeof nameKeys;
  readonly name: string;
  readonly declaration: AdapterDeclaration;
  readonly values: AdapterValues;
}

/** The adapter of that name with its values in `mq` or `db`; undefined where there is none. */
export function chosenAdapter(
  group: keyof typeof nameKeys,
  name: unknown,
  { declared }: Registered<AdapterDeclaration>,
  values: object,
): ChosenAdapter | undefined {
  const declaration = typeof name === "string" && Object.hasOwn(declared, name)
    ? declared[name]
    : undefined;
  if (typeof name !== "string" || declaration === undefined) return undefined;
  return { group, name, declaration, values: adapterValues(values, name, declaration) };
}

/** Names the adapter where the file names none but has a key that means one. */
export function chooseByKey(
  { values }: Settings,
  group: keyof typeof nameKeys,
  { declared }: Registered<AdapterDeclaration>,
): void {
  if (values.has(nameKeys[group])) return;
  const meant = Object.keys(declared).find((name) => {
    const key = declared[name]?.chosenBy;
    return key !== undefined && values.has(`${group}.${key}`);
  });
  if (meant !== undefined) values.set(nameKeys[group], meant);
}

/** What single values cannot show: keys that need each other. Only what is chosen is looked at. */
export function inconsistencies(file: string, chosen: ChosenAdapter): ConfigFault[] {
  const { group, name, declaration, values } = chosen;
  return [...declaration.findFaults?.(values) ?? []].map(({ key, is, wanted }) => {
    return { file, path: keyPath(group, name, declaration, key), is, wanted };
  });
}
