/**
 * The wing `read` follows a topic up to its durable end, without any lock: cursor, start, wake-up,
 * and the positions of groups, which are all that it writes. It knows nothing of writers.
 *
 * This file is its front: a reader with its start, its member of a group and its cursor.
 */
import { getLogger } from "../../../../src/ports/logger.ts";
import type { Clock } from "../../../../src/ports/clock.ts";
import type { SubscribeOptions } from "../../../../src/ports/event_source.ts";
import type { PassedRecords } from "../../../../src/ports/pull_commits.ts";
import type { PullReader } from "../../../../src/ports/pull_subscription.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import { diskRefusal } from "../disk/disk_error.ts";
import { readDurableEnd } from "../segments/slots.ts";
import { isInPlace, type TopicFolder } from "../segments/topic_folder.ts";
import { joinGroup } from "./group_member.ts";
import { createLogCursor } from "./log_cursor.ts";
import type { Loss } from "./segment_limit.ts";
import { startPosition } from "./start_position.ts";
import type { Wake } from "./wake.ts";

const logger = getLogger(["shelfcast", "file_log"]);

export interface ReaderPlans {
  readonly clock: Clock;
  readonly wake: Wake;
  /** Aborted when the log is closed. */
  readonly closing: AbortSignal;
  /** Makes what a dead writer left behind visible. */
  readonly recover: () => Promise<void>;
  readonly skipCorrupt: boolean;
  /** Whether the log keeps for the group what it has not read. */
  readonly isRequired: boolean;
  readonly telemetry: Telemetry;
}

/** How often it is looked whether the folder still stands at its path. */
const inPlaceMs = 500;

/** Where nobody may look, it is not known to be. */
const isElsewhere = (folder: TopicFolder): Promise<boolean> =>
  isInPlace(folder).then((isThere) => !isThere, () => false);

/** A reader with a folder of its own, which `leave` closes. */
export async function openTopicReader(
  folder: TopicFolder,
  options: SubscribeOptions,
  { clock, wake, closing, recover, skipCorrupt, isRequired, telemetry }: ReaderPlans,
): Promise<PullReader> {
  const { topic } = folder;
  const counted = (): number | undefined => group?.counted;
  const cursor = createLogCursor(folder, { skipCorrupt, onLoss, counted });
  let busy: Promise<unknown> = Promise.resolve();
  let left: Promise<void> | undefined;
  let seenInPlaceAt = clock.now();
  let ending: { readonly signal: AbortSignal; readonly either: AbortSignal } | undefined;

  /** Files are closed only behind what is under way on them. */
  function working<T>(doing: string, work: () => Promise<T>): Promise<T> {
    const done = (async () => {
      requireOpen();
      try {
        return await work();
      } catch (error) {
        await requireFolder();
        throw diskRefusal(error, `${doing} topic "${topic}"`);
      }
    })();
    busy = done.catch(() => {});
    return done;
  }

  function requireOpen(): void {
    if (closing.aborted) throw new QueueError("closed", "Log is closed");
  }

  /** One that was moved away has its names still, elsewhere; what comes now comes to another. */
  async function requireFolder(): Promise<void> {
    const isDue = Math.abs(clock.now() - seenInPlaceAt) >= inPlaceMs;
    if (isDue) seenInPlaceAt = clock.now();
    if (folder.durable.links().count > 0 && !(isDue && await isElsewhere(folder))) return;
    throw new QueueError("unknown_topic", `Topic "${topic}" was removed while it was read`);
  }

  /**
   * One for all calls with a signal: those that `any` makes stay with the signal of the log, which
   * lives long.
   */
  function orClosing(signal: AbortSignal): AbortSignal {
    if (ending?.signal !== signal) {
      ending = { signal, either: AbortSignal.any([signal, closing]) };
    }
    return ending.either;
  }

  const durableEnd = async (): Promise<number> =>
    (await readDurableEnd(folder.durable, folder.logId))?.next ?? 0;

  const atCall = await durableEnd();
  const damage = await recover().then(() => undefined, (error) => diskRefusal(error, "recover"));
  const end = await durableEnd();
  // What else keeps a writer from writing (no space, no right) does not keep a reader from reading.
  if (damage?.code === "closed" || damage?.code === "unsupported") throw damage;
  const { from = "latest" } = options;
  const start = from === "latest" ? atCall : Number(await startPosition(folder, from));
  const group = options.group === undefined
    ? undefined
    : await joinGroup(folder, options.group, isRequired, clock, telemetry);

  function onLoss(loss: Loss): void {
    logger.error(
      "Passing {records} records of topic {topic}, up to offset {to}: {reason}",
      { topic, ...loss },
    );
    group?.lose(loss);
  }

  return {
    partition: 0,
    end: BigInt(end),
    turn: (signal, onStandBy) =>
      working("join a group of", async () => {
        const position = group === undefined
          ? start
          : await group.activate(start, orClosing(signal), onStandBy);
        requireOpen();
        return BigInt(position ?? 0);
      }),
    read: (position, maxRecords) =>
      working("read", async () => {
        const { records, end } = await cursor.read(Number(position), maxRecords);
        // Behind a segment that was left, the next record's offset is larger: nobody waits for what
        // never comes.
        const next = records.length === 0 ? { next: BigInt(end) } : {};
        return { records, end: BigInt(end), ...next };
      }),
    wait: (position, signal) =>
      working("wait for records of", async () => {
        await wake.wait(orClosing(signal), async () => {
          await requireFolder();
          return await durableEnd() > Number(position);
        });
        requireOpen();
        if (!signal.aborted) await requireFolder();
      }),
    ...(group && {
      commit(position: bigint, passed: PassedRecords) {
        if (closing.aborted) return Promise.reject(new QueueError("closed", "Log is closed"));
        return group.commit(Number(position), passed);
      },
    }),
    leave() {
      return left ??= (async () => {
        await busy;
        await group?.leave();
        cursor.close();
        folder[Symbol.dispose]();
      })();
    },
  };
}
