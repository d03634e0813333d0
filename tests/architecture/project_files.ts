/** The project's top folder, with a slash at its end. */
export const root: URL = new URL("../../", import.meta.url);

/**
 * All files below the folders, as paths from the project's root, sorted; what is not ours
 * (`node_modules`, data) left out.
 */
export function projectFiles(folders: readonly string[]): string[] {
  return folders.flatMap((folder) => [...walk(folder)]).sort();
}

function* walk(folder: string): Generator<string> {
  for (const entry of Deno.readDirSync(new URL(`${folder}/`, root))) {
    if (entry.name === "node_modules" || entry.name.startsWith(".")) continue;
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory) yield* walk(path);
    else if (entry.isFile) yield path;
  }
}
