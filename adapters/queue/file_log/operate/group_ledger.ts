/** What became of a log's records for a group, and whether that is all of them. */
import type { GroupLedger, LedgerFault } from "../../../../src/ports/event_ledger.ts";
import { type FirstSegment, takenAway } from "../segments/record_counts.ts";
import { type GroupState, recordsCounted } from "../segments/slots.ts";
import type { SegmentLedger } from "./segment_ledger.ts";

/**
 * @param held What the segments hold, from the first that is left to the durable end.
 * @param first Undefined where there is no segment.
 */
export function groupLedger(
  group: string,
  state: GroupState,
  held: readonly SegmentLedger[],
  first: FirstSegment | undefined,
): GroupLedger {
  const { position, recordsBefore, delivered, deadLettered, dropped } = state;
  const passed = { recordsBefore, delivered, deadLettered, dropped };
  return { group, position: BigInt(position), ...passed, ...ahead(held, first, state) };
}

/** What is behind a group's position: there, or known to be lost. */
function ahead(
  held: readonly SegmentLedger[],
  first: FirstSegment | undefined,
  state: GroupState,
): { readonly queued: number; readonly lost: number } {
  const { position } = state;
  let queued = 0;
  let lost = 0;
  if (first !== undefined && position < first.base) {
    lost = takenAway(first, position, recordsCounted(state));
  }
  for (const { base, taken, held: runs, fault } of held) {
    const here = runs.reduce(
      (sum, { from, end }) => sum + Math.max(0, end - Math.max(from, position)),
      0,
    );
    queued += here;
    // Where the segment's own numbers disagree nothing is known to be lost.
    if (fault === undefined) lost += Math.max(0, taken - Math.max(0, position - base)) - here;
  }
  return { queued, lost };
}

/** Empty: the group's numbers make up all that the log took. */
export function groupFaults(ledger: GroupLedger, accepted: number, end: number): LedgerFault[] {
  const { group, position, recordsBefore, delivered, deadLettered, dropped, queued, lost } = ledger;
  const missing = accepted -
    (recordsBefore + delivered + deadLettered + dropped + queued + lost);
  if (missing === 0) return [];
  const sum =
    `${recordsBefore} before it + ${delivered} delivered + ${deadLettered} dead-lettered + ` +
    `${dropped} dropped + ${queued} queued + ${lost} lost`;
  const what =
    `Group ${group} stands at offset ${position} of ${end}: ${accepted} accepted, but ${sum}`;
  return [{ account: "group", group, missing, what }];
}
