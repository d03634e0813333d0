/** `dead-letters list` and `show`: what was given up, why, and what it is. */
import type { Config } from "../config/schema.ts";
import { CommandError } from "./command_error.ts";
import { type FoundLetter, lettersIn, placesOf } from "./dead_letter_places.ts";
import { escapeControls, escapeControlsInJson } from "../process/escape_controls.ts";
import { recordFormats } from "./format_record.ts";
import type { CliServices } from "./services.ts";

/** The options of all the commands. */
export interface DeadLetterOptions {
  /** Whose dead letters; default: `mq.topic`. */
  readonly topic?: string;
  /** The place; default: all. */
  readonly in?: string;
  /** That gave them up; default: any. */
  readonly group?: string;
}

/** What a report looks like. */
export interface LetterFormat {
  readonly format: "text" | "json";
}

/** A line for each letter. @returns The exit code. */
export async function listDeadLetters(
  options: DeadLetterOptions & LetterFormat,
  config: Config,
  services: CliServices,
): Promise<number> {
  const { stdout } = services;
  let count = 0;
  await eachLetter(options, config, services, async (letter) => {
    count += 1;
    const line = options.format === "json" ? jsonLine(letter) : textLine(letter);
    await stdout.write(`${line}\n`);
  });
  if (count === 0 && options.format === "text") {
    await stdout.write(`No dead letters of ${options.topic ?? config.mq.topic}\n`);
  }
  return 0;
}

/** One letter whole. @returns The exit code. */
export async function showDeadLetter(
  at: { readonly partition: number; readonly offset: bigint },
  options: DeadLetterOptions & LetterFormat,
  config: Config,
  services: CliServices,
): Promise<number> {
  const { stdout } = services;
  let found = 0;
  await eachLetter(options, config, services, async (letter) => {
    if (letter.partition !== at.partition || letter.record.offset !== at.offset) return;
    found += 1;
    const isJson = options.format === "json";
    await stdout.write(isJson ? `${jsonLine(letter, true)}\n` : textOf(letter));
  });
  if (found > 0) return 0;
  const topic = options.topic ?? config.mq.topic;
  throw new CommandError(
    `There is no dead letter of "${topic}" at "${at.partition}:${at.offset}", wanted one that "dead-letters list" shows`,
  );
}

/** Places that do not answer keep nobody from seeing the others; the first such fault is thrown. */
async function eachLetter(
  options: DeadLetterOptions,
  config: Config,
  services: CliServices,
  onLetter: (letter: FoundLetter) => Promise<void>,
): Promise<void> {
  const { topic = config.mq.topic, group } = options;
  const faults: unknown[] = [];
  for (const place of placesOf(config, services, options.in)) {
    try {
      await using log = await place.open([]);
      for await (const letter of lettersIn(place.name, log, topic, services)) {
        if (group === undefined || letter.note.group === group) await onLetter(letter);
      }
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
}

/** `buffer lr-book-searches.dlq 0:3 …`: the address that `show` takes comes third. */
function textLine({ place, topic, partition, record, note, isBack }: FoundLetter): string {
  const by = note.group === undefined ? "by nobody who says so" : `by ${note.group}`;
  const from = note.topic === undefined
    ? ""
    : `, from ${note.topic} ${note.partition ?? "?"}:${note.offset ?? "?"}`;
  const attempts = note.attempts > 1 ? `, ${note.attempts} attempts` : "";
  const back = isBack ? ", brought back" : "";
  const at = note.lastFailedAt ?? new Date(record.timestamp).toISOString();
  const why = `${note.reason ?? "no reason given"}: ${note.message ?? "no message"}`;
  return escapeControls(
    `${place} ${topic} ${partition}:${record.offset} ${at} ${by}${from}${attempts}${back}, ${why}`,
  );
}

function textOf(letter: FoundLetter): string {
  const { record } = letter;
  const text = (bytes: Uint8Array | null): string =>
    bytes === null ? "null" : escapeControls(new TextDecoder().decode(bytes));
  const headers = record.headers.map(([name, value]) =>
    `  ${escapeControls(name)}: ${text(value)}\n`
  );
  return `${textLine(letter)}\nkey: ${text(record.key)}\nheaders:\n${headers.join("")}value: ${
    text(record.value)
  }\n`;
}

function jsonLine(
  { place, topic, partition, record, note, isBack }: FoundLetter,
  isWhole = false,
): string {
  const { topic: originalTopic, partition: originalPartition, offset: originalOffset, ...why } =
    note;
  const original = { topic: originalTopic, partition: originalPartition, offset: originalOffset };
  const said = escapeControlsInJson(
    JSON.stringify({
      place,
      topic,
      partition,
      offset: `${record.offset}`,
      original,
      ...why,
      redriven: isBack,
    }),
  );
  if (!isWhole) return said;
  const whole = recordFormats.json({ topic, partition }, record);
  return `${said.slice(0, -1)},"record":${whole}}`;
}
