/**
 * The groups for which a log keeps what they have not read. That they are is written into their
 * files, so that every process keeps it, whatever its own configuration says.
 */
import { getLogger } from "../../../../src/ports/logger.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import { sameLog } from "../format/stored_page.ts";
import { requireGroup, withGroup } from "../segments/group_file.ts";
import { type FirstSegment, takenAway } from "../segments/record_counts.ts";
import { recordsCounted, writeGroupState } from "../segments/slots.ts";
import { type GroupPage, groupPages } from "../segments/topic_contents.ts";
import { groupPath, type TopicFolder } from "../segments/topic_folder.ts";

const logger = getLogger(["shelfcast", "file_log"]);
const toldEveryMs = 60_000;

export interface HeldGroups {
  /**
   * Makes this process's required groups required for all, durably, as far as that was not done.
   * Under the topic's lock, so that nobody takes anything away meanwhile; never rejects.
   */
  secure(folder: TopicFolder): Promise<void>;
  /** Those for which records are kept now. One without a position has read nothing. */
  find(folder: TopicFolder): Promise<readonly GroupPage[]>;
}

/**
 * @param isLasting False: the groups are required as long as this process runs, which nobody else
 *   is told.
 */
export function createHeldGroups(
  requiredGroups: readonly string[],
  isLasting: boolean,
  clock: Clock,
): HeldGroups {
  let logId: Uint8Array | undefined;
  /** Those that only this process knows of. */
  let unsecured = new Set(requiredGroups);
  let toldAt = -Infinity;

  return {
    async secure(folder) {
      if (logId === undefined || !sameLog(logId, folder.logId)) {
        logId = folder.logId;
        unsecured = new Set(requiredGroups);
      }
      if (!isLasting) return;
      for (const group of unsecured) {
        try {
          if (await requireGroup(folder, group, clock)) unsecured.delete(group);
        } catch (error) {
          if (Math.abs(clock.now() - toldAt) < toldEveryMs) continue;
          toldAt = clock.now();
          logger.error(
            "Topic {topic} cannot note that group {group} is required; this process keeps its records all the same: {error}",
            { topic: folder.topic, group, error },
          );
        }
      }
    },
    async find(folder) {
      const pages = await groupPages(folder);
      const known = new Map(pages.map((page) => [page.name, page]));
      for (const name of requiredGroups) {
        // Removed by somebody, perhaps.
        if (!known.has(name)) known.set(name, { name, state: "none" });
      }
      return [...known.values()].filter(({ name, state }) => {
        if (typeof state === "object" && state.hold !== "none") {
          return state.hold === "required" || unsecured.has(name);
        }
        // What cannot be read keeps records rather than lose them.
        return requiredGroups.includes(name) || state === "broken" || state === "future version";
      });
    },
  };
}

/** Up to which offset a group has read. */
export const readTo = ({ state }: GroupPage): number =>
  typeof state === "object" && state.hasBegun ? state.position : 0;

/**
 * Groups that were given up pass what is taken away, and count it as dropped: nobody reads as them
 * who would do so.
 */
export async function passForReleased(folder: TopicFolder, first: FirstSegment): Promise<void> {
  for (const { name, state } of await groupPages(folder)) {
    if (typeof state !== "object" || state.hold !== "released") continue;
    await withGroup(folder, groupPath(folder.path, name), async (file, now) => {
      if (!now.hasBegun || now.hold !== "released" || now.position >= first.base) return;
      const dropped = now.dropped + takenAway(first, now.position, recordsCounted(now));
      // Not its progress: when that was, and whose, stays.
      const sequence = now.sequence + 1;
      await writeGroupState(file, folder.logId, {
        ...now,
        sequence,
        position: first.base,
        dropped,
      });
    });
  }
}
