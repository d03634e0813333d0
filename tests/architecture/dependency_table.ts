/**
 * The dependency rule as data: which folder may import what. Whatever stands in no row is refused, so a new folder and a new
 * adapter need a row here before they pass `deno lint`.
 */
export interface Row {
  /** Folders and files of the project, besides the row's own. */
  readonly project: readonly string[];
  /** Packages by name, sub-paths included; `scope/*` stands for a scope, `node:*` for all built-ins, `*` for everything. */
  readonly packages: readonly string[];
  /** Folders and files that may be imported by `import()` only. */
  readonly lazily?: readonly string[];
}

const facades = ["@logtape/logtape", "@opentelemetry/api"];
const core = ["src/domain", "src/ports"];

/** SQL and books that the databases share; neither stands behind a port, so neither is an adapter. */
const shelfData = ["adapters/database/schema", "adapters/database/starter_shelf"];

/** An adapter sees the core, its own library, and no other adapter. */
function adapter(packages: readonly string[], shared: readonly string[] = []): Row {
  return { project: [...core, ...shared], packages: [...facades, ...packages] };
}

/** A registry is the list of its siblings, loaded when they are chosen. */
function registry(folder: string): Row {
  return { project: [], packages: facades, lazily: [folder] };
}

/** Paths of the file log's wings and files. */
const fileLog = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `adapters/queue/file_log/${name}`);

/** Paths of the Kafka adapter's wings and files. */
const kafka = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `adapters/queue/kafka/${name}`);

/** The entry points wire everything; only tests are beyond them. */
const everything: Row = {
  project: ["src", "adapters", "deno.json", "config.yml"],
  packages: ["*"],
};

export const rows: Readonly<Record<string, Row>> = {
  "src/domain": { project: [], packages: [] },
  "src/ports": { project: ["src/domain"], packages: facades },
  "src/wire": { project: core, packages: [...facades, "valibot"] },
  "src/use_cases": { project: [...core, "src/wire"], packages: facades },
  "src/http": {
    project: [...core, "src/wire", "src/use_cases"],
    packages: [
      ...facades,
      "hono",
      "hono-openapi",
      "@hono/*",
      "valibot",
      "@valibot/to-json-schema",
    ],
  },
  "src/config": {
    project: [],
    packages: [...facades, "valibot", "@std/yaml", "node:util"],
  },
  // Signals, logging and draining: what the entry points share about being a process.
  "src/process": { project: [...core, "deno.json"], packages: facades },
  "src/cli": {
    project: [
      ...core,
      "src/wire",
      "src/use_cases",
      "src/http",
      "src/config",
      "src/process",
    ],
    packages: [
      ...facades,
      "commander",
      "cli-progress",
      "@types/cli-progress",
      "csv-parse",
      "node:*",
    ],
  },
  // The composition root: the only folder that knows which adapters there are.
  "src/composition": everything,
  "src/main.ts": everything,
  "src/cli.ts": everything,

  "adapters/queue/registry.ts": registry("adapters/queue"),
  "adapters/queue/memory": adapter([]),
  // The front of the file log knows its wings but for the operators' tools, which stand upon it.
  "adapters/queue/file_log/operate": adapter(
    [],
    fileLog("file_log.ts", "append", "read", "segments", "format", "disk"),
  ),
  "adapters/queue/file_log": adapter([], fileLog("append", "read", "segments", "format", "disk")),
  "adapters/queue/file_log/append": adapter([], fileLog("segments", "format", "disk")),
  "adapters/queue/file_log/read": adapter([], fileLog("segments", "format", "disk")),
  "adapters/queue/file_log/segments": adapter([], fileLog("format", "disk")),
  "adapters/queue/file_log/format": adapter(["node:zlib"]),
  "adapters/queue/file_log/disk": adapter(["node:fs/promises"]),
  // The front of the Kafka adapter knows its wings, each wing those below it; a client library stands in its own wing.
  "adapters/queue/kafka": {
    ...adapter([], kafka("consume", "produce", "cluster", "driver", "wire")),
    lazily: kafka("kafkajs", "platformatic"),
  },
  "adapters/queue/kafka/consume": adapter([], kafka("cluster", "driver", "wire")),
  "adapters/queue/kafka/produce": adapter([], kafka("cluster", "driver", "wire")),
  "adapters/queue/kafka/kafkajs": adapter(
    ["kafkajs", "node:buffer", "node:net", "node:tls"],
    kafka("cluster/broker_directory.ts", "driver", "wire"),
  ),
  "adapters/queue/kafka/platformatic": adapter(
    ["@platformatic/kafka", "node:buffer", "node:net"],
    kafka("cluster/broker_directory.ts", "driver", "wire"),
  ),
  "adapters/queue/kafka/cluster": adapter([], kafka("driver", "wire")),
  "adapters/queue/kafka/driver": adapter([], kafka("wire")),
  "adapters/queue/kafka/wire": adapter(["node:zlib"]),
  "adapters/database/registry.ts": registry("adapters/database"),
  "adapters/database/sqlite": adapter(["node:sqlite", "node:fs", "node:path"], shelfData),
  "adapters/database/mysql": adapter(["mysql2"], shelfData),
  "adapters/database/schema": adapter([]),
  "adapters/database/starter_shelf": adapter(["csv-parse"]),
  "adapters/telemetry/prometheus.ts": adapter(["prom-client"]),
};

/** What a `…_test.ts` may import on top of its folder's row: unit tests stand beside the pure files that they test. */
export const testPackages: readonly string[] = [
  "@std/testing/bdd",
  "node:assert",
  "fast-check",
];

/** The row that a file of the project falls under: its key, or undefined where there is none. */
export function rowKeyOf(path: string): string | undefined {
  const file = path.replace(/_test(?=\.tsx?$)/, "");
  const keys = [path, file].flatMap((name) => {
    const parts = name.split("/");
    return parts.map((_, index) => parts.slice(0, parts.length - index).join("/"));
  });
  return keys.find((key) => Object.hasOwn(rows, key));
}
