/** `consume`: prints the records of a topic. */
import type { Config } from "../config/schema.ts";
import { within } from "../ports/clock.ts";
import type { EventSource, StartFrom } from "../ports/event_source.ts";
import { commitPrinted } from "./commit_printed.ts";
import { recordFormats } from "./format_record.ts";
import { openSharedLog } from "./open_shared_log.ts";
import type { CliServices } from "./services.ts";
import { untilClosed } from "./until_closed.ts";

/** The options of `consume`, as the command line gives them. */
export interface ConsumeOptions {
  readonly topic?: string;
  readonly format: keyof typeof recordFormats;
  readonly from: StartFrom;
  readonly group?: string;
  /** The number of records after which it ends. */
  readonly count?: number;
  readonly untilEnd?: boolean;
}

/** How long a reader of the output may keep a stop waiting, in milliseconds. */
const graceMs = 500;

/** Prints the records of a topic, one a line, as they come. @returns The exit code. */
export async function consume(
  options: ConsumeOptions,
  config: Config,
  services: CliServices,
): Promise<number> {
  const log = await openSharedLog(config, services, []);
  return await printFrom(log, { topic: config.mq.topic, ...options }, services);
}

/** Prints the records of a log's topic, and closes the log. @returns The exit code. */
export async function printFrom(
  log: EventSource,
  options: ConsumeOptions & { readonly topic: string },
  services: CliServices,
): Promise<number> {
  try {
    await print(options, log, services);
  } catch (error) {
    // Whoever reads has seen enough: `consume | head`.
    if (error instanceof Deno.errors.BrokenPipe) return 0;
    throw error;
  } finally {
    await log[Symbol.asyncDispose]();
  }
  if (services.stop.aborted) await services.stderr.write("Aborted by user\n");
  return 0;
}

async function print(
  options: ConsumeOptions & { readonly topic: string },
  log: EventSource,
  services: CliServices,
): Promise<void> {
  const { topic, group, count = Infinity, from, untilEnd = false } = options;
  const format = recordFormats[options.format];
  const stderr = untilClosed(services.stderr);
  let left = count;
  const batches = log.subscribe(topic, {
    from,
    signal: services.stop,
    // What is fetched beyond the count would be fetched in vain.
    maxRecords: Math.min(500, left),
    onPlace: (positions) => void stderr.write(describePlace(options, positions)),
    ...(group !== undefined && { group }),
    ...(untilEnd && { until: "end" as const }),
  });
  for await (const batch of batches) {
    const records = batch.records.slice(0, Math.min(left, batch.records.length));
    const last = records.at(-1);
    if (last === undefined) continue;
    const lines = records.map((record) => `${format(batch, record)}\n`).join("");
    // What was not printed is not committed.
    if (!await ends(services.stdout.write(lines), services)) return;
    if (group !== undefined) await commitPrinted(batch, last.offset, services);
    left -= records.length;
    if (left === 0) return;
  }
}

/**
 * Whether the work comes to its end. Once the user wants to stop it has half a second left: a pager
 * that has stopped reading must not keep Ctrl-C from ending this.
 */
async function ends(work: Promise<void>, { stop, clock }: CliServices): Promise<boolean> {
  const done = work.then(() => true);
  await within(clock, Infinity, done, () => undefined, stop);
  return await within(clock, graceMs, done, () => false);
}

/**
 * For somebody who sees no records: what is waited for. Nothing where the records themselves will
 * tell.
 */
function describePlace(
  { topic, group, from, untilEnd = false }: ConsumeOptions & { readonly topic: string },
  positions: ReadonlyMap<number, bigint>,
): string {
  if (positions.size === 0) {
    return `Group "${group}" has other members that read all of ${topic}: this one stands by\n`;
  }
  if (untilEnd || (group === undefined && from !== "latest")) return "";
  const places = [...positions].toSorted(([a], [b]) => a - b)
    .map(([partition, position]) => `[${partition}] @ offset ${position}`)
    .join(", ");
  const who = group === undefined ? "Reading" : `Group "${group}" reads`;
  const hint = from === "latest" ? "; --from earliest would begin with the oldest record" : "";
  const once = hint !== "" && group !== undefined ? ", if the group had no position yet" : "";
  return `${who} ${topic} from ${places}${hint}${once}\n`;
}
