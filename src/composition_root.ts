/** The only file that knows which adapters there are: it opens what the configuration names and hands it to the use cases. */
import { databaseAdapters, type DatabaseName } from "../adapters/database/registry.ts";
import type { KafkaLogOptions } from "../adapters/queue/kafka/kafka_log.ts";
import type { KafkaSecurity } from "../adapters/queue/kafka/security.ts";
import { queueAdapters, type QueueName } from "../adapters/queue/registry.ts";
import { openPrometheusTelemetry } from "../adapters/telemetry/prometheus.ts";
import type { Config } from "./config/schema.ts";
import { createUuidV7 } from "./domain/uuid_v7.ts";
import { lookAtLog, lookAtTopic, memoryProbe } from "./cli/queue_probes.ts";
import type { OpenCluster, Probe } from "./cli/doctor_services.ts";
import { createApp } from "./http/app.ts";
import type { BookCatalogue } from "./ports/book_catalogue.ts";
import type { Clock } from "./ports/clock.ts";
import type { EventBooks } from "./ports/event_books.ts";
import type { EventLog } from "./ports/event_log.ts";
import type { LogGuarantees } from "./ports/log_guarantees.ts";
import type { LogTools } from "./ports/log_tools.ts";
import type { Telemetry } from "./ports/telemetry.ts";
import type { DrainStep } from "./process/drain.ts";
import { createAddBook } from "./use_cases/add_book.ts";
import { auditBooks, type AuditedLog } from "./use_cases/audit_books.ts";
import { createEventAcceptor, type EventAcceptor } from "./use_cases/event_acceptor.ts";
import { createEventReceipts, type EventReceipts } from "./use_cases/event_receipts.ts";
import { type EventForwarder, forwarderGroup, forwardEvents } from "./use_cases/forward_events.ts";
import { createGetBook } from "./use_cases/get_book.ts";
import { watchQueues } from "./use_cases/queue_watch.ts";
import { createReadiness, type WatchedQueues } from "./use_cases/readiness.ts";
import { createSearchBooks } from "./use_cases/search_books.ts";

/** How long a shutdown waits for events that the queue has not answered for. With `closeTimeoutMs` well below its 20 s. */
const settleDeadlineMs = 8_000;
/** How long it then waits for reports on what is being forwarded. */
const forwarderDeadlineMs = 5_000;
const hourMs = 3_600_000;
/** How long closing waits for the brokers, where no buffer keeps what they have not taken. */
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
  kafka(mq, common) {
    const { max_bytes: maxBytes, delivery_timeout_ms: deliveryTimeoutMs } = mq.kafka;
    return openKafka(mq, common, { maxBytes, deliveryTimeoutMs, closeTimeoutMs });
  },
};

async function openKafka(
  { brokers, partitions, replication, kafka }: Config["mq"],
  common: CommonOptions,
  bounds: Required<Pick<KafkaLogOptions, "maxBytes" | "deliveryTimeoutMs" | "closeTimeoutMs">>,
): Promise<EventLog> {
  const { openKafkaLog } = await queueAdapters.kafka();
  return await openKafkaLog({
    ...common,
    ...bounds,
    ...cluster({ brokers, kafka }),
    compression: kafka.compression,
    idempotent: kafka.idempotent,
    partitions,
    // 0 leaves it to the adapter: three, or as many as there are brokers.
    ...(replication > 0 && { replication }),
    lingerMs: kafka.linger_ms,
    batchBytes: kafka.batch_bytes,
  });
}

/** Which brokers, and how they are spoken to. */
const cluster = ({ brokers, kafka }: Pick<Config["mq"], "brokers" | "kafka">) => ({
  brokers,
  client: kafka.client,
  security: kafkaSecurity(kafka),
});

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

/** The way of an event: what accepts it, and what brings it on from there. */
interface EventPath {
  readonly accepting: EventLog;
  /** Absent where `accepting` is where events are meant to be. */
  readonly forwarding?: { readonly target: EventLog; readonly forwarder: EventForwarder };
}

/** With `mq.adapter: kafka` and a buffer: the file log, and the forwarder from there to the brokers. */
async function openEventPath(config: Config, options: PathOptions): Promise<EventPath> {
  const { mq } = config;
  const { topic, clock, telemetry } = options;
  const common = { topics: [topic], clock, telemetry };
  if (!isBuffered(mq)) return { accepting: await openEventLog(config, common) };
  const topicPolicy = "ensure";
  const file = { ...mq.file, required_groups: requiredGroups(mq) };
  const buffer = await queues.file({ ...mq, file }, { ...common, topicPolicy });
  try {
    // The buffer holds it all: nothing is given up, the forwarder's window is the bound, and it has waited before this is closed.
    const bounds = { maxBytes: Infinity, deliveryTimeoutMs: Infinity, closeTimeoutMs: 1000 };
    const target = await openKafka(mq, { ...common, topicPolicy: mq.topics }, bounds);
    const random = Math.random;
    const windowBytes = mq.kafka.max_bytes;
    const forwarder = forwardEvents({ ...options, buffer, target, random, windowBytes });
    return { accepting: buffer, forwarding: { target, forwarder } };
  } catch (error) {
    await buffer[Symbol.asyncDispose]();
    throw error;
  }
}

interface PathOptions {
  readonly topic: string;
  readonly receipts: EventReceipts;
  readonly clock: Clock;
  readonly telemetry: Telemetry;
}

const isBuffered = ({ adapter, kafka }: Config["mq"]): boolean =>
  adapter === "kafka" && kafka.buffer === "file";

/** Groups that retention waits for. */
function requiredGroups(mq: Config["mq"]): string[] {
  const own = isBuffered(mq) ? [forwarderGroup] : [];
  return [...new Set([...mq.file.required_groups, ...own])];
}

/** By the names that operators see at `/readyz` and in the log. */
function watchedQueues(config: Config, path: EventPath, acceptor: EventAcceptor): WatchedQueues {
  if (path.forwarding === undefined) return { [config.mq.adapter]: acceptor };
  const { target: kafka, forwarder } = path.forwarding;
  return { buffer: acceptor, kafka, forwarder };
}

/** In this order: nothing is forwarded that could not be committed, nothing is closed that is still needed. */
function closingSteps({ accepting, forwarding }: EventPath): DrainStep[] {
  const close = { name: "close the queue", run: () => accepting[Symbol.asyncDispose]() };
  if (forwarding === undefined) return [close];
  const { forwarder, target } = forwarding;
  return [
    { name: "end forwarding", run: () => forwarder.stop(forwarderDeadlineMs) },
    { name: "close the connections to the brokers", run: () => target[Symbol.asyncDispose]() },
    close,
  ];
}

/** Opens the log that `mq.adapter` names. */
export function openEventLog(config: Config, options: OpenLogOptions = {}): Promise<EventLog> {
  const { adapter, topics: topicPolicy } = config.mq;
  return queues[adapter](config.mq, { topics: [], ...options, topicPolicy });
}

/** What the adapter that `mq.adapter` names declares. */
export async function logGuarantees(config: Config): Promise<LogGuarantees> {
  return (await queueAdapters[config.mq.adapter]()).guarantees;
}

/** The tools of the one adapter that keeps a log in files of its own, whatever `mq.adapter` names. */
export async function openLogTools(directory: string, clock: Clock): Promise<LogTools> {
  const { openFileLogTools } = await import("../adapters/queue/file_log/log_tools.ts");
  return await openFileLogTools({ directory, clock });
}

/** The books of the one adapter that keeps some, whatever `mq.adapter` names. */
export async function openBooks(directory: string, clock: Clock): Promise<EventBooks> {
  const { openFileLogBooks } = await import("../adapters/queue/file_log/log_books.ts");
  return openFileLogBooks({ directory, clock });
}

/** What the brokers of the configuration hold, whatever `mq.adapter` names, for reading. */
export async function openCluster({ mq }: Config, clock: Clock): Promise<OpenCluster> {
  const { openKafkaLog } = await queueAdapters.kafka();
  const { readTopicExtent } = await import("../adapters/queue/kafka/topic_extent.ts");
  const options = { ...cluster(mq), topicPolicy: "never", clock } as const;
  return {
    source: await openKafkaLog(options),
    readExtent: (topic) => readTopicExtent(options, topic),
  };
}

/** The log that this process publishes to and whose books last; undefined where it keeps none. */
async function auditedLog({ mq }: Config, clock: Clock): Promise<AuditedLog | undefined> {
  if (mq.adapter !== "file" && !isBuffered(mq)) return undefined;
  const books = await openBooks(mq.file.directory, clock);
  return { books, topic: mq.topic, groups: requiredGroups(mq) };
}

const databaseProbes: Record<DatabaseName, (db: Config["db"]) => Promise<string>> = {
  async sqlite({ sqlite }) {
    const { probeSqlite } = await import("../adapters/database/sqlite/probe_sqlite.ts");
    return await probeSqlite(sqlite.file);
  },
  async mysql({ host, port, user, password, database }) {
    const { probeMysql } = await import("../adapters/database/mysql/probe_mysql.ts");
    return await probeMysql({ host, port, user, password, database });
  },
};

/** What a shop of this configuration needs to reach; looking changes nothing. */
export function probes(config: Config, clock: Clock): readonly Probe[] {
  const { db, mq } = config;
  const usesFiles = mq.adapter === "file" || isBuffered(mq);
  return [
    { name: "database", run: () => databaseProbes[db.driver](db) },
    ...mq.adapter === "memory" ? [memoryProbe] : [],
    ...usesFiles
      ? [{
        name: "file log",
        run: async () => await lookAtLog(await openLogTools(mq.file.directory, clock), mq),
      }]
      : [],
    ...mq.adapter === "kafka"
      ? [{
        name: "brokers",
        run: async () => await lookAtTopic(await openCluster(config, clock), mq),
      }]
      : [],
  ];
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
  const readiness = createReadiness({ catalogue, queues });
  const unwatchQueues = watchQueues({ queues, clock, telemetry });
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
        name: "end watching",
        run() {
          unwatchQueues();
          audit.stop();
          return Promise.resolve();
        },
      },
      ...closeQueues,
      { name: "close the catalogue", run: () => catalogue[Symbol.asyncDispose]() },
    ],
  };
}

async function openCatalogueOr(
  config: Config,
  options: OpenCatalogueOptions,
  giveUp: () => Promise<void>,
): Promise<BookCatalogue> {
  try {
    return await databases[config.db.driver](config.db, options);
  } catch (error) {
    await giveUp();
    throw error;
  }
}
