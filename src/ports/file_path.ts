/**
 * The few questions about paths that each start asks, in this thread and in its Workers:
 * `node:path` would answer them, and takes a third of an empty start to load.
 */

const isWindows = Deno.build.os === "windows";

/** The folder that a path stands in; "." where it names none. */
export function folderOf(path: string): string {
  const plain = (isWindows ? path.replaceAll("\\", "/") : path).replace(/(?<=[^/])\/+$/, "");
  const slash = plain.lastIndexOf("/");
  return slash === -1 ? "." : plain.slice(0, slash).replace(/\/+$/, "") || "/";
}

/** The same file, wherever the process goes. */
export function absolutePath(path: string): string {
  const isAbsolute = path.startsWith("/") || (isWindows && /^[a-z]:[\\/]/i.test(path));
  return isAbsolute ? path : `${Deno.cwd()}/${path}`;
}
