/** A permission that a configuration makes necessary. */
export interface NeededPermission {
  /** As Deno is asked for it. */
  readonly descriptor: Deno.PermissionDescriptor;
  /** The adapter's key because of which it is needed; absent: because the adapter is chosen. */
  readonly key?: string;
  /** The flag of `deno run` that gives it. */
  readonly flag: string;
  /** What it is for, as a predicate. */
  readonly is: string;
}

/** To connect to `host:port`. `andOthers`: to hosts, too, that only the other end knows. */
export function connectsTo(
  key: string,
  host: string,
  { andOthers = false }: { readonly andOthers?: boolean } = {},
): NeededPermission {
  const flag = andOthers ? "--allow-net" : `--allow-net or --allow-net=${host}`;
  return { descriptor: { name: "net", host }, key, flag, is: `connects to ${host}` };
}

/** To read and write in a directory. */
export function keepsFilesIn(key: string, directory: string): readonly NeededPermission[] {
  return (["read", "write"] as const).map((name) => ({
    descriptor: { name, path: directory },
    key,
    flag: name === "read" ? "--allow-read" : `--allow-write=${directory}`,
    is: `${name === "read" ? "reads" : "writes"} files in "${directory}"`,
  }));
}

/**
 * Of client libraries that look for settings of their own: which they find, if any, is the same to
 * us, so Deno may as well tell them that there are none.
 */
export const readsEnvironment: NeededPermission = {
  descriptor: { name: "env" },
  flag: "--allow-env or --ignore-env",
  is: "has a client library that reads environment variables",
};

/** `host:port`, an IPv6 address in brackets; without a port, the host as it stands before one. */
export function hostAndPort(host: string, port?: number): string {
  const bare = host.includes(":") ? `[${host}]` : host;
  return port === undefined ? bare : `${bare}:${port}`;
}
