/**
 * The accounts of a topic: what its segments hold, what its groups say of themselves, and whether
 * the two agree.
 */
import { type Clock, pause, systemClock } from "../../../../src/ports/clock.ts";
import type { EventLedger, LedgerFault, TopicLedger } from "../../../../src/ports/event_ledger.ts";
import { denoDisk } from "../disk/deno_disk.ts";
import type { Disk } from "../disk/disk.ts";
import { DiskError, diskRefusal } from "../disk/disk_error.ts";
import { readOnlyDisk } from "../disk/read_only_disk.ts";
import type { SegmentHeader } from "../format/segment_header.ts";
import { type DurableEnd, type GroupState, readDurableEnd } from "../segments/slots.ts";
import {
  findSegments,
  type FoundSegment,
  groupPages,
  groupStateAt,
  isEndPublished,
} from "../segments/topic_contents.ts";
import { corrupt } from "../segments/topic_fault.ts";
import { groupPath, openTopicFolder, type TopicFolder } from "../segments/topic_folder.ts";
import { groupFaults, groupLedger } from "./group_ledger.ts";
import {
  type CountedPlace,
  countLast,
  countLeft,
  segmentFault,
  type SegmentLedger,
} from "./segment_ledger.ts";

/**
 * How often a ledger is read again that does not balance: segments are taken away, repaired and
 * left while they are counted.
 */
const maxAttempts = 4;
const betweenAttemptsMs = 50;

export interface FileLogLedgerOptions {
  /** The log's. */
  readonly directory: string;
  readonly clock?: Clock;
  readonly disk?: Disk;
}

/**
 * The ledger of a log in files, read from the files alone: whoever has the log open, in whatever
 * process, is not asked.
 */
export function openFileLogLedger(options: FileLogLedgerOptions): EventLedger {
  const { directory, clock = systemClock } = options;
  const place = { disk: readOnlyDisk(options.disk ?? denoDisk), directory, clock };
  /** Of each log, how far its last segment was counted. */
  const counted = new Map<string, CountedPlace>();

  async function readOnce(topic: string, groups: readonly string[]): Promise<Snapshot> {
    using folder = await openTopicFolder(place, topic, undefined);
    return await readLedger(folder, groups, counted);
  }

  return {
    async read(topic, groups) {
      let first: Snapshot | undefined;
      for (let attempt = 1;; attempt++) {
        const isLast = attempt === maxAttempts;
        try {
          const seen = await readOnce(topic, groups);
          first ??= seen;
          const { ledger } = seen;
          if (ledger.faults.length === 0) return ledger;
          if (isLast && seen.isUnsettled && seen.sequence === first.sequence) {
            return { ...ledger, isSettled: false, faults: [] };
          }
          if (isLast) return ledger;
          counted.delete(ledger.logId);
        } catch (error) {
          const isGone = error instanceof DiskError && error.code === "missing";
          if (!isGone || isLast) throw diskRefusal(error, `read the ledger of topic "${topic}"`);
        }
        await pause(clock, betweenAttemptsMs);
      }
    },
  };
}

interface Snapshot {
  readonly ledger: TopicLedger;
  /** Of the durable slot: another one shows that somebody writes. */
  readonly sequence: number;
  /** The slot does not say how far the log goes. */
  readonly isUnsettled: boolean;
}

interface ReadableSegment extends FoundSegment {
  readonly header: SegmentHeader;
}

async function readLedger(
  folder: TopicFolder,
  groups: readonly string[],
  counted: Map<string, CountedPlace>,
): Promise<Snapshot> {
  // Groups first: what they have passed by then is before the durable end that is read next, and
  // before that nothing changes.
  const states = new Map<string, GroupState>();
  const kept = (await groupPages(folder)).filter(({ state }) =>
    typeof state === "object" && state.hold !== "none"
  );
  for (const group of new Set([...groups, ...kept.map(({ name }) => name)])) {
    const state = await groupState(folder, group);
    if (state !== undefined) states.set(group, state);
  }
  const slot = await readDurableEnd(folder.durable, folder.logId);
  const found = (await findSegments(folder)).filter(({ base }) => base <= (slot?.segment ?? -1));
  const faults: LedgerFault[] = [];
  const segments = found.filter((segment): segment is ReadableSegment => {
    if (segment.header === undefined) {
      faults.push(segmentFault(0, `The header of ${segment.file} cannot be read`));
    }
    return segment.header !== undefined;
  });
  const least = Math.min(...[...states.values()].map(({ position }) => position));
  const held = slot === undefined ? [] : await count(folder, segments, slot, least, counted);
  faults.push(...held.flatMap(({ fault }) => fault ?? []));
  const accepted = slot?.records ?? 0;
  const first = segments[0]?.header;
  const balances = [...states].map(([group, state]) => groupLedger(group, state, held, first));
  for (const balance of balances) faults.push(...groupFaults(balance, accepted, slot?.next ?? 0));
  const ledger: TopicLedger = {
    topic: folder.topic,
    logId: folder.logId.toHex(),
    accepted,
    end: BigInt(slot?.next ?? 0),
    takenAway: first?.recordsBefore ?? 0,
    isSettled: true,
    groups: balances,
    faults,
  };
  const isUnsettled = slot === undefined || slot.moving ||
    [...states.values()].some(({ position }) => position > slot.next) &&
      !await isEndPublished(folder);
  return { ledger, sequence: slot?.sequence ?? 0, isUnsettled };
}

async function groupState(folder: TopicFolder, group: string): Promise<GroupState | undefined> {
  const path = groupPath(folder.path, group);
  const state = await groupStateAt(folder, path);
  if (typeof state === "object") return state;
  if (state === "none") return undefined;
  throw corrupt(folder, `both positions in "${path}" cannot be read`);
}

async function count(
  folder: TopicFolder,
  segments: readonly ReadableSegment[],
  slot: DurableEnd,
  position: number,
  counted: Map<string, CountedPlace>,
): Promise<readonly SegmentLedger[]> {
  const ledgers: SegmentLedger[] = [];
  for (const [n, segment] of segments.entries()) {
    const successor = segments[n + 1];
    if (successor !== undefined) {
      ledgers.push(await countLeft(folder, segment, successor, position));
    } else if (segment.base === slot.segment) {
      const id = folder.logId.toHex();
      const last = await countLast(folder, segment, slot, counted.get(id));
      if (last.fault === undefined) counted.set(id, last.counted);
      ledgers.push(last);
    }
  }
  if (ledgers.length > 0 || slot.records === 0) return ledgers;
  return [{
    base: slot.segment,
    taken: 0,
    held: [],
    fault: segmentFault(slot.records, "All segments are missing"),
  }];
}
