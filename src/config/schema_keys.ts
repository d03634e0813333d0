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
export interface SchemaNode {
  readonly kind: string;
  readonly wrapped?: SchemaNode;
  readonly entries?: Readonly<Record<string, SchemaNode>>;
  readonly pipe?:
    readonly (SchemaNode & { readonly metadata?: Readonly<Record<string, unknown>> })[];
}

/** The keys of a configuration's schema, as a tree. */
export function schemaTree(schema: SchemaNode): SchemaGroup {
  return groupOf(schema, "");
}

/** The keys that have values, as `mq.kafka.client` → what is known of it. */
export function schemaKeys(tree: SchemaGroup): ReadonlyMap<string, SchemaKey> {
  return new Map([...leaves(tree)].map((key) => [key.path, key]));
}

function groupOf(node: SchemaNode, prefix: string): SchemaGroup {
  const keys = new Map<string, SchemaKey | SchemaGroup>();
  for (const [name, entry] of Object.entries(node.entries ?? {})) {
    const inner = entry.wrapped ?? entry;
    const path = prefix === "" ? name : `${prefix}.${name}`;
    keys.set(name, inner.entries === undefined ? keyOf(inner, path) : groupOf(inner, path));
  }
  return { keys };
}

function keyOf(node: SchemaNode, path: string): SchemaKey {
  const facts: Record<string, unknown> = {};
  collect(node, facts);
  const words = Array.isArray(facts["words"]) ? facts["words"].map(String) : [];
  return { path, secret: facts["secret"] === true, words };
}

function collect(node: SchemaNode, facts: Record<string, unknown>): void {
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
