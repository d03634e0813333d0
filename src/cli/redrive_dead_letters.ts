/** `dead-letters redrive`: brings dead letters back to where they were given up. */
import type { Config } from "../config/schema.ts";
import { topicNameFault } from "../domain/topic_name.ts";
import { redriveDeadLetters } from "../use_cases/redrive_dead_letters.ts";
import {
  type DeadLetterPlace,
  type FoundLetter,
  lettersIn,
  placesOf,
} from "./dead_letter_places.ts";
import { escapeControls } from "../process/escape_controls.ts";
import type { DeadLetterOptions } from "./list_dead_letters.ts";
import type { CliServices } from "./services.ts";

/** The options of `redrive`. */
export interface RedriveCommandOptions extends DeadLetterOptions {
  /** Do it. */
  readonly execute?: boolean;
  /** The most letters of a group that go back. */
  readonly count?: number;
}

/** @returns The exit code: 1 where a letter cannot go back. */
export async function redrive(
  options: RedriveCommandOptions,
  config: Config,
  services: CliServices,
): Promise<number> {
  const { stdout, stop, stderr } = services;
  const counts = { back: 0, faults: 0 };
  for (const place of placesOf(config, services, options.in)) {
    await redriveFrom(place, options, config, services, counts);
  }
  if (stop.aborted) await stderr.write("Aborted by user\n");
  const letters = `${counts.back} dead ${counts.back === 1 ? "letter" : "letters"}`;
  const isDone = options.execute === true;
  await stdout.write(
    isDone
      ? `${letters} brought back\n`
      : `${letters} to bring back${counts.back > 0 ? "; --execute does it" : ""}\n`,
  );
  return counts.faults > 0 || stop.aborted ? 1 : 0;
}

async function redriveFrom(
  place: DeadLetterPlace,
  options: RedriveCommandOptions,
  config: Config,
  services: CliServices,
  counts: { back: number; faults: number },
): Promise<void> {
  const { topic = config.mq.topic, count } = options;
  const { stdout, stderr, stop } = services;
  const dryRun = options.execute !== true;
  const seen = await lookThrough(place, topic, options.group, services);
  if (seen.nameless.length > 0 && options.group === undefined) {
    counts.faults += seen.nameless.length;
    const which = seen.nameless.map(({ partition, record }) => `${partition}:${record.offset}`);
    await stderr.write(
      `Dead letters of ${topic} in ${place.name} do not say which group gave them up, and stay: ${
        which.slice(0, 20).join(", ")
      }\n`,
    );
  }
  if (seen.groups.size === 0) return;
  await using log = await place.open(dryRun ? [] : [...seen.originals]);
  for (const group of seen.groups) {
    await redriveDeadLetters({
      log,
      topic,
      group,
      dryRun,
      signal: stop,
      ...(count !== undefined && { most: count }),
      onStandBy: () =>
        void stderr.write(`Another process brings back letters of group "${group}": waiting\n`),
      async onLetter(letter, outcome) {
        // As list and show name it.
        const at = `${letter.partition}:${letter.offset}`;
        const which = `Letter ${at} of group "${group}" in ${place.name}`;
        if ("fault" in outcome) {
          counts.faults += 1;
          return await stderr.write(escapeControls(`${which} stays: ${outcome.fault}`) + "\n");
        }
        counts.back += 1;
        const { report } = outcome;
        const where = report === undefined
          ? `would go back to ${outcome.topic}`
          : `is back in ${report.topic} [${report.partition}] @ offset ${report.offset}`;
        await stdout.write(escapeControls(`${which} ${where}`) + "\n");
      },
    });
  }
}

/** Which groups gave letters up, and where; and those that do not say. */
async function lookThrough(
  place: DeadLetterPlace,
  topic: string,
  only: string | undefined,
  services: CliServices,
) {
  const groups = new Set<string>();
  const originals = new Set<string>();
  const nameless: FoundLetter[] = [];
  await using log = await place.open([]);
  for await (const letter of lettersIn(place.name, log, topic, services)) {
    const { note } = letter;
    if (note.group === undefined) nameless.push(letter);
    else if (letter.isBack) continue;
    else if (only === undefined || note.group === only) {
      groups.add(note.group);
      const original = note.topic ?? topic;
      if (topicNameFault(original) === undefined) originals.add(original);
    }
  }
  return { groups, originals, nameless };
}
