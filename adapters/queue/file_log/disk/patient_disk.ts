/**
 * A device that cannot be read for a moment is not damage: the log waits for it. A place that
 * cannot be read for long is: the log goes on as behind any other damage, and nothing is cut or
 * written over, so that what can be read again one day is whole.
 */
import type { Clock } from "../../../../src/ports/clock.ts";
import type { Disk, DiskFile } from "./disk.ts";
import { DiskError } from "./disk_error.ts";

const pageBytes = 4096;
/** What is read in the place of a page that cannot be read: nothing that the log writes. */
const filler = 0xff;

/** Files of which something was not read but filled. */
const filled = new WeakSet<DiskFile>();

/** Whether something that was read of this file since it was opened could not be read for long. */
export const isPartlyUnreadable = (file: DiskFile): boolean => filled.has(file);

/**
 * The same disk: pages that could not be read for `patienceMs`, by whatever file, are read as what
 * is certainly bad.
 */
export function patientDisk(disk: Disk, clock: Clock, patienceMs: number): Disk {
  /** By path and page: since when it cannot be read. */
  const failing = new Map<string, number>();

  function isStanding(page: string): boolean {
    const since = failing.get(page) ?? clock.now();
    failing.set(page, since);
    return Math.abs(clock.now() - since) >= patienceMs;
  }

  function patient(path: string, file: DiskFile): DiskFile {
    /** All pages are tried, so that the time of each begins to count. */
    async function readPages(position: number, into: Uint8Array): Promise<number> {
      const count = Math.max(0, Math.min(into.length, await file.size() - position));
      let fault: unknown;
      for (let at = 0; at < count;) {
        const page = Math.floor((position + at) / pageBytes);
        const part = into.subarray(at, Math.min(count, (page + 1) * pageBytes - position));
        const key = `${path} ${page}`;
        try {
          await file.read(position + at, part);
          failing.delete(key);
        } catch (error) {
          if (isStanding(key)) filled.add(own);
          else fault = error;
          part.fill(filler);
        }
        at += part.length;
      }
      if (fault !== undefined) throw fault;
      return count;
    }

    function forget(position: number, length: number): void {
      for (
        let page = Math.floor(position / pageBytes);
        page * pageBytes < position + length;
        page++
      ) {
        failing.delete(`${path} ${page}`);
      }
    }

    const own: DiskFile = {
      ...file,
      async read(position, into) {
        try {
          const count = await file.read(position, into);
          if (failing.size > 0) forget(position, into.length);
          return count;
        } catch (error) {
          if (!(error instanceof DiskError) || error.code !== "failed") throw error;
          return await readPages(position, into);
        }
      },
    };
    return own;
  }

  return {
    ...disk,
    open: async (path, mode) => patient(path, await disk.open(path, mode)),
  };
}
