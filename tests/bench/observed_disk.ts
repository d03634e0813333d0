import { denoDisk } from "../../adapters/queue/file_log/disk/deno_disk.ts";
import type { Disk } from "../../adapters/queue/file_log/disk/disk.ts";

/** This machine's disk, under observation. */
export interface ObservedDisk {
  readonly disk: Disk;
  /** How often a segment was synced. */
  syncs: number;
  /** Every write to a segment waits for it. */
  gate: Promise<void> | undefined;
}

export function observeDisk(): ObservedDisk {
  const observed: ObservedDisk = {
    disk: {
      ...denoDisk,
      async open(path, mode) {
        const file = await denoDisk.open(path, mode);
        if (!path.endsWith(".segment")) return file;
        return {
          ...file,
          write: (position, bytes) =>
            observed.gate === undefined
              ? file.write(position, bytes)
              : observed.gate.then(() => file.write(position, bytes)),
          sync() {
            observed.syncs++;
            return file.sync();
          },
        };
      },
    },
    syncs: 0,
    gate: undefined,
  };
  return observed;
}
