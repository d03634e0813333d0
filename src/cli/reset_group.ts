/** `groups reset`: sets a group back or ahead in a topic. */
import type { Config } from "../config/schema.ts";
import type { StartFrom } from "../ports/event_source.ts";
import { QueueError } from "../ports/queue_error.ts";
import { CommandError } from "./command_error.ts";
import { placesOf } from "./dead_letter_places.ts";
import { formatReset } from "./format_groups.ts";
import type { MoveTo } from "./option_values.ts";
import { decimal, placeToMove } from "./show_groups.ts";
import type { CliServices } from "./services.ts";

/** The options of `groups reset`, as the command line gives them. */
export interface ResetCommandOptions {
  readonly to: MoveTo;
  readonly topic?: string;
  readonly in?: string;
  readonly execute?: boolean;
  readonly format: "text" | "json";
}

/** Says where a group would stand, and moves it if it is told to. @returns The exit code. */
export async function resetGroup(
  group: string,
  options: ResetCommandOptions,
  config: Config,
  services: CliServices,
): Promise<number> {
  const { execute = false, topic = config.mq.topic } = options;
  const { stdout, stderr, clock } = services;
  const place = placeToMove(config, services, options.in);
  await using log = await place.open([]);
  const to: StartFrom = typeof options.to === "object" && "agoMs" in options.to
    ? { time: Math.max(0, clock.now() - options.to.agoMs) }
    : options.to;
  try {
    const resets = await log.groups.reset(group, topic, to, { execute });
    if (options.format === "json") {
      const said = { place: place.name, group, topic, isDone: execute, partitions: resets };
      await stdout.write(`${JSON.stringify(said, decimal)}\n`);
    } else {
      await stdout.write(formatReset({ group, topic, place: place.name }, resets, execute));
    }
    const isActive = !execute && (await log.groups.describe(group)).isActive;
    if (isActive) {
      await stderr.write(`Group "${group}" is read now: end its members before --execute\n`);
    }
    return 0;
  } catch (error) {
    const isUnknown = error instanceof QueueError && error.code === "unknown_group";
    const others = placesOf(config, services, undefined).filter(({ name }) => name !== place.name);
    if (!isUnknown || options.in !== undefined || others.length === 0) throw error;
    throw new CommandError(
      `${error.message} of "${place.name}", wanted one that has; --in looks into "${
        others[0]?.name
      }"`,
      { cause: error },
    );
  }
}
