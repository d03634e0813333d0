/** A shop, opened: its parts, what they are wired to, and how they end. */
import { getLogger } from "../ports/logger.ts";
import { openPrometheusTelemetry } from "../../adapters/telemetry/prometheus.ts";
import { noBuffer } from "../config/adapter_values.ts";
import type { Config } from "../config/schema.ts";
import type { OpenCatalogueOptions } from "../ports/database_declaration.ts";
import type { Telemetry } from "../ports/telemetry.ts";
import type { Fetch } from "../process/serve.ts";
import type { DrainStep } from "../process/drain.ts";
import { admin } from "../http/admin.ts";
import { admit } from "../http/admission.ts";
import type { TrustedProxies } from "../http/client_address.ts";
import { loadPages } from "../http/page/load_pages.ts";
import type { LedgerAudit } from "../use_cases/audit_ledger.ts";
import { watchEventLoop } from "../use_cases/event_loop_watch.ts";
import { createEventReceipts } from "../use_cases/event_receipts.ts";
import { openCatalogue } from "./catalogues.ts";
import { tellCautions, tellIgnored } from "./configuration.ts";
import { shopConsumers } from "./consumers.ts";
import {
  bufferName,
  closingSteps,
  type EventPath,
  isDelivery,
  openEventPath,
  watchedQueues,
} from "./event_path.ts";
import type { ShopAuditOptions } from "./audit.ts";
import { queueNamed, queueValues } from "./queues.ts";
import { type ShopParts, wireShop } from "./wire_shop.ts";

const logger = getLogger(["shelfcast", "process"]);

/**
 * How long a shutdown waits for events that the queue has not answered for. With what closing takes
 * well below its 20 s.
 */
const answersDeadlineMs = 8_000;

/** The running shop: what answers requests, and how it ends. */
export interface OpenShop {
  readonly telemetry: Telemetry;
  readonly fetch: Fetch;
  /** What operators ask by their own listener. */
  readonly adminFetch: Fetch;
  /** Called when the shop answers: what it can answer without begins. */
  begin(): void;
  /** Called first: load balancers send no more requests. */
  turnReadinessOff(): void;
  /** What is done after the last request was answered, in this order. */
  readonly drainSteps: readonly DrainStep[];
}

/** Whether operators have a listener of their own. */
export const hasAdmin = ({ app }: Config): boolean => app.admin.port !== 0;

/** @throws what its parts throw at start: `StoreError`, `QueueError`. */
export async function openShop(
  config: Config,
  visitorSecret: string,
  options: OpenCatalogueOptions,
): Promise<OpenShop> {
  const begun = Promise.withResolvers<void>();
  const { path, ...opened } = await openParts(config, options, begun);
  const { clock, telemetry } = opened;
  const loop = watchEventLoop({ clock, telemetry });
  const log = path.forwarding?.target ?? path.accepting;
  const consumers = shopConsumers(config, { log, clock, telemetry });
  const parts = { ...opened, readModels: consumers?.readModels, loop };
  const { topic, accept_timeout_ms: acceptTimeoutMs } = config.mq;
  const { operator_token: operatorToken, trusted_proxies: trusted } = config.app;
  const proxies = trusted.length > 0 ? await loadProxies(trusted) : undefined;
  const { app, acceptor, readiness, watch } = wireShop(parts, {
    topic,
    acceptTimeoutMs,
    pageSize: config.app.page_size,
    eventBytes: config.mq.event_bytes,
    hasAdmin: hasAdmin(config),
    allowedHosts: config.app.allowed_hosts,
    visitorSecret,
    ...(operatorToken !== "" && { operatorToken }),
    watched: (acceptor) => ({
      ...watchedQueues(config, path, acceptor),
      ...consumers?.watched,
    }),
  });
  tellWay(config);
  const { receipts } = opened;
  const audit = lateAudit(config, { acceptor, path, receipts, clock, telemetry });
  return {
    telemetry: parts.telemetry,
    fetch: admit((request, from) => app.fetch(request, from), {
      maxRequests: config.app.max_requests,
      clientRate: config.app.client_rate,
      ...(proxies && { proxies }),
      clock,
      telemetry,
    }),
    adminFetch: admin((request, from) => app.fetch(request, from)),
    begin() {
      begun.resolve();
      consumers?.begin();
      audit.begin();
      // Whoever asks for a page is told what is wrong with it.
      loadPages().catch(() => {});
    },
    turnReadinessOff: () => readiness.turnOff(),
    drainSteps: [
      {
        name: "await answers for pending events",
        async run() {
          const pending = await acceptor.awaitAnswers(answersDeadlineMs);
          if (pending > 0) {
            throw new Error(`Shutdown leaves ${pending} events pending, wanted none`);
          }
        },
      },
      {
        name: "end watching",
        run() {
          watch.end();
          loop.end();
          return audit.stop();
        },
      },
      ...consumers?.endSteps ?? [],
      ...closingSteps(path),
      { name: "close the catalogue", run: () => parts.catalogue[Symbol.asyncDispose]() },
    ],
  };
}

async function loadProxies(trusted: readonly string[]): Promise<TrustedProxies> {
  const { trustedProxies }: typeof import("../http/trusted_proxies.ts") = await import(
    import.meta.resolve("../http/trusted_proxies.ts")
  );
  return trustedProxies(trusted);
}

async function loadBacklogs(): Promise<typeof import("./backlogs.ts")> {
  return await import(import.meta.resolve("./backlogs.ts"));
}

/** It is loaded when it begins. */
function lateAudit(config: Config, options: ShopAuditOptions) {
  let running: Promise<LedgerAudit> | undefined;

  async function run(): Promise<LedgerAudit> {
    const { auditShop }: typeof import("./audit.ts") = await import(
      import.meta.resolve("./audit.ts")
    );
    return auditShop(config, options);
  }

  return {
    begin() {
      running = run();
      running.catch((error) => logger.error("The ledger is not audited: {error}", { error }));
    },
    stop: async () => (await running?.catch(() => undefined))?.stop(),
  };
}

/**
 * Opens what the configuration names. What is open when a part cannot be opened is closed again.
 */
async function openParts(
  config: Config,
  options: OpenCatalogueOptions,
  begun: Pick<PromiseWithResolvers<void>, "promise">,
): Promise<ShopParts & { readonly path: EventPath }> {
  const { clock } = options;
  const telemetry = openPrometheusTelemetry();
  const receipts = createEventReceipts({ isDelivery: isDelivery(config.mq) });
  // Side by side with the queue, as it begins with a thread of its own.
  const opening = openCatalogue(config, { ...options, begun: begun.promise });
  // It may be refused before the queue is open, behind which it is asked for.
  opening.catch(() => {});
  const path = await openEventPath(config, {
    receipts,
    clock,
    telemetry,
    findBacklogs: async (except) => (await loadBacklogs()).foundBacklogs(config.mq, clock, except),
    whyNotForwarded: async () => (await loadBacklogs()).whyNotForwarded(config.mq),
    begun: begun.promise,
  }).catch(async (error) => {
    await opening.then((catalogue) => catalogue[Symbol.asyncDispose](), () => {});
    throw error;
  });
  try {
    const catalogue = await opening;
    const queue = path.accepting;
    return { path, catalogue, queue, receipts, telemetry, metrics: telemetry, clock };
  } catch (error) {
    for (const { run } of closingSteps(path)) await run();
    throw error;
  }
}

/** For whoever wonders which configuration is at work. Nothing of it is secret. */
function tellWay(config: Config): void {
  const { db, mq } = config;
  const { adapter, topic } = mq;
  const buffer = bufferName(mq);
  const factsOf = (name: string) => queueNamed(name).facts?.(queueValues(mq, name));
  logger.info("Searches become events of {topic} on {queue}", {
    topic,
    queue: adapter,
    database: db.driver,
    ...(buffer !== undefined && factsOf(buffer)),
    ...factsOf(adapter),
    ...(queueNamed(adapter).remote !== undefined && { buffer: buffer ?? noBuffer }),
  });
  tellIgnored(config);
  tellCautions(config);
}
