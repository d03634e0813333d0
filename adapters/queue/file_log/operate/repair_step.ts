/** The steps of a repair, and what they agree on. */
import type { Clock } from "../../../../src/ports/clock.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import {
  type Predecessor,
  type SegmentHeader,
  segmentHeaderBytes,
} from "../format/segment_header.ts";
import { keepCopy } from "../segments/broken_copy.ts";
import { beginGroup } from "../segments/group_file.ts";
import { segmentPath } from "../segments/segment_file.ts";
import { groupPath, type TopicFolder } from "../segments/topic_folder.ts";

export interface Step {
  /** In words. */
  readonly what: string;
  run(): Promise<void>;
}

/** Where a segment ends, for the next one's header. */
export type End = Pick<SegmentHeader, "time" | "recordsBefore"> & Omit<Predecessor, "endedBy">;

/** A predecessor that holds nothing: whatever was before is given up. */
export const givenUp = (base = 0): Predecessor => ({
  base,
  next: base,
  length: segmentHeaderBytes,
  endedBy: "repair",
});

export function linkTo(end: Omit<Predecessor, "endedBy"> | undefined): Predecessor | undefined {
  if (end === undefined) return undefined;
  const { base, next, length } = end;
  return { base, next, length, endedBy: "repair" };
}

/** Keeps a damaged segment as it is, under a name that no log reads, durably. */
export function keepBroken(
  folder: TopicFolder,
  { base, file: name }: { readonly base: number; readonly file: string },
): Step {
  return {
    what: `Keep ${name} as it is as ${name}.broken`,
    run: () => keepCopy(folder, segmentPath(folder, base), `${name}.broken`),
  };
}

/** So that the copy of a group with the longest name has a name, too. */
const keptNameLength = 200;

/**
 * Lets a group whose position cannot be read begin anew. With the oldest record, whatever it began
 * with once: what it reads again its consumers have learnt to bear, what it passed unread would be
 * lost. Nobody knows any more whether the log kept for it what it had not read, so from now on it
 * does.
 */
export function renewGroup(folder: TopicFolder, name: string, start: number, clock: Clock): Step {
  const kept = `broken.group.${name.slice(0, keptNameLength)}`;
  return {
    what:
      `Keep the file of group ${name} as ${kept}; it begins anew with the oldest record, ${start}, and the log keeps for it what it has not read`,
    async run() {
      const path = groupPath(folder.path, name);
      using file = await folder.disk.open(path, "write");
      // In place, and under its lock: members that stand by have the file open. Not blank in
      // between, as a new group's.
      if (!file.tryLock()) {
        throw new QueueError("group_active", `Group "${name}" has become active`);
      }
      await keepCopy(folder, path, kept);
      await beginGroup(folder, file, start, { sequence: 0, hold: "required" }, clock);
    },
  };
}
