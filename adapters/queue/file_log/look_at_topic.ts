/** What `doctor` says of a topic in files. */
import type { TopicPolicy } from "../../../src/ports/event_queue.ts";
import type { GroupInspection, LogTools } from "../../../src/ports/log_tools.ts";
import { QueueError } from "../../../src/ports/queue_error.ts";

/** More than an event of a search has: so much is wanted to be free. */
const eventBytes = 4096;

export interface LookPlans {
  readonly directory: string;
  readonly topicPolicy: TopicPolicy;
  /** How large a topic becomes. */
  readonly maxBytes: number;
  /** Those that the configuration names. */
  readonly requiredGroups: readonly string[];
  /** What is not read is taken away at `maxBytes`. */
  readonly retainPastGroups: boolean;
  /** Of the disk, kept free. */
  readonly reserveBytes: number;
  /** Of the disk that the directory is on; undefined where nobody may ask. */
  readonly freeBytes: (directory: string) => Promise<number | undefined>;
}

/**
 * What `doctor` says of a topic: how far it goes, and how far each group is, first those for which
 * it keeps its records.
 *
 * @throws {QueueError} by rejection, where it cannot be read, `full` where it takes no more, as the
 *   disk has no space or so much is kept for a group, and `unknown_topic` where it is missing and
 *   nobody makes it.
 */
export async function lookAtTopic(
  tools: Pick<LogTools, "inspect">,
  topic: string,
  plans: LookPlans,
): Promise<string> {
  const place = `topic "${topic}" in "${plans.directory}"`;
  await requireSpace(plans);
  try {
    const { durable, groups, segments } = await tools.inspect(topic);
    const missing = plans.requiredGroups
      .filter((name) => groups.every((group) => group.name !== name))
      .map((name): GroupInspection => ({ name, hold: "required", isActive: false }));
    const all = [...missing, ...groups].toSorted((a, b) => Number(isHeld(b)) - Number(isHeld(a)));
    const lags = all.map((group) => `, ${standing(group)}`);
    const held = all.filter((group) => isHeld(group) && (group.heldBytes ?? 0) > 0);
    // As writers count: the last segment is laid out ahead.
    const bytes = segments.reduce(
      (sum, { state, usedBytes = 0, fileBytes }) =>
        sum + (state === "open" ? usedBytes : fileBytes),
      0,
    );
    const advice = held.filter((group) => isAdvised(group, plans.maxBytes))
      .map((group) => `; ${adviceFor(group, plans.maxBytes)}`);
    const what = `${place} ends at offset ${durable?.next ?? "?"}${lags.join("")}${
      advice.join("")
    }`;
    const isFull = bytes + eventBytes > plans.maxBytes && !plans.retainPastGroups;
    if (!isFull || held.length === 0) return what;
    throw new QueueError("full", fullText(what, plans.maxBytes));
  } catch (error) {
    const isUnknown = error instanceof QueueError && error.code === "unknown_topic";
    if (!isUnknown) throw error;
    if (plans.topicPolicy === "ensure") return `${place} is made at the first start`;
    const advice = `set mq.topics to ensure (it is ${plans.topicPolicy})`;
    const message = `Topic "${topic}" does not exist in "${plans.directory}": ${advice}`;
    throw new QueueError("unknown_topic", message, { cause: error });
  }
}

/** As writers look before they append. Of a directory that is not there yet nothing is known. */
async function requireSpace({ directory, reserveBytes, freeBytes }: LookPlans): Promise<void> {
  const bytes = await freeBytes(directory).catch(() => undefined);
  const wanted = reserveBytes + eventBytes;
  if (bytes === undefined || bytes >= wanted) return;
  throw new QueueError(
    "full",
    `Disk of "${directory}" has ${bytes} bytes left, wanted at least ${wanted}: free some, or lower mq.file.reserve_bytes`,
  );
}

const fullText = (what: string, maxBytes: number): string =>
  `No room for new records, wanted at most ${maxBytes} bytes: ${what}`;

const isHeld = ({ hold }: GroupInspection): boolean => hold === "required" || hold === undefined;

function standing({ name, position, lag, hold }: GroupInspection): string {
  const kind = hold === "required" ? " (required)" : hold === "released" ? " (given up)" : "";
  if (hold === undefined) return `the position of ${name} cannot be read`;
  const how = position === undefined ? "has read nothing" : `is ${lag ?? "?"} behind`;
  return `${name} ${how}${kind}`;
}

const isAdvised = ({ heldBytes = 0, isActive }: GroupInspection, maxBytes: number): boolean =>
  !isActive && heldBytes > maxBytes / 2;

function adviceFor(group: GroupInspection, maxBytes: number): string {
  const { name, heldBytes = 0, heldSince, unread } = group;
  const share = Math.round((heldBytes / maxBytes) * 100);
  const since = heldSince === undefined ? "" : ` since ${new Date(heldSince).toISOString()}`;
  return `for ${name} are kept ${
    unread ?? "?"
  } records${since}, ${share} % of mq.file.max_bytes, and nobody reads as it: start what does; if nothing ever will, take it out of mq.file.required_groups and run: deno task log release ${name}`;
}
