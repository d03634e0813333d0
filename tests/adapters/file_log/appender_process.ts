/**
 * Starts `appending_process.ts`: it appends `count` records to the topic `events` as fast as it
 * can.
 */
export function startAppending(
  directory: string,
  writer: string,
  count: number,
): Deno.ChildProcess {
  const script = new URL("./appending_process.ts", import.meta.url).pathname;
  const permissions = ["--allow-read", `--allow-write=${directory}`];
  return new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", "--no-prompt", ...permissions, script, directory, writer, `${count}`],
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
}
