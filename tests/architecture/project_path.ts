import { root } from "./project_files.ts";

/** A path from the project's root, or undefined for a file outside it. */
export function projectPath(url: URL): string | undefined {
  if (!url.href.startsWith(root.href)) return undefined;
  return decodeURIComponent(url.href.slice(root.href.length));
}

/** The same of the name that `deno lint` gives a plugin, a path or a URL. */
export function lintedPath(filename: string): string | undefined {
  if (filename.startsWith("file:")) return projectPath(new URL(filename));
  return projectPath(new URL(filename.split("/").map(encodeURIComponent).join("/"), root));
}
