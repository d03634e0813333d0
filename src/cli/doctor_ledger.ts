/**
 * `doctor --ledger`: whether the ledger balances, and every forwarded event looked for in Kafka.
 */
import type { Config } from "../config/schema.ts";
import type { EventLedger, TopicLedger } from "../ports/event_ledger.ts";
import { QueueError } from "../ports/queue_error.ts";
import { findBacklogs } from "../use_cases/find_backlogs.ts";
import { forwarderGroup as forwarder } from "../use_cases/forwarder_group.ts";
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
 * Prints the ledger of the file log, and matches what was forwarded with what the brokers hold; for
 * the topic of the configuration, and for those of earlier ones that were accepted for the
 * forwarder.
 *
 * @returns The exit code.
 */
export async function doctorLedger(
  { format }: DoctorOptions,
  config: Config,
  services: CliServices,
): Promise<number> {
  const { stdout, stderr } = services;
  const older = await olderTopics(config, services);
  const audits: TopicAudit[] = [];
  for (const topic of [config.mq.topic, ...older]) {
    const audit = await auditTopic(topic, config, services, older.length > 0);
    if (audit === undefined) continue;
    audits.push(audit);
    if (format === "json") continue;
    const { ledger, match, error } = audit;
    await stdout.write(formatLedger(ledger));
    if (match !== undefined) await stdout.write(formatMatch(match, ledger, forwarder));
    else if (error !== undefined) await stderr.write(`${error}\n`);
    else await stdout.write(`Not matched with a topic: ${whyNot(config, services)}\n`);
  }
  if (format === "json") {
    const isCurrent = audits[0]?.ledger.topic === config.mq.topic;
    const others = audits.slice(isCurrent ? 1 : 0);
    const seen = { ...isCurrent && audits[0], ...others.length > 0 && { older: others } };
    await stdout.write(`${JSON.stringify(seen, decimal)}\n`);
  }
  return audits.every(isWell) ? 0 : 1;
}

/** What was found of one topic. */
interface TopicAudit {
  readonly ledger: TopicLedger;
  /** Absent where there is nothing to match. */
  readonly match?: DeliveryMatch;
  /** Why it could not be matched. */
  readonly error?: string;
}

const isWell = ({ ledger, match, error }: TopicAudit): boolean =>
  ledger.faults.length === 0 && error === undefined && (match?.missing ?? 0) === 0;

async function olderTopics(config: Config, services: CliServices): Promise<readonly string[]> {
  const tools = await services.openLogTools(services.logDirectory(config), config);
  const { topics } = await findBacklogs(tools, forwarder, config.mq.topic);
  return topics.map(({ topic }) => topic);
}

/** @param mayBeMissing Then there is nothing to tell of a topic that is not there. */
async function auditTopic(
  topic: string,
  config: Config,
  services: CliServices,
  mayBeMissing: boolean,
): Promise<TopicAudit | undefined> {
  const target = services.doctor.comparedLog(config);
  const ledger = await readLedger(topic, config, services, mayBeMissing);
  if (ledger === undefined) return undefined;
  try {
    const match = target && await matched(ledger, target, config, services);
    return { ledger, ...(match && { match }) };
  } catch (cause) {
    if (!(cause instanceof QueueError)) throw cause;
    const place = `topic "${topic}" at ${target?.address}`;
    return { ledger, error: `Not matched with ${place}: ${explainError(cause)}` };
  }
}

async function readLedger(
  topic: string,
  config: Config,
  services: CliServices,
  mayBeMissing: boolean,
): Promise<TopicLedger | undefined> {
  const directory = services.logDirectory(config);
  try {
    const { groups } = await (await services.openLogTools(directory, config)).inspect(topic);
    const reader: EventLedger = await services.doctor.openLedger(directory, config);
    return await reader.read(topic, groups.map(({ name }) => name));
  } catch (error) {
    if (!(error instanceof QueueError && error.code === "unknown_topic")) throw error;
    if (mayBeMissing) return undefined;
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
  const { topic } = ledger;
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

function whyNot(config: Config, { doctor }: CliServices): string {
  if (doctor.comparedLog(config) === undefined) return `mq.adapter is "${config.mq.adapter}"`;
  return `group "${forwarder}" has not read the file log`;
}

/** Offsets are decimal strings: a JSON number does not hold them all. */
const decimal = (_: string, value: unknown): unknown =>
  typeof value === "bigint" ? String(value) : value;
