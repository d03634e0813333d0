import type { Config } from "../config/schema.ts";
import type { EventBooks, TopicBooks } from "../ports/event_books.ts";
import { QueueError } from "../ports/queue_error.ts";
import { forwarderGroup as forwarder } from "../use_cases/forward_events.ts";
import { type DeliveryMatch, matchDelivered } from "../use_cases/match_delivered.ts";
import { CommandError, explainError } from "./command_error.ts";
import type { DoctorOptions } from "./doctor.ts";
import { formatBooks, formatMatch } from "./format_books.ts";
import type { CliServices } from "./services.ts";

const maxNamed = 20;
/** After so long without a record the brokers are taken to be away. */
const stallMs = 30_000;

/** Prints the books of the file log, and matches what was forwarded with what the brokers hold. @returns The exit code. */
export async function doctorBooks(
  { format }: DoctorOptions,
  config: Config,
  services: CliServices,
): Promise<number> {
  const { stdout, stderr } = services;
  const books = await readBooks(config, services);
  if (format === "text") await stdout.write(formatBooks(books));
  let match: DeliveryMatch | undefined;
  let error: string | undefined;
  try {
    match = await matched(books, config, services);
  } catch (cause) {
    if (!(cause instanceof QueueError)) throw cause;
    error = `Not matched with topic "${books.topic}" at ${config.mq.brokers.join(", ")}: ${
      explainError(cause)
    }`;
  }
  if (format === "json") {
    const seen = { books, ...(match && { match }), ...(error !== undefined && { error }) };
    await stdout.write(`${JSON.stringify(seen, decimal)}\n`);
  } else if (match !== undefined) {
    await stdout.write(formatMatch(match, books, forwarder));
  } else if (error === undefined) {
    await stdout.write(`Not matched with a topic: ${whyNot(config)}\n`);
  } else await stderr.write(`${error}\n`);
  const isWell = books.faults.length === 0 && error === undefined && (match?.missing ?? 0) === 0;
  return isWell ? 0 : 1;
}

async function readBooks(config: Config, services: CliServices): Promise<TopicBooks> {
  const { topic, file: { directory } } = config.mq;
  try {
    const { groups } = await (await services.openLogTools(directory)).inspect(topic);
    const books: EventBooks = await services.doctor.openBooks(directory);
    return await books.read(topic, groups.map(({ name }) => name));
  } catch (error) {
    if (!(error instanceof QueueError && error.code === "unknown_topic")) throw error;
    throw new CommandError(
      `There are no books: topic "${topic}" is not in the file log "${directory}"`,
      { cause: error },
    );
  }
}

/** Undefined where there is nothing to match. */
async function matched(
  books: TopicBooks,
  config: Config,
  { doctor, openLogTools, stop, clock }: CliServices,
): Promise<DeliveryMatch | undefined> {
  const group = books.groups.find(({ group }) => group === forwarder);
  if (config.mq.adapter !== "kafka" || group === undefined) return undefined;
  const { topic, file: { directory } } = config.mq;
  const { position, recordsBefore, delivered, deadLettered, dropped } = group;
  const passed = recordsBefore + delivered + deadLettered + dropped;
  const stalled = new AbortController();
  const tools = await openLogTools(directory);
  await using buffer = await tools.openForReading({ skipCorrupt: true });
  const { source, readExtent } = await doctor.openCluster(config);
  await using target = source;
  let cancel = (): void => {};
  const alive = (): void => {
    cancel();
    cancel = clock.after(stallMs, () => stalled.abort());
  };
  try {
    return await matchDelivered({
      buffer,
      target,
      readExtent,
      topic,
      position,
      passOver: Math.max(0, recordsBefore - books.takenAway),
      expected: passed - books.takenAway,
      maxNamed,
      onRead: alive,
      signal: AbortSignal.any([stop, stalled.signal]),
    });
  } catch (error) {
    if (!stalled.signal.aborted) throw error;
    const message = `The brokers gave no record for ${stallMs} ms`;
    throw new QueueError("timeout", message, { cause: error });
  } finally {
    cancel();
  }
}

function whyNot({ mq }: Config): string {
  if (mq.adapter !== "kafka") return `mq.adapter is "${mq.adapter}"`;
  return `group "${forwarder}" has not read the file log`;
}

/** Offsets are decimal strings: a JSON number does not hold them all. */
const decimal = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;
