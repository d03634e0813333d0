/**
 * The wing `append` is what only the holder of a topic's lock does: recover the end of the log,
 * append to it, make room for it, and say whether it takes records. It knows nothing of readers.
 *
 * This file is its front: publishing with group commit. While one batch is written and synced, the
 * next gathers.
 */
import { within } from "../../../../src/ports/clock.ts";
import type { DeliveryReport } from "../../../../src/ports/event_queue.ts";
import type { EventRecord } from "../../../../src/ports/event_record.ts";
import { QueueError } from "../../../../src/ports/queue_error.ts";
import { healthy, type QueueHealth } from "../../../../src/ports/queue_health.ts";
import type { Telemetry } from "../../../../src/ports/telemetry.ts";
import { diskRefusal } from "../disk/disk_error.ts";
import { encodedRecordBytes } from "../format/record_format.ts";
import type { TopicFolder } from "../segments/topic_folder.ts";
import { appendBatch } from "./append_batch.ts";
import { createGrowingBatch, type GrowingBatch } from "./growing_batch.ts";
import { createHeldGroups } from "./held_groups.ts";
import { createLogEnd } from "./log_end.ts";
import type { SegmentPlans } from "./segment_tail.ts";
import { createTopicHealth } from "./topic_health.ts";
import { createRemovedLog } from "./removed_log.ts";
import { ageLookMs, createTopicRoom, type RoomPlans } from "./topic_room.ts";

/**
 * A batch that holds so much is written before anything joins it, so that a sync and a reader's
 * memory stay short.
 */
const fullBatchBytes = 1024 * 1024;
/** How long a look at the topic's health waits for the lock: longer than anybody's batch takes. */
const lookBudgetMs = 1000;
/** As long as one look for what has become old is from the next. */
const evictionToldMs = 60_000;

export interface TopicWriter {
  /** @param contentBytes Of key, value and headers, as `validateRecord` counts. */
  publish(record: EventRecord, contentBytes: number): Promise<DeliveryReport>;
  /**
   * Makes what a dead writer left visible, if nobody else holds the lock. @throws {QueueError} by
   * rejection
   */
  recover(): Promise<void>;
  /**
   * At once; of a topic that nobody has published to and that was not asked for, nothing is known
   * against it.
   */
  health(): QueueHealth;
  /** From now on `health` looks, also before the first record is published. */
  watch(): void;
  /**
   * Writes what is held and gives everything up; rejects what is left when `budgetMs` have passed.
   */
  close(budgetMs: number): Promise<void>;
}

export interface WriterPlans extends SegmentPlans, RoomPlans {
  readonly telemetry: Telemetry;
  /** Beyond it, `publish` rejects with `full`. */
  readonly maxPendingBytes: number;
  /** How long a batch waits for the topic's lock. */
  readonly acceptBudgetMs: number;
  /** Whether the required groups are so for all processes, and when this one has ended. */
  readonly isHoldLasting: boolean;
}

/**
 * @param openFolder Opens the topic's folder, anew after it was removed; rejects with a
 *   `QueueError`.
 */
export function createTopicWriter(
  topic: string,
  openFolder: () => Promise<TopicFolder>,
  plans: WriterPlans,
): TopicWriter {
  const { clock, telemetry } = plans;
  const batches: GrowingBatch[] = [];
  /**
   * Of the batch that was written last: while one is written the next gathers, so two are used in
   * turn.
   */
  let spare: GrowingBatch["buffer"] | undefined;
  let pendingBytes = 0;
  let working: Promise<void> | undefined;
  let inFlight: GrowingBatch | undefined;
  let isWriting = false;
  /**
   * Who waits for the batch after the present one, which proves that the end of the log is known.
   */
  const recoveries: { resolve: () => void; reject: (error: QueueError) => void }[] = [];
  let closed = false;
  let turnTime: number | undefined;
  const end = createLogEnd(topic, openFolder, plans);
  const held = createHeldGroups(plans.requiredGroups, plans.isHoldLasting, clock);
  const room = createTopicRoom({ ...plans, onEvicted: noteEvicted }, held);
  const removed = createRemovedLog(topic, clock, telemetry);
  let isWatched = false;
  const health = createTopicHealth(clock, lookForRoom);
  let cancelLook: (() => void) | undefined;

  const evicted = { records: 0, at: -Infinity };
  function noteEvicted(records: number): void {
    evicted.records += records;
    evicted.at = clock.now();
    telemetry.gauge("shelfcast.ledger.dropped", evicted.records, { topic, group: "" });
  }

  /** What is taken away unread is told for a while, as a fault is. */
  function healthWith(found: QueueHealth): QueueHealth {
    if (found.status !== "ok") return found;
    const gone = removed.health();
    if (gone !== undefined) return gone;
    if (clock.now() - evicted.at >= evictionToldMs) return found;
    const detail =
      `${evicted.records} events that not everybody had read were taken away, as topic "${topic}" is at its bound: ` +
      "raise mq.file.max_bytes, or name its readers in mq.file.required_groups, and new events are refused instead";
    return { status: "degraded", reason: "full", detail };
  }

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
    const ended = done.catch(() => {});
    working = ended;
    ended.then(() => {
      if (working === ended) working = undefined;
    });
    return done;
  }

  async function takeEnd(budgetMs: number) {
    const taken = await end.take(budgetMs);
    lookLater();
    const { folder, tail } = taken;
    if (removed.opened(folder, tail)) await room.opened(folder, tail);
    return taken;
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

  /**
   * All that an append does before it writes, and where the last one was refused, zeros where zeros
   * stand.
   */
  function lookForRoom(provenBytes: number): Promise<void> {
    return exclusively(async () => {
      try {
        const { folder, tail } = await takeEnd(lookBudgetMs);
        await room.make(folder, tail, provenBytes);
        if (provenBytes > 0) await tail.file.write(tail.bytes, new Uint8Array(provenBytes));
        end.done();
      } catch (error) {
        end.release();
        throw diskRefusal(error, `append to topic "${topic}"`);
      }
    });
  }

  async function writeAll(): Promise<void> {
    while (batches.length > 0) {
      const waiting = recoveries.splice(0);
      try {
        await writeNext();
        for (const { resolve } of waiting) resolve();
      } catch (error) {
        const refused = diskRefusal(error, `append to topic "${topic}"`);
        health.failed(refused.cause instanceof QueueError ? refused.cause : refused);
        rejectAll(refused);
        end.release();
        for (const { reject } of waiting) reject(refused);
      }
    }
    for (const { resolve } of recoveries.splice(0)) resolve();
    // In the same turn as the look at the batches: one that comes now starts anew.
    isWriting = false;
  }

  async function writeNext(): Promise<void> {
    health.begun(batches[0]?.bytes ?? 0);
    const { folder, tail } = await takeEnd(plans.acceptBudgetMs);
    const batch = batches[0];
    if (batch === undefined) return;
    await room.make(folder, tail, batch.bytes);
    batches.shift();
    inFlight = batch;
    const began = clock.now();
    const appended = await appendBatch(folder, tail, batch, plans);
    inFlight = undefined;
    end.moveTo(appended.tail);
    pendingBytes -= batch.bytes;
    if ("error" in appended) {
      batch.reject(appended.error);
      throw afterFailure(appended.error);
    }
    batch.accept(appended.baseOffset);
    health.succeeded();
    if (batch.buffer.length <= fullBatchBytes) spare = batch.buffer;
    telemetry.histogram("shelfcast.file_log.append_ms", clock.now() - began, { topic });
    end.done();
  }

  /** What was behind a batch that failed was not written: order demands that it fails, too. */
  function rejectAll(error: QueueError): void {
    for (const batch of batches.splice(0)) {
      pendingBytes -= batch.bytes;
      batch.reject(error);
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
    recover() {
      if (closed) return Promise.reject(closedError());
      if (isWriting) {
        return new Promise((resolve, reject) => recoveries.push({ resolve, reject }));
      }
      return exclusively(async () => {
        try {
          await takeEnd(0);
          end.done();
        } catch (error) {
          // Whoever holds the lock is alive, and says how far the log goes.
          const refused = diskRefusal(error, `recover topic "${topic}"`);
          if (refused.code === "unavailable") return;
          health.failed(refused);
          throw refused;
        }
      });
    },
    health: () => healthWith(isWatched ? health.ask() : healthy),
    watch() {
      isWatched = true;
    },
    async close(budgetMs) {
      closed = true;
      cancelLook?.();
      const hanging = working;
      const isDone = Promise.resolve(hanging).then(() => true);
      if (await within(clock, budgetMs, isDone, () => false)) {
        rejectAll(closedError());
        if (working === undefined) await end.trim();
        end.giveUp();
        return;
      }
      inFlight?.reject(
        new QueueError("outcome_unknown", `Log was closed while topic "${topic}" was written to`),
      );
      rejectAll(closedError());
      // What hangs may still be written: until then the lock keeps others from writing to that
      // place.
      void hanging?.then(end.giveUp);
    },
  };

  function closedError(): QueueError {
    return new QueueError("closed", "Log is closed");
  }
}

/**
 * What the records behind a failed batch are told: other than the batch's own, theirs certainly do
 * not stand.
 */
function afterFailure(error: QueueError): QueueError {
  if (error.code !== "outcome_unknown") return error;
  return new QueueError("unavailable", "A record before this one failed, so it was not written", {
    cause: error,
  });
}
