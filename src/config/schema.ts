/**
 * All that can be configured, under the names that stand in `config.yml`, which documents every
 * key. What belongs to an adapter is declared by the adapter. Defaults stand here and there; a test
 * proves that the file ships the same. Absent text is `""`.
 */
import * as v from "valibot";
import type { AdapterDeclaration } from "../ports/adapter_declaration.ts";
import { type LogLevel, logLevels } from "../ports/logger.ts";
import type { QueueDeclaration } from "../ports/queue_declaration.ts";
import { noBuffer } from "./adapter_values.ts";
import type { Registered, RegisteredAdapters, SectionsOf } from "./registered_adapters.ts";
import { operatorToken } from "./operator_token.ts";
import {
  groupName,
  host,
  hostList,
  networkList,
  oneOf,
  path,
  topicName,
  wholeNumber,
} from "./setting.ts";
import { settingSchemas } from "./setting_schema.ts";
import { visitorSecret } from "./visitor_secret.ts";

/** What every configuration has, whatever adapters there are. Paths are as they were written. */
export interface Config {
  readonly app: {
    readonly host: string;
    readonly port: number;
    readonly page_size: number;
    readonly max_books: number;
    /** Also where it was read from `operator_token_file`; `""`: there is none. */
    readonly operator_token: string;
    readonly operator_token_file: string;
    /** `""`: it is read from `visitor_secret_file`, which the first start makes. */
    readonly visitor_secret: string;
    readonly visitor_secret_file: string;
    readonly max_connections: number;
    readonly max_requests: number;
    readonly client_rate: number;
    readonly trusted_proxies: readonly string[];
    readonly allowed_hosts: readonly string[];
    readonly admin: { readonly host: string; readonly port: number };
  };
  readonly db: { readonly driver: string };
  readonly mq: {
    readonly adapter: string;
    readonly topic: string;
    readonly topics: typeof topicPolicies[number];
    readonly accept_timeout_ms: number;
    readonly event_bytes: number;
  };
  readonly consumers: {
    readonly run: typeof consumerRuns[number];
    /** What the names of their groups begin with. */
    readonly group: string;
    readonly trends: typeof switches[number];
    readonly trend_min_searches: number;
    readonly half_life_hours: number;
    readonly dedupe_hours: number;
    readonly visitor_days: number;
  };
  readonly log: { readonly level: LogLevel };
  /** Environment variables that are set and have no effect. */
  readonly ignored: readonly IgnoredVariable[];
  /** Environment variables that it is made of, whether they are set or not. */
  readonly variables: readonly string[];
}

/** A variable that is meant for an adapter which is not chosen. */
export interface IgnoredVariable {
  readonly variable: string;
  /** The key that chooses another adapter, `mq.adapter`. */
  readonly key: string;
  /** The adapter that it chooses. */
  readonly adapter: string;
}

/** The configuration, complete: every key has its value. */
export type ConfigOf<Adapters extends RegisteredAdapters> = Config & {
  readonly db:
    & { readonly driver: keyof Adapters["databases"]["declared"] & string }
    & SectionsOf<Adapters["databases"]["declared"]>;
  readonly mq:
    & { readonly adapter: keyof Adapters["queues"]["declared"] & string }
    & SectionsOf<Adapters["queues"]["declared"]>;
};

const topicPolicies = ["ensure", "validate", "never"] as const;
const consumerRuns = ["inline", "off"] as const;
const switches = ["on", "off"] as const;

/** The schema of a configuration that can choose from those. */
export function configSchema({ databases, queues }: RegisteredAdapters) {
  return v.object({
    app: v.optional(
      v.object({
        host: v.optional(host(), "127.0.0.1"),
        port: v.optional(wholeNumber(0, 65535), 8080),
        page_size: v.optional(wholeNumber(1, 100, "books"), 10),
        max_books: v.optional(wholeNumber(1, 1_000_000_000, "books"), 1_000_000),
        operator_token: v.optional(operatorToken(), ""),
        operator_token_file: v.optional(path(), ""),
        visitor_secret: v.optional(visitorSecret(), ""),
        visitor_secret_file: v.optional(path(), "data/visitor_secret"),
        max_connections: v.optional(wholeNumber(16, 1_000_000), 10_000),
        max_requests: v.optional(wholeNumber(16, 1_000_000), 512),
        client_rate: v.optional(wholeNumber(0, 1_000_000, "requests a second"), 0),
        trusted_proxies: v.optional(networkList(), ""),
        allowed_hosts: v.optional(hostList(), ""),
        admin: v.optional(
          v.object({
            host: v.optional(host(), "127.0.0.1"),
            port: v.optional(wholeNumber(0, 65535), 0),
          }),
          {},
        ),
      }),
      {},
    ),
    db: v.optional(v.object({ driver: nameSchema(databases), ...sections(databases) }), {}),
    mq: v.optional(
      v.object({
        adapter: nameSchema(queues),
        topic: v.optional(topicName(), "lr-book-searches"),
        topics: v.optional(oneOf(topicPolicies), "ensure"),
        accept_timeout_ms: v.optional(wholeNumber(0, 60_000, "ms"), 50),
        // The least is what 100 books always fit into, the most what every queue takes.
        event_bytes: v.optional(wholeNumber(32_768, 900_000, "bytes"), 65_536),
        ...sections(queues, bufferKey(queues)),
      }),
      {},
    ),
    consumers: v.optional(
      v.object({
        run: v.optional(oneOf(consumerRuns), "inline"),
        group: v.optional(groupName(), "shelfcast"),
        trends: v.optional(oneOf(switches), "on"),
        trend_min_searches: v.optional(wholeNumber(1, 1_000_000, "searches"), 3),
        half_life_hours: v.optional(wholeNumber(1, 8760, "hours"), 24),
        dedupe_hours: v.optional(wholeNumber(1, 8760, "hours"), 72),
        visitor_days: v.optional(wholeNumber(1, 3650, "days"), 30),
      }),
      {},
    ),
    log: v.optional(v.object({ level: v.optional(oneOf(logLevels), "info") }), {}),
  });
}

function nameSchema({ declared, fallback }: Registered<AdapterDeclaration>) {
  const [first = fallback, ...others] = Object.keys(declared);
  return v.optional(oneOf([first, ...others]), fallback);
}

/**
 * The sections of adapters, and the keys beside them. `more`: what a section has besides its own
 * keys.
 */
function sections<Declaration extends AdapterDeclaration>(
  { declared }: Registered<Declaration>,
  more: (declaration: Declaration) => Record<string, v.GenericSchema> = () => ({}),
): Record<string, v.GenericSchema> {
  const entries = Object.entries(declared).flatMap(([name, declaration]) => {
    const own = { ...settingSchemas(declaration.section), ...more(declaration) };
    const beside = Object.entries(settingSchemas(declaration.beside ?? {}));
    const section = Object.keys(own).length === 0 ? [] : [[name, v.optional(v.object(own), {})]];
    return [...beside, ...section] as const;
  });
  return Object.fromEntries(entries);
}

/** A remote queue has a key `buffer`: one of those whose log is files, or none. */
function bufferKey({ declared }: Registered<QueueDeclaration>) {
  const buffers = Object.keys(declared).filter((name) => declared[name]?.files !== undefined);
  return ({ remote }: QueueDeclaration): Record<string, v.GenericSchema> => {
    const [first = noBuffer, ...others] = [...buffers, noBuffer];
    return remote === undefined ? {} : { buffer: v.optional(oneOf([first, ...others]), first) };
  };
}
