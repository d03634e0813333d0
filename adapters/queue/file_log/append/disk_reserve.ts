/** The space that is kept free on the disk. */
import { getLogger } from "../../../../src/ports/logger.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";

const logger = getLogger(["shelfcast", "file_log"]);

/** How often the disk is asked, at most, and when little was written at least. */
const lookMs = 1000;

/**
 * How much of the space that is kept free is missing. A disk that cannot be asked lacks nothing.
 */
export interface DiskReserve {
  missingBytes(folder: TopicFolder, batchBytes: number): Promise<number>;
}

export function createDiskReserve(reserveBytes: number, clock: Clock): DiskReserve {
  let seen: { readonly at: number; freeBytes: number } | undefined;

  async function look(folder: TopicFolder): Promise<number> {
    try {
      const freeBytes = await folder.disk.freeBytes(folder.path);
      if (freeBytes === undefined && seen === undefined) {
        logger.warn(
          "The disk's free space is not known, so mq.file.reserve_bytes is not kept: --allow-sys=statfs is missing",
        );
      }
      return freeBytes ?? Infinity;
    } catch (error) {
      logger.debug("The disk's free space is not known: {error}", { error });
      return Infinity;
    }
  }

  return {
    async missingBytes(folder, batchBytes) {
      if (reserveBytes === 0) return 0;
      const now = clock.now();
      if (seen === undefined || Math.abs(now - seen.at) >= lookMs) {
        seen = { at: now, freeBytes: await look(folder) };
      }
      const missing = Math.max(0, reserveBytes + batchBytes - seen.freeBytes);
      if (missing === 0) seen.freeBytes -= batchBytes;
      return missing;
    },
  };
}
