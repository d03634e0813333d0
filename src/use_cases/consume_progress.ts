/** What is told of consuming: numbers, health, and lines in the log. */
import { getLogger } from "../ports/logger.ts";
import type { RecordBatch } from "../ports/event_source.ts";
import { QueueError } from "../ports/queue_error.ts";
import type { ApplyOutcome } from "../ports/read_model.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { Gap } from "./find_gaps.ts";
import type { GroupHealth } from "./group_health.ts";
import type { OthersHealth } from "./others_health.ts";
import type { PassedOver, SeenGroup } from "./watch_group.ts";

/** Hears what happens in a pass, as it happens. Nothing of it throws or waits. */
export interface ConsumeObserver {
  assigned(partitions: Iterable<number>): void;
  read(batch: RecordBatch): void;
  /** Of each batch that was applied, also those that were read again. */
  counted(outcome: Extract<ApplyOutcome, { status: "applied" }>): void;
  /** What the group has read of a partition has its effects up to there. */
  applied(partition: number, position: bigint): void;
  /** Its dead letter is durable. */
  deadLettered(reason: string): void;
  committed(position: bigint, partition: number): void;
  /** A commit failed, and is repeated. */
  commitFailed(error: unknown): void;
  /** The store refused, and is asked again. */
  storeFailed(error: unknown): void;
  /** It had refused, and has answered. */
  storeAnswers(): void;
  foundGap(gap: Gap): void;
  /** So many records of a gap were read again; `by`: another program had committed them. */
  filled(gap: Gap, records: number, by?: PassedOver): void;
  /** It was looked who else reads for the group. */
  lookedForOthers(seen: SeenGroup): void;
}

export interface ConsumeProgress extends ConsumeObserver {
  passBegins(): void;
  /** It cannot go on. */
  passFails(error: unknown): void;
  /** Whether the pass has brought anything on. */
  readonly hasMoved: boolean;
}

export interface ConsumeProgressOptions {
  /** Name of the consumer, for people and numbers. */
  readonly name: string;
  readonly topic: string;
  /** Whether the log is there after a restart. */
  readonly outlastsProcess: boolean;
  readonly telemetry: Telemetry;
  readonly health: GroupHealth;
  readonly others: OthersHealth;
}

export function createConsumeProgress(options: ConsumeProgressOptions): ConsumeProgress {
  const { name, topic, telemetry, health, others, outlastsProcess } = options;
  const logger = getLogger(["shelfcast", "consumers"]);
  const labels = { consumer: name };
  /** Partition → its end, and what is before is consumed. */
  const partitions = new Map<number, { end: bigint; position: bigint }>();
  const told = new WeakSet<Gap>();
  let isBehindTold = false;
  let hasMoved = false;

  function tellLag(): void {
    let lag = 0n;
    for (const { end, position } of partitions.values()) if (end > position) lag += end - position;
    telemetry.gauge("shelfcast.consumer.lag_records", Number(lag), labels);
  }

  function count(what: string, by: number): void {
    if (by > 0) telemetry.count(`shelfcast.consumer.${what}`, labels, by);
  }

  function fault(error: unknown): void {
    const kind = error instanceof QueueError ? error.code : "other";
    telemetry.count("shelfcast.consumer.faults", { ...labels, kind });
  }

  return {
    passBegins() {
      health.passBegins();
      hasMoved = false;
    },
    passFails(error) {
      fault(error);
      health.passFails(error);
    },
    get hasMoved() {
      return hasMoved;
    },
    assigned(now) {
      const mine = new Set(now);
      for (const partition of partitions.keys()) {
        if (!mine.has(partition)) partitions.delete(partition);
      }
      tellLag();
    },
    read({ partition, records, end }) {
      // What was read before it may still wait to be applied.
      const first = records[0]!.offset;
      const position = partitions.get(partition)?.position ?? first;
      partitions.set(partition, { end, position: position < first ? position : first });
      tellLag();
    },
    counted({ applied, repeated, tooOld }) {
      hasMoved = true;
      health.goesWell();
      count("applied", applied);
      count("repeated", repeated);
      count("too_old", tooOld);
      if (tooOld === 0 || isBehindTold) return;
      isBehindTold = true;
      logger.warn(
        "Consumer {name} passes over events that are older than what it still tells from repeats",
        { name, topic },
      );
    },
    applied(partition, position) {
      const end = partitions.get(partition)?.end ?? position;
      partitions.set(partition, { end, position });
      tellLag();
    },
    deadLettered(reason) {
      health.goesWell();
      telemetry.count("shelfcast.consumer.dead_lettered", { ...labels, reason });
    },
    committed() {
      hasMoved = true;
      health.commits();
    },
    commitFailed(error) {
      fault(error);
      health.commitFails(error);
    },
    storeAnswers: health.goesWell,
    storeFailed(error) {
      fault(error);
      health.inTrouble(error);
    },
    foundGap({ partition, isOtherTopic }) {
      if (!isOtherTopic || !outlastsProcess) return;
      logger.error(
        "Topic {topic} is another one than before (it was made again, or is on another queue): consumer {name} reads " +
          "its partition {partition} from the beginning",
        { name, topic, partition },
      );
    },
    filled(gap, records, by) {
      count("read_again", records);
      if (by !== undefined) {
        telemetry.count("shelfcast.consumer.faults", { ...labels, kind: "group_active" });
        return others.havePassedOver(by);
      }
      if (told.has(gap) || !outlastsProcess) return;
      told.add(gap);
      const { partition, position, to, isOtherTopic } = gap;
      const fields = { name, topic, partition, position: `${position}`, to: `${to}` };
      if (isOtherTopic || position === 0n) {
        const message =
          "Read model of consumer {name} is new: it reads {topic}, partition {partition}, again up to {to}";
        return logger.warn(message, fields);
      }
      const message =
        "Read model of consumer {name} is older than its group: its database was restored from a copy, or is another one, " +
        "or another program has read for the group. " +
        "It reads {topic}, partition {partition}, again from {position} up to {to}";
      logger.error(message, fields);
    },
    lookedForOthers: others.looked,
  };
}
