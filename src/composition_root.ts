/** The only file that knows which adapters there are: it opens what the configuration names and hands it to the use cases. */
import { databaseAdapters, type DatabaseName } from "../adapters/database/registry.ts";
import type { KafkaSecurity } from "../adapters/queue/kafka/security.ts";
import { queueAdapters, type QueueName } from "../adapters/queue/registry.ts";
import { openPrometheusTelemetry } from "../adapters/telemetry/prometheus.ts";
import type { Config } from "./config/schema.ts";
import { createUuidV7 } from "./domain/uuid_v7.ts";
import { createApp } from "./http/app.ts";
import type { BookCatalogue } from "./ports/book_catalogue.ts";
import type { Clock } from "./ports/clock.ts";
import type { EventLog } from "./ports/event_log.ts";
import type { LogGuarantees } from "./ports/log_guarantees.ts";
import type { LogTools } from "./ports/log_tools.ts";
import type { Telemetry } from "./ports/telemetry.ts";
import type { DrainStep } from "./process/drain.ts";
import { createAddBook } from "./use_cases/add_book.ts";
import { auditBooks, type AuditedLog } from "./use_cases/audit_books.ts";
import { createEventAcceptor } from "./use_cases/event_acceptor.ts";
import { createGetBook } from "./use_cases/get_book.ts";
import { watchQueues } from "./use_cases/queue_watch.ts";
import { createReadiness } from "./use_cases/readiness.ts";
import { createSearchBooks } from "./use_cases/search_books.ts";

/** How long a shutdown waits for events that the queue has not answered for. With `closeTimeoutMs` well below its 20 s. */
const settleDeadlineMs = 8_000;
const hourMs = 3_600_000;
/** How long closing waits for the brokers. */
const closeTimeoutMs = 8_000;

export interface OpenLogOptions {
  /** Topics that are made or looked for at once, as `mq.topics` says. Default: none, for a log that is only read. */
  readonly topics?: readonly string[];
  readonly clock?: Clock;
  readonly telemetry?: Telemetry;
}

/** One row an adapter: a name in the registry without one does not compile. */
const queues: Record<QueueName, (mq: Config["mq"], common: CommonOptions) => Promise<EventLog>> = {
  async memory({ memory }, common) {
    const { openMemoryLog } = await queueAdapters.memory();
    const { max_records: maxRecords, max_bytes: maxBytes } = memory;
    return openMemoryLog({ ...common, maxRecords, maxBytes });
  },
  async file({ file }, common) {
    const { openFileLog } = await queueAdapters.file();
    return await openFileLog({
      ...common,
      directory: file.directory,
      segmentBytes: file.segment_bytes,
      maxBytes: file.max_bytes,
      maxAgeMs: file.max_age_hours * hourMs,
      keepDeliveredMs: file.keep_delivered_hours * hourMs,
      requiredGroups: file.required_groups,
      retainPastGroups: file.retain_past_groups,
      reserveBytes: file.reserve_bytes,
      skipCorrupt: file.skip_corrupt,
    });
  },
  async kafka({ brokers, partitions, replication, kafka }, common) {
    const { openKafkaLog } = await queueAdapters.kafka();
    return await openKafkaLog({
      ...common,
      brokers,
      client: kafka.client,
      partitions,
      // 0 leaves it to the adapter: three, or as many as there are brokers.
      ...(replication > 0 && { replication }),
      maxBytes: kafka.max_bytes,
      closeTimeoutMs,
      deliveryTimeoutMs: kafka.delivery_timeout_ms,
      security: kafkaSecurity(kafka),
    });
  },
};

/** Absent text is "" in the configuration, and absent for the adapter. */
function kafkaSecurity(kafka: Config["mq"]["kafka"]): KafkaSecurity {
  const { security_protocol, sasl_mechanism, sasl_username, sasl_password, ssl_ca_pem } = kafka;
  return {
    protocol: security_protocol,
    ...(sasl_mechanism !== "" && {
      mechanism: sasl_mechanism,
      username: sasl_username,
      password: sasl_password,
    }),
    ...(ssl_ca_pem !== "" && { caPem: ssl_ca_pem }),
  };
}

type CommonOptions = Required<Pick<OpenLogOptions, "topics">> & OpenLogOptions & {
  readonly topicPolicy: Config["mq"]["topics"];
};

/** Opens the log that `mq.adapter` names. */
export function openEventLog(config: Config, options: OpenLogOptions = {}): Promise<EventLog> {
  const { adapter, topics: topicPolicy } = config.mq;
  return queues[adapter](config.mq, { topics: [], ...options, topicPolicy });
}

/** What the adapter that `mq.adapter` names declares. */
export async function logGuarantees({ mq: { adapter, kafka } }: Config): Promise<LogGuarantees> {
  if (adapter === "kafka") return (await queueAdapters.kafka()).guaranteesOf(kafka.client);
  return (await queueAdapters[adapter]()).guarantees;
}

/** The tools of the one adapter that keeps a log in files of its own, whatever `mq.adapter` names. */
export async function openLogTools(directory: string, clock: Clock): Promise<LogTools> {
  const { openFileLogTools } = await import("../adapters/queue/file_log/log_tools.ts");
  return await openFileLogTools({ directory, clock });
}

/** The log that this process publishes to and whose books last; undefined where it keeps none. */
async function auditedLog({ mq }: Config, clock: Clock): Promise<AuditedLog | undefined> {
  if (mq.adapter !== "file") return undefined;
  const { openFileLogBooks } = await import("../adapters/queue/file_log/log_books.ts");
  const books = openFileLogBooks({ directory: mq.file.directory, clock });
  return { books, topic: mq.topic, groups: mq.file.required_groups };
}

interface OpenCatalogueOptions {
  readonly clock: Clock;
  readonly onShelfProgress?: (loaded: number, total: number) => void;
}

const databases: Record<
  DatabaseName,
  (db: Config["db"], options: OpenCatalogueOptions) => Promise<BookCatalogue>
> = {
  async sqlite({ sqlite }, options) {
    const { openSqliteCatalogue } = await databaseAdapters.sqlite();
    return await openSqliteCatalogue({ ...options, file: sqlite.file });
  },
  async mysql({ host, port, user, password, database }, options) {
    const { openMysqlCatalogue } = await databaseAdapters.mysql();
    return await openMysqlCatalogue({ ...options, host, port, user, password, database });
  },
};

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
  const queue = await openEventLog(config, { topics: [topic], clock, telemetry });
  const catalogue = await openCatalogueOr(() => queue[Symbol.asyncDispose](), config, options);
  const acceptor = createEventAcceptor({ queue, topic, acceptTimeoutMs, clock, telemetry });
  const watched = { [config.mq.adapter]: acceptor };
  const readiness = createReadiness({ catalogue, queues: watched });
  const unwatchQueues = watchQueues({ queues: watched, clock, telemetry });
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
    readiness,
  }, { telemetry, clock, metrics: telemetry });
  const log = await auditedLog(config, clock);
  const audit = auditBooks({
    acceptance: () => acceptor.books,
    clock,
    telemetry,
    ...(log && { log }),
  });
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
        name: "close the queue",
        run() {
          unwatchQueues();
          audit.stop();
          return queue[Symbol.asyncDispose]();
        },
      },
      { name: "close the catalogue", run: () => catalogue[Symbol.asyncDispose]() },
    ],
  };
}

async function openCatalogueOr(
  giveUp: () => PromiseLike<void>,
  config: Config,
  options: OpenCatalogueOptions,
): Promise<BookCatalogue> {
  try {
    return await databases[config.db.driver](config.db, options);
  } catch (error) {
    await giveUp();
    throw error;
  }
}
