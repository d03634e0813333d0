/** Which of Deno's permissions a configuration needs, and which of them are missing. */
import type { ConfigFault } from "./config_error.ts";
import type { Config } from "./schema.ts";

/** What a process opens; a command line tool needs no port to listen on, and goes to the brokers without a buffer. */
export type ProcessPart = "http" | "catalogue" | "queue" | "buffer";

/** A permission that a configuration makes necessary. */
export interface NeededPermission {
  readonly descriptor: Deno.PermissionDescriptor;
  /** The key because of which it is needed. */
  readonly path: string;
  /** The flag of `deno run` that gives it. */
  readonly flag: string;
  /** What it is for, as a predicate. */
  readonly is: string;
}

/** The permissions that the parts of a process need with this configuration. */
export function neededPermissions(
  config: Config,
  parts: readonly ProcessPart[],
): NeededPermission[] {
  const { app, db, mq } = config;
  const needed: NeededPermission[] = [];
  if (parts.includes("http")) {
    // Port 0 is chosen by the system, so that no flag can name it.
    needed.push(
      net("app.port", app.port === 0 ? bracketed(app.host) : address(app.host, app.port)),
    );
  }
  if (parts.includes("catalogue")) {
    if (db.driver === "sqlite") {
      needed.push(...files("db.sqlite.file", directoryOf(db.sqlite.file)));
    } else needed.push(net("db.host", address(db.host, db.port)), env("db.driver"));
  }
  if (parts.includes("queue")) {
    const { adapter } = mq;
    const isBuffered = adapter === "kafka" && mq.kafka.buffer === "file";
    if (adapter === "file" || (isBuffered && parts.includes("buffer"))) {
      needed.push(...files("mq.file.directory", mq.file.directory));
    }
    if (adapter === "kafka") {
      needed.push(...mq.brokers.map((broker) => net("mq.brokers", broker)), env("mq.adapter"));
    }
  }
  return needed;
}

/**
 * Those that this process does not have, as faults of the file that makes them necessary.
 *
 * @param query Default: asks Deno.
 */
export async function missingPermissions(
  file: string,
  needed: readonly NeededPermission[],
  query: (descriptor: Deno.PermissionDescriptor) => Promise<{ readonly state: string }> = (
    descriptor,
  ) => Deno.permissions.query(descriptor),
): Promise<ConfigFault[]> {
  const faults: ConfigFault[] = [];
  for (const { descriptor, path, flag, is } of needed) {
    const { state } = await query(descriptor);
    if (state === "granted") continue;
    faults.push({
      file,
      path,
      is: `${is}, which this process may not`,
      wanted: `the flag ${flag}`,
    });
  }
  return faults;
}

function net(path: string, host: string): NeededPermission {
  // Brokers answer with the addresses of all brokers of their cluster, which nobody knows before.
  const flag = path === "mq.brokers" ? "--allow-net" : `--allow-net or --allow-net=${host}`;
  const use = path === "app.port" ? "listens on" : "connects to";
  return { descriptor: { name: "net", host }, path, flag, is: `${use} ${host}` };
}

function files(path: string, directory: string): NeededPermission[] {
  return (["read", "write"] as const).map((name) => ({
    descriptor: { name, path: directory },
    path,
    flag: name === "read" ? "--allow-read" : `--allow-write=${directory}`,
    is: `${name === "read" ? "reads" : "writes"} files in "${directory}"`,
  }));
}

const env = (path: string): NeededPermission => ({
  descriptor: { name: "env" },
  path,
  flag: "--allow-env",
  is: "has a client library that reads environment variables",
});

const bracketed = (host: string): string => host.includes(":") ? `[${host}]` : host;

const address = (host: string, port: number): string => `${bracketed(host)}:${port}`;

/** SQLite puts its log beside the database. */
function directoryOf(file: string): string {
  const slash = file.lastIndexOf("/");
  return slash === -1 ? "." : file.slice(0, slash) || "/";
}
