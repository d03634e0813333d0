/** The audit of a shop's ledger; loaded behind the first answers. */
import type { Config } from "../config/schema.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventLedger } from "../ports/event_ledger.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import { type AuditedLog, auditLedger, type LedgerAudit } from "../use_cases/audit_ledger.ts";
import type { EventAcceptor } from "../use_cases/event_acceptor.ts";
import type { EventReceipts } from "../use_cases/event_receipts.ts";
import { forwarderGroup } from "../use_cases/forwarder_group.ts";
import { bufferName, type EventPath } from "./event_path.ts";
import { queueNamed, queueValues } from "./queues.ts";

export interface ShopAuditOptions {
  readonly acceptor: EventAcceptor;
  readonly path: EventPath;
  readonly receipts: Pick<EventReceipts, "skipped">;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

/** Audits it at once and every minute. */
export function auditShop(config: Config, options: ShopAuditOptions): LedgerAudit {
  const { acceptor, path, receipts, clock, telemetry } = options;
  const { topic } = config.mq;
  const log = auditedLog(config, clock);
  const olderTopics = () => path.backlogs.topics.filter((older) => older !== topic);
  return auditLedger({
    acceptance: () => acceptor.ledger,
    clock,
    telemetry,
    ...(log && { log: { ...log, olderTopics } }),
    // A forwarder says itself what it did not come to read.
    ...(path.forwarding === undefined && {
      onTakenAway: (before: bigint) => receipts.skipped(0n, before),
    }),
  });
}

/**
 * The log that this process publishes to and whose ledger lasts; undefined where it keeps none.
 */
function auditedLog({ mq }: Config, clock: Clock): Omit<AuditedLog, "olderTopics"> | undefined {
  const buffer = bufferName(mq);
  const name = buffer ?? mq.adapter;
  const { files } = queueNamed(name);
  if (files === undefined) return undefined;
  const values = queueValues(mq, name);
  const own = buffer === undefined ? [] : [forwarderGroup];
  let opened: Promise<EventLedger> | undefined;
  return {
    ledger: {
      async read(topic, groups) {
        opened ??= files.openLedger(files.directory(values), clock);
        return await (await opened).read(topic, groups);
      },
    },
    topic: mq.topic,
    groups: [...new Set([...files.requiredGroups(values), ...own])],
  };
}
