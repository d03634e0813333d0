import type { Config } from "../config/schema.ts";
import type { EventLog } from "../ports/event_log.ts";
import { CommandError } from "./command_error.ts";
import type { CliServices } from "./services.ts";

/**
 * Opens the log that the configuration names, as one process among several.
 *
 * @throws {CommandError} as `requireShared` does.
 */
export async function openSharedLog(
  config: Config,
  services: CliServices,
  publishes: readonly string[],
): Promise<EventLog> {
  requireShared(config, services);
  return await services.openLog(config, { publishes });
}

/**
 * @throws {CommandError} where the log lives in a single process: opened here it would be another,
 *   and empty.
 */
export function requireShared(config: Config, services: CliServices): void {
  const { processes, place, shared } = services.describeLog(config);
  if (processes !== "one") return;
  throw new CommandError(
    `Setting "mq.adapter" is "${config.mq.adapter}", whose records live in "${place}" and cannot be reached ` +
      `from another process, wanted a queue that several processes share, as ${
        shared.map(quote).join(" or ")
      }`,
  );
}

const quote = (name: string): string => `"${name}"`;
