import type { Clock } from "../../../../src/ports/clock.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { keepCopy } from "../segments/broken_copy.ts";
import { beginGroup } from "../read/group_file.ts";
import type { Step } from "./repair_step.ts";
import { groupPath, type TopicFolder } from "../segments/topic_folder.ts";

/** So that the copy of a group with the longest name has a name, too. */
const keptNameLength = 200;

/**
 * Lets a group whose position cannot be read begin anew. With the oldest record, whatever it began with once: what it reads
 * again its consumers have learnt to bear, what it passed unread would be lost.
 */
export function renewGroup(folder: TopicFolder, name: string, start: number, clock: Clock): Step {
  const kept = `broken.group.${name.slice(0, keptNameLength)}`;
  return {
    what:
      `Keep the file of group ${name} as ${kept}; it begins anew with the oldest record, ${start}`,
    async run() {
      const path = groupPath(folder.path, name);
      const file = await folder.disk.open(path, "write");
      try {
        // In place, and under its lock: members that stand by have the file open. Not blank in between, as a new group's.
        if (!file.tryLock()) {
          throw new QueueError("group_active", `Group "${name}" has become active`);
        }
        await keepCopy(folder, path, kept);
        await beginGroup(folder, file, start, clock);
      } finally {
        file.close();
      }
    },
  };
}
