/**
 * What the forwarder has read and not committed: bounded, and committed from its beginning on as
 * its records are handled, that is, delivered or put to the dead letters.
 */
import { type Clock, pause } from "../ports/clock.ts";
import type { StoredRecord } from "../ports/event_record.ts";
import type { RecordBatch } from "../ports/event_source.ts";
import { QueueError } from "../ports/queue_error.ts";
import { recordOverheadBytes } from "../ports/validate_record.ts";
import { eventIdOf } from "../wire/event_headers.ts";
import type { ForwardObserver } from "./forward_progress.ts";

/** How a record was handled. */
export type ForwardOutcome = "delivered" | "dead_lettered";

/** A batch that was read and is not behind the group's commit. */
export interface WindowBatch {
  readonly batch: RecordBatch;
  /** Undefined for those that are not handled yet. */
  readonly outcomes: (ForwardOutcome | undefined)[];
  readonly bytes: number;
  unhandled: number;
  state: "open" | "committing" | "committed" | "given up";
}

export interface ForwardWindow {
  /**
   * Whether a batch of that size may be added; one may always be added to a window that is empty.
   */
  fits(batch: RecordBatch): boolean;
  add(batch: RecordBatch): WindowBatch;
  /** Notes how the record at `index` was handled; what can be committed then is. */
  handle(entry: WindowBatch, index: number, outcome: ForwardOutcome): void;
  readonly isCommitting: boolean;
  /**
   * Commits what is handled in front of the first record that is not: nobody need publish it again.
   */
  commitBeginning(): Promise<void>;
  /** What is handled and not committed, by `recordName`. */
  handled(): ReadonlyMap<string, ForwardOutcome>;
}

export interface ForwardWindowOptions {
  readonly maxRecords: number;
  readonly maxBytes: number;
  readonly clock: Clock;
  /** Ends repeating commits. */
  readonly abandon: AbortSignal;
  readonly observer: Pick<ForwardObserver, "underWay" | "committed" | "commitFailed">;
  /** Something was handled or committed. */
  readonly onChange: () => void;
  /** A commit failed for good. */
  readonly fail: (error: unknown) => void;
}

const commitRetryMs = 1000;

export function createForwardWindow(options: ForwardWindowOptions): ForwardWindow {
  const { maxRecords, maxBytes, clock, abandon, observer, onChange, fail } = options;
  /** Oldest first. */
  const entries: WindowBatch[] = [];
  let records = 0;
  let bytes = 0;

  function grow(byRecords: number, byBytes: number): void {
    records += byRecords;
    bytes += byBytes;
    observer.underWay(records);
  }

  function commitCompleted(): void {
    for (const entry of entries) {
      if (entry.unhandled > 0) return;
      if (entry.state !== "open") continue;
      entry.state = "committing";
      void commitAll(entry);
    }
  }

  async function commitAll(entry: WindowBatch): Promise<void> {
    while (!abandon.aborted) {
      try {
        await commitFirst(entry, entry.batch.records.length);
        entry.state = "committed";
        return release();
      } catch (error) {
        if (!(error instanceof QueueError) || !error.retriable) {
          entry.state = "given up";
          return fail(error);
        }
        observer.commitFailed(error);
        await pause(clock, commitRetryMs, abandon);
      }
    }
  }

  async function commitFirst({ batch, outcomes }: WindowBatch, count: number): Promise<void> {
    const behind = batch.records.slice(0, count);
    const deadLettered = behind.flatMap(({ offset }, index) =>
      outcomes[index] === "dead_lettered" ? [offset] : []
    );
    const through = behind.at(-1)!.offset;
    await batch.commit(through, { deadLettered });
    observer.committed(through + 1n);
  }

  /** In order: a commit may resolve before those that it waits for are stored. */
  function release(): void {
    while (entries[0]?.state === "committed") {
      const { batch, bytes } = entries.shift()!;
      grow(-batch.records.length, -bytes);
    }
    onChange();
  }

  return {
    fits(batch) {
      const more = batch.records.length;
      return records === 0 || (records + more <= maxRecords && bytes + sizeOf(batch) <= maxBytes);
    },
    add(batch) {
      const entry: WindowBatch = {
        batch,
        bytes: sizeOf(batch),
        outcomes: batch.records.map(() => undefined),
        unhandled: batch.records.length,
        state: "open",
      };
      entries.push(entry);
      grow(batch.records.length, entry.bytes);
      return entry;
    },
    handle(entry, index, outcome) {
      entry.outcomes[index] = outcome;
      entry.unhandled -= 1;
      if (entry.unhandled === 0) commitCompleted();
      onChange();
    },
    get isCommitting() {
      return entries.some(({ state }) => state === "committing");
    },
    async commitBeginning() {
      const [first] = entries;
      const count = first?.outcomes.indexOf(undefined) ?? 0;
      if (first !== undefined && count > 0) await commitFirst(first, count);
    },
    handled() {
      const handled = new Map<string, ForwardOutcome>();
      for (const { batch, outcomes } of entries) {
        for (const [index, record] of batch.records.entries()) {
          const [outcome, name] = [outcomes[index], recordName(record)];
          if (outcome !== undefined && name !== undefined) handled.set(name, outcome);
        }
      }
      return handled;
    },
  };
}

/**
 * Names a record in the buffer, where it has an event id. The offset alone is not enough: a folder
 * that was deleted and made again counts anew. Nor is the id: other publishers may repeat theirs.
 */
export function recordName({ offset, headers }: StoredRecord): string | undefined {
  const id = eventIdOf(headers);
  return id === undefined ? undefined : `${offset} ${id}`;
}

/** Of what is handled, by `recordName`, that which stands at `from` or later. */
export function handledFrom(
  handled: ReadonlyMap<string, ForwardOutcome>,
  from: bigint,
): Map<string, ForwardOutcome> {
  return new Map([...handled].filter(([name]) => BigInt(name.split(" ")[0]!) >= from));
}

function sizeOf({ records }: RecordBatch): number {
  let bytes = 0;
  for (const { key, value, headers } of records) {
    bytes += recordOverheadBytes + (key?.length ?? 0) + (value?.length ?? 0);
    for (const [name, content] of headers) bytes += name.length + (content?.length ?? 0);
  }
  return bytes;
}
