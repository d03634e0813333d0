import type { Disk } from "./disk.ts";
import { DiskError } from "./disk_error.ts";

/**
 * A disk on which nothing can be changed, whatever the process may do: for looking at a log that
 * others use.
 */
export function readOnlyDisk(disk: Disk): Disk {
  const refuse = (doing: string): Promise<never> =>
    Promise.reject(new DiskError("denied", `Could not ${doing}: the log is open for reading only`));
  return {
    ...disk,
    open: (path, mode) =>
      mode === "read" ? disk.open(path, mode) : refuse(`open "${path}" for writing`),
    makeDirectory: (path) => refuse(`make directory "${path}"`),
    remove: (path) => refuse(`remove "${path}"`),
    syncDirectory: (path) => refuse(`sync directory "${path}"`),
  };
}
