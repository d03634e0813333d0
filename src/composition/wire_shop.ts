/**
 * Puts the use cases and the app together over parts that are open. Opens nothing, and reads no
 * configuration: the tests of the app call it with parts that obey them.
 */
import { createUuidV7 } from "../domain/uuid.ts";
import { type AppOptions, createApp } from "../http/app.ts";
import type { BookCatalogue } from "../ports/book_catalogue.ts";
import type { Clock } from "../ports/clock.ts";
import type { EventQueue } from "../ports/event_queue.ts";
import type { InterestStore } from "../ports/interest_store.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { TrendStore } from "../ports/trend_store.ts";
import { version } from "../process/version.ts";
import {
  createAddBook,
  createGetBook,
  createRemoveBook,
  createUpdateBook,
} from "../use_cases/shelf.ts";
import { createEventAcceptor, type EventAcceptor } from "../use_cases/event_acceptor.ts";
import type { EventLoop } from "../use_cases/event_loop_watch.ts";
import type { EventReceipts } from "../use_cases/event_receipts.ts";
import { createHighlights } from "../use_cases/highlights.ts";
import { type QueueWatch, watchQueues } from "../use_cases/queue_watch.ts";
import { createReadiness, type Readiness, type WatchedQueues } from "../use_cases/readiness.ts";
import { createRecommendations } from "../use_cases/recommendations.ts";
import { createSearchBooks } from "../use_cases/search_books.ts";
import { createTrends } from "../use_cases/trends.ts";

/** What a shop is made of, open. */
export interface ShopParts {
  readonly catalogue: BookCatalogue;
  /** What accepts events. */
  readonly queue: EventQueue;
  readonly receipts: EventReceipts;
  /** What consumers keep; absent: nothing. */
  readonly readModels?: ReadModelReaders | undefined;
  readonly telemetry: Telemetry;
  /** Answered at `/metrics`. */
  readonly metrics: NonNullable<AppOptions["metrics"]>;
  readonly clock: Clock;
  /** Absent: it is never late. */
  readonly loop?: EventLoop | undefined;
}

/** Read models, as far as the shop reads them. */
export interface ReadModelReaders {
  /** Absent: trends are turned off. */
  readonly trends?: Pick<TrendStore, "top" | "misses"> | undefined;
  readonly interests: Pick<InterestStore, "interestsOf" | "forget">;
  /** A query is shown after so many different events. */
  readonly trendMinSearches: number;
}

export interface WireOptions {
  readonly topic: string;
  readonly acceptTimeoutMs: number;
  readonly pageSize: number;
  /** Of an event's value. Default: no bound. */
  readonly eventBytes?: number;
  /** Whoever sends it may change books; absent: programs of this machine may. */
  readonly operatorToken?: string;
  /** Names of the shop, besides this machine's own. Default: any. */
  readonly allowedHosts?: readonly string[];
  /** What visitors' cookies are signed with. Default: a random text. */
  readonly visitorSecret?: string;
  /** Whether operators have a listener of their own. Default: false. */
  readonly hasAdmin?: boolean;
  /**
   * What operators see at `/readyz` and in the log, by its names, where the acceptor stands before
   * the queue.
   */
  readonly watched: (acceptor: EventAcceptor) => WatchedQueues;
  /** Default: UUIDs of version 7. */
  readonly newEventId?: () => string;
  /** Default: random UUIDs. */
  readonly newRequestId?: () => string;
}

/** The shop, ready to answer; what has to be ended is the owner's to end. */
export interface WiredShop {
  readonly app: ReturnType<typeof createApp>;
  readonly acceptor: EventAcceptor;
  readonly readiness: Readiness;
  readonly watch: QueueWatch;
}

export function wireShop(parts: ShopParts, options: WireOptions): WiredShop {
  const { catalogue, queue, receipts, telemetry, metrics, clock } = parts;
  const {
    topic,
    acceptTimeoutMs,
    newRequestId,
    operatorToken,
    visitorSecret,
    hasAdmin = false,
    allowedHosts = [],
  } = options;
  const newEventId = options.newEventId ?? createUuidV7(clock.now, () => crypto.randomUUID());
  const acceptor = createEventAcceptor({
    queue,
    topic,
    acceptTimeoutMs,
    clock,
    telemetry,
    receipts,
    loop: parts.loop,
  });
  const queues = options.watched(acceptor);
  const watch = watchQueues({ queues, catalogue, clock, telemetry });
  const readiness = createReadiness({
    catalogue,
    queues,
    degradedSince: watch.degradedSince,
    version,
  });
  const { readModels } = parts;
  const trends = readModels?.trends &&
    createTrends({ store: readModels.trends, minSearches: readModels.trendMinSearches, clock });
  const recommendations = readModels &&
    createRecommendations({ store: readModels.interests, clock });
  telemetry.gauge("shelfcast.build_info", 1, { version });
  const app = createApp({
    searchBooks: createSearchBooks({ ...options, catalogue, acceptor, clock, newEventId }),
    getBook: createGetBook(catalogue),
    addBook: createAddBook({ catalogue, telemetry }),
    updateBook: createUpdateBook({ catalogue, telemetry }),
    removeBook: createRemoveBook({ catalogue, telemetry }),
    trends,
    recommendations,
    highlights: createHighlights({ trends, recommendations, clock }),
    receipts,
    readiness,
  }, {
    telemetry,
    clock,
    metrics,
    hasAdmin,
    allowedHosts,
    ...(operatorToken !== undefined && { operatorToken }),
    ...(visitorSecret !== undefined && { visitorSecret }),
    ...(newRequestId && { newRequestId }),
  });
  return { app, acceptor, readiness, watch };
}
