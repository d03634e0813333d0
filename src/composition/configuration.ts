/** The configuration with the adapters that there are. */
import { getLogger } from "../ports/logger.ts";
import { databaseAdapters, defaultDatabase } from "../../adapters/database/registry.ts";
import { defaultQueue, queueAdapters } from "../../adapters/queue/registry.ts";
import { bufferOf } from "../config/adapter_values.ts";
import { type ChosenAdapter, chosenAdapter } from "../config/chosen_adapter.ts";
import { loadConfig, type LoadConfigOptions } from "../config/load.ts";
import { type PermissionOfKey, permissionsOf } from "../config/permissions.ts";
import type { Config, ConfigOf } from "../config/schema.ts";
import { visitorSecretPermissions } from "../config/visitor_secret.ts";
import { hostAndPort } from "../ports/needed_permission.ts";
import { queueNamed } from "./queues.ts";

/** All that can be chosen. */
export const registeredAdapters = {
  databases: { declared: databaseAdapters, fallback: defaultDatabase },
  queues: { declared: queueAdapters, fallback: defaultQueue },
} as const;

export type ShopConfig = ConfigOf<typeof registeredAdapters>;

/** @throws {ConfigError} With all faults at once. */
export function loadShopConfig(
  options: Omit<LoadConfigOptions<typeof registeredAdapters>, "adapters">,
): Promise<ShopConfig> {
  return loadConfig({ ...options, adapters: registeredAdapters });
}

/** Tells whoever set a variable for an adapter that is not chosen. */
export function tellIgnored({ ignored }: Config): void {
  const logger = getLogger(["shelfcast", "process"]);
  const message = "{variable} is set and has no effect, as {key} is {adapter}";
  for (const variable of ignored) logger.warn(message, { ...variable });
}

/**
 * What a process opens; a command line tool needs no port to listen on, and goes to a remote queue
 * without a buffer.
 */
export type ProcessPart = "http" | "catalogue" | "queue" | "buffer";

/** All of a shop. */
export const processParts: readonly ProcessPart[] = ["http", "catalogue", "queue", "buffer"];

/** The adapters that the parts of a process open with this configuration. */
export function chosenAdapters(
  { db, mq }: Config,
  parts: readonly ProcessPart[],
): readonly ChosenAdapter[] {
  const { databases, queues } = registeredAdapters;
  const buffer = bufferOf(mq, mq.adapter, queueNamed(mq.adapter));
  return [
    parts.includes("catalogue") && chosenAdapter("db", db.driver, databases, db),
    parts.includes("queue") && parts.includes("buffer") && chosenAdapter("mq", buffer, queues, mq),
    parts.includes("queue") && chosenAdapter("mq", mq.adapter, queues, mq),
  ].filter((adapter): adapter is ChosenAdapter => typeof adapter === "object");
}

/** The permissions that the parts of a process need with this configuration. */
export function neededPermissions(
  config: Config,
  parts: readonly ProcessPart[],
): readonly PermissionOfKey[] {
  return [
    ...parts.includes("http")
      ? [...listensAt(config), ...visitorSecretPermissions(config.app)]
      : [],
    ...chosenAdapters(config, parts).flatMap(permissionsOf),
  ];
}

/** What works and should not stay so. */
export function cautionsOf(config: Config): readonly string[] {
  return chosenAdapters(config, processParts).flatMap((
    { declaration, values },
  ) => [...declaration.cautions?.(values) ?? []]);
}

/** Tells them to whoever reads the log. */
export function tellCautions(config: Config): void {
  const logger = getLogger(["shelfcast", "process"]);
  for (const caution of cautionsOf(config)) logger.warn("{caution}", { caution });
}

function listensAt({ app }: Config): readonly PermissionOfKey[] {
  const { admin } = app;
  return admin.port === 0
    ? [listens("app.port", app)]
    : [listens("app.port", app), listens("app.admin.port", admin)];
}

function listens(
  path: string,
  { host, port }: { readonly host: string; readonly port: number },
): PermissionOfKey {
  // Port 0 is chosen by the system, so that no flag can name it.
  const address = port === 0 ? hostAndPort(host) : hostAndPort(host, port);
  return {
    descriptor: { name: "net", host: address },
    path,
    flag: `--allow-net or --allow-net=${address}`,
    is: `listens on ${address}`,
  };
}
