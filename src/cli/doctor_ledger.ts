/**
 * `doctor --ledger`: whether the ledger balances, and every forwarded event looked for in Kafka.
 */
import type { Config } from "../config/schema.ts";
import type { EventLedger, TopicLedger } from "../ports/event_ledger.ts";
import { QueueError } from "../ports/queue_error.ts";
import { forwarderGroup as forwarder } from "../use_cases/forward_events.ts";
import { type DeliveryMatch, matchDelivered } from "../use_cases/match_delivered.ts";
import { CommandError, explainError } from "./command_error.ts";
import type { DoctorOptions } from "./doctor.ts";
import { formatLedger, formatMatch } from "./format_ledger.ts";
import type { RemoteLog } from "./doctor_services.ts";
import type { CliServices } from "./services.ts";

const maxNamed = 20;
/** After so long without a record the brokers are taken to be away. */
const stallMs = 30_000;

/**
 * Prints the ledger of the file log, and matches what was forwarded with what the brokers hold.
 * @returns The exit code.
 */
export async function doctorLedger(
  { format }: DoctorOptions,
  config: Config,
  services: CliServices,
): Promise<number> {
  const { stdout, stderr } = services;
  const target = services.doctor.comparedLog(config);
  const ledger = await readLedger(config, services);
  if (format === "text") await stdout.write(formatLedger(ledger));
  let match: DeliveryMatch | undefined;
  let error: string | undefined;
  try {
    if (target !== undefined) match = await matched(ledger, target, config, services);
  } catch (cause) {
    if (!(cause instanceof QueueError)) throw cause;
    error = `Not matched with topic "${ledger.topic}" at ${target?.address}: ${
      explainError(cause)
    }`;
  }
  if (format === "json") {
    const seen = { ledger, ...(match && { match }), ...(error !== undefined && { error }) };
    await stdout.write(`${JSON.stringify(seen, decimal)}\n`);
  } else if (match !== undefined) {
    await stdout.write(formatMatch(match, ledger, forwarder));
  } else if (error === undefined) {
    await stdout.write(`Not matched with a topic: ${whyNot(config, target)}\n`);
  } else await stderr.write(`${error}\n`);
  const isWell = ledger.faults.length === 0 && error === undefined && (match?.missing ?? 0) === 0;
  return isWell ? 0 : 1;
}

async function readLedger(config: Config, services: CliServices): Promise<TopicLedger> {
  const { topic } = config.mq;
  const directory = services.logDirectory(config);
  try {
    const { groups } = await (await services.openLogTools(directory, config)).inspect(topic);
    const reader: EventLedger = await services.doctor.openLedger(directory, config);
    return await reader.read(topic, groups.map(({ name }) => name));
  } catch (error) {
    if (!(error instanceof QueueError && error.code === "unknown_topic")) throw error;
    throw new CommandError(
      `There is no ledger: topic "${topic}" is not in the file log "${directory}"`,
      { cause: error },
    );
  }
}

/** Undefined where there is nothing to match. */
async function matched(
  ledger: TopicLedger,
  remote: RemoteLog,
  config: Config,
  { logDirectory, openLogTools, stop, clock }: CliServices,
): Promise<DeliveryMatch | undefined> {
  const group = ledger.groups.find(({ group }) => group === forwarder);
  if (group === undefined) return undefined;
  const { topic } = config.mq;
  const { position, recordsBefore, delivered, deadLettered, dropped } = group;
  const passed = recordsBefore + delivered + deadLettered + dropped;
  const stalled = new AbortController();
  const tools = await openLogTools(logDirectory(config), config);
  await using buffer = await tools.openForReading({ skipCorrupt: true });
  const { source, readExtent } = await remote.open();
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
      passOver: Math.max(0, recordsBefore - ledger.takenAway),
      expected: passed - ledger.takenAway,
      maxNamed,
      onRead: alive,
      signal: AbortSignal.any([stop, stalled.signal]),
    });
  } catch (error) {
    if (!stalled.signal.aborted) throw error;
    const message = `No record came for ${stallMs} ms`;
    throw new QueueError("timeout", message, { cause: error });
  } finally {
    cancel();
  }
}

function whyNot({ mq }: Config, target: RemoteLog | undefined): string {
  if (target === undefined) return `mq.adapter is "${mq.adapter}"`;
  return `group "${forwarder}" has not read the file log`;
}

/** Offsets are decimal strings: a JSON number does not hold them all. */
const decimal = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;
