import { getLogger } from "@logtape/logtape";
import { openPrometheusTelemetry } from "../../adapters/telemetry/prometheus.ts";
import type { Config } from "../config/schema.ts";
import { createUuidV7 } from "../domain/uuid_v7.ts";
import { createApp } from "../http/app.ts";
import type { BookCatalogue } from "../ports/book_catalogue.ts";
import type { DrainStep } from "../process/drain.ts";
import { createAddBook } from "../use_cases/add_book.ts";
import { auditLedger } from "../use_cases/audit_ledger.ts";
import { createEventAcceptor } from "../use_cases/event_acceptor.ts";
import { createEventReceipts } from "../use_cases/event_receipts.ts";
import { createGetBook } from "../use_cases/get_book.ts";
import { watchQueues } from "../use_cases/queue_watch.ts";
import { createReadiness } from "../use_cases/readiness.ts";
import { createSearchBooks } from "../use_cases/search_books.ts";
import { openCatalogue, type OpenCatalogueOptions } from "./catalogues.ts";
import { closingSteps, isBuffered, openEventPath, watchedQueues } from "./event_path.ts";
import { auditedLog } from "./operations.ts";

/** How long a shutdown waits for events that the queue has not answered for. With what closing takes well below its 20 s. */
const settleDeadlineMs = 8_000;

/** The running shop: what answers requests, and how it ends. */
export interface OpenShop {
  readonly fetch: (request: Request) => Response | Promise<Response>;
  /** Called first: load balancers send no more requests. */
  turnReadinessOff(): void;
  /** What is done after the last request was answered, in this order. */
  readonly drainSteps: readonly DrainStep[];
}

/** @throws what its parts throw at start: `CatalogueError`, `QueueError`. */
export async function openShop(config: Config, options: OpenCatalogueOptions): Promise<OpenShop> {
  const { clock } = options;
  const { topic, accept_timeout_ms: acceptTimeoutMs } = config.mq;
  const telemetry = openPrometheusTelemetry();
  const isDelivery = config.mq.adapter === "kafka" && !isBuffered(config.mq);
  const receipts = createEventReceipts({ isDelivery });
  const path = await openEventPath(config, { topic, receipts, clock, telemetry });
  const closeQueues = closingSteps(path);
  const catalogue = await openCatalogueOr(config, options, async () => {
    for (const { run } of closeQueues) await run();
  });
  const queue = path.accepting;
  const acceptor = createEventAcceptor({
    queue,
    topic,
    acceptTimeoutMs,
    clock,
    telemetry,
    receipts,
  });
  const queues = watchedQueues(config, path, acceptor);
  const watch = watchQueues({ queues, clock, telemetry });
  const readiness = createReadiness({ catalogue, queues, degradedSince: watch.degradedSince });
  const app = createApp({
    searchBooks: createSearchBooks({
      catalogue,
      acceptor,
      pageSize: config.app.page_size,
      clock,
      newEventId: createUuidV7(
        clock.now,
        (length) => crypto.getRandomValues(new Uint8Array(length)),
      ),
    }),
    getBook: createGetBook(catalogue),
    addBook: createAddBook({ catalogue, telemetry }),
    receipts,
    readiness,
  }, { telemetry, clock, metrics: telemetry });
  const log = await auditedLog(config, clock);
  const audit = auditLedger({
    acceptance: () => acceptor.ledger,
    clock,
    telemetry,
    ...(log && { log }),
  });
  tellWay(config);
  return {
    fetch: app.fetch,
    turnReadinessOff: () => readiness.turnOff(),
    drainSteps: [
      {
        name: "settle pending events",
        async run() {
          const pending = await acceptor.settle(settleDeadlineMs);
          if (pending > 0) throw new Error(`${pending} events are pending, wanted none`);
        },
      },
      {
        name: "end watching",
        run() {
          watch.end();
          audit.stop();
          return Promise.resolve();
        },
      },
      ...closeQueues,
      { name: "close the catalogue", run: () => catalogue[Symbol.asyncDispose]() },
    ],
  };
}

/** For whoever wonders which configuration is at work. Nothing of it is secret. */
function tellWay({ db, mq }: Config): void {
  const { adapter, topic, brokers, file, kafka } = mq;
  const usesFiles = adapter === "file" || isBuffered(mq);
  getLogger(["shelfcast", "process"]).info("Searches become events of {topic} on {queue}", {
    topic,
    queue: adapter,
    database: db.driver,
    ...(usesFiles && { directory: file.directory }),
    ...(adapter === "kafka" && { brokers, client: kafka.client, buffer: kafka.buffer }),
  });
}

async function openCatalogueOr(
  config: Config,
  options: OpenCatalogueOptions,
  giveUp: () => Promise<void>,
): Promise<BookCatalogue> {
  try {
    return await openCatalogue(config, options);
  } catch (error) {
    await giveUp();
    throw error;
  }
}
