/** Mutants of what the file log does about damage and retention. */
import {
  corruption,
  damage,
  missing,
  reserve,
  retention,
  retentionCuts,
  takenAway,
  unreadable,
} from "./killers.ts";
import type { Mutant } from "./mutants.ts";

/** What goes wrong where accepted records cannot be read, or must no longer be kept. */
export const corruptionMutants: readonly Mutant[] = [
  {
    name: "nothing said before a damaged segment is left",
    file: "append/recovery.ts",
    from: "    moving: true,\n",
    to: "    moving: false,\n",
    killer: corruption("another writer does not append to a segment that was left as damaged"),
  },
  {
    name: "what is lost counted with each commit",
    file: "read/group_member.ts",
    from: "      losses = losses.filter((loss) => !lost.includes(loss));\n",
    to: "",
    killer: corruption(
      "with skipCorrupt a group reads what is whole, and counts the rest once, as dropped",
    ),
  },
  {
    name: "damage in older segments not reported",
    file: "append/last_segment.ts",
    from: "if (fault) reportDamage(folder, fault, telemetry);",
    to: "",
    killer: corruption("reports damage in an older segment, and goes on where it was"),
  },
  {
    name: "readers pass damage without a word",
    file: "read/log_cursor.ts",
    from: "    if (!mayPass(reason)) throw badAt(bad);\n",
    to: "",
    killer: damage("a missing segment is corrupt"),
  },
  {
    name: "corrupt taken for torn",
    file: "append/recovery.ts",
    from: "if (!isReadable || scan.next < through) {",
    to: "if (!isReadable) {",
    killer: corruption("goes on in a new segment, 2^32 offsets on, and reports it"),
  },
  {
    name: "taken away without a sync of the directory",
    file: "append/retention.ts",
    from: "is missing.\n    await folder.disk.syncDirectory(folder.path);\n",
    to: "is missing.\n",
    killer: retentionCuts,
  },
  {
    name: "taken away what a required group has not read",
    file: "append/retention.ts",
    from: "isHeld && !(isOver && plans.retainPastGroups)",
    to: "isHeld && false",
    killer: retention(
      "what a required group has not read is never too old; what it has read stays a while",
    ),
  },
  {
    name: "what is taken away not noted durably before",
    file: "append/retention.ts",
    from: "    await folder.durable.sync();\n",
    to: "",
    killer: retentionCuts,
  },
  {
    name: "what retention took called damage",
    file: "read/log_cursor.ts",
    from: 'skipCorrupt || reason !== "corrupt"',
    to: 'skipCorrupt || reason === "repair"',
    killer: takenAway(
      "by size is dropped, and no damage, for a group that is required afterwards",
    ),
  },
  {
    name: "what retention took not counted as dropped",
    file: "read/topic_reader.ts",
    from: "    group?.lose(loss);\n",
    to: "",
    killer: takenAway("at the operator's wish, although it is required"),
  },
  {
    name: "oldest segments that are missing taken for retention's",
    file: "segments/segment_chain.ts",
    from: "base > begin && !isRepairedBegin(header)",
    to: "base < begin",
    killer: missing("is corrupt where retention did not take them away"),
  },
  {
    name: "group whose positions are broken begins at the end",
    file: "operate/repair_log.ts",
    from: "renewGroup(folder, name, start, clock)",
    to: "renewGroup(folder, name, judgement.acknowledged, clock)",
    killer: missing("begins anew with the oldest record, and its file is kept"),
  },
  {
    name: "nothing grows old while nothing is appended",
    file: "append/topic_writer.ts",
    from: "    lookLater();\n    const",
    to: "    const",
    killer: retention("takes away what has become too old while nothing is appended"),
  },
  {
    name: "what a repair kept stands above the bound",
    file: "append/retention.ts",
    from: "sizes.reduce((sum, size) => sum + size, bytesOfCopies())",
    to: "sizes.reduce((sum, size) => sum + size, 0)",
    killer: retention("what a repair kept counts, and goes before a new record is refused"),
  },
  {
    name: "what cannot be read for a moment taken for damaged",
    file: "file_log.ts",
    from: "patientDisk(disk, clock, readPatienceMs)",
    to: "patientDisk(disk, clock, 0)",
    killer: unreadable("for a moment: refuses, and goes on where it was"),
  },
  {
    name: "what cannot be read taken for torn, and cut",
    file: "append/recovery.ts",
    from: "remains.any && isPartlyUnreadable(file)",
    to: "false",
    killer: unreadable(
      "for long, in page 2 of the last segment, without a durable slot: goes on behind it, and a repair finds all of it whole when it can be read again",
    ),
  },
  {
    name: "at the bound a look only now and then",
    file: "append/topic_room.ts",
    from: "(!seen.wasPressed || sinceMs >= fullLookMs)",
    to: "sinceMs >= fullLookMs",
    killer: retention("stays below maxBytes by taking the oldest segments away"),
  },
  {
    name: "the disk's reserve written into between two looks",
    file: "append/disk_reserve.ts",
    from: "if (missing === 0) seen.freeBytes -= batchBytes;",
    to: "",
    killer: reserve("what is written between two looks at the disk counts"),
  },
];
