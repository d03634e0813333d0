/** Which of Deno's permissions adapters need, and which of them are missing. */
import type { NeededPermission } from "../ports/needed_permission.ts";
import { keyPath } from "./adapter_values.ts";
import { type ChosenAdapter, nameKeys } from "./chosen_adapter.ts";
import type { ConfigFault } from "./config_error.ts";
import { refusalToWrite } from "./writable_directory.ts";

/** A permission with the path of the key because of which it is needed. */
export interface PermissionOfKey extends Omit<NeededPermission, "key"> {
  readonly path: string;
}

/** What an adapter declares, by the paths of its keys. */
export function permissionsOf(
  { group, name, declaration, values }: ChosenAdapter,
): readonly PermissionOfKey[] {
  return declaration.permissions(values).map(({ key, ...permission }) => {
    const path = key === undefined ? nameKeys[group] : keyPath(group, name, declaration, key);
    return { ...permission, path };
  });
}

/** Asks Deno. */
async function ask(
  descriptor: Deno.PermissionDescriptor,
): Promise<{ readonly state: string }> {
  if (descriptor.name !== "env" || descriptor.variable !== undefined) {
    return await Deno.permissions.query(descriptor);
  }
  // With --ignore-env all that may not be read is answered as not set: asking does no harm, and the
  // permission is denied all the same.
  try {
    Deno.env.toObject();
    return { state: "granted" };
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return { state: "denied" };
    throw error;
  }
}

/**
 * Those that this process does not have, as faults of the file that makes them necessary. A
 * directory that Deno may write and the operating system does not let it is one of them.
 *
 * @param query Default: Deno's answer.
 */
export async function missingPermissions(
  file: string,
  needed: readonly PermissionOfKey[],
  query: (descriptor: Deno.PermissionDescriptor) => Promise<{ readonly state: string }> = ask,
): Promise<ConfigFault[]> {
  const faults: ConfigFault[] = [];
  for (const { descriptor, path, flag, is } of needed) {
    const { state } = await query(descriptor);
    if (state !== "granted") {
      const wanted = `the flag ${flag} (of deno run, before src/…; of a task, in deno.json)`;
      faults.push({ file, path, is: `${is}, which this process may not`, wanted });
    } else if (descriptor.name === "write" && typeof descriptor.path === "string") {
      const refusal = await refusalToWrite(descriptor.path);
      if (refusal === undefined) continue;
      const wanted = "a directory that this user may write in, or make";
      faults.push({ file, path, is: `${is}, which ${refusal}`, wanted });
    }
  }
  return faults;
}
