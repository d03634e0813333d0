import type { Hono } from "hono";
import type { NewBook } from "../../src/domain/book.ts";
import { createApp } from "../../src/http/app.ts";
import type { RequestIdEnv } from "../../src/http/request_id.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { createAddBook } from "../../src/use_cases/add_book.ts";
import { createEventAcceptor } from "../../src/use_cases/event_acceptor.ts";
import { createEventReceipts, type EventReceipts } from "../../src/use_cases/event_receipts.ts";
import { createGetBook } from "../../src/use_cases/get_book.ts";
import { createReadiness, type Readiness } from "../../src/use_cases/readiness.ts";
import { createSearchBooks } from "../../src/use_cases/search_books.ts";
import { createFakeClock, type FakeClock } from "../fake_clock.ts";
import { type ArrayCatalogue, createArrayCatalogue } from "../use_cases/array_catalogue.ts";
import {
  createRecordingTelemetry,
  type RecordingTelemetry,
} from "../use_cases/recording_telemetry.ts";
import { createScriptedQueue, type ScriptedQueue } from "../use_cases/scripted_queue.ts";

/** The app on use cases as the service has them, over a catalogue and a queue that obey the test. */
export interface OpenApp {
  readonly app: Hono<RequestIdEnv>;
  readonly catalogue: ArrayCatalogue;
  readonly queue: ScriptedQueue;
  readonly clock: FakeClock;
  readonly telemetry: RecordingTelemetry;
  readonly receipts: EventReceipts;
  readonly readiness: Readiness;
  /** The keys of the records that the queue was given. */
  keys(): EventRecord["key"][];
}

/** Pages have 3 books. Ids count up: those of events end with `-000000000001`, `request-1`. */
export function openApp(books: readonly Partial<NewBook>[] = []): OpenApp {
  const clock = createFakeClock();
  const queue = createScriptedQueue();
  const catalogue = createArrayCatalogue(books);
  const telemetry = createRecordingTelemetry();
  const acceptTimeoutMs = 50;
  const receipts = createEventReceipts({ isDelivery: false, mostEvents: 5 });
  const acceptor = createEventAcceptor({
    queue,
    topic: "t",
    acceptTimeoutMs,
    clock,
    telemetry,
    receipts,
  });
  const degradedSince = () => queue.state.status === "degraded" ? 0 : undefined;
  const readiness = createReadiness({ catalogue, queues: { memory: acceptor }, degradedSince });
  const newEventId = eventIds();
  const app = createApp({
    searchBooks: createSearchBooks({ catalogue, acceptor, pageSize: 3, clock, newEventId }),
    getBook: createGetBook(catalogue),
    addBook: createAddBook({ catalogue, telemetry }),
    receipts,
    readiness,
  }, {
    telemetry,
    clock,
    newRequestId: counting("request"),
    metrics: { text: () => Promise.resolve("one 1\n"), contentType: "text/plain; version=0.0.4" },
  });
  const keys = () => queue.publishes.map(({ record }) => record.key);
  return { app, catalogue, queue, clock, telemetry, receipts, readiness, keys };
}

function counting(stem: string): () => string {
  let count = 0;
  return () => `${stem}-${++count}`;
}

function eventIds(): () => string {
  let count = 0;
  return () => eventId(++count);
}

/** The id of the n-th event. */
export const eventId = (n: number): string => `00000000-0000-7000-8000-${`${n}`.padStart(12, "0")}`;
