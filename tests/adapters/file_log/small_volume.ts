/** A file system in memory that a test mounts. */
export interface SmallVolume extends AsyncDisposable {
  readonly directory: string;
  /**
   * Makes it read-only or writable; files that are open for writing keep it from becoming
   * read-only.
   */
  remount(mode: "ro" | "rw"): Promise<void>;
}

/** One of so many MiB, where this process may mount it. */
export async function mountSmall(mebibytes: number): Promise<SmallVolume | undefined> {
  if (Deno.uid() !== 0) return undefined;
  const directory = await Deno.makeTempDir({ prefix: "small_" });
  const options = ["-t", "tmpfs", "-o", `size=${mebibytes}m`];
  if (!await run("mount", ...options, "small", directory)) {
    await Deno.remove(directory);
    return undefined;
  }
  return {
    directory,
    async remount(mode) {
      if (await run("mount", "-o", `remount,${mode}`, directory)) return;
      throw new Error(`"${directory}" could not be made ${mode}`);
    },
    async [Symbol.asyncDispose]() {
      await run("umount", directory);
      await Deno.remove(directory);
    },
  };
}

/** Whether it could be run, and succeeded. */
async function run(command: string, ...args: readonly string[]): Promise<boolean> {
  try {
    return (await new Deno.Command(command, { args: [...args], stderr: "null" }).output()).success;
  } catch {
    return false;
  }
}
