import { DiskError } from "../../../adapters/queue/file_log/disk/disk_error.ts";
import type { DiskFaults } from "./memory_disk.ts";

/** Whether a path is that of a segment. */
export const isSegment = (path: string): boolean => path.endsWith(".segment");

/** A fault of a disk in memory: when it is armed, the next sync of a segment fails, once. */
export function createSyncFault(): Required<Pick<DiskFaults, "sync">> & { arm(): void } {
  let armed = false;
  return {
    arm() {
      armed = true;
    },
    sync(path) {
      if (!armed || !isSegment(path)) return;
      armed = false;
      throw new DiskError("failed", "Input/output error");
    },
  };
}
