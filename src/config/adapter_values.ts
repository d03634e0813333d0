import type { AdapterDeclaration } from "../ports/adapter_declaration.ts";
import type { QueueDeclaration } from "../ports/queue_declaration.ts";
import type { Settings, Values } from "../ports/setting.ts";

/** The values of an adapter's keys, those of its section and those beside it, by their names. */
export type AdapterValues = Values<Settings>;

/** What `mq.NAME.buffer` says where searches go straight to a remote queue. */
export const noBuffer = "none";

/** Picks an adapter's values out of `db` or `mq`. */
export function adapterValues(
  group: object,
  name: string,
  { section, beside = {} }: Pick<AdapterDeclaration, "section" | "beside">,
): AdapterValues {
  const own = pick(Reflect.get(group, name), section);
  return { ...pick(group, beside), ...own };
}

/**
 * The name of the log that searches go to before they go to a remote queue; undefined where they go
 * to the queue itself.
 */
export function bufferOf(
  mq: object,
  name: string,
  { remote }: Pick<QueueDeclaration, "remote">,
): string | undefined {
  if (remote === undefined) return undefined;
  const { buffer } = pick(Reflect.get(mq, name), { buffer: "" });
  return typeof buffer === "string" && buffer !== noBuffer ? buffer : undefined;
}

/** The path of an adapter's key in the file: `mq.kafka.client`, `mq.brokers`. */
export function keyPath(
  group: "db" | "mq",
  name: string,
  { section }: Pick<AdapterDeclaration, "section">,
  key: string,
): string {
  return Object.hasOwn(section, key) ? `${group}.${name}.${key}` : `${group}.${key}`;
}

function pick(from: unknown, keys: object): Record<string, unknown> {
  if (typeof from !== "object" || from === null) return {};
  return Object.fromEntries(Object.keys(keys).map((key) => [key, Reflect.get(from, key)]));
}
