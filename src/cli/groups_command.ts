/** `groups`: where groups stand, and setting one back, as commands. */
import { type Command, Option } from "commander";
import type { Config } from "../config/schema.ts";
import { parseMove } from "./option_values.ts";
import { type ResetCommandOptions, resetGroup } from "./reset_group.ts";
import type { CliServices } from "./services.ts";
import { type GroupsOptions, showGroups } from "./show_groups.ts";
import { withQuietOutputs } from "./until_closed.ts";

interface ConfigOption {
  readonly config?: string;
}

const placesHelp = `
Where a buffer stands before the queue there are two logs: "buffer", which the forwarder reads, and the queue, by its
name. On the queue the groups of other programs are seen, too; what are no consumers are named as what they are.`;

const groupsHelp = `${placesHelp}

lag is what is still to come, age how old the oldest record is that waits, holder who reads the partition now. The file
log knows that a group is read, and which process committed last. "topic made anew": the position is one of a topic
that had this name before. JSON is one object for each look: {time, groups: [{place, group, kind, isActive, division,
positions: [{topic, partition, position, end, lag, waitingSince, holder, isOfAnother}]}]}, offsets as strings, times in
milliseconds.

Looking joins no group and changes nothing.

Exit codes: 0 also after Ctrl-C; 1 what is named is not there, or a log cannot be seen; 2 a wrong command line.

Examples:
  deno task groups
  deno task groups --group forwarder --watch
  deno task groups --format json | jq '.groups[].positions[].lag'
  deno task groups reset trends --to earliest`;

const resetHelp = `${placesHelp}

--to takes earliest, latest, offset:N, time:2026-11-21T10:00:00Z, time:MS, or how long ago: -90s, -10m, -2h, -7d. An
offset counts in every partition; one before the oldest record means the oldest, one past the end the end. A time means
the first record that the log took then or later.

Without --execute it only says what it would do; JSON is {place, group, topic, isDone, partitions: [{partition, before,
after, end}]}. A group that is read is left alone: end its members first (with
consumers.run inline that is the shop). What is handled again has effects again, unless its consumer knows it.

Exit codes: 0 done, or told; 1 no such group or topic, the group is read, or the log cannot be reached; 2 a wrong
command line.

Examples:
  deno task groups reset trends --to -10m
  deno task groups reset trends --to earliest --execute
  deno task groups reset forwarder --in buffer --to offset:1200`;

/** Adds `groups` and its sub-command. What they return is handed to `exit`. */
export function addGroupsCommand(
  program: Command,
  services: CliServices,
  exit: (code: number) => void,
  loadConfig: (options: ConfigOption) => Promise<Config>,
): void {
  const format = () =>
    new Option("--format <format>", "lines for people or JSON objects")
      .choices(["text", "json"]).default("text");
  const where = ["--in <place>", "the log to look into"] as const;
  const config = ["--config <file>", "the configuration (default: config.yml)"] as const;

  const groups = program.command("groups")
    .description("Shows groups: where they stand, how far they are behind, and who reads.")
    .helpCommand(false)
    .enablePositionalOptions()
    .option("--topic <name>", "in this topic only")
    .option("--group <name>", "this group only")
    .option(where[0], `${where[1]} (default: all)`)
    .option("--watch", "look again every 2 seconds")
    .addOption(format())
    .option(...config)
    .addHelpText("after", groupsHelp)
    .action(async (options: GroupsOptions & ConfigOption) =>
      exit(await showGroups(options, await loadConfig(options), services))
    );

  groups.command("reset")
    .description("Sets a group back or ahead in a topic, while nobody reads for it.")
    .argument("<group>", "the group's name")
    .addOption(new Option("--to <where>", "where to").argParser(parseMove).makeOptionMandatory())
    .option("--topic <name>", "the topic (default: mq.topic of the configuration)")
    .option(where[0], `${where[1]} (default: the queue)`)
    .option("--execute", "do it")
    .addOption(format())
    .option(...config)
    .addHelpText("after", resetHelp)
    .action(async (group: string, options: ResetCommandOptions & ConfigOption) =>
      exit(await resetGroup(group, options, await loadConfig(options), withQuietOutputs(services)))
    );
}
