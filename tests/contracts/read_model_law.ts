/** What the laws of the read models have in common: a place, a clock, and events. */
import type { Book } from "../../src/domain/book.ts";
import { foundBooks } from "../../src/domain/searched_event.ts";
import type { ReadModels } from "../../src/ports/database_declaration.ts";
import type { ApplyOutcome, ConsumedBatch, SearchedEvent } from "../../src/ports/read_model.ts";
import { createFakeClock, type FakeClock } from "../fake_clock.ts";
import type { ReadModelsPlace } from "./read_models_harness.ts";

export interface ReadModelLaw {
  readonly name: string;
  run(place: LawPlace): Promise<void>;
}

/** All that a law opened is closed after it. */
export interface LawPlace {
  readonly clock: FakeClock;
  open(options?: { halfLifeHours?: number; visitorDays?: number }): Promise<ReadModels>;
}

export const hourMs = 3_600_000;
export const now = Date.UTC(2026, 5, 1, 12);

/** Runs a law on a place of its own. */
export async function runLaw(law: ReadModelLaw, place: ReadModelsPlace): Promise<void> {
  await using opened = new AsyncDisposableStack();
  const clock = createFakeClock(now);
  await law.run({
    clock,
    open: async ({ halfLifeHours = 24, visitorDays = 30 } = {}) =>
      opened.use(await place.open({ clock, halfLifeHours, visitorDays })),
  });
}

export const bookOf = (id: number, title = `Title ${id}`): Book => ({
  id,
  title,
  author: `Author ${id}`,
  published_at: null,
  description: "Of a “book” \u0000 😀",
  created_at: "2026-01-01 00:00:00",
});

export const visitorOf = (n: number): string =>
  `9f8d4a52-3a37-4b7c-8d3e-${n.toString(16).padStart(12, "0")}`;

/** What an event is made of. */
export type EventParts = Partial<Omit<SearchedEvent, "books">> & {
  readonly books?: readonly Book[];
};

/** The n-th event, the same for the same n. */
export function eventOf(
  n: number,
  { books = [bookOf(1)], ...parts }: EventParts = {},
): SearchedEvent {
  const key = new Uint8Array(16);
  new DataView(key.buffer).setUint32(12, n);
  return {
    key,
    query: "dune",
    shownQuery: "Dune",
    books: foundBooks(books),
    searchedAt: now - hourMs,
    ...parts,
  };
}

/** Batches of one partition, each going on where the last ended. */
export function batches(topic = "t", partition = 0) {
  let position = 0n;
  return (events: readonly SearchedEvent[], parts: Partial<ConsumedBatch> = {}): ConsumedBatch => {
    const from = position;
    position += BigInt(events.length);
    return { topic, partition, from, next: position, events, ...parts };
  };
}

/** An outcome with so many of each. */
export const applied = (fresh: number, repeated = 0, tooOld = 0): ApplyOutcome => ({
  status: "applied",
  applied: fresh,
  repeated,
  tooOld,
});
