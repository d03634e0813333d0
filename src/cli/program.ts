/** The command line: all commands, their options and what their help says. */
import { Command, InvalidArgumentError, Option } from "commander";
import { backup } from "./backup.ts";
import { addDeadLettersCommand } from "./dead_letters_command.ts";
import { addLogCommand } from "./log_command.ts";
import { doctor, type DoctorOptions } from "./doctor.ts";
import { doctorLedger } from "./doctor_ledger.ts";
import { addConsumersCommand } from "./consumers_command.ts";
import { consume, type ConsumeOptions } from "./consume.ts";
import { recordFormats } from "./format_record.ts";
import { addGroupsCommand } from "./groups_command.ts";
import { importFile, type ImportOptions } from "./import.ts";
import {
  parseColumnSeparator,
  parseCount,
  parseHeader,
  parseStart,
  startHelp,
} from "./option_values.ts";
import { produce, type ProduceOptions } from "./produce.ts";
import type { CliServices, ConfigUse } from "./services.ts";
import { withQuietOutputs } from "./until_closed.ts";

const consumeHelp = `
${startHelp}

Text is for people: control characters are shown as \\n, \\t, \\u001b, no key as null, bytes that are not UTF-8 as
base64:… JSON is exact: {topic, partition, offset, timestamp, key, value, headers: [[name, value], …]}, the offset as
a string, the timestamp in milliseconds; what is not UTF-8 stands as key_base64, value_base64, [name, {"base64": "…"}].

Exit codes: 0 also after Ctrl-C and where the reader has gone (| head); 1 what cannot be read; 2 a wrong command line.

Examples:
  deno task consume --from earliest
  deno task consume --from earliest --until-end --format json | jq .value
  deno task consume --from time:2026-11-21T10:00:00Z --until-end
  deno task consume --group audit --count 10`;

const produceHelp = `
Exactly one of --value, --json, --file, --stdin says what is published. Text is UTF-8. A record that cannot be taken,
because it is too large or a line is not UTF-8, is told on stderr, and the others still go. Ctrl-C ends reading; whole
lines that were read are published.

Exit codes: 0 all was delivered; 1 something was not; 2 a wrong command line; 130 ended by Ctrl-C.

Examples:
  deno task produce --key hunger --value '[]'
  deno task produce --json '{"b":1,"a":2}' --header content-type=application/json
  deno task produce --topic lines --stdin < lines.txt
  printf 'dune\\t[]\\nemma\\t[]\\n' | deno task produce --stdin --key-separator '\\t'`;

const importHelp = `
A book that is there already, by its ISBN or else by title and author, is not added again, so that
an import that was ended is simply run again. Rows that are no books do not stop the others: they go
to FILE.rejected.csv, with line and reason; of what is piped in, to import.rejected.csv where the
command was called. Ctrl-C leaves whole batches of 500 rows. The task reads files in the project and
below the folder where it is called; others come by stdin.

Exit codes: 0 all rows are on the shelf; 1 some are not; 2 a wrong command line; 130 ended by Ctrl-C.

Examples:
  deno task import books.csv
  deno task import - < /elsewhere/books.csv
  deno task import books.csv.gz --title original_title --author authors --published year
  curl -s https://example.com/books.csv | deno task import - --separator ';'`;

const backupHelp = `
Copies what is durable, each file as it is at one moment, and checks the copies: DIR/shelf.db, DIR/read_models.db,
DIR/queue with a folder for each topic, and DIR/manifest.json, which says where each belongs. Nobody is held up. Of MySQL
and MariaDB it says how their own tools do it, and copies the log. To restore: stop the shop, put the files where they
belong, without what lay beside the old ones (-wal, -shm), and start it.

Exit codes: 0 the backup is whole; 1 something is not in it, or damaged; 2 a wrong command line.

Examples:
  deno task backup /var/backups/shop-2026-11-26
  deno task log verify /var/backups/shop-2026-11-26/queue`;

const doctorHelp = `
Says whether the configuration is right, whether this process has the permissions of a shop, and whether database and
queue can be reached. It changes nothing.

--ledger prints the ledger of the file log for each group: accepted = before it + delivered + dead-lettered + dropped +
queued + lost. Where the queue is on other machines it then reads the topic and looks for every event that was
forwarded and is still in the buffer, by its id (ce_id), or by key, value and timestamp where it has none. It says
which are missing, how many are among the dead letters (TOPIC.dlq in the buffer), how often one stands twice, and what
cannot be compared because either side's retention took it away. A shop may run meanwhile. Memory: at most 90 bytes an
event.

Exit codes: 0 all is well; 1 something is not, or cannot be reached; 2 a wrong command line.

Examples:
  deno task doctor --config shop.yml
  deno task doctor --ledger --format json | jq .match`;

/** Builds the command line. What a command returns is handed to `exit`. */
export function createProgram(services: CliServices, exit: (code: number) => void): Command {
  const program = new Command("deno task")
    .usage("<command> [options]")
    .description("Reads and writes the topics of the queue that the configuration names.")
    .helpCommand(false)
    // What stands behind a sub-command is its own, also where its command has an option of that
    // name.
    .enablePositionalOptions();

  // consume and tail end when nobody reads; the others have something to do, or an answer in their
  // exit code.
  const quiet = withQuietOutputs(services);
  // A file named here is relative to where the user stands, the default to where the program runs.
  const load = (
    { config }: { readonly config?: string },
    use: ConfigUse = "queue",
  ) => services.loadConfig(config === undefined ? "config.yml" : services.resolvePath(config), use);

  program.command("consume")
    .description("Prints the records of a topic, one a line, as they come.")
    .option("--topic <name>", "the topic (default: mq.topic of the configuration)")
    .addOption(
      new Option("--from <where>", "where to start, in a group only where it has no position yet")
        .argParser(parseStart).default("latest"),
    )
    .option("--until-end", "stop at the end as it was at the start")
    .option("--count <n>", "stop after n records", parseCount)
    .option("--group <name>", "continue where this group stopped, and commit what was printed")
    .addOption(
      new Option("--format <format>", "a line for people or a JSON object")
        .choices(Object.keys(recordFormats)).default("text"),
    )
    .option("--config <file>", "the configuration (default: config.yml)")
    .addHelpText("after", consumeHelp)
    .action(async (options: ConsumeOptions & { readonly config?: string }) =>
      exit(await consume(options, await load(options), services))
    );

  program.command("produce")
    .description("Publishes records to a topic and reports where each came to stand.")
    .option("--topic <name>", "the topic (default: mq.topic of the configuration)")
    .option(
      "--key <text>",
      "the records' key (default: none, which is not the same as an empty one)",
    )
    .option("--value <text>", "publish this text")
    .option("--json <json>", "publish this JSON, its names sorted: equal data are equal bytes")
    .option("--file <file>", "publish a file's bytes as they are; - is stdin")
    .option("--stdin", "publish every line of the input as a record, an empty line too")
    .option(
      "--key-separator <text>",
      "with --stdin: lines are KEY, this text, VALUE; \\t is a tab",
      parseSeparator,
    )
    .option("--header <name=value>", "a header of the records; may be repeated", parseHeader)
    .option("--config <file>", "the configuration (default: config.yml)")
    .addHelpText("after", produceHelp)
    .action(async (options: ProduceOptions & { readonly config?: string }) =>
      exit(await produce(options, await load(options), services))
    );

  program.command("import")
    .description("Puts the books of a CSV file on the shelf, beside a shop that runs.")
    .argument(
      "<file>",
      "CSV with a header (RFC 4180, UTF-8), or the same packed by gzip; - is stdin",
    )
    .option("--title <column>", "the header's name for it (default: title)")
    .option("--author <column>", "the header's name for it (default: author, authors)")
    .option("--published <column>", "a year or a date (default: published_at, year and others)")
    .option("--description <column>", "the header's name for it (default: description)")
    .option("--isbn <column>", "10 or 13 digits (default: isbn13, isbn and others)")
    .option(
      "--separator <character>",
      "what stands between columns; \\t is a tab (default: a comma)",
      parseColumnSeparator,
    )
    .option("--config <file>", "the configuration (default: config.yml)")
    .addHelpText("after", importHelp)
    .action(async (file: string, options: ImportOptions & { readonly config?: string }) =>
      exit(await importFile(file, options, await load(options, "catalogue"), services))
    );

  program.command("backup")
    .description("Copies log and database of a shop, which may run, into a folder.")
    .argument("<dir>", "a folder that is empty, or none")
    .option("--config <file>", "the configuration (default: config.yml)")
    .addHelpText("after", backupHelp)
    .action(async (directory: string, options: { readonly config?: string }) =>
      exit(await backup(directory, await load(options, "settings"), services))
    );

  const doctorCommand = program.command("doctor")
    .description("Says whether all that a shop needs is there, and whether its ledger balances.")
    .option("--ledger", "count what was accepted against what became of it")
    .addOption(new Option("--books", "what --ledger was called").hideHelp())
    .addOption(
      new Option("--format <format>", "lines for people or one JSON object")
        .choices(["text", "json"]).default("text"),
    )
    .option("--config <file>", "the configuration (default: config.yml)")
    .addHelpText("after", doctorHelp)
    .action(
      async (
        options: DoctorOptions & { readonly ledger?: boolean; readonly config?: string },
      ) => {
        const examine = options.ledger === true ? doctorLedger : doctor;
        exit(await examine(options, await load(options, "settings"), quiet));
      },
    );

  doctorCommand.on(
    "option:books",
    () => doctorCommand.error("error: option '--books' is now '--ledger'"),
  );

  addConsumersCommand(program, services, exit, (options) => load(options, "consumers"));
  addDeadLettersCommand(program, services, exit, load);
  addGroupsCommand(program, services, exit, load);
  addLogCommand(program, services, exit, (options) => load(options, "settings"));

  return program;
}

function parseSeparator(text: string): string {
  if (text === "") throw new InvalidArgumentError("Wanted at least one character.");
  return text.replaceAll("\\t", "\t");
}
