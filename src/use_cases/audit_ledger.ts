/** The audit: whether the ledger balances, at start and every minute. */
import { getLogger } from "../ports/logger.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventLedger, TopicLedger } from "../ports/event_ledger.ts";
import { QueueError } from "../ports/queue_error.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { AcceptanceLedger } from "./event_acceptor.ts";
import { forwarderGroup } from "./forwarder_group.ts";

const logger = getLogger(["shelfcast", "ledger"]);
const intervalMs = 60_000;
/** More of them have no gauges. */
const mostOlderTopics = 20;

/** An account of the ledger that does not balance. */
export interface LedgerMismatch {
  /**
   * `process`: offered = accepted + refused + pending. `log`: the log took what this process had
   * accepted. `segments`, `group`: `LedgerFault` of the port.
   */
  readonly account: typeof accounts[number];
  /** Of the account `group`: its name, else `""`. */
  readonly group: string;
  /** Events of which nothing is known; below 0: events too many. */
  readonly missing: number;
  /** In words: which numbers are not equal. */
  readonly what: string;
}

const accounts = ["process", "log", "segments", "group"] as const;

/** The log whose ledger is audited, where there is one that lasts. */
export interface AuditedLog {
  readonly ledger: EventLedger;
  /** That the process publishes to. */
  readonly topic: string;
  /** Those for which the log keeps its records. */
  readonly groups: readonly string[];
  /** That processes published to before, and which are audited for the forwarder. Default: none. */
  readonly olderTopics?: () => readonly string[];
}

export interface AuditLedgerOptions {
  /** Of this process, at any time. */
  readonly acceptance: () => AcceptanceLedger;
  /** Absent: only the account of the process is audited. */
  readonly log?: AuditedLog;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
  /** The log no longer holds what stood at offsets before that. */
  readonly onTakenAway?: ((before: bigint) => void) | undefined;
}

export interface LedgerAudit {
  /** Audits now. Never rejects; resolves when it is done. */
  check(): Promise<readonly LedgerMismatch[]>;
  /** No audit begins after this. */
  stop(): void;
}

/**
 * Audits the ledger at once and every minute. A mismatch is an error line, each time, that says
 * which numbers are not equal and what to do, and a gauge, `shelfcast.ledger.mismatch` by account
 * and group: events that are missing or too many, 0 while all is well. The accounts of the log are
 * gauges, too: `shelfcast.ledger.accepted`, and by group `delivered`, `dead_lettered`, `dropped`,
 * `queued` and `lost`; they count the log, not the process, and last over restarts.
 */
export function auditLedger(options: AuditLedgerOptions): LedgerAudit {
  const { acceptance, log, clock, telemetry } = options;
  let before: Baseline | undefined;
  let wasBalanced = true;
  let isStopped = false;
  let cancel = (): void => {};

  async function check(): Promise<readonly LedgerMismatch[]> {
    // Before the log is read: what it takes meanwhile makes it only more.
    const now = acceptance();
    const mismatches = [...auditProcess(now)];
    try {
      if (log !== undefined) mismatches.push(...await auditLog(log, now));
    } catch (error) {
      unreadable(error);
    }
    const older = log?.olderTopics?.().slice(0, mostOlderTopics) ?? [];
    for (const topic of older) mismatches.push(...await auditOlder(topic));
    report(mismatches);
    return mismatches;
  }

  async function auditLog(log: AuditedLog, now: AcceptanceLedger): Promise<LedgerMismatch[]> {
    const seen = await log.ledger.read(log.topic, log.groups);
    measure(telemetry, seen);
    // A record's offset is no less than how many the log took before it.
    if (seen.takenAway > 0) options.onTakenAway?.(BigInt(seen.takenAway));
    const mismatches = seen.faults.map((fault): LedgerMismatch => ({ group: "", ...fault }));
    if (before?.logId === seen.logId) mismatches.push(...auditGrowth(before, now, seen));
    else before = baseline(seen, acceptance());
    return mismatches;
  }

  /** Nobody publishes to it any more. */
  async function auditOlder(topic: string): Promise<LedgerMismatch[]> {
    try {
      const seen = await log!.ledger.read(topic, [forwarderGroup]);
      measure(telemetry, seen);
      return seen.faults.map(({ what, ...fault }) => ({
        group: "",
        ...fault,
        what: `Of topic "${topic}": ${what}`,
      }));
    } catch (error) {
      unreadable(error);
      return [];
    }
  }

  function unreadable(error: unknown): void {
    // Nothing was published yet, and nobody had to make the topic.
    if (error instanceof QueueError && error.code === "unknown_topic") return;
    telemetry.count("shelfcast.ledger.unreadable");
    const reason = error instanceof Error ? error.message : String(error);
    logger.error("The ledger of the log cannot be read: {reason}", { reason, error });
  }

  function report(mismatches: readonly LedgerMismatch[]): void {
    const groups = new Map<string, number>();
    for (const account of accounts) groups.set(`${account} `, 0);
    const older = log?.olderTopics?.().length ? [forwarderGroup] : [];
    for (const group of [...log?.groups ?? [], ...older]) groups.set(`group ${group}`, 0);
    groups.delete("group ");
    for (const { account, group, missing, what } of mismatches) {
      const key = `${account} ${group}`;
      // What is off by nothing that can be counted is off all the same.
      groups.set(key, (groups.get(key) ?? 0) + (Math.abs(missing) || 1));
      const side = missing < 0 ? `${-missing} too many` : `${missing} missing`;
      logger.error(
        "The ledger does not balance, {side}: {what}. To see which events: deno task doctor --ledger",
        { account, group, missing, side, what },
      );
    }
    for (const [key, off] of groups) {
      const [account = "", group = ""] = key.split(" ");
      telemetry.gauge("shelfcast.ledger.mismatch", off, { account, group });
    }
    const isBalanced = mismatches.length === 0;
    if (isBalanced && !wasBalanced) logger.info("The ledger balances again");
    wasBalanced = isBalanced;
  }

  async function run(): Promise<void> {
    await check();
    if (!isStopped) cancel = clock.after(intervalMs, () => void run());
  }

  void run();
  return {
    check,
    stop() {
      isStopped = true;
      cancel();
    },
  };
}

/** What the log and the process had counted when this log was seen first. */
interface Baseline {
  readonly logId: string;
  readonly taken: number;
  /**
   * What the process may have added to that by then, but does not know yet to be accepted, is in
   * it.
   */
  readonly accepted: number;
}

const baseline = (
  { logId, accepted: taken }: TopicLedger,
  process: AcceptanceLedger,
): Baseline => ({
  logId,
  taken,
  accepted: process.accepted + process.pending,
});

function auditProcess({ offered, accepted, refused, pending }: AcceptanceLedger): LedgerMismatch[] {
  const refusals = Object.values(refused).reduce((sum, count) => sum + count, 0);
  const missing = offered - accepted - refusals - pending;
  if (missing === 0) return [];
  const what =
    `This process offered ${offered} events, but ${accepted} accepted + ${refusals} refused + ${pending} pending`;
  return [{ account: "process", group: "", missing, what }];
}

/** Other processes may have published, too: the log took at least what this one had accepted. */
function auditGrowth(
  before: Baseline,
  { accepted }: AcceptanceLedger,
  { accepted: taken }: TopicLedger,
): LedgerMismatch[] {
  const [own, all] = [accepted - before.accepted, taken - before.taken];
  if (own <= all) return [];
  const what = `This process had ${own} events accepted, but the log took ${all}`;
  return [{ account: "log", group: "", missing: own - all, what }];
}

function measure(telemetry: Telemetry, { topic, accepted, groups }: TopicLedger): void {
  telemetry.gauge("shelfcast.ledger.accepted", accepted, { topic });
  for (const { group, delivered, deadLettered, dropped, queued, lost } of groups) {
    const attributes = { topic, group };
    telemetry.gauge("shelfcast.ledger.delivered", delivered, attributes);
    telemetry.gauge("shelfcast.ledger.dead_lettered", deadLettered, attributes);
    telemetry.gauge("shelfcast.ledger.dropped", dropped, attributes);
    telemetry.gauge("shelfcast.ledger.queued", queued, attributes);
    telemetry.gauge("shelfcast.ledger.lost", lost, attributes);
  }
}
