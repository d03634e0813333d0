/** Puts many books on the shelf, in batches, beside a shop that runs. */
import type { NewBook } from "../domain/book.ts";
import type { BookCatalogue } from "../ports/book_catalogue.ts";
import { StoreError } from "../ports/store_error.ts";
import { type Clock, pause } from "../ports/clock.ts";

export interface ImportOptions {
  readonly books: AsyncIterable<NewBook>;
  readonly catalogue: Pick<BookCatalogue, "addMissing">;
  readonly clock: Clock;
  /** Aborted: the batch that is under way is finished, and no other begun. */
  readonly stop: AbortSignal;
  readonly onBatch: (progress: ImportProgress) => void;
  /** The catalogue is busy or not ready; it is tried again. Told once until it goes on. */
  readonly onWaiting: (reason: string) => void;
}

export interface ImportProgress {
  /** Books that were not there. */
  readonly added: number;
  /** Books that were. */
  readonly known: number;
}

const booksPerBatch = 500;
/** The part of a batch's time that others have before the next one, and the least of it. */
const restPart = 0.2;
const restMinMs = 5;
const retryMs = 500;
/** An index of a million books is made in less. */
const patienceMs = 1_800_000;

/**
 * Each batch is one change, so that what stands is whole batches, however it ends; what has been
 * imported is known and is not added again.
 *
 * @throws {StoreError} by rejection, `failed`, or `unavailable` for half an hour.
 */
export async function importBooks(options: ImportOptions): Promise<ImportProgress> {
  const { books, catalogue, clock, stop, onBatch, onWaiting } = options;
  let added = 0;
  let known = 0;

  async function addPatiently(batch: readonly NewBook[]): Promise<number> {
    const startedMs = clock.now();
    for (let isTold = false;; isTold = true) {
      try {
        return await catalogue.addMissing(batch);
      } catch (error) {
        const passes = error instanceof StoreError && error.code === "unavailable";
        if (!passes || stop.aborted || clock.now() - startedMs > patienceMs) throw error;
        if (!isTold) onWaiting(error.message);
        await pause(clock, retryMs, stop);
      }
    }
  }

  async function addBatch(batch: readonly NewBook[]): Promise<void> {
    const startedMs = clock.now();
    const fresh = await addPatiently(batch);
    added += fresh;
    known += batch.length - fresh;
    onBatch({ added, known });
    await pause(clock, Math.max(restMinMs, (clock.now() - startedMs) * restPart), stop);
  }

  let batch: NewBook[] = [];
  for await (const book of books) {
    if (stop.aborted) break;
    batch.push(book);
    if (batch.length < booksPerBatch) continue;
    await addBatch(batch);
    batch = [];
  }
  if (batch.length > 0 && !stop.aborted) await addBatch(batch);
  return { added, known };
}
