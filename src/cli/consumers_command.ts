/** `consumers`: running them as processes, and making a read model anew, as commands. */
import type { Command } from "commander";
import type { Config } from "../config/schema.ts";
import { parseAddress } from "./option_values.ts";
import { rebuildConsumer, runConsumers, type RunOptions } from "./run_consumers.ts";
import type { CliServices } from "./services.ts";

interface ConfigOption {
  readonly config?: string;
}

const runHelp = `
Consumers make trends and recommendations of the topic's events. They run inside the shop, unless consumers.run is
"off"; then this runs them. Several processes share the partitions of a Kafka topic, and stand by on the file log. All
must use one database: on several machines that is MySQL.

Exit codes: 0 after Ctrl-C; 1 the log or the database cannot be opened; 2 a wrong command line.

Examples:
  deno task consumers run trends interests
  deno task consumers run trends --admin 127.0.0.1:9404 --config shop.yml`;

const rebuildHelp = `
Clears what the consumer keeps and reads all that the topic holds. The shop may run. Visitors who asked to be forgotten
stay forgotten. A rebuild that ends early is finished by the consumer, when it next reads or starts.

Exit codes: 0 done; 1 the log or the database cannot be opened; 2 a wrong command line; 130 ended by Ctrl-C.

Examples:
  deno task consumers rebuild trends`;

/** Adds `consumers` and its sub-commands. What they return is handed to `exit`. */
export function addConsumersCommand(
  program: Command,
  services: CliServices,
  exit: (code: number) => void,
  loadConfig: (options: ConfigOption) => Promise<Config>,
): void {
  const config = ["--config <file>", "the configuration (default: config.yml)"] as const;
  const consumers = program.command("consumers")
    .description("Runs what makes trends and recommendations of events, and makes them anew.")
    .helpCommand(false);

  consumers.command("run")
    .description("Runs consumers until it is stopped.")
    .argument("<names...>", "trends, interests")
    .option(...config)
    .option(
      "--admin <host:port>",
      "where operators find /livez, /readyz and /metrics (default: nowhere)",
      parseAddress,
    )
    .addHelpText("after", runHelp)
    .action(async (names: string[], options: ConfigOption & RunOptions) =>
      exit(await runConsumers(names, options, await loadConfig(options), services))
    );

  consumers.command("rebuild")
    .description("Makes what a consumer keeps anew, from all that the topic holds.")
    .argument("<name>", "trends or interests")
    .option(...config)
    .addHelpText("after", rebuildHelp)
    .action(async (name: string, options: ConfigOption) =>
      exit(await rebuildConsumer(name, await loadConfig(options), services))
    );
}
