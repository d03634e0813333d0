/**
 * The dependency rule as data: which folder may import what. Whatever stands in no row is refused,
 * so a new folder needs a row here before it passes `deno lint`. A new queue or database falls
 * under the row `adapters/queue/*`, `adapters/database/*`; it needs one of its own only where it
 * has a client library.
 */
export interface Row {
  /**
   * Folders and files of the project, besides the row's own. `*` is the name that the row's own `*`
   * stands for, or any.
   */
  readonly project: readonly string[];
  /**
   * Packages by name, sub-paths included; `scope/*` stands for a scope, `node:*` for all built-ins.
   */
  readonly packages: readonly string[];
  /** Folders and files that may be imported by `import()` only. */
  readonly lazily?: readonly string[];
}

const facades = ["@opentelemetry/api"];
const core = ["src/domain", "src/ports"];

/**
 * SQL and books that the databases share; neither stands behind a port, so neither is an adapter.
 */
const shelfData = ["adapters/database/schema", "adapters/database/starter_shelf"];

/** An adapter sees the core, its own library, and no other adapter. */
function adapter(packages: readonly string[], shared: readonly string[] = []): Row {
  return { project: [...core, ...shared], packages: [...facades, ...packages] };
}

/** What an adapter declares, which loads nothing of it before it is asked to. */
function declaration(folder: string): Row {
  return { project: core, packages: [], lazily: [`${folder}/*`] };
}

/** A registry is the list of what its siblings declare. */
function registry(folder: string): Row {
  return { project: [`${folder}/*/declaration.ts`], packages: [] };
}

/** Paths of the file log's wings and files. */
const fileLog = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `adapters/queue/file_log/${name}`);

/** Paths of the Kafka adapter's wings and files. */
const kafka = (...names: readonly string[]): readonly string[] =>
  names.map((name) => `adapters/queue/kafka/${name}`);

/** The app's front, and its wings. */
function http(wings: readonly string[], packages: readonly string[] = []): Row {
  return {
    project: [...core, "src/wire", "src/use_cases", ...wings],
    packages: [
      ...facades,
      "hono",
      "hono-openapi",
      "@hono/*",
      "valibot",
      "@valibot/to-json-schema",
      ...packages,
    ],
  };
}

export const rows: Readonly<Record<string, Row>> = {
  "src/domain": { project: [], packages: [] },
  "src/ports": { project: ["src/domain"], packages: facades },
  "src/wire": { project: core, packages: [...facades, "valibot"] },
  "src/use_cases": { project: [...core, "src/wire"], packages: facades },
  "src/http": http(["src/http/exchange", "src/http/page", "src/http/routes"], ["node:net"]),
  // What requests and answers are made of knows neither pages nor routes; routes show pages.
  "src/http/exchange": http([], ["@noble/hashes"]),
  "src/http/page": http(["src/http/exchange"]),
  "src/http/routes": http(["src/http/exchange", "src/http/page"]),
  // Of the ports, only what adapters declare, which stands where they and configuration can both
  // see it, and how a secret's file is made.
  "src/config": {
    project: [
      "src/ports/setting.ts",
      "src/ports/file_path.ts",
      "src/ports/logger.ts",
      "src/ports/needed_permission.ts",
      "src/ports/own_file.ts",
      "src/ports/adapter_declaration.ts",
      "src/ports/database_declaration.ts",
      "src/ports/queue_declaration.ts",
    ],
    packages: [
      ...facades,
      "valibot",
      "@std/yaml",
      "js-yaml",
      "@types/js-yaml",
      "node:util",
      "node:path",
      "node:fs/promises",
    ],
  },
  // Signals, logging and draining: what the entry points share about being a process.
  "src/process": { project: [...core, "deno.json"], packages: ["node:fs", ...facades] },
  "src/cli": {
    project: [
      ...core,
      "src/wire",
      "src/use_cases",
      "src/http",
      "src/http/exchange",
      "src/config",
      "src/process",
    ],
    packages: [
      ...facades,
      "commander",
      "cli-progress",
      "@types/cli-progress",
      "node:*",
    ],
  },
  // The composition root: the only folder that knows which adapters there are, and of the app only
  // how it is made.
  "src/composition": {
    project: [
      ...core,
      "src/wire",
      "src/use_cases",
      "src/http/app.ts",
      "src/http/admin.ts",
      "src/http/admission.ts",
      "src/http/client_address.ts",
      "src/http/page/load_pages.ts",
      "src/http/trusted_proxies.ts",
      "src/config",
      "src/process",
      "adapters/queue/registry.ts",
      "adapters/database/registry.ts",
      "adapters/telemetry/prometheus.ts",
    ],
    packages: facades,
  },
  // The entry points: all of `src`, and adapters only through the composition root.
  "src/main.ts": { project: ["src", "deno.json"], packages: [...facades, "node:*"] },
  "src/cli.ts": { project: ["src", "deno.json"], packages: [...facades, "node:*"] },

  "adapters/queue/registry.ts": registry("adapters/queue"),
  "adapters/queue/*/declaration.ts": declaration("adapters/queue"),
  "adapters/queue/*": adapter([], ["adapters/queue/*/declaration.ts"]),
  // The front of the file log knows its wings but for the operators' tools, which stand upon it.
  "adapters/queue/file_log/operate": adapter(
    [],
    fileLog("file_log.ts", "append", "read", "segments", "format", "disk"),
  ),
  "adapters/queue/file_log": adapter(
    [],
    fileLog("declaration.ts", "append", "read", "segments", "format", "disk"),
  ),
  "adapters/queue/file_log/append": adapter([], fileLog("segments", "format", "disk")),
  "adapters/queue/file_log/read": adapter([], fileLog("segments", "format", "disk")),
  "adapters/queue/file_log/segments": adapter([], fileLog("format", "disk")),
  "adapters/queue/file_log/format": adapter(["node:zlib"]),
  "adapters/queue/file_log/disk": adapter(["node:fs/promises"]),
  // The front of the Kafka adapter knows its wings, each wing those below it; a client library
  // stands in its own wing.
  "adapters/queue/kafka": {
    ...adapter([], kafka("declaration.ts", "consume", "produce", "cluster", "driver", "wire")),
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
  "adapters/database/*/declaration.ts": declaration("adapters/database"),
  "adapters/database/*": adapter([], [...shelfData, "adapters/database/*/declaration.ts"]),
  "adapters/database/sqlite": adapter(["node:sqlite", "node:fs", "node:path"], shelfData),
  "adapters/database/mysql": adapter(["mysql2", "node:buffer"], shelfData),
  "adapters/database/schema": adapter([]),
  "adapters/database/starter_shelf": adapter(["csv-parse"]),
  "adapters/telemetry": adapter([]),
};

/**
 * What a `…_test.ts` may import on top of its folder's row: unit tests stand beside the pure files
 * that they test.
 */
export const testPackages: readonly string[] = [
  "@std/testing/bdd",
  "node:assert",
  "fast-check",
];

/** The row that a file of the project falls under, and the folder or file that it is the row of. */
export interface FoundRow {
  /** Of the table; `*` in it stands for one name. */
  readonly key: string;
  /** That with the name in its place. */
  readonly folder: string;
  readonly row: Row;
}

/** The nearest row; a name before a `*`. */
export function rowOf(path: string): FoundRow | undefined {
  const file = path.replace(/_test(?=\.tsx?$)/, "");
  for (const name of [path, file]) {
    const parts = name.split("/");
    for (let length = parts.length; length > 0; length--) {
      const folder = parts.slice(0, length).join("/");
      const key = Object.hasOwn(rows, folder) ? folder : patternOf(folder, length < parts.length);
      const row = key === undefined ? undefined : rows[key];
      if (key !== undefined && row !== undefined) {
        return { key, folder, row: named(key, folder, row) };
      }
    }
  }
  return undefined;
}

/** A file that stands beside adapters is none: `*` is a folder. */
function patternOf(path: string, isFolder: boolean): string | undefined {
  return Object.keys(rows).find((key) =>
    key.includes("*") && (isFolder || !key.endsWith("*")) && matches(path, key)
  );
}

/** Whether a path is the one that stands there with `*` for any name. */
function matches(path: string, pattern: string): boolean {
  const [names, wanted] = [path.split("/"), pattern.split("/")];
  return names.length === wanted.length &&
    wanted.every((name, n) => name === "*" || name === names[n]);
}

function named(key: string, folder: string, row: Row): Row {
  const name = folder.split("/")[key.split("/").indexOf("*")];
  if (name === undefined) return row;
  const fill = (paths: readonly string[]) => paths.map((path) => path.replace("*", name));
  return { ...row, project: fill(row.project), ...(row.lazily && { lazily: fill(row.lazily) }) };
}

/** Whether a path is `folder` or inside it; `*` in that is any name. */
export function within(path: string, folder: string): boolean {
  const length = folder.split("/").length;
  return matches(path.split("/").slice(0, length).join("/"), folder);
}
