import { configSchema } from "./schema.ts";

/** A key that has a value, and what the schema says about it besides its form. */
export interface SchemaKey {
  /** As `mq.kafka.client`. */
  readonly path: string;
  readonly secret: boolean;
  /** The words to choose from, where it is a choice. */
  readonly words: readonly string[];
}

/** A key that has keys of its own. */
export interface SchemaGroup {
  readonly keys: ReadonlyMap<string, SchemaKey | SchemaGroup>;
}

/** As much of a valibot schema as is looked at. */
interface Node {
  readonly kind: string;
  readonly wrapped?: Node;
  readonly entries?: Readonly<Record<string, Node>>;
  readonly pipe?: readonly (Node & { readonly metadata?: Readonly<Record<string, unknown>> })[];
}

/** The schema's keys as a tree. */
export const schemaTree: SchemaGroup = groupOf(configSchema, "");

/** The schema's keys that have values, as `mq.kafka.client` → what is known of it. */
export const schemaKeys: ReadonlyMap<string, SchemaKey> = new Map(
  [...leaves(schemaTree)].map((key) => [key.path, key]),
);

function groupOf(node: Node, prefix: string): SchemaGroup {
  const keys = new Map<string, SchemaKey | SchemaGroup>();
  for (const [name, entry] of Object.entries(node.entries ?? {})) {
    const inner = entry.wrapped ?? entry;
    const path = prefix === "" ? name : `${prefix}.${name}`;
    keys.set(name, inner.entries === undefined ? keyOf(inner, path) : groupOf(inner, path));
  }
  return { keys };
}

function keyOf(node: Node, path: string): SchemaKey {
  const facts: Record<string, unknown> = {};
  collect(node, facts);
  const words = Array.isArray(facts["words"]) ? facts["words"].map(String) : [];
  return { path, secret: facts["secret"] === true, words };
}

function collect(node: Node, facts: Record<string, unknown>): void {
  for (const step of node.pipe ?? []) {
    Object.assign(facts, step.metadata);
    if (step !== node) collect(step, facts);
  }
}

function* leaves(group: SchemaGroup): Generator<SchemaKey> {
  for (const key of group.keys.values()) {
    if ("keys" in key) yield* leaves(key);
    else yield key;
  }
}
