/** `groups`: which groups there are, and where they stand. */
import type { Config } from "../config/schema.ts";
import { pause, within } from "../ports/clock.ts";
import type { DescribedGroup, GroupPosition } from "../ports/event_groups.ts";
import type { EventLog } from "../ports/event_log.ts";
import { QueueError } from "../ports/queue_error.ts";
import { CommandError, explainError } from "./command_error.ts";
import { type DeadLetterPlace, placesOf } from "./dead_letter_places.ts";
import { formatGroups } from "./format_groups.ts";
import type { CliServices } from "./services.ts";

/** The options of `groups`, as the command line gives them. */
export interface GroupsOptions {
  readonly topic?: string;
  readonly group?: string;
  readonly in?: string;
  readonly watch?: boolean;
  readonly format: "text" | "json";
}

/** A group, and the log that it reads. */
export interface FoundGroup extends DescribedGroup {
  readonly place: string;
}

interface OpenPlace {
  readonly name: string;
  readonly log: EventLog;
}

/** Between looks of `--watch`. */
const watchMs = 2000;
/** How many groups are asked for at once. */
const atOnce = 8;

/** Prints where groups stand, once or until it is stopped. @returns The exit code. */
export async function showGroups(
  options: GroupsOptions,
  config: Config,
  services: CliServices,
): Promise<number> {
  const { clock, stop, stdout, stderr } = services;
  const places = await openPlaces(placesOf(config, services, options.in));
  try {
    for (;;) {
      const looked = look(places, options).then((seen) => ({ seen }));
      const result = await within(clock, Infinity, looked, () => undefined, stop);
      if (result === undefined) return 0;
      const { groups, errors } = result.seen;
      const text = options.format === "json"
        ? `${JSON.stringify({ time: clock.now(), groups }, decimal)}\n`
        : formatGroups(groups, clock.now(), options.watch === true);
      // Where nothing could be asked, no table says that there is nothing.
      if (groups.length > 0 || errors.length === 0) await stdout.write(text);
      for (const error of errors) await stderr.write(`${error}\n`);
      if (!options.watch) return errors.length > 0 || isMissing(groups, options) ? 1 : 0;
      await pause(clock, watchMs, stop);
      if (stop.aborted) return 0;
    }
  } catch (error) {
    // Whoever reads has seen enough: `groups --watch | head`.
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    throw error;
  } finally {
    await Promise.all(places.map(({ log }) => log[Symbol.asyncDispose]()));
  }
}

/** Opens logs for looking at their groups. */
export function openPlaces(places: readonly DeadLetterPlace[]): Promise<readonly OpenPlace[]> {
  return Promise.all(places.map(async ({ name, open }) => ({ name, log: await open([]) })));
}

interface Seen {
  readonly groups: readonly FoundGroup[];
  /** Of places that could not be looked at. */
  readonly errors: readonly string[];
}

async function look(places: readonly OpenPlace[], options: GroupsOptions): Promise<Seen> {
  const groups: FoundGroup[] = [];
  const errors: string[] = [];
  await Promise.all(places.map(async ({ name, log }) => {
    try {
      groups.push(...(await groupsIn(log, options)).map((group) => ({ ...group, place: name })));
    } catch (error) {
      if (!(error instanceof QueueError)) throw error;
      errors.push(`Groups of "${name}" cannot be seen: ${explainError(error)}`);
    }
  }));
  if (errors.length === 0 && isMissing(groups, options)) errors.push(missing(options));
  return {
    groups: groups.toSorted((a, b) => order(a.place, b.place) || order(a.group, b.group)),
    errors,
  };
}

const order = (a: string, b: string): number => a < b ? -1 : a > b ? 1 : 0;

async function groupsIn(log: EventLog, options: GroupsOptions): Promise<readonly DescribedGroup[]> {
  const listed = await log.groups.list();
  const names = listed.map(({ group }) => group)
    .filter((name) => options.group === undefined || name === options.group);
  const found: DescribedGroup[] = [];
  for (let n = 0; n < names.length; n += atOnce) {
    const some = names.slice(n, n + atOnce).map((name) => described(log, name));
    found.push(...(await Promise.all(some)).flatMap((group) => group ?? []));
  }
  const { topic } = options;
  if (topic === undefined) return found;
  const inTopic = (position: GroupPosition): boolean => position.topic === topic;
  return found.filter(({ positions }) => positions.some(inTopic))
    .map((group) => ({ ...group, positions: group.positions.filter(inTopic) }));
}

/** Undefined: it has gone since it was listed. */
async function described(log: EventLog, group: string): Promise<DescribedGroup | undefined> {
  try {
    return await log.groups.describe(group);
  } catch (error) {
    if (error instanceof QueueError && error.code === "unknown_group") return undefined;
    throw error;
  }
}

/** What was named has to be there. */
const isMissing = (groups: readonly FoundGroup[], { group, topic }: GroupsOptions): boolean =>
  groups.length === 0 && (group !== undefined || topic !== undefined);

function missing({ group, topic }: GroupsOptions): string {
  if (topic === undefined) return `Group "${group}" does not exist`;
  return group === undefined
    ? `No group has a position in topic "${topic}"`
    : `Group "${group}" has no position in topic "${topic}", or does not exist`;
}

/** Offsets are decimal strings: a JSON number does not hold them all. */
export const decimal = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;

/** The one log that a group is moved in: the one named, else the queue itself. */
export function placeToMove(
  config: Config,
  services: CliServices,
  name: string | undefined,
): DeadLetterPlace {
  const place = placesOf(config, services, name).at(-1);
  if (place !== undefined) return place;
  throw new CommandError("There is no log with groups, wanted one");
}
