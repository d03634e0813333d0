import type { Clock } from "../../../../src/ports/clock.ts";
import type { Disk } from "./disk.ts";

/** The first searches are answered by then. */
const laterMs = 200;

/**
 * A disk whose free space is asked for a moment after it is first of interest; until then all is
 * taken to be free. What asks takes as long to load as an empty process takes to run, and the first
 * search would wait for it.
 */
export function laterFreeSpace(disk: Disk, clock: Clock): Disk {
  let isDue: boolean | undefined;
  return {
    ...disk,
    freeBytes(directory) {
      if (isDue === true) return disk.freeBytes(directory);
      if (isDue === undefined) {
        isDue = false;
        clock.after(laterMs, () => {
          isDue = true;
        }, { keepsAlive: false });
      }
      return Promise.resolve(Infinity);
    },
  };
}
