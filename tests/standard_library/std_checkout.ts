import { join } from "node:path";

/**
 * What the code and its tests take of the standard library, and what that imports in its turn: a
 * package's entries, or all.
 */
const packages: Readonly<Record<string, readonly string[] | "all">> = {
  yaml: ["."],
  testing: ["./bdd"],
  assert: "all",
  internal: "all",
};

/** Import map entries by specifier, each the URL of a file. */
export type Imports = Readonly<Record<string, string>>;

interface Manifest {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
}

/**
 * Copies the packages out of a checkout of github.com/denoland/std to `folder`, and gives the
 * import map entries that name them there. Their manifests stay behind: with them Deno takes the
 * packages for a workspace, and all that it depends on into the lock.
 *
 * @throws Where `checkout` is no such checkout.
 */
export async function copyStd(checkout: string, folder: string): Promise<Imports> {
  const imports: Record<string, string> = {};
  for (const [name, wanted] of Object.entries(packages)) {
    const { exports, ...manifest } = await readManifest(checkout, name);
    await copyFolder(join(checkout, name), join(folder, name));
    for (const [path, file] of Object.entries(exports)) {
      if (wanted !== "all" && !wanted.includes(path)) continue;
      imports[`${manifest.name}${path.slice(1)}`] = `file://${join(folder, name, file)}`;
    }
  }
  return imports;
}

async function readManifest(checkout: string, name: string): Promise<Manifest> {
  const file = join(checkout, name, "deno.json");
  const manifest: Manifest = await Deno.readTextFile(file).then(JSON.parse, (error) => {
    throw new Error(
      `"${checkout}" has no "${name}/deno.json", wanted a checkout of github.com/denoland/std`,
      { cause: error },
    );
  });
  if (manifest.name !== `@std/${name}`) {
    throw new Error(`"${file}" is of "${manifest.name}", wanted "@std/${name}"`);
  }
  return manifest;
}

async function copyFolder(from: string, to: string): Promise<void> {
  await Deno.mkdir(to, { recursive: true });
  for await (const entry of Deno.readDir(from)) {
    const [source, target] = [join(from, entry.name), join(to, entry.name)];
    if (entry.isDirectory) await copyFolder(source, target);
    else if (entry.isFile && entry.name !== "deno.json") await Deno.copyFile(source, target);
  }
}
