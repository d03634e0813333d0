/**
 * Appending to a topic, with group commit: while one batch is written and synced, the next gathers.
 */
import { getLogger } from "@logtape/logtape";
import type { DeliveryReport } from "../../../../src/ports/event_queue.ts";
import type { EventRecord } from "../../../../src/ports/event_record.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { healthy, type QueueHealth } from "../../../../src/ports/queue_health.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import { appendBatch, isInPlace } from "./append_batch.ts";
import { createGrowingBatch, type GrowingBatch } from "./growing_batch.ts";
import { encodedRecordBytes } from "../format/record_format.ts";
import { catchUp, recoverTail } from "./recovery.ts";
import { diskRefusal } from "../disk/disk_refusal.ts";
import { createTopicHealth } from "./topic_health.ts";
import { ageLookMs, createTopicRoom, type RoomPlans } from "./topic_room.ts";
import { settlesWithin } from "./settles_within.ts";
import type { SegmentPlans, SegmentTail } from "./segment_tail.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";
import { createWriteLock, type WriteLock } from "../disk/write_lock.ts";

const logger = getLogger(["shelfcast", "file_log"]);

/** A batch that holds so much is written before anything joins it, so that a sync and a reader's memory stay short. */
const fullBatchBytes = 1024 * 1024;
/** How often a fault that stands is looked at again, and how often the folder is looked for at its path. */
const retryMs = 1000;
const inPlaceMs = 100;
/** How long a look at the topic's health waits for the lock: longer than anybody's batch takes. */
const lookBudgetMs = 1000;

export interface TopicWriter {
  /** @param contentBytes Of key, value and headers, as `validateRecord` counts. */
  publish(record: EventRecord, contentBytes: number): Promise<DeliveryReport>;
  /** Makes what a dead writer left visible, if nobody else holds the lock. @throws {QueueError} by rejection */
  settle(): Promise<void>;
  /** At once; of a topic that nobody has published to and that was not asked for, nothing is known against it. */
  health(): QueueHealth;
  /** From now on `health` looks, also before the first record is published. */
  watch(): void;
  /** Writes what is held and gives everything up; rejects what is left when `budgetMs` have passed. */
  close(budgetMs: number): Promise<void>;
}

export interface WriterPlans extends SegmentPlans, RoomPlans {
  readonly telemetry: Telemetry;
  /** Beyond it, `publish` rejects with `full`. */
  readonly maxPendingBytes: number;
  /** How long a batch waits for the topic's lock. */
  readonly acceptBudgetMs: number;
}

/** @param openFolder Opens the topic's folder, anew after it was removed; rejects with a `QueueError`. */
export function createTopicWriter(
  topic: string,
  openFolder: () => Promise<TopicFolder>,
  plans: WriterPlans,
): TopicWriter {
  const { clock, telemetry } = plans;
  const batches: GrowingBatch[] = [];
  /** Of the batch that was written last: while one is written the next gathers, so two are used in turn. */
  let spare: GrowingBatch["buffer"] | undefined;
  let pendingBytes = 0;
  let working: Promise<void> | undefined;
  let inFlight: GrowingBatch | undefined;
  let isWriting = false;
  /** Who waits for the batch after the present one, which proves that the end of the log is known. */
  const settlers: { resolve: () => void; reject: (error: QueueError) => void }[] = [];
  let closed = false;
  let open: { readonly folder: TopicFolder; readonly lock: WriteLock } | undefined;
  let tail: SegmentTail | undefined;
  let fault: { readonly error: QueueError; readonly at: number } | undefined;
  let seenInPlaceAt = 0;
  let turnTime: number | undefined;
  const room = createTopicRoom(plans);
  let isWatched = false;
  const health = createTopicHealth(clock, lookForRoom);
  let cancelLook: (() => void) | undefined;

  /** Read once for all records that come in one turn of the event loop. */
  function timeOfTurn(): number {
    if (turnTime === undefined) {
      turnTime = Math.floor(clock.now());
      queueMicrotask(() => turnTime = undefined);
    }
    return turnTime;
  }

  /** One thing at a time: what comes later waits for it, whatever becomes of it. */
  function exclusively(work: () => Promise<void>): Promise<void> {
    const done = (working ?? Promise.resolve()).then(work);
    const settled = done.catch(() => {});
    working = settled;
    settled.then(() => {
      if (working === settled) working = undefined;
    });
    return done;
  }

  /** With the lock in hand and the end of the log known. */
  async function ready(budgetMs: number): Promise<{ folder: TopicFolder; tail: SegmentTail }> {
    if (fault !== undefined && Math.abs(clock.now() - fault.at) < retryMs) throw fault.error;
    fault = undefined;
    let isLockHeld = false;
    try {
      if (open !== undefined && Math.abs(clock.now() - seenInPlaceAt) >= inPlaceMs) {
        seenInPlaceAt = clock.now();
        if (!await isInPlace(open.folder)) giveUp();
      }
      open ??= await enter();
      const { folder, lock } = open;
      const since = await lock.take(budgetMs);
      isLockHeld = true;
      if (tail !== undefined && since === "taken" && !await catchUp(folder, tail, telemetry)) {
        forgetTail();
      }
      tail ??= await recoverTail(folder, plans, telemetry);
      lookLater();
      return { folder, tail };
    } catch (error) {
      const refused = diskRefusal(error, `append to topic "${topic}"`);
      // Another's lock is no fault, and a missing topic may be made any time.
      if (isLockHeld) {
        fault = { error: refused, at: clock.now() };
        giveUp();
      }
      throw refused;
    }
  }

  /** Records grow old while nothing is appended, too: then nobody else looks. */
  function lookLater(): void {
    if (closed) return;
    cancelLook ??= clock.after(ageLookMs, () => {
      cancelLook = undefined;
      if (isWriting) lookLater();
      // Another process writes, or there is no room: the next look may do more.
      else void lookForRoom(0).catch(lookLater);
    }, { keepsAlive: false });
  }

  async function enter() {
    const folder = await openFolder();
    return { folder, lock: createWriteLock(folder.lock, folder.turn, clock) };
  }

  function forgetTail(): void {
    tail?.file.close();
    tail = undefined;
  }

  function giveUp(): void {
    forgetTail();
    open?.lock.release();
    open?.folder.close();
    open = undefined;
  }

  /** All that an append does before it writes, and where the last one was refused, zeros where zeros stand. */
  function lookForRoom(provenBytes: number): Promise<void> {
    return exclusively(async () => {
      try {
        const { folder, tail: current } = await ready(lookBudgetMs);
        await room.make(folder, current, provenBytes);
        if (provenBytes > 0) await current.file.write(current.bytes, new Uint8Array(provenBytes));
        open?.lock.done();
      } catch (error) {
        open?.lock.release();
        throw diskRefusal(error, `append to topic "${topic}"`);
      }
    });
  }

  async function writeAll(): Promise<void> {
    while (batches.length > 0) {
      const settling = settlers.splice(0);
      try {
        await writeNext();
        for (const settler of settling) settler.resolve();
      } catch (error) {
        const refused = diskRefusal(error, `append to topic "${topic}"`);
        health.failed(refused.cause instanceof QueueError ? refused.cause : refused);
        rejectAll(refused);
        open?.lock.release();
        for (const settler of settling) settler.reject(refused);
      }
    }
    for (const settler of settlers.splice(0)) settler.resolve();
    // In the same turn as the look at the batches: one that comes now starts anew.
    isWriting = false;
  }

  async function writeNext(): Promise<void> {
    health.begun(batches[0]?.bytes ?? 0);
    const { folder, tail: current } = await ready(plans.acceptBudgetMs);
    const batch = batches[0];
    if (batch === undefined) return;
    await room.make(folder, current, batch.bytes);
    batches.shift();
    inFlight = batch;
    const began = clock.now();
    const appended = await appendBatch(folder, current, batch, plans);
    inFlight = undefined;
    tail = appended.tail;
    pendingBytes -= batch.bytes;
    if ("error" in appended) {
      batch.reject(appended.error);
      if (appended.tail === undefined) giveUp();
      throw afterFailure(appended.error);
    }
    batch.accept(appended.baseOffset);
    health.succeeded();
    if (batch.buffer.length <= fullBatchBytes) spare = batch.buffer;
    telemetry.histogram("shelfcast.file_log.append_ms", clock.now() - began, { topic });
    open?.lock.done();
  }

  /** What was behind a batch that failed was not written: order demands that it fails, too. */
  function rejectAll(error: QueueError): void {
    for (const batch of batches.splice(0)) {
      pendingBytes -= batch.bytes;
      batch.reject(error);
    }
  }

  /** Gives the space back that was laid out ahead, so that the next to open the segment need not look through it. */
  async function trim(): Promise<void> {
    if (working !== undefined || tail === undefined) return;
    try {
      const { tail: settled } = await ready(0);
      await settled.file.truncate(settled.bytes);
    } catch (error) {
      logger.debug("Segment of topic {topic} is left as it is: {error}", { topic, error });
    }
  }

  return {
    publish(record, contentBytes) {
      if (closed) return Promise.reject(closedError());
      const encodedBytes = encodedRecordBytes(record, contentBytes);
      if (pendingBytes + encodedBytes > plans.maxPendingBytes && pendingBytes > 0) {
        return Promise.reject(
          new QueueError(
            "full",
            `Topic "${topic}" holds ${pendingBytes} bytes that are not on the disk yet, wanted at most ${plans.maxPendingBytes}`,
          ),
        );
      }
      let batch = batches.at(-1);
      if (batch === undefined || batch.bytes + encodedBytes > fullBatchBytes) {
        batch = createGrowingBatch(topic, spare);
        spare = undefined;
        batches.push(batch);
      }
      const before = batch.count === 0 ? 0 : batch.bytes;
      const placed = batch.add(record, encodedBytes, record.timestamp ?? timeOfTurn());
      pendingBytes += batch.bytes - before;
      if (!isWriting) {
        isWriting = true;
        isWatched = true;
        void exclusively(writeAll);
      }
      return placed;
    },
    settle() {
      if (closed) return Promise.reject(closedError());
      if (isWriting) {
        return new Promise((resolve, reject) => settlers.push({ resolve, reject }));
      }
      return exclusively(async () => {
        try {
          await ready(0);
          open?.lock.done();
        } catch (error) {
          // Whoever holds the lock is alive, and says himself how far the log goes.
          const refused = diskRefusal(error, `settle topic "${topic}"`);
          if (refused.code === "unavailable") return;
          health.failed(refused);
          throw refused;
        }
      });
    },
    health: () => isWatched ? health.ask() : healthy,
    watch() {
      isWatched = true;
    },
    async close(budgetMs) {
      closed = true;
      cancelLook?.();
      const hanging = working;
      if (await settlesWithin(hanging, budgetMs, clock)) {
        rejectAll(closedError());
        await trim();
        giveUp();
        return;
      }
      inFlight?.reject(
        new QueueError("outcome_unknown", `Log was closed while topic "${topic}" was written to`),
      );
      rejectAll(closedError());
      // What hangs may still be written: until then the lock keeps others from writing to that place.
      void hanging?.then(giveUp);
    },
  };

  function closedError(): QueueError {
    return new QueueError("closed", "Log is closed");
  }
}

/** What the records behind a failed batch are told: other than the batch's own, theirs certainly do not stand. */
function afterFailure(error: QueueError): QueueError {
  if (error.code !== "outcome_unknown") return error;
  return new QueueError("unavailable", "A record before this one failed, so it was not written", {
    cause: error,
  });
}
