/** The places where dead letters lie, and the letters in them. */
import type { Config } from "../config/schema.ts";
import { deadLetterTopic } from "../domain/topic_name.ts";
import { within } from "../ports/clock.ts";
import type { EventLog } from "../ports/event_log.ts";
import type { StoredRecord } from "../ports/event_record.ts";
import type { RecordBatch } from "../ports/event_source.ts";
import { QueueError } from "../ports/queue_error.ts";
import { redriveGroupOf } from "../use_cases/redrive_dead_letters.ts";
import { type DeadLetterNote, readDeadLetter } from "../wire/dead_letter.ts";
import { CommandError } from "./command_error.ts";
import { requireShared } from "./open_shared_log.ts";
import type { CliServices } from "./services.ts";

/** A log in which dead letters may lie. */
export interface DeadLetterPlace {
  /** `buffer`: those that could not be brought on from there; else the name of the queue. */
  readonly name: string;
  /** @param publishes Topics that are published to, and may be made for it. */
  open(publishes: readonly string[]): Promise<EventLog>;
}

/** A dead letter, and where it lies. */
export interface FoundLetter {
  readonly place: string;
  /** Of the dead letters. */
  readonly topic: string;
  readonly partition: number;
  readonly record: StoredRecord;
  readonly note: DeadLetterNote;
  /** Whether a redrive has brought it back. */
  readonly isBack: boolean;
}

/** After so long without an answer a queue is taken to be away. */
const stallMs = 10_000;

/**
 * The places of that name, or all.
 *
 * @throws {CommandError} where there is none, or the log lives in a single process.
 */
export function placesOf(
  config: Config,
  services: CliServices,
  name: string | undefined,
): readonly DeadLetterPlace[] {
  requireShared(config, services);
  const places = services.deadLetterPlaces(config);
  const chosen = places.filter((place) => name === undefined || place.name === name);
  if (chosen.length > 0) return chosen;
  const quote = (place: DeadLetterPlace): string => `"${place.name}"`;
  throw new CommandError(
    `Option "--in" is "${name}", wanted ${places.map(quote).join(" or ")}`,
    { exitCode: 2 },
  );
}

/**
 * The dead letters of a topic in a log, from the oldest on, as far as there are some at the time of
 * the call.
 *
 * @throws {CommandError} where the log does not answer.
 */
export async function* lettersIn(
  place: string,
  log: EventLog,
  topic: string,
  { clock, stop }: Pick<CliServices, "clock" | "stop">,
): AsyncGenerator<FoundLetter> {
  const letters = deadLetterTopic(topic);
  const batches = log.subscribe(letters, { from: "earliest", until: "end", signal: stop })
    [Symbol.asyncIterator]();
  const positionsOf = redrivePositions(log, letters);
  const late = (): never => {
    const health = log.health();
    const message = `Log "${place}" has not answered for ${stallMs / 1000} s`;
    throw new CommandError(health.status === "ok" ? message : `${message}: ${health.detail}`);
  };
  try {
    for (;;) {
      const next: IteratorResult<RecordBatch> = await within(clock, stallMs, batches.next(), late);
      if (next.done) return;
      const { partition, records } = next.value;
      for (const record of records) {
        const note = readDeadLetter(record);
        const position = note.group && (await positionsOf(note.group)).get(partition);
        const isBack = typeof position === "bigint" && record.offset < position;
        yield { place, topic: letters, partition, record, note, isBack };
      }
    }
  } catch (error) {
    // Nobody has given anything up there.
    if (!(error instanceof QueueError && error.code === "unknown_topic")) throw error;
  } finally {
    void batches.return?.();
  }
}

/** By partition, how far the letters of a group have been brought back; asked for once a group. */
function redrivePositions(log: EventLog, letters: string) {
  const known = new Map<string, Promise<ReadonlyMap<number, bigint>>>();
  const ask = async (group: string): Promise<ReadonlyMap<number, bigint>> => {
    try {
      const { positions } = await log.groups.describe(redriveGroupOf(group));
      return new Map(
        positions.filter(({ topic }) => topic === letters)
          .flatMap(({ partition, position }) =>
            position === undefined ? [] : [[partition, position]]
          ),
      );
    } catch (error) {
      // Nothing was brought back yet.
      if (error instanceof QueueError && error.code === "unknown_group") return new Map();
      throw error;
    }
  };
  return (group: string): Promise<ReadonlyMap<number, bigint>> => {
    const asked = known.get(group) ?? ask(group);
    known.set(group, asked);
    return asked;
  };
}
