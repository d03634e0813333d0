/** A log that another stands in place of, although this process had it open. */
import { getLogger } from "../../../../src/ports/logger.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import type { QueueHealth } from "../../../../src/ports/queue_health.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import { sameLog } from "../format/stored_page.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";
import type { SegmentTail } from "./segment_tail.ts";

const logger = getLogger(["shelfcast", "file_log"]);

/**
 * So long it stands at `/readyz`: nothing else tells of it afterwards, but the log and a counter.
 */
const toldMs = 15 * 60_000;

/**
 * Tells where a topic's folder was removed, or moved away, under the process that appends to it:
 * what had been accepted went with it, read or not.
 */
export interface RemovedLog {
  /**
   * Under the lock, with the end in hand.
   *
   * @returns Whether this log is another one than before.
   */
  opened(folder: TopicFolder, tail: SegmentTail): boolean;
  /** Undefined where there is nothing to tell. */
  health(): QueueHealth | undefined;
}

export function createRemovedLog(topic: string, clock: Clock, telemetry: Telemetry): RemovedLog {
  /** The tail counts on as it is appended to. */
  let known: { readonly logId: Uint8Array; readonly tail: SegmentTail } | undefined;
  let told: { readonly detail: string; readonly at: number } | undefined;

  function tell(path: string, records: number, isOlder: boolean): void {
    const detail = isOlder
      ? `Folder "${path}" was replaced by an older copy, or cut, while it was in use, and is without the last ${records} events that topic "${topic}" had accepted: ` +
        "those that nobody had read are lost"
      : `Folder "${path}" was removed or moved away while it was in use, with the ${records} events that topic "${topic}" had accepted: ` +
        "those that nobody had read are lost with it. Where it was moved: once the new folder is read to its end " +
        "(deno task groups), stop the shop, put the old one in its place, and start";
    told = { detail, at: clock.now() };
    telemetry.count("shelfcast.file_log.removed", { topic }, records);
    logger.error("{detail}", { topic, records, detail });
  }

  return {
    opened({ logId, path }, tail) {
      const before = known;
      known = { logId, tail };
      const isSame = before !== undefined && sameLog(before.logId, logId);
      const gone = (before?.tail.records ?? 0) - (isSame ? tail.records : 0);
      if (gone > 0) tell(path, gone, isSame);
      return !isSame;
    },
    health() {
      if (told === undefined || Math.abs(clock.now() - told.at) >= toldMs) return undefined;
      return { status: "degraded", reason: "corrupt", detail: told.detail };
    },
  };
}
