/** The ledger of a log in lines for people. */
import type { GroupLedger, TopicLedger } from "../ports/event_ledger.ts";
import type { DeliveryMatch } from "../use_cases/match_delivered.ts";

export function formatLedger(ledger: TopicLedger): string {
  const { topic, logId, accepted, takenAway, isSettled, groups, faults } = ledger;
  const lines = [
    `Topic ${topic}, log ${logId}: ${accepted} accepted, of which the oldest ${takenAway} are no longer held`,
    ...groups.map((group) => formatGroup(group, accepted)),
    ...groups.length === 0 ? ["No group has read it"] : [],
    ...isSettled ? [] : [
      "Its last writer ended before it could say how far it came: start the shop, or publish, and look again",
    ],
    ...faults.map(({ missing, what }) =>
      `The ledger does not balance, ${
        missing < 0 ? `${-missing} too many` : `${missing} missing`
      }: ${what}`
    ),
    ...faults.length === 0 ? ["The ledger balances"] : [],
  ];
  return lines.map((line) => `${line}\n`).join("");
}

function formatGroup(account: GroupLedger, accepted: number): string {
  const { group, position, recordsBefore, delivered, deadLettered, dropped, queued, lost } =
    account;
  return `Group ${group} at offset ${position}: ${accepted} accepted; ${recordsBefore} before it + ` +
    `${delivered} delivered + ${deadLettered} dead-lettered + ${dropped} dropped + ${queued} queued + ${lost} lost`;
}

/** Those that few topics have. */
const reasons = [
  ["compaction", "the topic is compacted, and keeps the newest record of a key only"],
  [
    "transaction",
    "somebody's open transaction hides what came last; end or abort it, and look again",
  ],
  ["times", "they have no id, and the topic gives records its own times (LogAppendTime)"],
] as const;

export function formatMatch(match: DeliveryMatch, ledger: TopicLedger, group: string): string {
  const queued = ledger.groups.find((each) => each.group === group)?.queued ?? 0;
  const counts: readonly (readonly [number, string])[] = [
    [match.compared, "events of the buffer were forwarded, and are still in it"],
    [match.found, "of them are in the topic"],
    [match.deadLettered, "are among the dead letters"],
    [match.missing, "are MISSING"],
    [
      match.because.retention,
      "cannot be compared: the topic's retention took records of their time away",
    ],
    ...reasons.map(([why, what]) => [match.because[why], `cannot be compared: ${what}`] as const)
      .filter(([count]) => count > 0),
    [match.duplicates, "times one stands in the topic once more"],
    [match.repeatedInBuffer, "times one stands in the buffer once more"],
    [match.others, "records of the topic are others: older, on their way, or not from here"],
    [queued, "events are still to be forwarded"],
    [ledger.takenAway, "events are no longer in the buffer, and cannot be compared"],
  ];
  const width = Math.max(...counts.map(([count]) => `${count}`.length));
  const named = match.missingEvents.map(({ id, offset, timestamp }) =>
    `  missing: ${id ?? "(no id)"}, offset ${offset}, ${new Date(timestamp).toISOString()}`
  );
  const more = match.missing - named.length;
  if (more > 0) named.push(`  and ${more} more`);
  if (match.missing > 0 && match.given < match.compared - match.deadLettered) {
    named.push(
      `  The topic has given ${match.given} offsets in all, fewer than events: it was deleted and made again, or they never came there`,
    );
  }
  return [...counts.map(([count, what]) => `${`${count}`.padStart(width)} ${what}`), ...named]
    .map((line) => `${line}\n`).join("");
}
