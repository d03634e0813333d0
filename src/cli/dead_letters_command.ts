/** `dead-letters`: what was given up, shown and brought back, as commands. */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { Config } from "../config/schema.ts";
import {
  type DeadLetterOptions,
  type LetterFormat,
  listDeadLetters,
  showDeadLetter,
} from "./list_dead_letters.ts";
import { parseCount } from "./option_values.ts";
import { redrive, type RedriveCommandOptions } from "./redrive_dead_letters.ts";
import type { CliServices } from "./services.ts";

interface ConfigOption {
  readonly config?: string;
}

const placesHelp = `
Dead letters of a topic are records of TOPIC.dlq: those of the forwarder in the buffer, whose place is named "buffer",
those of consumers in the log that they read, whose place bears the name of the queue.`;

const codesHelp = `
Exit codes: 0 done; 1 something cannot be read, or brought back; 2 a wrong command line.`;

const listHelp = `${placesHelp}
A line says where it lies (PARTITION:OFFSET is what show takes), when it was given up last, by which group, where it was
read, whether a redrive has brought it back, and why. JSON has a line for each, without the record itself.
${codesHelp}`;

const showHelp = `${placesHelp}
Prints the whole record: key, headers, value.
${codesHelp}`;

const redriveHelp = `${placesHelp}
Without --execute it only says what it would do. A letter goes back to the topic where it was given up, with its key,
value, headers and timestamp, and a header that names the group that gave it up: other groups pass it over. Each goes
back once: what is here is read as the group redrive.GROUP, and committed when the topic has it. Letters stay where they
lie until retention takes them away. Mend the cause first: what fails again becomes a dead letter again.

Exit codes: 0 done; 1 a letter cannot go back, or something cannot be read; 2 a wrong command line.`;

const help = `${placesHelp}
${codesHelp}

Examples:
  deno task dead-letters list
  deno task dead-letters show 0:17 --in buffer
  deno task dead-letters redrive --group forwarder --execute`;

/** Adds `dead-letters` and its sub-commands. What they return is handed to `exit`. */
export function addDeadLettersCommand(
  program: Command,
  services: CliServices,
  exit: (code: number) => void,
  loadConfig: (options: ConfigOption) => Promise<Config>,
): void {
  const letters = program.command("dead-letters")
    .description("Shows what was given up, and brings it back.")
    .helpCommand(false)
    .addHelpText("after", help);

  const add = (name: string, description: string, after: string): Command =>
    letters.command(name)
      .description(description)
      .option("--topic <name>", "whose dead letters (default: mq.topic of the configuration)")
      .option("--in <place>", "the place where they lie (default: all)")
      .option("--group <name>", "those that this group gave up (default: any)")
      .option("--config <file>", "the configuration (default: config.yml)")
      .addHelpText("after", after);

  const format = () =>
    new Option("--format <format>", "lines for people or JSON objects")
      .choices(["text", "json"]).default("text");

  add("list", "A line for each dead letter, from the oldest on.", listHelp)
    .addOption(format())
    .action(async (options: DeadLetterOptions & LetterFormat & ConfigOption) =>
      exit(await listDeadLetters(options, await loadConfig(options), services))
    );

  add("show", "One dead letter whole.", showHelp)
    .argument("<partition:offset>", "where it lies; in partition 0 the offset alone", parsePlace)
    .addOption(format())
    .action(async (at: LetterPlace, options: DeadLetterOptions & LetterFormat & ConfigOption) =>
      exit(await showDeadLetter(at, options, await loadConfig(options), services))
    );

  add("redrive", "Brings dead letters back to where they were given up.", redriveHelp)
    .option("--count <n>", "at most n of a group", parseCount)
    .option("--execute", "do it")
    .action(async (options: RedriveCommandOptions & ConfigOption) =>
      exit(await redrive(options, await loadConfig(options), services))
    );
}

interface LetterPlace {
  readonly partition: number;
  readonly offset: bigint;
}

function parsePlace(text: string): LetterPlace {
  const [, partition = "0", offset = ""] = /^(?:(\d{1,9}):)?(\d{1,19})$/.exec(text) ?? [];
  if (offset !== "") return { partition: Number(partition), offset: BigInt(offset) };
  throw new InvalidArgumentError("Wanted PARTITION:OFFSET, or the offset alone.");
}
