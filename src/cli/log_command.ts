/** `log`: the operators' tools on the files of the file log, as commands. */
import { type Command, Option } from "commander";
import type { Config } from "../config/schema.ts";
import { type ConsumeOptions, printFrom } from "./consume.ts";
import { recordFormats } from "./format_record.ts";
import { inspectLog, type LogOptions, releaseGroup, repairLog, verifyLog } from "./log_reports.ts";
import { CommandError } from "./command_error.ts";
import { parseCount, parseStart, startHelp } from "./option_values.ts";
import type { CliServices } from "./services.ts";
import { withQuietOutputs } from "./until_closed.ts";

interface PlaceOptions {
  readonly topic?: string;
  readonly config?: string;
}

const dirHelp = `
DIR is the file log's directory or the folder of a topic in it (default: mq.file.directory of the configuration,
whatever mq.adapter names). The log may be in use.`;

const codesHelp = `
What is no topic is named and passed over.

Exit codes: 0 healthy; 1 damage was found, or something that may be a topic cannot be read; 2 a wrong command line.`;

const logHelp = `${dirHelp}
inspect, verify and tail change nothing and need no right to write, with DIR no configuration either.
${codesHelp}

Examples:
  deno task log inspect
  deno task log verify /var/lib/shop/queue --format json | jq .topics
  deno task log repair --topic lr-book-searches --yes
  deno task log release forwarder
  deno task log tail --from earliest`;

const inspectHelp = `${dirHelp}
Shows log id, durable end, segments with offsets, bytes and times, and groups with position, lag, what became of the
records before the position (delivered, dead-lettered, dropped), the age of their progress and the process that made
it. Records are not read: verify does. JSON has offsets and counts as strings, times in milliseconds.
${codesHelp}`;

const verifyHelp = `${dirHelp}
Reads every byte and says of each place that is bad: file, byte, offset, how many records are lost at most, and which
groups have not read them. Corrupt: what was acknowledged cannot be read. Torn: a batch that was being written when its
writer ended, never acknowledged, cut by the next writer. Unsettled: whole batches whose writer ended before it could
say so, kept by the next writer. Only corrupt is damage.
${codesHelp}`;

const repairHelp = `${dirHelp}
Without --yes it only says what it would do. A damaged segment is kept as SEGMENT.broken; what is whole before and
behind the damage stays readable under its offsets; what is lost is told, and readers pass over it. A group whose
position cannot be read is kept as broken.group.NAME, and begins anew with the oldest record. What is kept counts in
mq.file.max_bytes, and goes before a new event is refused: copy it elsewhere if you want to look at it. Writers wait
meanwhile, and a log whose lock cannot be had within 5 s is left alone. The right to write into DIR is needed: deno
task log has it for data/; elsewhere:
  deno run --allow-read --allow-env --allow-write=DIR src/cli.ts log repair DIR --yes

Exit codes: 0 healthy or repaired; 1 damage is left, or without --yes was found; 2 a wrong command line.`;

const releaseHelp = `${dirHelp}
A group that is required protects what it has not read, whoever writes to the log and with whatever configuration,
until this gives it up: mq.file.required_groups names such groups, and one is forwarder, which brings events to the
brokers. Without --yes it only says what would be given up. What the group has not read is then taken away with age or
for its size as if there were no such group, and is counted as dropped for it. Refused while somebody reads as the
group. A process that requires the group requires it again when it is started: change its configuration first. The
right to write into DIR is needed: deno task log has it for data/.

Exit codes: 0 given up, or nothing to give up; 1 no such group, or it cannot be given up; 2 a wrong command line.`;

const tailHelp = `${dirHelp}
Prints records as consume without a group does, and stores nothing. With DIR, --topic is needed where there are several.

${startHelp}

Exit codes: 0 also after Ctrl-C and where the reader has gone (| head); 1 what cannot be read; 2 a wrong command line.`;

/** Adds `log` and its sub-commands. What they return is handed to `exit`. */
export function addLogCommand(
  program: Command,
  services: CliServices,
  exit: (code: number) => void,
  loadConfig: (options: PlaceOptions) => Promise<Config>,
): void {
  const log = program.command("log")
    .description("Looks into the files of the file log, checks and repairs them.")
    .helpCommand(false)
    .addHelpText("after", logHelp);

  const add = (name: string, description: string, help: string, what?: string): Command =>
    log.command(what === undefined ? name : `${name} <${what}>`)
      .description(description)
      .argument("[dir]", "the log's directory, or a topic's")
      .option("--topic <name>", "this topic only")
      .option("--config <file>", "the configuration, where no DIR is given (default: config.yml)")
      .addHelpText("after", help);

  const quiet = withQuietOutputs(services);
  const format = () =>
    new Option("--format <format>", "lines for people or one JSON object")
      .choices(["text", "json"]).default("text");

  const open = async (dir: string | undefined, options: PlaceOptions) => {
    const config = dir === undefined ? await loadConfig(options) : undefined;
    const directory = config === undefined
      ? services.resolvePath(dir ?? "")
      : services.logDirectory(config);
    const tools = await services.openLogTools(directory, config);
    if (options.topic !== undefined) return { tools, topics: [options.topic], passedOver: [] };
    const [topics, passedOver] = [await tools.topics(), await tools.passedOver()];
    const isLog = topics.length > 0 || passedOver.some(({ mayBeTopic }) => mayBeTopic);
    if (isLog) return { tools, topics, passedOver };
    throw new CommandError(`No topic is in "${directory}", wanted the directory of a file log`);
  };

  add("inspect", "Shows segments, offsets, times and groups.", inspectHelp)
    .addOption(format())
    .action(async (dir: string | undefined, options: PlaceOptions & LogOptions) =>
      exit(await inspectLog(await open(dir, options), options, quiet))
    );

  add("verify", "Reads everything, and says where it is damaged.", verifyHelp)
    .addOption(format())
    .action(async (dir: string | undefined, options: PlaceOptions & LogOptions) =>
      exit(await verifyLog(await open(dir, options), options, quiet))
    );

  add("repair", "Sets what is damaged aside, and keeps what is whole.", repairHelp)
    .option("--yes", "do it")
    .addOption(format())
    .action(async (dir: string | undefined, options: PlaceOptions & LogOptions) =>
      exit(await repairLog(await open(dir, options), options, quiet))
    );

  add("release", "Gives a required group up: what it has not read may go.", releaseHelp, "group")
    .option("--yes", "do it")
    .addOption(format())
    .action(
      async (group: string, dir: string | undefined, options: PlaceOptions & LogOptions) =>
        exit(await releaseGroup(await open(dir, options), group, options, quiet)),
    );

  add("tail", "Prints the records of a topic, one a line, as they come.", tailHelp)
    .addOption(
      new Option("--from <where>", "where to start").argParser(parseStart).default("latest"),
    )
    .option("--until-end", "stop at the end as it was at the start")
    .option("--count <n>", "stop after n records", parseCount)
    .addOption(
      new Option("--format <format>", "a line for people or a JSON object")
        .choices(Object.keys(recordFormats)).default("text"),
    )
    .action(async (dir: string | undefined, options: PlaceOptions & ConsumeOptions) => {
      const topicOfConfig = dir === undefined ? (await loadConfig(options)).mq.topic : undefined;
      const { tools, topics } = await open(dir, options);
      const topic = options.topic ?? topicOfConfig ?? only(topics);
      exit(await printFrom(await tools.openForReading(), { ...options, topic }, services));
    });
}

const quote = (text: string): string => `"${text}"`;

function only(topics: readonly string[]): string {
  const [topic, ...others] = topics;
  if (topic !== undefined && others.length === 0) return topic;
  throw new CommandError(
    `There are ${topics.length} topics, wanted --topic with one of ${topics.map(quote).join(", ")}`,
    { exitCode: 2 },
  );
}
