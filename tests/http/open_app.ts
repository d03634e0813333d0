/** The app as the service is wired, for tests of HTTP. */
import { createHmac } from "node:crypto";
import { type ReadModelReaders, wireShop } from "../../src/composition/wire_shop.ts";
import type { NewBook } from "../../src/domain/book.ts";
import type { createApp } from "../../src/http/app.ts";
import type { EventRecord } from "../../src/ports/event_record.ts";
import { createEventReceipts, type EventReceipts } from "../../src/use_cases/event_receipts.ts";
import type { Readiness } from "../../src/use_cases/readiness.ts";
import { createFakeClock, type FakeClock } from "../fake_clock.ts";
import { type ArrayCatalogue, createArrayCatalogue } from "../use_cases/array_catalogue.ts";
import {
  createRecordingTelemetry,
  type RecordingTelemetry,
} from "../use_cases/recording_telemetry.ts";
import { createScriptedQueue, type ScriptedQueue } from "../use_cases/scripted_queue.ts";

/** The app as the service is wired, over a catalogue and a queue that obey the test. */
export interface OpenApp {
  readonly app: ReturnType<typeof createApp>;
  readonly catalogue: ArrayCatalogue;
  readonly queue: ScriptedQueue;
  readonly clock: FakeClock;
  readonly telemetry: RecordingTelemetry;
  readonly receipts: EventReceipts;
  readonly readiness: Readiness;
  /** The keys of the records that the queue was given. */
  keys(): EventRecord["key"][];
}

/**
 * Pages have 3 books. Ids count up: those of events end with `-000000000001`, `request-1`. Requests
 * come from this machine, where a test does not say otherwise.
 */
export function openApp(
  books: readonly Partial<NewBook>[] = [],
  options: {
    readonly operatorToken?: string;
    readonly hasAdmin?: boolean;
    readonly allowedHosts?: readonly string[];
    readonly visitorSecret?: string;
    readonly eventBytes?: number;
    readonly readModels?: ReadModelReaders;
  } = {},
): OpenApp {
  const clock = createFakeClock();
  const queue = createScriptedQueue();
  const catalogue = createArrayCatalogue(books);
  const telemetry = createRecordingTelemetry();
  const receipts = createEventReceipts({ isDelivery: false, mostEvents: 5 });
  const metrics = {
    text: () => Promise.resolve("one 1\n"),
    contentType: "text/plain; version=0.0.4",
  };
  const { readModels, ...wiring } = options;
  const parts = { readModels, catalogue, queue, receipts, telemetry, metrics, clock };
  const { app, readiness } = wireShop(parts, {
    topic: "t",
    acceptTimeoutMs: 50,
    pageSize: 3,
    watched: (acceptor) => ({ memory: acceptor }),
    newEventId: eventIds(),
    newRequestId: counting("request"),
    visitorSecret: testSecret,
    ...wiring,
  });
  const { request } = app;
  app.request = (input, init, env = { peer: localPeer }) => request(input, init, env);
  const keys = () => queue.publishes.map(({ record }) => record.key);
  return { app, catalogue, queue, clock, telemetry, receipts, readiness, keys };
}

const testSecret = "a-secret-of-thirty-two-characters";

/** The cookies of a visitor whom these apps know. */
export function cookiesOf(uid: string): string {
  const proof = createHmac("sha256", testSecret).update(`visitor ${uid}`).digest("base64url");
  return `uid=${uid}; uid_sig=${proof}`;
}

/** A program of this machine. */
const localPeer = { address: "127.0.0.1", isLocal: true };

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
