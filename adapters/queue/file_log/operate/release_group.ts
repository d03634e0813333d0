/** Giving a required group up: an operator's decision, and written down. */
import type { Clock } from "../../../../src/ports/clock.ts";
import type { ReleaseReport } from "../../../../src/ports/log_tools.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { holdFor, withGroup } from "../segments/group_file.ts";
import { readDurableEnd } from "../segments/slots.ts";
import { findGroups } from "../segments/topic_contents.ts";
import { groupPath, type TopicFolder } from "../segments/topic_folder.ts";
import { groupInspections } from "./inspect_log.ts";

/** Under the group's lock, so that nobody who reads as it loses what it is about to read. */
export async function releaseGroup(
  folder: TopicFolder,
  group: string,
  dryRun: boolean,
  clock: Clock,
): Promise<ReleaseReport> {
  const { topic } = folder;
  const found = (await findGroups(folder)).filter(({ name }) => name === group);
  const slot = await readDurableEnd(folder.durable, folder.logId);
  const [inspection] = await groupInspections(folder, found, slot);
  if (inspection === undefined) return { topic, group, steps: [] };
  const report: ReleaseReport = { topic, group, found: inspection, steps: [] };
  if (inspection.hold !== "required") return report;
  const active = new QueueError(
    "group_active",
    `Group "${group}" of topic "${topic}" has an active member, wanted none: end what reads as it`,
  );
  if (inspection.isActive) throw active;
  const { position, unread = 0n } = inspection;
  const where = position === undefined ? "has read nothing" : `stands at offset ${position}`;
  const what =
    `Give group ${group} up, which ${where}: ${unread} records that it has not read may be taken away`;
  const steps = [what];
  if (dryRun) return { ...report, steps };
  const released = await withGroup(
    folder,
    groupPath(folder.path, group),
    (file, state) => holdFor(folder, file, state, "released", clock),
  );
  if (released === undefined) throw active;
  return { ...report, steps };
}
