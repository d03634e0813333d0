/** Tells of groups that hold a log back, long before it is full. */
import { getLogger } from "../../../../src/ports/logger.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import { isGroupActive } from "../segments/topic_contents.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";
import type { Holder } from "./holders.ts";

const logger = getLogger(["shelfcast", "file_log"]);
const everyMs = 60_000;

export interface HeldNoticePlans {
  readonly maxBytes: number;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

export interface HeldNotice {
  /**
   * What this process does not require, and nobody may come to read: once, when a log is opened.
   */
  opened(topic: string, holders: readonly Holder[]): void;
  /**
   * Numbers at each call; a line once a minute for a group that nobody reads as, from half full.
   */
  looked(folder: TopicFolder, holders: readonly Holder[]): Promise<void>;
}

export function createHeldNotice({ maxBytes, clock, telemetry }: HeldNoticePlans): HeldNotice {
  let toldAt: number | undefined;
  const measured = new Set<string>();

  function measure(topic: string, holders: readonly Holder[]): void {
    const behind = new Map(holders.map((holder) => [holder.group, holder]));
    for (const group of behind.keys()) measured.add(group);
    for (const group of measured) {
      const { records = 0, bytes = 0 } = behind.get(group) ?? {};
      telemetry.gauge("shelfcast.file_log.held_records", records, { topic, group });
      telemetry.gauge("shelfcast.file_log.held_bytes", bytes, { topic, group });
    }
  }

  return {
    opened(topic, holders) {
      for (const { group, records, since } of holders) {
        logger.warn(
          "Topic {topic} keeps {records} records, the oldest since {since}, for group {group}, without which this process runs. They are kept until somebody reads as it; if nobody ever will, give it up: deno task log release {group}",
          { topic, group, records, since: new Date(since).toISOString() },
        );
      }
    },
    async looked(folder, holders) {
      const { topic } = folder;
      measure(topic, holders);
      if (toldAt !== undefined && Math.abs(clock.now() - toldAt) < everyMs) return;
      for (const { group, records, bytes, since } of holders) {
        if (bytes <= maxBytes / 2 || await isGroupActive(folder, group)) continue;
        toldAt = clock.now();
        logger.warn(
          "Topic {topic} keeps {bytes} of {maxBytes} bytes, {records} records since {since}, for group {group}, and nobody reads as it. When it is full, new records are refused. Start what reads as {group}; if nothing ever will, give it up: deno task log release {group}",
          { topic, group, records, bytes, maxBytes, since: new Date(since).toISOString() },
        );
      }
    },
  };
}
