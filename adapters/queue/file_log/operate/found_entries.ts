/** What stands in a log's directory: its topics, and all else. */
import { topicNameFault } from "../../../../src/domain/topic_name.ts";
import type { PassedOver } from "../../../../src/ports/log_tools.ts";
import type { Disk } from "../disk/disk.ts";
import { DiskError } from "../disk/disk_error.ts";
import { segmentBase } from "../format/segment_header.ts";
import { lockPath } from "../segments/topic_folder.ts";

export interface FoundEntries {
  readonly topics: readonly string[];
  readonly passedOver: readonly PassedOver[];
}

/**
 * Both sorted by name. An entry that cannot be looked into hides none of the others.
 *
 * @throws {DiskError} by rejection, where the directory itself cannot be listed.
 */
export async function findEntries(disk: Disk, directory: string): Promise<FoundEntries> {
  const topics: string[] = [];
  const passedOver: PassedOver[] = [];
  for (const name of (await disk.list(directory)).toSorted()) {
    const path = `${directory}/${name}`;
    const found = await lookInto(disk, path, name);
    if (found === "topic") topics.push(name);
    else passedOver.push({ name, path, ...found });
  }
  return { topics, passedOver };
}

async function lookInto(
  disk: Disk,
  path: string,
  name: string,
): Promise<"topic" | Pick<PassedOver, "mayBeTopic" | "why">> {
  try {
    if (await disk.inode(lockPath(path)) !== undefined) return "topic";
    const inside = await disk.list(path);
    if (!inside.some((file) => file === "id" || segmentBase(file) !== undefined)) {
      return { mayBeTopic: false, why: "it is a folder without segments" };
    }
    return { mayBeTopic: true, why: 'it has parts of a topic, and no file "lock"' };
  } catch (error) {
    if (!(error instanceof DiskError)) throw error;
    if (error.code === "missing") return { mayBeTopic: false, why: "it is no folder" };
    // Such as lost+found, which is root's: no topic has such a name.
    const mayBeTopic = topicNameFault(name) === undefined;
    return { mayBeTopic, why: `it cannot be looked into: ${error.message}` };
  }
}
